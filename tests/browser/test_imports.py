"""A township sends its half-yearly roster from the browser: upload, decide, confirm, take back."""

import pytest
from django.urls import reverse

from enterprises.models import Enterprise
from imports.models import SheetImport
from tests.browser.conftest import DESKTOP, PHONE
from tests.enterprises.sheets import applied, book, firm, messy_book

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_a_complete_version_is_sent_decided_confirmed_and_taken_back(cast, visit, tmp_path, size):
    applied(cast.township_liaison, book([firm(1), firm(20), firm(21)]))
    messy_book().save(tmp_path / "大通镇底册.xlsx")
    page = visit(reverse("imports:list", args=["enterprises"]), user=cast.township_liaison, size=size)
    page.locator("input[type=file]").set_input_files(tmp_path / "大通镇底册.xlsx")
    page.get_by_role("radio", name="完整版本").check()
    page.get_by_role("button", name="上传并检查").click()
    page.get_by_text("表中没有的 2 条", exact=True).wait_for()

    page.get_by_role("button", name="全部同意退出").click()
    page.locator("dialog").get_by_role("button", name="取消").click()
    assert page.get_by_text("现在同意退出 0 条").is_visible()
    page.get_by_role("button", name="全部同意退出").click()
    page.locator("dialog").get_by_role("button", name="全部同意退出").click()
    page.get_by_text("现在同意退出 2 条").wait_for()
    page.get_by_role("link", name="逐条查看").click()
    page.get_by_role("group", name="铜陵示例20号有限公司").get_by_role("button", name="保留").click()
    page.get_by_text("现在同意退出 1 条，保留 1 条").wait_for()

    page.get_by_role("button", name="确认入库").click()
    page.locator("dialog").get_by_role("button", name="确认入库").click()
    page.get_by_text("已入库：新增 4 行，更新 1 行，退出 1 条").wait_for()
    assert not Enterprise.objects.get(name="铜陵示例21号有限公司").active
    page.get_by_role("link", name="撤销这次导入").click()
    page.get_by_role("button", name="撤销这次导入").click()
    page.get_by_text("已撤销6行。").wait_for()
    assert Enterprise.objects.filter(active=True).count() == 3
    assert SheetImport.objects.latest("pk").state == "undone"
