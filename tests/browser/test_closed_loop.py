"""The whole loop, each role at its own screen: a stranger's phone, the bureau, a unit, and back."""

import pytest
from playwright.sync_api import Page, expect

from appeals.models import Appeal, Status
from tests import factories
from tests.appeals.lives import Cast
from tests.browser.conftest import DESKTOP, PHONE

pytestmark = pytest.mark.browser


def fill_in_the_form(page: Page) -> None:
    page.get_by_label("诉求类别").select_option("logistics")
    page.get_by_label("诉求内容").fill("厂区门口路面破损，大货车进出困难，希望尽快修复。")
    page.get_by_label("企业（个体工商户）名称").fill("铜陵𠮷祥物流有限公司")
    page.get_by_label("联系人").fill("李雷")
    page.get_by_label("联系电话").fill("13812345678")


def press(page: Page, label: str) -> None:
    """One of the buttons the appeal's page offers."""
    page.get_by_role("link", name=label, exact=True).click()


def send(page: Page, label: str) -> None:
    page.locator("main form").get_by_role("button", name=label, exact=True).click()


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_an_appeal_goes_round_the_whole_loop(visit, cast: Cast, size):
    roster = factories.enterprise(cast.district, name="铜陵示例物流有限公司")

    # A stranger reports on a phone, and is told what is missing without losing a word.
    firm = visit("/340711/submit/", size=PHONE)
    firm.locator("form[data-draft]").evaluate("form => { form.noValidate = true }")
    firm.get_by_label("诉求内容").fill("厂区门口路面破损，大货车进出困难，希望尽快修复。")
    firm.get_by_label("附件").set_input_files(
        {"name": "说明.txt", "mimeType": "text/plain", "buffer": "路面照片说明".encode()}
    )
    firm.get_by_role("button", name="提交").click()
    expect(firm.get_by_role("alert")).to_contain_text("联系电话")
    expect(firm.get_by_label("诉求内容")).to_have_value("厂区门口路面破损，大货车进出困难，希望尽快修复。")
    expect(firm.get_by_text("说明.txt")).to_be_visible()
    fill_in_the_form(firm)
    firm.get_by_role("button", name="提交").dblclick()
    number = firm.locator("#slip-number").inner_text()
    secret = firm.locator("#slip-secret").inner_text()
    assert Appeal.objects.count() == 1
    assert Appeal.objects.get().claimed_name == "铜陵𠮷祥物流有限公司"

    # The bureau accepts and dispatches.
    bureau = visit("/appeals/desk/", user=cast.dispatcher, size=size)
    bureau.get_by_role("link", name="去办理").first.click()
    press(bureau, "受理")
    bureau.get_by_label("底册中的企业或项目").press_sequentially("示例物流")
    bureau.get_by_role("option", name=roster.name).click()
    send(bureau, "受理")
    press(bureau, "交办")
    bureau.get_by_label("主办单位").select_option(label="区人社局（在办 0）")
    send(bureau, "交办")
    expect(bureau.get_by_text("“交办”已完成")).to_be_visible()

    # The unit signs, answers and revisits.
    unit = visit("/appeals/queue/", user=cast.liaison, size=size)
    unit.get_by_role("link", name="去办理").first.click()
    press(unit, "签收")
    send(unit, "签收")
    press(unit, "反馈")
    unit.get_by_label("办理结果").fill("路面已修复，请查看。")
    unit.get_by_label("已解决", exact=True).check()
    send(unit, "反馈")
    press(unit, "回访")
    unit.get_by_label("接通（见到）").check()
    unit.get_by_label("已解决", exact=True).check()
    unit.get_by_role("combobox", name="满意度").select_option("satisfied")
    send(unit, "回访")

    # The firm finds it with number and code, on another phone, and judges.
    other_phone = visit("/340711/track/", size=PHONE)
    other_phone.get_by_label("编号").fill(number)
    other_phone.get_by_label("查询码或手机号").fill(secret.lower())
    other_phone.get_by_role("button", name="查询").click()
    expect(other_phone.get_by_text("路面已修复，请查看。")).to_be_visible()
    other_phone.get_by_label("非常满意").check()
    other_phone.locator("#rate").get_by_label("已解决", exact=True).check()
    other_phone.get_by_role("button", name="评价").click()
    expect(other_phone.get_by_text("已收到，谢谢。")).to_be_visible()

    # The bureau asks a second time, and only then may close.
    bureau.goto(f"/appeals/{number}/")
    expect(bureau.get_by_role("link", name="办结", exact=True)).to_have_count(0)
    press(bureau, "二次回访")
    bureau.get_by_label("接通（见到）").check()
    bureau.get_by_label("已解决", exact=True).check()
    bureau.get_by_role("combobox", name="满意度").select_option("very_satisfied")
    send(bureau, "二次回访")
    press(bureau, "办结")
    send(bureau, "办结")
    bureau.get_by_role("dialog").get_by_role("button", name="办结").click()
    expect(bureau.get_by_text("“办结”已完成")).to_be_visible()
    assert Appeal.objects.get().status == Status.CLOSED

    firm.goto(f"/340711/track/{number}/")
    expect(firm.locator("main .badge")).to_have_text("办结")


def test_a_page_that_is_too_old_says_what_happened_and_keeps_the_words(visit, cast: Cast):
    appeal = cast.walk(cast.submit(), "sign")
    page = visit(f"/appeals/{appeal.number}/do/feedback/", user=cast.liaison)
    page.get_by_label("办理结果").fill("写了很久的答复。")
    page.get_by_label("已解决", exact=True).check()
    cast.do(appeal, "supplement")

    send(page, "反馈")

    expect(page.get_by_role("alert")).to_contain_text("补充说明")
    expect(page.get_by_label("办理结果")).to_have_value("写了很久的答复。")
    send(page, "反馈")
    expect(page.get_by_text("“反馈”已完成")).to_be_visible()


def test_words_survive_a_session_that_expired_in_the_middle_of_a_form(visit, cast: Cast):
    appeal = cast.walk(cast.submit(), "sign")
    cast.liaison.set_password(factories.PASSWORD)
    cast.liaison.save()
    page = visit(f"/appeals/{appeal.number}/do/feedback/", user=cast.liaison)
    page.get_by_label("办理结果").fill("写了很久的答复。")
    page.get_by_label("已解决", exact=True).check()
    page.wait_for_timeout(800)  # the draft is kept while typing, with a short delay
    page.context.clear_cookies()

    send(page, "反馈")
    if page.get_by_role("button", name="登录").count() == 0:
        page.goto(f"/appeals/{appeal.number}/do/feedback/")
    page.get_by_label("用户名").fill(cast.liaison.username)
    page.get_by_label("密码").fill(factories.PASSWORD)
    page.get_by_role("button", name="登录").click()

    expect(page.get_by_label("办理结果")).to_have_value("写了很久的答复。")


def test_going_back_and_submitting_again_leads_to_the_same_slip(visit, cast: Cast):
    page = visit("/340711/submit/", size=PHONE)
    fill_in_the_form(page)
    page.get_by_role("button", name="提交").click()
    number = page.locator("#slip-number").inner_text()

    page.go_back()
    fill_in_the_form(page)
    page.get_by_role("button", name="提交").click()

    expect(page.locator("#slip-number")).to_have_text(number)
    assert Appeal.objects.count() == 1
