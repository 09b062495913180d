"""作风意见: 督查 reads it, and nobody else, on no page, in no export, by no search, from no log or notice."""

import io
import zipfile

import pytest
import time_machine
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry
from campaigns.models import ConductRemark, LowRating
from campaigns.satisfaction.services import conduct
from campaigns.satisfaction.services.severing import sever
from core.search import Searchable
from districts.models import Region
from notifications.models import Notice
from tests import factories as make
from tests.campaigns.survey_cast import SurveyCast
from tests.campaigns.test_outside import addresses, filled

SECRET = "吃拿卡要暗语"


@pytest.fixture(autouse=True)
def wednesday():
    with time_machine.travel("2026-11-18 10:00+08:00"):
        yield


@pytest.fixture
def cast(district: Region) -> SurveyCast:
    return SurveyCast(district)


@pytest.fixture
def remark(cast) -> ConductRemark:
    cast.rating("unsatisfied", conduct=f"这个干部{SECRET}")
    return ConductRemark.objects.get()


def text_of(response) -> str:
    """What an answer says, a workbook's cells included."""
    content = b"".join(response.streaming_content) if response.streaming else response.content
    if content[:2] == b"PK":
        package = zipfile.ZipFile(io.BytesIO(content))
        return "".join(package.read(name).decode("utf-8", "replace") for name in package.namelist())
    return content.decode("utf-8", "replace")


@pytest.mark.once
def test_nobody_else_reads_a_word_of_it_anywhere(cast, remark):
    """Every address of the resolver that opens at all, by every role; searched for the words, too."""
    case = LowRating.objects.get()
    known = {
        "campaigns:conduct_remark": {"pk": remark.pk}, "campaigns:low_rating": {"pk": case.pk},
        "campaigns:satisfaction_unit": {"pk": cast.unit.pk},
        "portal:visit": {"pk": case.service_rating.visit_id},
    }  # fmt: skip
    people = {
        "dispatcher": cast.dispatcher, "bureau_leader": cast.bureau_leader, "liaison": cast.liaison, "cadre": cast.cadre,
        "leader": cast.leader, "admin": cast.admin, "surveyor": cast.surveyor, "other": cast.other,
        "unit_leader": make.user(cast.unit, "unit_leader"), "anonymous": None,
        # An administrator who is 督查 besides could read everything: so not this.
        "both": make.user(cast.supervisor.unit, "supervisor", "admin"),
        "elsewhere": make.user(make.unit(make.another_district(cast.district), "jwdc"), "supervisor"),
    }  # fmt: skip
    names = [(name, converters) for name, converters in addresses() if not name.startswith("account_logout")]
    opened = 0
    for who, user in people.items():
        browser = Client(raise_request_exception=False)
        if user:
            browser.force_login(user)
        for name, converters in names:
            if who not in {"dispatcher", "admin", "both"} and not name.startswith(
                ("campaigns:", "portal:", "public:")
            ):
                continue
            try:
                url = reverse(name, kwargs=known.get(name) or filled(converters))
            except Exception:  # the administration's own odd patterns
                continue
            answer = browser.get(f"{url}?q={SECRET[:4]}" if name == "portal:search" else url)
            assert SECRET not in text_of(answer), (who, name)
            opened += answer.status_code == 200
        assert browser.get(f"/campaigns/conduct/{remark.pk}/").status_code in {302, 403, 404}, who
        assert not user or not ConductRemark.objects.visible_to(user).exists()
    assert opened > 150


def test_it_is_in_no_log_notice_search_or_administration(cast, remark):
    assert not AuditEntry.objects.filter(data__icontains=SECRET).exists()
    assert SECRET not in "".join(str(entry.data) for entry in AuditEntry.objects.all())
    told = Notice.objects.filter(recipient=cast.supervisor)
    assert told.count() == 1 and SECRET not in told.get().title + told.get().body + str(told.get().url)
    assert cast.unit.short_name not in told.get().title + told.get().body
    assert not Notice.objects.filter(key__startswith="conduct").exclude(recipient=cast.supervisor).exists()
    assert ConductRemark not in admin.site._registry and not issubclass(ConductRemark, Searchable)
    assert SECRET not in str(remark) + LowRating.objects.get().words


def test_the_supervisor_reads_it_and_handles_it(cast, remark, client):
    client.force_login(cast.supervisor)
    assert "作风意见待处理" in client.get("/workbench/").content.decode()
    assert SECRET not in client.get("/campaigns/conduct/").content.decode()
    url = f"/campaigns/conduct/{remark.pk}/"
    assert SECRET in client.get(url).content.decode()
    assert AuditEntry.objects.filter(action="conduct.read", object_id=str(remark.pk)).exists()
    assert client.post(url, {"state": "received", "note": "x"}).status_code == 422
    assert client.post(url, {"state": "passed", "note": ""}).status_code == 422
    assert client.post(url, {"state": "passed", "note": "已移送"}).status_code == 302
    assert client.post(url, {"state": "closed", "note": "已查清"}).status_code == 302
    remark.refresh_from_db()
    assert remark.state == "closed" and remark.handled_by == cast.supervisor
    assert remark.note == "已移送\n已查清"  # what was done first is not lost
    with pytest.raises(ValidationError):
        conduct.handle(by=cast.supervisor, remark=remark, state="passed", note="再移送")


def test_the_service_refuses_everybody_else(cast, remark):
    for nobody in (cast.dispatcher, cast.admin, cast.leader, cast.liaison):
        with pytest.raises(PermissionDenied):
            conduct.handle(by=nobody, remark=remark, state="closed", note="看过")


def test_from_a_survey_it_reaches_the_supervisor_too_and_outlives_the_round(cast):
    cast.firms(1)
    round = cast.running()
    cast.answer(round.samples.get(), remark=SECRET)
    from campaigns.satisfaction.services import surveys

    surveys.close(by=cast.dispatcher, round=round)
    sever(round.pk)
    assert ConductRemark.objects.visible_to(cast.supervisor).get().source == "survey"


def test_one_that_is_too_long_is_refused_beside_its_field(cast, client):
    from campaigns.satisfaction import links as rating_links

    url = f"/340711/rate/{rating_links.visit_token(cast.visit())}/"
    answer = client.post(url, {"level": "satisfied", "conduct": "长" * 2001, "token": "x"})
    assert answer.status_code == 422 and not ConductRemark.objects.exists()
