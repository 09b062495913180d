"""`make shots`: pictures of what an account can reach, at each size, with nothing that lists the pages."""

import pytest
from PIL import Image

from demo.chromium import signed_in
from demo.shots import SIZES, contact_sheet, page_name, shoot

pytestmark = pytest.mark.browser


def test_one_picture_of_each_kind_of_page_at_each_size(browser, live_server, cast, tmp_path):
    shots = shoot(
        browser,
        base=live_server.url,
        who="dispatcher",
        start="/workbench/",
        session=signed_in(cast.dispatcher),
        folder=tmp_path,
        most=4,
    )
    assert shots[0].page == "portal.workbench"
    assert len({shot.page for shot in shots}) == 4
    for shot in shots:
        for size, (width, _) in SIZES.items():
            assert Image.open(shot.files[size]).width == width
    sheet = contact_sheet(shots, tmp_path).read_text(encoding="utf-8")
    assert sheet.count("<img") == 4 * len(SIZES) and "desktop/dispatcher/portal.workbench.png" in sheet


def test_what_is_no_page_is_not_opened():
    assert page_name("/340711/flow/?x=1") == "public.flow"
    for path in ("/accounts/logout/", "/admin/", "/healthz", "/nothing/of/the/kind/"):
        assert page_name(path) is None
