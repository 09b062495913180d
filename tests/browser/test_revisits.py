"""The list of revisits on a phone: the line changes where one stands, and the firm answers by link."""

import re

import pytest

from tests.browser.conftest import PHONE

pytestmark = pytest.mark.browser


def test_calls_are_recorded_without_leaving_the_list(visit, cast):
    first, second = (cast.walk(cast.submit(), "feedback") for _ in range(2))
    page = visit("/appeals/revisits/", user=cast.liaison, size=PHONE)
    line = page.locator(f"#call-{first.number}")
    line.get_by_role("button", name="显示号码").click()
    page.wait_for_selector(f"#phone-{first.number} a[href='tel:13900001111']")
    # Something is missing: the form stays, what is wrong takes the focus.
    line.get_by_text("其他情况").click()
    line.get_by_text("接通（见到）").click()
    line.get_by_label("回访记录").fill("到岗15人")
    line.get_by_role("button", name="登记回访").click()
    page.wait_for_selector("[data-error-summary]:focus")
    assert line.get_by_label("回访记录").input_value() == "到岗15人"
    line.get_by_text("未接通", exact=True).last.click()
    line.get_by_role("button", name="登记回访").click()
    line.get_by_text("还差2个不同日期", exact=False).first.wait_for()
    # What was saved is no draft any more.
    assert line.get_by_label("回访记录").input_value() == ""
    assert page.get_by_text("已恢复您上次没有提交的内容").count() == 0
    assert line.get_by_text("今天已打过").is_visible()
    done = page.locator(f"#call-{second.number}")
    done.get_by_role("button", name=re.compile("^接通·已解决·满意")).click()
    done.get_by_text("已登记回访").wait_for()
    assert done.get_by_role("button").count() == 0
    assert [visit.reached for visit in (first.revisits.get(), second.revisits.get())] == [False, True]


def test_the_firm_answers_by_the_link_it_was_sent(visit, cast):
    appeal = cast.walk(cast.submit(), "feedback")
    page = visit("/appeals/revisits/", user=cast.liaison, size=PHONE)
    page.get_by_role("button", name="复制回访链接").click()
    text = page.get_by_label("发给企业的文字").input_value()
    firm = visit(re.search(r"https?://\S+", text)[0], size=PHONE)
    assert firm.url.endswith(f"/340711/track/{appeal.number}/#rate")
    rate = firm.locator("#rate")
    rate.get_by_text("满意", exact=True).click()
    rate.get_by_text("已解决", exact=True).click()
    rate.get_by_role("button", name="评价").click()
    firm.get_by_text("已收到，谢谢。").wait_for()
    page.reload()
    assert page.get_by_text("企业本人").is_visible()
