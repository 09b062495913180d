"""Plaques on paper: a page each, nothing else on it, and a code that a phone reads and opens."""

import io
import os
import shutil
import subprocess
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from appeals.models import Appeal
from core import clock
from liaisons.models import Assignment, Plaque
from liaisons.plaques import address_of
from liaisons.services.plaques import order_many
from tests import factories as make
from tests.appeals.lives import Cast
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.test_every_page import AXE, defects

LACKING = shutil.which("pdftoppm") is None and not os.environ.get("CI")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(LACKING, reason="NOT RUN, no pdftoppm (Debian: apt-get install poppler-utils)"),
]
MANY = 90
# What leaves the frame of its sheet, or its place between the name above and the numbers below.
OUTSIDE = """() => [...document.querySelectorAll(".sheet")].flatMap(sheet => {
    const inner = (box, margin) => ({
        left: box.left + margin, top: box.top + margin, right: box.right - margin, bottom: box.bottom - margin });
    const frame = inner(sheet.getBoundingClientRect(), 26);
    const body = inner(sheet.querySelector(".sheet-body").getBoundingClientRect(), -1);
    const leaves = (box, part) => box.left < frame.left || box.right > frame.right
        || box.top < (part.closest(".sheet-body") ? body : frame).top
        || box.bottom > (part.closest(".sheet-body") ? body : frame).bottom;
    return [...sheet.querySelectorAll("*:not(path)")]
        .filter(part => leaves(part.getBoundingClientRect(), part))
        .map(part => part.className || part.tagName);
})"""
# Width and height in millimetres.
SIZES = {"a4": (210, 297), "plate": (297, 198)}


def plaques(cast: Cast, number: int, **fields) -> list[Plaque]:
    """Of firms whose lead is a cadre of 区发改委, in the order in which they are printed."""
    official = cast.cadre.official
    firms = [make.enterprise(cast.district, **fields) for _ in range(number)]
    Assignment.objects.bulk_create(
        Assignment(
            district=firm.district, region=firm.region, enterprise=firm, official=official,
            unit=cast.cadre.unit, started=clock.today(), recorded_by=cast.dispatcher,
            recorded_at=clock.now(),
        )
        for firm in firms
    )  # fmt: skip
    return order_many(by=cast.dispatcher, entries=firms).done


def printed(page, folder: Path, dpi: int) -> list[Image.Image]:
    """The pages of the PDF that Chromium makes, as pictures."""
    (folder / "plaques.pdf").write_bytes(page.pdf(prefer_css_page_size=True, print_background=True))
    subprocess.run(
        ["pdftoppm", "-r", str(dpi), "-png", "plaques.pdf", "page"], cwd=folder, check=True, timeout=300
    )
    return [Image.open(io.BytesIO(path.read_bytes())) for path in sorted(folder.glob("page-*.png"))]


def words(folder: Path) -> list[str]:
    """The text of each page."""
    made = subprocess.run(
        ["pdftotext", "-layout", "plaques.pdf", "-"], cwd=folder, check=True, timeout=300, capture_output=True
    )
    return made.stdout.decode().split("\f")[:-1]


def codes(picture: Image.Image) -> list[str]:
    """What a phone reads: QR codes proper, with three finders. The format `QRCode` is a family; its Micro QR has
    one finder and no phone reads it, but among the strokes of ninety sheets there is now and then one."""
    found = zxingcpp.read_barcodes(picture.convert("L"), formats=zxingcpp.BarcodeFormat.QRCodeModel2)
    return [code.text for code in found]


def test_ninety_plaques_make_ninety_pages_whose_codes_read_back(visit, cast, live_server, settings, tmp_path):
    settings.SITE_URL = live_server.url
    made = plaques(cast, MANY)
    page = visit("/liaisons/plaques/print/?tab=to_print", user=cast.dispatcher)
    pictures = printed(page, tmp_path, dpi=50)
    assert len(pictures) == MANY
    assert [codes(picture) for picture in pictures] == [[address_of(plaque)] for plaque in made]
    for text, plaque in zip(words(tmp_path), made, strict=True):
        assert plaque.text["subject"] in text and "扫码反映诉求" in text
        assert "工作台" not in text and "打印" not in text, "nothing but the plaque is on the paper"


@pytest.mark.parametrize("layout", SIZES)
def test_the_longest_words_still_fit_one_page(visit, cast, live_server, settings, tmp_path, layout):
    settings.SITE_URL = live_server.url
    official, unit = cast.cadre.official, cast.cadre.unit
    official.posts.update(title="党组成员、副主任、二级调研员兼" * 4)
    type(unit).objects.filter(pk=unit.pk).update(name="铜陵市郊区发展和改革委员会（区粮食局）" * 4)
    type(official).objects.filter(pk=official.pk).update(name="阿卜杜热西提·买买提江")
    names = ["铜" * 120, "安徽铜陵郊区循环经济产业园新材料科技发展股份有限公司第二分公司", "铜陵一厂" * 3]
    for name in names:
        plaques(cast, 1, name=name)
    page = visit(f"/liaisons/plaques/print/?tab=to_print&layout={layout}", user=cast.dispatcher)
    cut = page.evaluate(OUTSIDE)
    assert cut == [], "nothing is cut off"
    pictures = printed(page, tmp_path, dpi=60)
    assert len(pictures) == len(names)
    width, height = SIZES[layout]
    for picture in pictures:
        assert picture.width / picture.height == pytest.approx(width / height, rel=0.01)
        assert len(codes(picture)) == 1


def test_the_scanned_address_opens_the_firms_page_on_a_phone(visit, cast, live_server, settings, tmp_path):
    settings.SITE_URL = live_server.url
    made = plaques(cast, 1, name="铜陵晨光机械有限公司")[0]
    sheet = visit(f"/liaisons/plaques/print/?ids={made.pk}&layout=plate", user=cast.dispatcher)
    (scanned,) = codes(printed(sheet, tmp_path, dpi=60)[0])
    page = visit(scanned, size=PHONE)
    assert page.inner_text("h1") == "铜陵晨光机械有限公司"
    assert cast.cadre.official.name in page.inner_text("main")
    width = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert width == 0
    page.click("a.door:has-text('反映诉求')")
    page.wait_for_url("**/submit/?plaque=*")
    assert "铜陵晨光机械有限公司" in page.inner_text("form")
    page.select_option("[name=category]", "labour")
    page.fill("[name=content]", "一线操作工缺口约20人，希望帮助对接招聘。")
    page.fill("[name=contact_name]", "赵敏")
    page.fill("[name=contact_phone]", "13900001111")
    page.click("form button[type=submit]")
    page.wait_for_url("**/slip/**")
    appeal = Appeal.objects.get()
    assert (appeal.enterprise, appeal.channel) == (made.enterprise, "plaque")


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_the_sheet_on_screen_is_accessible_and_fits(visit, cast, size):
    plaques(cast, 2)
    for layout in SIZES:
        page = visit(
            f"/liaisons/plaques/print/?tab=to_print&layout={layout}", user=cast.dispatcher, size=size
        )
        assert defects(page, AXE.read_text(encoding="utf-8")) == []


def test_ordered_and_marked_as_printed_with_a_question_before_each(visit, cast):
    plaques(cast, 3)
    Plaque.objects.filter(pk=Plaque.objects.first().pk).delete()
    page = visit("/liaisons/plaques/missing/", user=cast.dispatcher)
    page.check("[name=chosen]")
    page.click("main button:has-text('登记制作')")
    page.click("dialog.is-modal button:has-text('登记制作')")
    page.wait_for_selector("text=已登记制作：1块。")
    page.goto("/liaisons/plaques/to_print/")
    page.check("#everything")
    page.click("main button:has-text('标记制作完成')")
    page.click("dialog.is-modal button:has-text('取消')")
    assert Plaque.objects.filter(state="to_print").count() == 3
    page.click("main button:has-text('标记制作完成')")
    page.click("dialog.is-modal button:has-text('标记制作完成')")
    page.wait_for_selector("text=已标记制作完成：3块。")
    assert Plaque.objects.filter(state="printed").count() == 3
