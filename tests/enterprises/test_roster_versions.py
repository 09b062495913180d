"""“每半年更新一次”: who handed a complete version in, and who owes one since when."""

from datetime import date

import pytest
import time_machine

from districts.models import DistrictProfile
from enterprises.models import Enterprise
from enterprises.roster_versions import keepers, owing
from imports import engine
from tests import factories as make
from tests.enterprises.sheets import applied, book, checked, firm, upload


@pytest.fixture(autouse=True)
def a_thursday_in_november():
    with time_machine.travel("2026-11-19 13:00+08:00"):
        yield


def version(by, rows, *, half="2026-H2", unit=None):
    found = engine.receive(by=by, kind="enterprises", upload=upload(book(rows)), half=half, unit=unit)
    assert engine.check(found)
    assert engine.confirm(sheet_import=found, by=by) and engine.apply(found)
    return found


def state(user) -> dict[str, tuple[str, str]]:
    return {keeper.unit.code: (keeper.last_label, keeper.owed_label) for keeper in keepers(user)}


def test_every_keeper_owes_the_half_year_that_runs(dispatcher, district):
    applied(dispatcher, book([firm(1)]))
    found = state(dispatcher)
    assert found["datong"] == ("", "2026年下半年") and found["kjj"] == ("", "2026年下半年")
    assert "rsj" not in found
    assert not any(keeper.is_late for keeper in owing(district))


def test_a_version_in_force_pays_it_and_a_preview_does_not(dispatcher, township_liaison):
    applied(dispatcher, book([firm(1)]))
    found = engine.receive(
        by=township_liaison, kind="enterprises", upload=upload(book([firm(1)])), half="2026-H2"
    )
    engine.check(found)
    (keeper,) = keepers(township_liaison)
    assert keeper.owed and keeper.running == found
    engine.confirm(sheet_import=found, by=township_liaison)
    engine.apply(found)
    (keeper,) = keepers(township_liaison)
    assert not keeper.owed and keeper.last_label == "2026年下半年"


def test_it_is_owed_since_the_first_half_year_without_one(dispatcher, township_liaison):
    with time_machine.travel("2025-03-03 10:00+08:00"):
        applied(dispatcher, book([firm(1)]))
        version(township_liaison, [firm(1)], half="2025-H1")
    (keeper,) = keepers(township_liaison)
    assert (keeper.owed_since, keeper.is_late, keeper.owed_label) == (date(2025, 7, 1), True, "2025年下半年")


def test_what_was_undone_is_owed_again(dispatcher, township_liaison):
    found = version(township_liaison, [firm(1)])
    engine.ask_undo(sheet_import=found, by=township_liaison)
    engine.undo(found)
    (keeper,) = keepers(township_liaison)
    assert keeper.owed


def test_the_bureau_uploads_what_a_township_sent_it(client, dispatcher, township_liaison, district):
    applied(dispatcher, book([firm(1), firm(2), firm(3, place="灰河乡")]))
    client.force_login(dispatcher)
    data = {"file": upload(book([firm(1)])), "half": "2026-H2", "token": "x", "unit": ""}
    answer = client.post("/imports/enterprises/", data)
    assert answer.status_code == 422 and "请选择这是哪个单位的完整版本" in answer.content.decode()
    datong = make.unit(district, "datong")
    data |= {"file": upload(book([firm(1)])), "unit": str(datong.pk)}
    page = client.get(client.post("/imports/enterprises/", data)["Location"]).content.decode()
    # 大通镇 lost one firm; what lies in 灰河乡 is none of its business.
    assert "铜陵示例2号有限公司" in page and "铜陵示例3号有限公司" not in page


def test_a_township_cannot_hand_in_for_another(client, township_liaison, district):
    client.force_login(township_liaison)
    other = make.unit(district, "huihe")
    data = {"file": upload(book([firm(1)])), "half": "2026-H2", "token": "x", "unit": str(other.pk)}
    client.post("/imports/enterprises/", data)
    assert [one.unit.code for one in township_liaison.unit.sheet_imports.all()] == ["datong"]
    assert not other.sheet_imports.exists()


def test_a_department_keeps_the_firms_of_its_trade(dispatcher, district):
    rules = DistrictProfile.objects.in_force(district).rules.model_dump(mode="json")
    rules["roster"]["units"] = ["zjj"]
    DistrictProfile.objects.create(district=district, effective_from=date(2026, 11, 1), data=rules)
    zjj = make.unit(district, "zjj")
    liaison = make.user(zjj, "liaison")
    applied(dispatcher, book([firm(1), firm(2), firm(3)]))
    Enterprise.objects.filter(name__contains="1号").update(competent_unit=zjj)
    Enterprise.objects.filter(name__contains="2号").update(competent_unit=make.unit(district, "nyj"))
    rows = [firm(2), firm(3, phone="13900003333")]
    found = checked(liaison, book(rows), half="2026-H2")
    by_line = {row.line: (row.outcome, row.entry) for row in found.rows.all()}
    assert by_line[2][0] == "bad" and by_line[3][0] == "changed"
    gone = Enterprise.objects.get(name__contains="1号")
    assert by_line[4] == ("gone", gone.pk)
    engine.confirm(sheet_import=found, by=liaison)
    engine.apply(found)
    assert Enterprise.objects.get(name__contains="3号").competent_unit == zjj


@pytest.mark.parametrize(
    ("unit", "role", "status"),
    [
        ("kjj", "bureau_leader", 200),
        ("jwdc", "supervisor", 200),
        ("datong", "liaison", 200),
        ("rsj", "liaison", 403),
    ],
)
def test_who_sees_the_versions(client, district, unit, role, status):
    client.force_login(make.user(make.unit(district, unit), role))
    answer = client.get("/enterprises/versions/")
    assert answer.status_code == status
    if role == "liaison" and status == 200:
        assert len(answer.context["keepers"]) == 1
