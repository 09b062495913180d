"""Every step of a setup: accessible, and it fits a phone; a district is set up by clicking."""

import pytest
from playwright.sync_api import Browser

from accounts.models import Role, RoleGrant, User
from demo.chromium import signed_in
from districts.models import DistrictProfile
from portal.golive import services
from portal.golive.steps import STEPS
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.test_every_page import AXE, defects
from tests.portal import golive_files as files

pytestmark = pytest.mark.browser


@pytest.fixture
def operator(transactional_db):
    user = User.objects.create(username="platform", last_name="平台", first_name="管理员")
    RoleGrant.objects.create(user=user, role=Role.ADMIN)
    return user


def page_of(browser: Browser, live_server, user, size):
    from django.conf import settings

    context = browser.new_context(viewport=size, locale="zh-CN", base_url=live_server.url)
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": signed_in(user), "url": live_server.url}
    context.add_cookies([cookie])
    return context.new_page()


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_every_step_is_accessible_and_fits(browser: Browser, live_server, operator, size):
    setup = services.start(by=operator, name="测试区", template="usual")
    texts = files.filled()
    texts["people"]["people"].append({"name": "丙三", "unit": "查无此局", "title": "科员", "mobile": "12"})
    for step, parts in texts.items():
        services.save(setup=setup, by=operator, step=step, parts=parts)
    page = page_of(browser, live_server, operator, size)
    axe = AXE.read_text(encoding="utf-8")
    problems = []
    for step in STEPS:
        assert page.goto(f"/golive/{setup.pk}/{step.code}/").status == 200
        problems += [f"{step.code}: {problem}" for problem in defects(page, axe)]
    page.context.close()
    assert problems == []


def test_a_district_is_set_up_by_clicking(browser: Browser, live_server, operator, tmp_path):
    def saved(upload, name):
        path = tmp_path / name
        path.write_bytes(upload.read())
        return path

    page = page_of(browser, live_server, operator, DESKTOP)
    page.goto("/golive/")
    page.fill("#id_name", "测试区")
    page.click("form.card button[type=submit]")
    base = page.url
    for name, text in files.PLACE.items():
        page.goto(base + "regions/") if name == "place-part" else page.fill(f"[name={name}]", text)
    page.fill("[name=townships-0-name]", "南山镇")
    page.fill("[name=townships-1-name]", "东河街道")
    page.click("button[name=then][value=next]")
    page.set_input_files("#file-units", saved(files.units(), "单位.xlsx"))
    page.click(".setup-upload button:has-text('上传')")
    for name, unit in files.ROLES.items():
        page.select_option(f"[name=parts-{name}]", unit)
    page.click("button[name=then][value=next]")
    page.set_input_files("#file-people", saved(files.people(), "人员.xlsx"))
    page.click(".setup-upload button:has-text('上传')")
    page.goto(base + "rules/")
    for name in ("action-action_name", "action-action_started", "action-number_prefix"):
        page.fill(f"[name={name}]", files.ACTION[name])
    page.fill("[name=period-starts]", "2026-01-01")
    page.click("button[name=then][value=next]")
    page.goto(base + "weekly/")
    page.set_input_files("#file-form", saved(files.form(), "月报表.xlsx"))
    page.click(".setup-upload button:has-text('上传')")
    assert page.locator("text=做出来是这样").count() == 1
    page.goto(base)
    page.click("button:has-text('检验')")
    assert "全部走通" in page.content()
    page.goto(base + "live/")
    page.fill("#id_name", "杭州市测试区")
    page.click("button:has-text('上线')")
    assert "杭州市测试区已上线" in page.content()
    page.context.close()
    assert DistrictProfile.objects.get().rules.action_name == "千名干部联万企"
