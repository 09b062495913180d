"""The visit sitting: one page, one transaction."""

import base64
import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import Post
from appeals import numbers
from appeals.models import Appeal, Status
from appeals.perform import Invalid, perform
from core import clock, tokens
from core.models import FormToken
from liaisons.models import Opinion, Visit
from liaisons.services.assignments import assign
from policies.models import HandOut, Policy
from portal import visit_sitting
from tests import factories as make

URL = "/visits/new/"
SIGNATURE = "data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"0" * 40).decode()
SETS = ("officials", "guests", "problems", "opinions", "hand_outs")


@pytest.fixture
def unit(district):
    return make.unit(district, "datong")


@pytest.fixture
def cadre(unit):
    person = make.official(unit, name="周启明", title="副镇长", rank_group="unit_leaders")
    return make.user(unit, "cadre", official=person)


@pytest.fixture
def firm(district):
    return make.enterprise(district, name="铜陵晨光机械有限公司")


@pytest.fixture
def signed_in(client, cadre):
    client.force_login(cadre)
    return client


def form(cadre, firm=None, *, rows=None, **changes) -> dict:
    """What the page posts; ``rows`` fills lists: {"problems": [{...}]}."""
    data = {
        "token": tokens.new_token(),
        "firm": "roster",
        "subject": f"enterprise-{firm.pk}" if firm else "",
        "kind": "visit",
        "occurred_at": f"{timezone.localtime() - timedelta(hours=1):%Y-%m-%dT%H:%M}",
        "reporting_unit": str(cadre.unit_id),
        "findings": "订单充足，缺操作工",
        "channel": "assignment_visit",
    } | changes
    lists = {"officials": [{"official": str(cadre.official_id)}] if cadre.official_id else []} | (rows or {})
    for name in SETS:
        entries = lists.get(name, [])
        data |= {f"{name}-TOTAL_FORMS": str(len(entries) + 2), f"{name}-INITIAL_FORMS": "0"}
        for index, entry in enumerate(entries):
            data |= {f"{name}-{index}-{field}": value for field, value in entry.items()}
    return data


def solved(**changes) -> dict:
    return {
        "content": "门前道路破损影响运输",
        "category": "logistics",
        "outcome": "solved",
        "answer": "当天已联系养护单位修补完毕",
        "signature": SIGNATURE,
    } | changes


def handed_in(**changes) -> dict:
    return {"content": "一线操作工缺口三十人", "category": "labour", "outcome": "register"} | changes


def page(answer) -> str:
    return answer.content.decode()


# --- All of it ------------------------------------------------------------------------------------


def test_everything_of_a_visit_is_recorded_at_once(signed_in, cadre, firm, district, unit):
    policy = Policy.objects.create(district=district, title="稳岗补贴", unit=unit)
    competent = make.unit(district, "rsj")
    data = form(
        cadre,
        firm,
        rows={
            "guests": [
                {"name": "李青", "unit_name": "市经信局", "title": "副局长", "rank_group": "city_leaders"}
            ],
            "problems": [solved(), handed_in(contact_name="孙洁", contact_phone="13900002222")],
            "opinions": [
                {"content": "希望简化验收", "handling": "heard"},
                {"content": "希望扩大补贴范围", "handling": "passed_on", "passed_to": str(competent.pk)},
            ],
            "hand_outs": [{"policy": str(policy.pk), "copies": "3"}],
        },
    )
    answer = signed_in.post(URL, data)
    assert answer.status_code == 302, page(answer)
    visit = Visit.objects.get()
    assert answer["Location"] == f"/visits/{visit.pk}/saved/"
    assert (visit.enterprise, visit.reporting_unit, visit.kind) == (firm, unit, "visit")
    assert [(p.name, p.rank_group) for p in visit.participants.all()] == [
        ("周启明", "unit_leaders"),
        ("李青", "city_leaders"),
    ]
    on_spot, registered = Appeal.objects.order_by("pk")
    assert on_spot.status == Status.SOLVED_ON_SPOT and registered.status == Status.SUBMITTED
    assert {on_spot.visit, registered.visit} == {visit}
    assert on_spot.channel == "assignment_visit" and on_spot.collecting_unit == unit
    assert (on_spot.contact_name, on_spot.contact_phone) == (firm.contact_name, firm.contact_phone)
    assert (registered.contact_name, registered.contact_phone) == ("孙洁", "13900002222")
    assert {o.handling: o.passed_to for o in visit.opinions.all()} == {"heard": None, "passed_on": competent}
    given = visit.hand_outs.get()
    assert (given.copies, given.unit, given.enterprise, given.occurred_at) == (
        3,
        unit,
        firm,
        visit.occurred_at,
    )


def test_the_result_page_shows_numbers_and_codes_to_this_browser_only(signed_in, client, cadre, firm):
    answer = signed_in.post(URL, form(cadre, firm, rows={"problems": [handed_in()]}), follow=True)
    appeal = Appeal.objects.get()
    code = re.search(r"[2-9A-Z]{4}-[2-9A-Z]{4}", page(answer)).group()
    assert numbers.matches(code, appeal.secret_digest)
    assert appeal.number in page(answer) and f"/appeals/{appeal.number}/slip/" in page(answer)
    assert '<meta name="draft-clear" content="sitting">' in page(answer)
    saved = answer.request["PATH_INFO"]
    client.logout()
    client.force_login(cadre)
    again = client.get(saved)
    assert again.status_code == 200 and code not in page(again)


def test_sent_twice_it_is_recorded_once_and_the_codes_are_shown_again(signed_in, cadre, firm):
    data = form(cadre, firm, rows={"problems": [handed_in(), solved()]})
    first = signed_in.post(URL, data)
    session = signed_in.session
    session.pop("slips")  # as if the second request had overwritten the first one's session
    session.save()
    second = signed_in.post(URL, data, follow=True)
    assert first["Location"] == second.request["PATH_INFO"]
    assert (Visit.objects.count(), Appeal.objects.count()) == (1, 2)
    codes = re.findall(r"[2-9A-Z]{4}-[2-9A-Z]{4}", page(second))
    digests = [appeal.secret_digest for appeal in Appeal.objects.order_by("pk")]
    assert [numbers.matches(code, digest) for code, digest in zip(codes, digests, strict=True)] == [
        True,
        True,
    ]


def test_two_copies_at_the_same_moment_are_recorded_once(signed_in, cadre, firm, monkeypatch):
    """The first look finds no earlier result, but the token is taken when it comes to claiming it."""
    data = form(cadre, firm, rows={"problems": [handed_in()]})
    signed_in.post(URL, data)
    real, calls = tokens.earlier_result, []

    def late(key):
        calls.append(key)
        return None if len(calls) == 1 else real(key)

    monkeypatch.setattr(tokens, "earlier_result", late)
    answer = signed_in.post(URL, data)
    assert answer["Location"] == f"/visits/{Visit.objects.get().pk}/saved/"
    assert Appeal.objects.count() == 1


# --- Nothing of it --------------------------------------------------------------------------------


def test_a_refused_problem_undoes_everything_and_says_where(signed_in, cadre, firm, district, unit):
    policy = Policy.objects.create(district=district, title="稳岗补贴", unit=unit)
    data = form(
        cadre,
        firm,
        rows={
            "problems": [handed_in(), handed_in(content="缺人")],  # perform wants five characters
            "opinions": [{"content": "希望简化验收", "handling": "heard"}],
            "hand_outs": [{"policy": str(policy.pk), "copies": "1"}],
        },
    )
    answer = signed_in.post(URL, data)
    assert answer.status_code == 422
    assert 'href="#id_problems-1-content"' in page(answer) and "至少5个字" in page(answer)
    for model in (Visit, Appeal, Opinion, HandOut, FormToken):
        assert model.objects.count() == 0
    data["problems-1-content"] = "缺少一线操作工"
    assert signed_in.post(URL, data).status_code == 302
    assert Appeal.objects.count() == 2


def test_the_service_undoes_everything_too(cadre, firm, unit):
    problem = visit_sitting.Problem(
        solved=False,
        category="nonsense",
        content="一线操作工缺口三十人",
        contact_name="孙洁",
        contact_phone="13900002222",
    )
    with pytest.raises(visit_sitting.ProblemRefused) as refusal:
        visit_sitting.record_sitting(
            by=cadre,
            subject=visit_sitting.Subject.on_roster(firm),
            reporting_unit=unit,
            kind="visit",
            occurred_at=clock.now(),
            officials=[cadre.official],
            channel="assignment_visit",
            problems=[problem],
        )
    assert refusal.value.index == 0 and isinstance(refusal.value.cause, Invalid)
    assert Visit.objects.count() == 0


def test_a_missing_signature_is_asked_for_and_what_was_typed_stays(signed_in, cadre, firm):
    answer = signed_in.post(URL, form(cadre, firm, rows={"problems": [solved(signature="")]}))
    assert answer.status_code == 422 and Visit.objects.count() == 0
    assert "请企业人员签名确认" in page(answer)
    for typed in ("门前道路破损影响运输", "当天已联系养护单位修补完毕", "订单充足，缺操作工"):
        assert typed in page(answer)


@pytest.mark.parametrize(
    "signature", ["not a picture", "data:image/png;base64,AAAA", "data:image/png;base64,%%%"]
)
def test_a_signature_that_is_no_picture_is_refused(signed_in, cadre, firm, signature):
    answer = signed_in.post(URL, form(cadre, firm, rows={"problems": [solved(signature=signature)]}))
    assert answer.status_code == 422 and "签名没有读到" in page(answer)


def test_errors_lead_to_their_fields_and_everything_typed_is_kept(signed_in, cadre, firm):
    data = form(
        cadre,
        firm,
        occurred_at="2999-01-01T10:00",
        kind="nonsense",
        rows={
            "guests": [{"name": "李青", "unit_name": "", "rank_group": ""}],
            "problems": [handed_in(contact_phone="12", category="", content="缺人手三十名𠮷😀")],
            "opinions": [{"content": "希望扩大补贴范围", "handling": "passed_on"}],
            "hand_outs": [{"policy": "", "copies": "4"}],
        },
    )
    answer = signed_in.post(URL, data)
    assert answer.status_code == 422
    for target in (
        "occurred_at",
        "kind",
        "guests-0-unit_name",
        "guests-0-rank_group",
        "problems-0-contact_phone",
        "problems-0-category",
        "opinions-0-passed_to",
        "hand_outs-0-policy",
    ):
        assert f'href="#id_{target}"' in page(answer), target
    for typed in ("李青", "缺人手三十名𠮷😀", "希望扩大补贴范围", "订单充足", data["token"]):
        assert typed in page(answer), typed


def test_a_row_taken_away_does_not_matter(signed_in, cadre, firm):
    broken = {"content": "缺", "DELETE": "on"}
    answer = signed_in.post(URL, form(cadre, firm, rows={"problems": [broken, handed_in()]}))
    assert answer.status_code == 302 and Appeal.objects.count() == 1
    data = form(cadre, firm, occurred_at="", rows={"problems": [broken]})
    assert "problems-0-category" not in page(signed_in.post(URL, data)).split("<form", 2)[1]


@pytest.mark.parametrize(
    "changes",
    [
        {"token": ""},
        {"token": "x" * 41},
        {"firm": "nonsense"},
        {"firm": "mine", "mine": "enterprise-1"},
        {"subject": "enterprise-999999999"},
        {"subject": "enterprise-" + "9" * 40},
        {"subject": ""},
        {"occurred_at": "昨天"},
        {"occurred_at": "0001-01-01T00:00"},
        {"occurred_at": "2024-01-31T23:59"},
        {"reporting_unit": "0"},
        {"channel": "provincial"},
        {"findings": "长" * 3001},
        {"officials-TOTAL_FORMS": "x"},
        {"problems-TOTAL_FORMS": "100000"},
        {"officials-0-official": "999999"},
        {"firm": "claimed"},
        {"firm": "claimed", "claimed_name": "新店", "claimed_code": "91340711MA00000000", "region": "1"},
    ],
)
def test_bad_input_is_answered_with_words(signed_in, cadre, firm, changes):
    answer = signed_in.post(URL, form(cadre, firm) | changes)
    assert answer.status_code == 422
    assert "data-error-summary" in page(answer)
    assert Visit.objects.count() == 0


def test_an_empty_form_says_what_is_missing(signed_in):
    answer = signed_in.post(URL, {})
    assert answer.status_code == 422 and Visit.objects.count() == 0


def test_an_executable_is_not_taken_for_a_photo(signed_in, cadre, firm):
    data = form(cadre, firm, rows={"problems": [handed_in()]})
    data["problems-0-attachments"] = SimpleUploadedFile("现场.jpg", b"MZ\x90\x00" * 100)
    answer = signed_in.post(URL, data)
    assert answer.status_code == 422 and "内容与文件类型不符" in page(answer)
    data["problems-0-attachments"] = SimpleUploadedFile("现场.jpg", b"\xff\xd8\xff\xe0" + b"0" * 100)
    assert signed_in.post(URL, data).status_code == 302
    assert Appeal.objects.get().attachments.count() == 1


# --- Whom, who, when ------------------------------------------------------------------------------


def test_a_claimed_firm_is_visited_before_it_is_on_the_roster(signed_in, cadre, district):
    data = form(
        cadre,
        firm="",
        rows={"problems": [handed_in(contact_name="钱多", contact_phone="13900003333")]},
    ) | {
        "firm": "claimed",
        "claimed_name": "大通镇老街面馆",
        "region": str(make.township(district).pk),
    }
    assert signed_in.post(URL, data).status_code == 302
    visit, appeal = Visit.objects.get(), Appeal.objects.get()
    assert visit.subject_name == appeal.subject_name == "大通镇老街面馆"
    assert visit.region == appeal.region == make.township(district)
    assert not visit.is_matched


def test_a_claimed_firm_has_no_contact_on_the_roster(signed_in, cadre, district):
    data = form(cadre, rows={"problems": [handed_in()]}) | {
        "firm": "claimed",
        "claimed_name": "大通镇老街面馆",
        "region": str(make.township(district).pk),
    }
    answer = signed_in.post(URL, data)
    assert answer.status_code == 422
    assert 'href="#id_problems-0-contact_name"' in page(answer)
    assert 'href="#id_problems-0-contact_phone"' in page(answer)


def test_a_project_is_visited(signed_in, cadre, district):
    project = make.project(district)
    data = form(cadre, subject=f"project-{project.pk}")
    assert signed_in.post(URL, data).status_code == 302
    assert Visit.objects.get().project == project


def test_my_firm_is_chosen_beforehand(signed_in, cadre, firm, district):
    dispatcher = make.user(make.unit(district), "dispatcher")
    # From yesterday on: just after midnight the visit of an hour ago was then.
    assign(by=dispatcher, official=cadre.official, subject=firm, started=clock.today() - timedelta(days=1))
    answer = signed_in.get(URL, {"enterprise": firm.pk})
    assert f'<option value="enterprise-{firm.pk}" selected>' in page(answer)
    assert f'data-draft="sitting-enterprise-{firm.pk}"' in page(answer)
    data = form(cadre, firm="") | {"firm": "mine", "mine": f"enterprise-{firm.pk}"}
    assert signed_in.post(URL, data).status_code == 302
    assert Visit.objects.get().enterprise == firm


def test_another_firm_is_chosen_beforehand_by_its_name(signed_in, firm):
    assert f'value="{firm.name}"' in page(signed_in.get(URL, {"enterprise": firm.pk}))


def test_a_firm_out_of_sight_is_not_there(signed_in, cadre, district):
    away = make.enterprise(district, region=make.township(district, "灰河乡"))
    assert signed_in.get(URL, {"enterprise": away.pk}).status_code == 404
    assert signed_in.get(URL, {"enterprise": "9" * 40}).status_code == 404
    assert signed_in.post(URL, form(cadre, away)).status_code == 422


def test_without_scripts_a_typed_name_that_fits_is_taken(signed_in, cadre, firm):
    data = form(cadre, firm="", subject_text=firm.name)
    data |= {"officials-0-official": "", "officials-0-official_text": "周启明"}
    del data["subject"]
    assert signed_in.post(URL, data).status_code == 302
    visit = Visit.objects.get()
    assert visit.enterprise == firm and visit.participants.get().official == cadre.official


def test_a_typed_name_that_fits_two_must_be_chosen(signed_in, cadre, firm, unit):
    make.official(unit, name="周启明")
    data = form(cadre, firm) | {"officials-0-official": "", "officials-0-official_text": "周启明"}
    answer = signed_in.post(URL, data)
    assert answer.status_code == 422 and "不止一个" in page(answer)


def test_somebody_must_have_gone(signed_in, cadre, firm):
    answer = signed_in.post(URL, form(cadre, firm, rows={"officials": []}))
    assert answer.status_code == 422 and "至少登记一名" in page(answer)


def test_an_official_without_a_post_that_day_is_named(signed_in, cadre, firm):
    Post.objects.filter(official=cadre.official).update(started=clock.today())
    yesterday = f"{timezone.localtime() - timedelta(days=1):%Y-%m-%dT%H:%M}"
    answer = signed_in.post(URL, form(cadre, firm, occurred_at=yesterday))
    assert answer.status_code == 422 and "没有任职记录" in page(answer)


def test_the_visit_may_count_for_a_unit_of_ones_other_post_only(signed_in, cadre, firm, district):
    other, foreign = make.unit(district, "gsl"), make.unit(district, "czj")
    Post.objects.create(
        official=cadre.official,
        unit=other,
        title="兼职副主席",
        rank_group="staff",
        order=1,
        started=clock.today(),
    )
    assert signed_in.post(URL, form(cadre, firm, reporting_unit=str(foreign.pk))).status_code == 422
    assert signed_in.post(URL, form(cadre, firm, reporting_unit=str(other.pk))).status_code == 302
    visit = Visit.objects.get()
    assert visit.reporting_unit == other
    assert signed_in.get(f"/visits/{visit.pk}/").status_code == 200


# --- Who may --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("cadre", 200),
        ("liaison", 200),
        ("unit_leader", 200),
        ("dispatcher", 200),
        ("window", 403),
        ("bureau_leader", 403),
        ("district_leader", 403),
        ("supervisor", 403),
        ("admin", 403),
    ],
)
def test_who_may_record_a_visit(client, unit, firm, role, status):
    user = make.user(unit, role, official=make.official(unit))
    client.force_login(user)
    assert client.get(URL).status_code == status
    answer = client.post(URL, form(user, firm))
    assert answer.status_code == (302 if status == 200 else 403)
    assert Visit.objects.count() == (1 if status == 200 else 0)


def test_strangers_are_sent_to_sign_in(client, district):
    for address in (URL, "/visits/", "/visits/1/", "/visits/1/saved/"):
        assert client.get(address).status_code == 302


def test_the_result_page_is_for_whoever_recorded_it(signed_in, client, cadre, firm, unit):
    location = signed_in.post(URL, form(cadre, firm))["Location"]
    client.force_login(make.user(unit, "liaison"))
    assert client.get(location).status_code == 404


def test_an_appeal_handed_in_elsewhere_does_not_belong_to_the_visit(signed_in, cadre, firm):
    perform(
        None,
        "register",
        Actor.of_user(cadre),
        {
            "subject": f"enterprise-{firm.pk}",
            "contact_name": "孙洁",
            "contact_phone": "13900002222",
            "category": "labour",
            "content": "一线操作工缺口三十人",
            "channel": "assignment_visit",
        },
    )
    signed_in.post(URL, form(cadre, firm))
    assert Visit.objects.get().appeals.count() == 0


def test_drawing_the_page_costs_the_same_however_many_firms(signed_in, cadre, district):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert signed_in.get(URL).status_code == 200
        return len(captured)

    few = queries()
    dispatcher = make.user(make.unit(district), "dispatcher")
    for _ in range(6):
        assign(
            by=dispatcher, official=cadre.official, subject=make.enterprise(district), started=clock.today()
        )
    assert queries() <= few
