"""A walk-in is registered by the keyboard alone, in few actions; the dispatcher works the desk by keys."""

import re

import pytest
from playwright.sync_api import Page, expect

from appeals.models import Appeal, DuplicateHint, Status
from tests import factories
from tests.appeals.lives import Cast

pytestmark = pytest.mark.browser

CONTENT = "一线操作工缺口约20人，希望对接招聘。"
# The words of the firm are typed by whoever registers, however good the form: these are counted apart.
FEW = 18


class Hands:
    """Counts what a clerk does beside typing the firm's own words: keys of navigation and choice, and clicks."""

    def __init__(self, page: Page) -> None:
        self.page, self.actions = page, 0

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
        self.actions += len(keys)

    def choose(self, letters: str) -> None:
        self.page.keyboard.type(letters)
        self.actions += len(letters)

    def write(self, words: str) -> None:
        self.page.keyboard.insert_text(words)


def focused(page: Page) -> str:
    return page.evaluate("document.activeElement.id || document.activeElement.name || ''")


def tab_to(hands: Hands, name: str) -> None:
    for _ in range(12):
        if focused(hands.page) in {name, f"id_{name}"}:
            return
        hands.press("Tab")
    raise AssertionError(f"{name} is not reached by Tab, but {focused(hands.page)}")


@pytest.mark.parametrize("typed", ["通科技", "tkj"])
def test_a_walk_in_is_registered_with_few_actions(visit, cast: Cast, typed):
    firm = factories.enterprise(cast.district, name="大通科技发展有限公司")
    factories.enterprise(cast.district, name="铜山机械厂")
    page = visit("/appeals/register/", user=cast.window)
    hands = Hands(page)
    # The cursor stands in the firm's field; three characters or initials, and Enter takes the only one found.
    assert focused(page) == "id_subject_control"
    hands.choose(typed)
    expect(page.get_by_role("option", name=firm.name)).to_be_visible()
    hands.press("Enter")
    expect(page.locator("#id_subject")).to_have_value(f"enterprise-{firm.pk}")
    tab_to(hands, "contact_name")
    hands.write("赵敏")
    tab_to(hands, "contact_phone")
    hands.write("13900001111")
    # The channel is the window's own already.
    expect(page.locator("#id_channel")).to_have_value("window")
    tab_to(hands, "category")
    hands.press("ArrowDown")
    tab_to(hands, "content")
    hands.write(CONTENT)
    by_hand = hands.actions
    page.locator("main form button[type=submit]").focus()
    hands.press("Enter")
    # The slip is there, and Enter prints it.
    expect(page.locator("#slip-number")).to_be_visible()
    expect(page.locator("[data-print]")).to_be_focused()
    appeal = Appeal.objects.get()
    assert (appeal.enterprise, appeal.channel, appeal.category) == (firm, "window", "labour")
    assert by_hand + 1 <= FEW, by_hand


def test_likely_duplicates_appear_while_typing_and_are_marked_by_key(visit, cast: Cast):
    firm = factories.enterprise(cast.district, name="大通科技发展有限公司")
    earlier = cast.register(by="window", claimed_name=firm.name, content=CONTENT)
    page = visit("/appeals/register/", user=cast.window)
    page.keyboard.type("dtkj")
    expect(page.get_by_role("option", name=firm.name)).to_be_visible()
    page.keyboard.press("Enter")
    box = page.get_by_role("group", name="可能是同一件")
    expect(box).to_contain_text("企业名称相同，今天提交，待受理")
    expect(page.get_by_label("继续登记：不是同一件")).to_be_checked()
    page.get_by_label("联系人").fill("赵敏")
    page.get_by_label("联系电话").fill("13900009999")
    page.get_by_label("诉求类别").select_option("labour")
    page.get_by_label("诉求内容").fill(CONTENT)
    expect(box).to_contain_text("内容相似 100%")
    page.get_by_label("继续登记：不是同一件").focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator(f"#repeats-{earlier.number}")).to_be_checked()
    # The list is asked for again when the text changes; what was chosen stays chosen.
    page.get_by_label("诉求内容").fill(CONTENT + "节后更缺。")
    page.wait_for_timeout(1200)
    expect(page.locator(f"#repeats-{earlier.number}")).to_be_checked()
    page.get_by_role("button", name="登记", exact=True).click()
    expect(page.locator("#slip-number")).to_be_visible()
    assert DuplicateHint.objects.get().main == earlier


def test_the_desk_is_worked_by_keys(visit, cast: Cast):
    appeals = [cast.do(cast.submit(), "accept") for _ in range(3)]
    unit = factories.unit(cast.district, "rsj")
    page = visit("/appeals/desk/?queue=dispatch", user=cast.dispatcher)
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="快捷键")
    expect(sheet).to_be_visible()
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("k")
    rows = page.locator("[data-row]")
    expect(rows.nth(0).get_by_role("checkbox")).to_be_checked()
    expect(rows.nth(1).get_by_role("checkbox")).to_be_checked()
    expect(rows.nth(0).locator(".cell-title a")).to_be_focused()
    # In a field the letters are letters.
    page.locator("#topbar-q").focus()
    page.keyboard.type("jx?")
    expect(page.locator("#topbar-q")).to_have_value("jx?")
    expect(rows.nth(0).get_by_role("checkbox")).to_be_checked()
    page.get_by_role("button", name="批量交办所选").click()
    page.get_by_label("主办单位").select_option(str(unit.pk))
    page.get_by_text("常用语（").click()
    page.get_by_role("button", name=re.compile("插入.*先联系企业")).click()
    expect(page.get_by_label("办理要求")).to_have_value(
        "请在签收当日与企业联系人通话，核实情况、说明经办人和办理时限；办理中有进展及时告知企业。"
    )
    page.get_by_role("button", name="交办 2 件").click()
    page.get_by_role("button", name="交办", exact=True).click()
    expect(page.get_by_text("已交办 2 件，没有交办 0 件")).to_be_visible()
    assert Appeal.objects.filter(status=Status.DISPATCHED, pk__in=[one.pk for one in appeals]).count() == 2
    # Whoever is disturbed by single keys switches them off, on this machine.
    page.goto("/appeals/desk/?queue=dispatch")
    page.keyboard.press("?")
    sheet.get_by_label("使用单键快捷键（本机）").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    expect(rows.nth(0).locator(".cell-title a")).not_to_be_focused()
