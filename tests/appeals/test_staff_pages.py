"""What officials see of appeals: the register, the desks, the appeal, its steps, registering, slips, files."""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import escape

from accounts.models import AuditEntry
from appeals.models import Appeal, Attachment, Status
from appeals.workflow import TRANSITIONS
from core import clock
from core.models import HeldUpload
from enterprises.subjects import subject_key
from liaisons.services.visits import record_visit
from tests import factories
from tests.appeals.lives import INTAKE, SIGNATURE, Cast

LIST_QUERIES = 12
DETAIL_QUERIES = 24
PDF = b"%PDF-1.7 x"


def page(answer) -> str:
    return answer.content.decode()


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def detail(appeal: Appeal) -> str:
    return reverse("appeals:detail", args=[appeal.number])


def step(appeal: Appeal, transition: str) -> str:
    return reverse("appeals:act", args=[appeal.number, transition])


def file(name: str = "通知.pdf", content: bytes = PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def queries(client: Client, url: str) -> int:
    client.get(url)  # what is read once a process is read now
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    # A test runs inside a transaction: what is a savepoint here is none in life.
    return sum("SAVEPOINT" not in query["sql"] for query in captured)


def listed(answer) -> set[str]:
    return set(re.findall(r"/appeals/([A-Z]+\d{8}-\d{4})/", page(answer)))


# --- The register ---------------------------------------------------------------------------------


def test_the_filters_of_the_register_are_in_the_address(cast):
    logistics = cast.submit(category="logistics", content="大件运输车辆进不了厂区门口")
    handled = cast.walk(cast.register(), "sign")
    client = signed_in(cast.dispatcher)
    everything = {logistics.number, handled.number}
    today = clock.today().isoformat()
    tomorrow = (clock.today() + timedelta(days=1)).isoformat()
    for query, expected in (
        ({}, everything),
        ({"category": "logistics"}, {logistics.number}),
        ({"channel": "window"}, {handled.number}),
        ({"status": "handling"}, {handled.number}),
        ({"status": ""}, everything),
        ({"lead_unit": factories.unit(cast.district, "rsj").pk}, {handled.number}),
        ({"since": today, "until": today}, everything),
        ({"since": tomorrow}, set()),
        ({"q": "大件 厂区"}, {logistics.number}),
        ({"q": logistics.number.lower()}, {logistics.number}),
        ({"q": "100%"}, set()),
        ({"clock": "red"}, set()),
    ):
        answer = client.get("/appeals/", query)
        assert answer.status_code == 200 and listed(answer) == expected, query
    nothing = client.get("/appeals/", {"q": "没有这样的诉求"})
    assert "没有符合条件的诉求" in page(nothing)
    kept = client.get("/appeals/", {"category": "logistics", "q": "厂区"})
    assert 'value="logistics" selected' in page(kept) and 'value="厂区"' in page(kept)


def test_the_overdue_filter_finds_what_is_overdue(cast):
    with clock.at(clock.now() - timedelta(days=20)):
        late = cast.submit()
    fresh = cast.submit()
    client = signed_in(cast.dispatcher)
    answer = client.get("/appeals/", {"clock": "red"})
    assert listed(answer) == {late.number} and "已超期" in page(answer)
    assert listed(client.get("/appeals/")) == {late.number, fresh.number}


def test_the_register_is_paged_and_keeps_its_filter_from_page_to_page(cast, monkeypatch):
    monkeypatch.setattr("appeals.views.desks.PER_PAGE", 2)
    numbers = [cast.submit(category="logistics").number for _ in range(3)]
    client = signed_in(cast.dispatcher)
    first = client.get("/appeals/", {"category": "logistics"})
    assert listed(first) == set(numbers[1:]) and "共 3 条" in page(first)
    following = re.search(r'rel="next" href="([^"]+)"', page(first))[1].replace("&amp;", "&")
    assert "category=logistics" in following
    assert listed(client.get(f"/appeals/{following}")) == {numbers[0]}


def test_the_lists_cost_the_same_for_three_rows_and_for_forty(cast):
    client = signed_in(cast.dispatcher)

    def cost() -> dict[str, int]:
        return {url: queries(client, url) for url in ("/appeals/", "/appeals/desk/", "/appeals/queue/")}

    for _ in range(3):
        cast.submit()
    few = cost()
    enterprise = factories.enterprise(cast.district)
    for number in range(37):
        data = {"subject": subject_key(enterprise), "claimed_name": ""} if number % 2 else {}
        cast.register(by="dispatcher", **data)
    assert cost() == few
    assert max(few.values()) <= LIST_QUERIES, few
    assert (
        max(queries(signed_in(cast.supervisor), "/appeals/queue/"), queries(client, "/appeals/?clock=red"))
        <= LIST_QUERIES
    )


def test_registering_is_offered_to_those_who_may(cast):
    for part, may in (
        ("dispatcher", True),
        ("window", True),
        ("district_leader", False),
        ("supervisor", False),
    ):
        assert ("/appeals/register/" in page(signed_in(getattr(cast, part)).get("/appeals/"))) is may, part


# --- Desks ----------------------------------------------------------------------------------------


def test_the_bureaus_desk_has_a_heap_for_each_of_its_steps(cast):
    waiting = cast.submit()
    accepted = cast.do(cast.submit(), "accept")
    revisited = cast.walk(cast.submit(), "revisit")
    proposed = cast.do(cast.submit(), "propose_decline")
    closable = cast.walk(cast.submit(), "second_revisit")
    client = signed_in(cast.second_dispatcher)
    heaps = {
        code: page(client.get("/appeals/desk/", {"queue": code}))
        for code in ("accept", "dispatch", "second_revisit")
    }
    assert waiting.number in heaps["accept"] and accepted.number not in heaps["accept"]
    assert accepted.number in heaps["dispatch"]
    assert revisited.number in heaps["second_revisit"]
    assert all("待复核" in text and proposed.number in text for text in heaps.values())
    assert all(closable.number in text for text in heaps.values())
    # Who proposed it does not countersign.
    own = page(signed_in(cast.dispatcher).get("/appeals/desk/", {"queue": "dispatch"}))
    assert proposed.number not in own


def test_a_units_queue_holds_its_own_work_alone(cast):
    appeal = cast.do(
        cast.do(cast.submit(), "accept"),
        "dispatch",
        assisting_units=[factories.unit(cast.district, "nyj").pk],
    )
    assert appeal.number in page(signed_in(cast.liaison).get("/appeals/queue/"))
    assert appeal.number in page(signed_in(cast.assistant).get("/appeals/queue/", {"queue": "assist"}))
    empty = page(signed_in(cast.other_liaison).get("/appeals/queue/"))
    assert appeal.number not in empty and "这里没有待办" in empty
    appeal = cast.do(appeal, "sign")
    queue = signed_in(cast.liaison).get("/appeals/queue/")
    assert appeal.number in page(queue) and "办理中" in page(queue)


# --- One appeal -----------------------------------------------------------------------------------


def test_an_appeals_page_offers_what_one_may_do_now_and_else_names_who_is_next(cast):
    appeal = cast.submit()

    def offered(part: str) -> set[str]:
        text = page(signed_in(getattr(cast, part)).get(detail(appeal)))
        return set(re.findall(rf'href="/appeals/{appeal.number}/do/([a-z_]+)/"', text))

    marks = {"remind", "supervise", "list_supervision"}
    beside = {"record_provincial", "ask_firm"}
    assert offered("dispatcher") == {"accept", "propose_decline", "merge", "offer_answer"} | beside | marks
    assert offered("district_leader") == set()
    text = page(signed_in(cast.district_leader).get(detail(appeal)))
    assert "等待他人办理" in text and "<strong>受理</strong>（区科经局" in text
    appeal = cast.walk(appeal, "sign")
    asks = {"request_return", "request_extension", "request_on_file", "propose_refusal"}
    assert offered("liaison") == {"feedback", "ask_firm"} | asks
    assert offered("dispatcher") == {"reassign", "report_up"} | beside | marks
    assert "<strong>办理</strong>（区人社局" in page(signed_in(cast.district_leader).get(detail(appeal)))
    appeal = cast.do(appeal, "feedback")
    for transition in ("revisit", "second_revisit"):
        appeal = cast.do(appeal, transition)
    assert {"close", "redo"} <= offered("dispatcher") and offered("liaison") == set()
    appeal = cast.do(appeal, "close")
    assert offered("liaison") == set() and offered("dispatcher") == {"record_provincial"}
    assert "不能再改动" in page(signed_in(cast.liaison).get(detail(appeal)))


def test_the_page_costs_the_same_however_much_has_happened(cast):
    short = cast.submit()
    long = cast.walk(cast.submit(), "feedback")
    for _ in range(2):
        long = cast.do(long, "redo")
        for transition in ("sign", "feedback"):
            long = cast.do(long, transition)
        long = cast.do(long, "supplement", content="补充")
    client = signed_in(cast.supervisor)
    few, many = queries(client, detail(short)), queries(client, detail(long))
    assert long.version > 12 and many <= few + 3, (few, many)  # what the firm says
    assert max(few, many, queries(signed_in(cast.dispatcher), detail(long))) <= DETAIL_QUERIES


def test_the_timeline_shows_officials_everything(cast):
    appeal = cast.do(cast.submit(), "propose_decline", reason="该纠纷已在法院审理。")
    appeal = cast.do(appeal, "refuse_decline", opinion="属于受理范围。")
    text = page(signed_in(cast.supervisor).get(detail(appeal)))
    assert "该纠纷已在法院审理。" in text and "属于受理范围。" in text and "区科经局" in text


def test_the_firms_phone_is_masked_and_looking_at_it_is_logged(cast):
    appeal = cast.submit()
    client = signed_in(cast.dispatcher)
    text = page(client.get(detail(appeal)))
    assert "13900001111" not in text and "139****1111" in text and "赵敏" not in text
    for headers in ({}, {"HX-Request": "true"}):
        before = AuditEntry.objects.filter(action="appeal.reveal_phone").count()
        answer = client.post(f"{detail(appeal)}phone/", headers=headers)
        assert answer.status_code == 200 and "13900001111" in page(answer)
        assert ("<html" in page(answer)) is not bool(headers)
        assert AuditEntry.objects.filter(action="appeal.reveal_phone").count() == before + 1
    entry = AuditEntry.objects.latest("pk")
    assert (entry.user_id, entry.object_id) == (cast.dispatcher.pk, str(appeal.pk))
    assert "13900001111" not in str(entry.data)
    assert signed_in(cast.other_liaison).post(f"{detail(appeal)}phone/").status_code == 404
    assert client.get(f"{detail(appeal)}phone/").status_code == 405


# --- Steps ----------------------------------------------------------------------------------------

FORMS = {
    "accept": ("submit", {"category": "labour", "urgency": "normal", "add_to_roster": "on"}),
    "propose_decline": ("submit", {"ground": "litigation", "reason": "已在法院审理"}),
    "dispatch": ("accept", {"requirements": "三日内上门"}),
    "sign": ("dispatch", {}),
    "feedback": ("sign", {"result": "已组织专场招聘", "solved": "yes"}),
    "revisit": ("feedback", {"method": "phone", "reached": "yes", "solved": "yes", "satisfaction": "satisfied"}),
    "second_revisit": (
        "revisit", {"method": "phone", "reached": "yes", "solved": "yes", "satisfaction": "satisfied"},
    ),
    "close": ("second_revisit", {}),
    "redo": ("feedback", {"reason": "人没有到岗"}),
    "record_provincial": ("submit", {"provincial_number": "AH20261119001"}),
    "offer_answer": ("submit", {"answer": "已现场办理"}),
}  # fmt: skip


@pytest.mark.parametrize("transition", FORMS)
def test_each_step_has_a_form_and_is_carried_out_once_from_it(cast, transition):
    upto, data = FORMS[transition]
    appeal = cast.submit()
    if upto != "submit":
        appeal = cast.walk(appeal, upto)
    if transition == "dispatch":
        data = data | {"lead_unit": factories.unit(cast.district, "rsj").pk}
    if transition == "accept":
        data = data | {"region": factories.township(cast.district).pk, "tier": "small"}
    part = "dispatcher" if transition == "offer_answer" else Cast.ACTORS.get(transition, "dispatcher")
    client = signed_in(getattr(cast, part))
    form = client.get(step(appeal, transition))
    assert form.status_code == 200 and TRANSITIONS[transition].label in page(form)
    token = re.search(r'name="token" value="([^"]+)"', page(form))[1]
    seen = re.search(r'name="seen" value="(\d+)"', page(form))[1]
    ids = re.findall(r'\bid="([^"]+)"', page(form))
    assert len(ids) == len(set(ids))
    for _ in range(2):
        answer = client.post(step(appeal, transition), data | {"token": token, "seen": seen})
        assert answer.status_code == 302 and answer["Location"] == detail(appeal), page(answer)
    now = Appeal.objects.get(pk=appeal.pk)
    assert now.version == appeal.version + 1
    assert now.status == TRANSITIONS[transition].leads_to(appeal)


def test_a_step_that_is_not_ones_own_is_refused_in_words(cast):
    appeal = cast.submit()
    client = signed_in(cast.district_leader)
    for answer in (client.get(step(appeal, "accept")), client.post(step(appeal, "accept"), {"seen": 1})):
        assert answer.status_code == 403 and "受理" in page(answer)
    # It is one's own, but not now.
    early = signed_in(cast.dispatcher).get(step(appeal, "close"))
    assert early.status_code == 403 and "办结" in page(early)
    appeal.refresh_from_db()
    assert appeal.version == 1


def test_what_one_does_not_see_cannot_be_acted_on(cast):
    appeal = cast.submit()
    client = signed_in(cast.other_liaison)
    for method in (client.get, client.post):
        assert method(step(appeal, "accept")).status_code == 404
    boss = signed_in(cast.dispatcher)
    for name in ("nonsense", "submit", "register", "solve_on_spot"):
        assert boss.get(step(appeal, name)).status_code == boss.post(step(appeal, name)).status_code == 404


def test_a_stale_page_tells_what_happened_meanwhile_and_keeps_what_was_typed(cast):
    appeal = cast.walk(cast.submit(), "sign")
    cast.do(appeal, "supplement", content="企业又补充了")
    client = signed_in(cast.liaison)
    data = {"seen": appeal.version, "token": "s" * 32, "result": "写了很久的结果", "solved": "yes",
            "attachments": [file()]}  # fmt: skip
    answer = client.post(step(appeal, "feedback"), data)
    text = page(answer)
    assert answer.status_code == 409 and "没有执行" in text
    assert "补充说明" in text and "企业" in text
    assert "写了很久的结果</textarea>" in text and "通知.pdf" in text
    fresh = re.search(r'name="seen" value="(\d+)"', text)[1]
    again = client.post(
        step(appeal, "feedback"),
        {"seen": fresh, "token": "s" * 32, "result": "写了很久的结果", "solved": "yes"},
    )
    assert again.status_code == 302
    assert Attachment.objects.get(appeal=appeal).name == "通知.pdf" and not HeldUpload.objects.exists()


def test_who_comes_too_late_reads_by_whom_and_may_copy_what_was_typed(cast):
    appeal = cast.walk(cast.submit(), "sign")
    cast.do(appeal, "feedback", by="unit_leader")
    answer = signed_in(cast.liaison).post(
        step(appeal, "feedback"),
        {"seen": appeal.version, "token": "s" * 32, "result": "写了很久的结果", "solved": "yes"},
    )
    assert answer.status_code == 409
    assert (
        "待回访" in page(answer)
        and "写了很久的结果" in page(answer)
        and str(cast.unit_leader) in page(answer)
    )
    assert appeal.answers.count() == 1


def test_a_form_with_an_error_keeps_its_text_and_its_good_files(cast):
    appeal = cast.walk(cast.submit(), "sign")
    client = signed_in(cast.liaison)
    data = {"seen": appeal.version, "token": "e" * 32, "result": "写了很久的结果😀", "solved": "",
            "effect_jobs": "-3", "attachments": [file(), file("宏.exe", b"MZ")]}  # fmt: skip
    answer = client.post(step(appeal, "feedback"), data)
    text = page(answer)
    assert answer.status_code == 422 and "写了很久的结果😀</textarea>" in text
    assert 'id="id_solved_error"' in text and 'id="id_effect_jobs_error"' in text
    assert "宏.exe" in text and "已上传的附件" in text
    good = {"seen": appeal.version, "token": "e" * 32, "result": "写了很久的结果😀", "solved": "yes"}
    assert client.post(step(appeal, "feedback"), good).status_code == 302
    assert [kept.name for kept in appeal.attachments.all()] == ["通知.pdf"]
    assert not HeldUpload.objects.exists()


def test_a_text_with_nul_is_refused_and_an_absurd_version_means_stale(cast):
    appeal = cast.submit()
    client = signed_in(cast.dispatcher)
    data = {"token": "\0", "ground": "litigation", "reason": "已在\0法院审理"}
    assert client.post(step(appeal, "propose_decline"), data | {"seen": "1"}).status_code == 422
    good = data | {"reason": "已在法院审理"}
    assert client.post(step(appeal, "propose_decline"), good | {"seen": "99999999"}).status_code == 409


# --- Registering ----------------------------------------------------------------------------------


def entered(**changes) -> dict:
    return (
        INTAKE
        | {"token": "r" * 32, "channel": "window", "outcome": "register", "urgency": "normal"}
        | changes
    )


def test_a_window_registers_and_prints_the_slip_with_the_code(cast):
    client = signed_in(cast.window)
    assert client.get("/appeals/register/").status_code == 200
    answers = [client.post("/appeals/register/", entered()) for _ in range(2)]
    appeal = Appeal.objects.get()
    assert [answer["Location"] for answer in answers] == [f"/appeals/{appeal.number}/slip/"] * 2
    assert (appeal.status, appeal.collecting_unit.code) == (Status.SUBMITTED, "datong_window")
    slip = page(client.get(f"/appeals/{appeal.number}/slip/"))
    code = re.search(r'id="slip-secret">([^<]+)<', slip)[1]
    firm = Client().post("/340711/track/", {"number": appeal.number, "secret": code})
    assert firm.status_code == 302
    # Nobody else's browser shows the code, not even the same clerk's other one.
    for other in (signed_in(cast.window), signed_in(cast.dispatcher)):
        text = page(other.get(f"/appeals/{appeal.number}/slip/"))
        assert appeal.number in text and code not in text and "slip-secret" not in text


def test_what_was_solved_on_the_spot_needs_the_firms_signature(cast):
    client = signed_in(cast.window)
    solved = entered(outcome="solve_on_spot", answer="已当面协助办理😀", basis="")
    for signature in ("", "data:image/png;base64,AAAA", "x", "data:image/png;base64,\0"):
        answer = client.post("/appeals/register/", solved | {"signature": signature})
        assert answer.status_code == 422 and "签名" in page(answer), signature
        assert "已当面协助办理😀</textarea>" in page(answer)
        assert re.search(r'value="solve_on_spot"\s+checked', page(answer))
    assert not Appeal.objects.exists()
    assert client.post("/appeals/register/", solved | {"signature": SIGNATURE}).status_code == 302
    appeal = Appeal.objects.get()
    assert appeal.status == Status.SOLVED_ON_SPOT and appeal.attachments.get().audience == "internal"


def test_a_firm_is_found_in_the_roster_and_stays_chosen_over_an_error(cast):
    firm = factories.enterprise(cast.district, name="铜陵晨光机械有限公司")
    client = signed_in(cast.window)
    assert subject_key(firm) in page(client.get("/enterprises/lookup/", {"q": "晨光机"}))
    chosen = entered(subject=subject_key(firm), subject_text="铜陵晨光", claimed_name="", contact_phone="1")
    answer = client.post("/appeals/register/", chosen)
    assert answer.status_code == 422
    assert f'value="{subject_key(firm)}"' in page(answer) and "铜陵晨光机械有限公司" in page(answer)
    client.post("/appeals/register/", chosen | {"contact_phone": "13900001111"})
    assert Appeal.objects.get().enterprise == firm


def test_a_firm_of_another_district_cannot_be_chosen(cast):
    other = factories.another_district(cast.district)
    firm = factories.enterprise(other, region=factories.township(other, "西湖镇"), name="铜官别家公司")
    client = signed_in(cast.window)
    answer = client.post("/appeals/register/", entered(subject=subject_key(firm), claimed_name=""))
    assert answer.status_code == 422 and "铜官别家公司" not in page(answer)
    assert not Appeal.objects.exists()


def test_an_address_fills_in_the_firm_or_the_visit(cast):
    firm = factories.enterprise(cast.district, name="铜陵晨光机械有限公司")
    client = signed_in(cast.cadre)
    text = page(client.get("/appeals/register/", {"subject": subject_key(firm)}))
    assert "铜陵晨光机械有限公司" in text and f'value="{subject_key(firm)}"' in text
    visit = record_visit(
        by=cast.cadre, reporting_unit=cast.cadre.unit, kind="visit", occurred_at=clock.now(),
        region=firm.region, officials=[cast.cadre.official], enterprise=firm,
    )  # fmt: skip
    text = page(client.get("/appeals/register/", {"visit": visit.pk}))
    assert f'name="visit" value="{visit.pk}"' in text and f'value="{subject_key(firm)}"' in text
    assert re.search(r'value="assignment_visit"\s+selected', text)
    # A visit that is not one's own fills in nothing.
    assert f'name="visit" value="{visit.pk}"' not in page(
        signed_in(cast.window).get(f"/appeals/register/?visit={visit.pk}")
    )


def test_the_visit_an_appeal_came_from_is_a_link_for_those_alone_who_see_the_visit(cast):
    firm = factories.enterprise(cast.district)
    visit = record_visit(
        by=cast.cadre, reporting_unit=cast.cadre.unit, kind="visit", occurred_at=clock.now(),
        region=firm.region, officials=[cast.cadre.official], enterprise=firm,
    )  # fmt: skip
    appeal = cast.register(by="cadre", subject=subject_key(firm), claimed_name="", visit=visit.pk)
    cast.walk(appeal, "sign")
    for part, may in (("cadre", True), ("dispatcher", True), ("liaison", False)):
        client = signed_in(getattr(cast, part))
        assert (f'href="/visits/{visit.pk}/"' in page(client.get(detail(appeal)))) is may, part
        assert (client.get(f"/visits/{visit.pk}/").status_code == 200) is may, part


def test_only_channels_of_ones_role_can_be_registered(cast):
    answer = signed_in(cast.window).post("/appeals/register/", entered(channel="provincial"))
    assert answer.status_code == 422 and 'id="id_channel_error"' in page(answer)
    assert (
        signed_in(cast.dispatcher).post("/appeals/register/", entered(channel="provincial")).status_code
        == 302
    )


def test_registering_keeps_what_was_typed_over_errors(cast):
    text = "<script>alert(1)</script>厂区门口积水😀"
    data = entered(content=text, claimed_code="123", contact_phone="x", attachments=[file()])
    answer = signed_in(cast.window).post("/appeals/register/", data)
    assert answer.status_code == 422
    assert escape(text) in page(answer) and "<script>alert" not in page(answer)
    assert "通知.pdf" in page(answer) and "data-error-summary" in page(answer)


# --- Files ----------------------------------------------------------------------------------------


def test_files_are_served_to_those_who_see_the_appeal_with_careful_headers(cast):
    appeal = cast.submit()
    client = signed_in(cast.window)
    client.post("/appeals/register/", entered(attachments=[file(), file("清单.txt", b"a,b")]))
    appeal = Appeal.objects.latest("pk")
    pdf, text = appeal.attachments.all()
    for viewer in ("window", "dispatcher", "supervisor"):
        answer = signed_in(getattr(cast, viewer)).get(f"/appeals/files/{pdf.pk}/")
        assert answer.status_code == 200 and b"".join(answer.streaming_content) == PDF
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "private" in answer["Cache-Control"] and "no-store" in answer["Cache-Control"]
        assert answer["Content-Type"] == "application/pdf" and "sandbox" in answer["Content-Security-Policy"]
    assert client.get(f"/appeals/files/{text.pk}/")["Content-Disposition"].startswith("attachment")
    for stranger in ("other_liaison", "liaison", "admin"):
        assert signed_in(getattr(cast, stranger)).get(f"/appeals/files/{pdf.pk}/").status_code == 404
    assert Client().get(f"/appeals/files/{pdf.pk}/").status_code == 302


# --- What is typed stays, what is not visible is not linked ---------------------------------------


def test_the_words_of_an_answer_stay_when_the_other_outcome_has_an_error(cast):
    data = {"outcome": "register", "answer": "已当面说明办理流程。", "content": ""}
    answer = signed_in(cast.window).post("/appeals/register/", data)
    assert answer.status_code == 422
    assert "已当面说明办理流程。" in page(answer)


def test_a_firm_outside_ones_own_region_is_named_but_not_linked(cast):
    elsewhere = factories.enterprise(cast.district, region=factories.township(cast.district, "铜山镇"))
    appeal = cast.submit()
    appeal = cast.do(appeal, "accept", subject=f"enterprise-{elsewhere.pk}")
    appeal = cast.do(appeal, "dispatch", lead_unit=factories.unit(cast.district, "datong").pk)
    link = f"/enterprises/{elsewhere.pk}/"
    seen_by_unit = page(signed_in(cast.township_liaison).get(f"/appeals/{appeal.number}/"))
    assert elsewhere.name in seen_by_unit and link not in seen_by_unit
    assert link in page(signed_in(cast.dispatcher).get(f"/appeals/{appeal.number}/"))
