"""Files made in the background: once, whole or not at all, for their owner alone."""

import io
import zipfile
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from accounts.models import AuditEntry, Role, RoleGrant, User
from core import clock
from notifications.models import Notice
from reports import tasks
from reports.exports import engine
from reports.exports.kinds import KINDS
from reports.exports.tables import params_of
from reports.exports.types import CannotExport
from reports.models import Export
from tests import factories
from tests.reports.work import moment

pytestmark = pytest.mark.django_db

State = Export.State


@pytest.fixture
def dispatcher(work):
    return work.user("kjj", Role.DISPATCHER)


@pytest.fixture
def order(work, dispatcher):
    period = work.week()

    def ordered(by=dispatcher, key: str = "one", kind: str = "situation_tables") -> Export:
        return engine.order(kind=kind, by=by, title="全部单位", params=params_of(period), key=key)

    return ordered


def write_with(monkeypatch, write) -> None:
    """Let the kind be written by something else."""
    kinds = dict(KINDS) | {"situation_tables": replace(KINDS["situation_tables"], write=write)}
    monkeypatch.setattr(engine, "KINDS", kinds)


def test_a_tick_makes_what_was_ordered_and_tells_its_owner(order, work, dispatcher, client):
    export = order()
    assert export.state == State.WAITING
    tasks.make_exports()
    export.refresh_from_db()
    assert export.state == State.READY
    assert export.done == export.total == work.week().tables.count() + 1
    assert Notice.objects.filter(recipient=dispatcher, title="已生成：全部单位").count() == 1
    client.force_login(dispatcher)
    answer = client.get(f"/reports/exports/{export.pk}/file/")
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as archive:
        assert len(archive.namelist()) == export.total + 1
    assert "attachment" in answer["Content-Disposition"]
    assert AuditEntry.objects.filter(action="export.download", object_id=str(export.pk)).exists()


def test_another_tick_changes_nothing(order, dispatcher):
    export = order()
    tasks.make_exports()
    made = Export.objects.get(pk=export.pk)
    tasks.make_exports()
    assert not engine.make(export)
    assert Export.objects.get(pk=export.pk).file.name == made.file.name
    assert Notice.objects.filter(recipient=dispatcher).count() == 1


def test_a_double_click_is_one_export_and_another_key_another(order):
    assert order().pk == order().pk
    assert order(key="two").pk != order().pk


def test_a_killed_worker_leaves_nothing_and_another_begins_anew(order, monkeypatch):
    export = order()
    whole = KINDS["situation_tables"].write

    def killed(export, file, advance):
        file.write(b"half")
        advance(3)
        raise SystemExit  # as a worker ends that is told to go at once

    write_with(monkeypatch, killed)
    with clock.at(moment("2026-11-20 09:00")), pytest.raises(SystemExit):
        tasks.make_exports()
    export.refresh_from_db()
    assert (export.state, export.done, export.file.name) == (State.MAKING, 3, "")
    write_with(monkeypatch, whole)
    with clock.at(moment("2026-11-20 09:02")):
        tasks.make_exports()
        export.refresh_from_db()
        assert export.state == State.MAKING, "its claim still holds"
    with clock.at(moment("2026-11-20 09:06")):
        tasks.make_exports()
    export.refresh_from_db()
    assert (export.state, export.attempts) == (State.READY, 2)
    assert zipfile.is_zipfile(export.file.open("rb"))


def test_a_worker_that_was_taken_over_stops_and_offers_nothing(order, monkeypatch, tmp_path):
    export = order()

    def slow(export, file, advance):
        Export.objects.filter(pk=export.pk).update(claim="another")
        advance(export.total or 10_000)

    write_with(monkeypatch, slow)
    assert not engine.make(export)
    export.refresh_from_db()
    assert (export.state, export.file.name) == (State.MAKING, "")


def test_what_cannot_be_made_says_why(order, monkeypatch, dispatcher, client):
    def refused(export, file, advance):
        raise CannotExport("行数超过上限，请缩小范围。")

    write_with(monkeypatch, refused)
    export = order()
    tasks.make_exports()
    client.force_login(dispatcher)
    assert "行数超过上限" in client.get(f"/reports/exports/{export.pk}/").content.decode()
    assert client.get(f"/reports/exports/{export.pk}/file/").status_code == 404

    def broken(export, file, advance):
        raise ZeroDivisionError

    write_with(monkeypatch, broken)
    export = order(key="two")
    tasks.make_exports()
    export.refresh_from_db()
    assert export.state == State.FAILED and "联系系统管理员" in export.message
    assert Notice.objects.filter(recipient=dispatcher, title__startswith="未能生成").count() == 2


def test_what_fails_again_and_again_is_given_up(order):
    export = order()
    Export.objects.filter(pk=export.pk).update(attempts=engine.MOST_ATTEMPTS)
    tasks.make_exports()
    export.refresh_from_db()
    assert export.state == State.FAILED and "几次都没能" in export.message


def test_who_was_switched_off_or_lost_the_role_gets_nothing(order, dispatcher):
    export = order()
    dispatcher.is_active = False
    dispatcher.save()
    tasks.make_exports()
    export.refresh_from_db()
    assert export.state == State.FAILED and not export.file.name


def test_nobody_orders_what_he_may_not_see(order, work, client):
    with pytest.raises(PermissionDenied):
        order(by=work.user("datong"))
    client.force_login(work.user("datong"))
    answer = client.post("/reports/summary/export/?ending=2026-11-19", {"as": "zip", "token": "x"})
    assert answer.status_code == 403
    assert not Export.objects.exists()


def test_an_export_is_its_owners_alone(order, work, client):
    export = order()
    tasks.make_exports()
    client.force_login(work.user("kjj", Role.BUREAU_LEADER))
    for path in ("", "file/"):
        assert client.get(f"/reports/exports/{export.pk}/{path}").status_code == 404
    assert "全部单位" not in client.get("/reports/exports/").content.decode()


def test_the_page_orders_shows_the_progress_and_the_file(order, dispatcher, client):
    client.force_login(dispatcher)
    data = {"as": "workbook", "token": "abc"}
    answer = client.post("/reports/summary/export/?ending=2026-11-19", data)
    assert client.post("/reports/summary/export/?ending=2026-11-19", data).url == answer.url
    export = Export.objects.get()
    page = client.get(answer.url).content.decode()
    assert "等待生成" in page and 'hx-trigger="every 2s"' in page
    Export.objects.update(state=State.MAKING, done=7, total=47, claimed_at=clock.now())
    assert "已完成 7 / 47" in client.get(answer.url, headers={"HX-Request": "true"}).content.decode()
    Export.objects.update(state=State.WAITING)
    tasks.make_exports()
    page = client.get(answer.url).content.decode()
    assert "工作情况表_全部单位_20261119.xlsx" in page and "every 2s" not in page
    assert export.title in client.get("/reports/exports/").content.decode()


def test_old_files_are_deleted_and_the_record_stays(order, dispatcher, client):
    export = order()
    with clock.at(moment("2026-11-20 09:00")):
        tasks.make_exports()
    export.refresh_from_db()
    stored, storage = export.file.name, export.file.storage
    with clock.at(moment("2026-11-20 09:00") + timedelta(days=engine.KEPT_DAYS)):
        assert engine.forget_old() == 0
    with clock.at(moment("2026-11-20 10:00") + timedelta(days=engine.KEPT_DAYS)):
        assert engine.forget_old() == 1
    assert not storage.exists(stored)
    client.force_login(dispatcher)
    assert "按规定删除" in client.get(f"/reports/exports/{export.pk}/").content.decode()
    assert client.get(f"/reports/exports/{export.pk}/file/").status_code == 404


def test_another_button_of_the_same_page_is_another_export(order, dispatcher, client):
    client.force_login(dispatcher)
    urls = {
        client.post("/reports/summary/export/?ending=2026-11-19", {"as": kind, "token": "abc"}).url
        for kind in ("zip", "workbook", "zip")
    }
    assert len(urls) == 2


def test_what_was_made_is_not_handed_out_to_who_may_not_see_it_any_more(order, work, dispatcher, client):
    export = order()
    tasks.make_exports()
    dispatcher.grants.all().delete()
    RoleGrant.objects.create(user=dispatcher, role=Role.LIAISON)
    client.force_login(dispatcher)
    assert client.get(f"/reports/exports/{export.pk}/file/").status_code == 403


def test_a_file_that_is_gone_says_so(order, dispatcher, client):
    export = order()
    tasks.make_exports()
    export.refresh_from_db()
    export.file.storage.delete(export.file.name)
    client.force_login(dispatcher)
    answer = client.get(f"/reports/exports/{export.pk}/file/")
    assert answer.status_code == 409 and "请重新导出" in answer.content.decode()


def test_a_worker_that_lost_its_claim_fails_nobody_elses_export(order, monkeypatch):
    export = order()

    def taken_over(export, file, advance):
        Export.objects.filter(pk=export.pk).update(claim="another")
        raise OSError

    write_with(monkeypatch, taken_over)
    tasks.make_exports()
    export.refresh_from_db()
    assert (export.state, export.claim) == (State.MAKING, "another")


def test_who_moves_to_another_district_leaves_exports_behind(order, dispatcher, district, client):
    """Neither what was made is there any longer, nor is what waits made."""
    export = order()
    tasks.make_exports()
    waiting = order(key="two")
    other = factories.another_district(district)
    User.objects.filter(pk=dispatcher.pk).update(unit=factories.unit(other, "kjj"))
    tasks.make_exports()
    waiting.refresh_from_db()
    assert waiting.state == State.FAILED and "已调离本区县" in waiting.message
    client.force_login(User.objects.get(pk=dispatcher.pk))
    assert client.get(f"/reports/exports/{export.pk}/file/").status_code == 404
