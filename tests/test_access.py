"""Every address × everybody: what opens, what is refused, what does not exist for whom.

The table below is written by hand. An address that is missing from it fails the test, so that no new page
is forgotten.
"""

from dataclasses import dataclass

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from accounts.models import Role, User
from appeals.models import Appeal
from core import clock
from core.uploads import digest
from districts.models import Region
from enterprises.models import RosterImport
from enterprises.subjects import subject_key
from liaisons.models import Assignment
from liaisons.services import record_visit
from notifications.models import Notice
from notifications.services import notify
from reports import figures
from reports.models import SituationTable
from reports.services import open_period
from tests import factories
from tests.appeals.lives import Cast

# --- The columns ----------------------------------------------------------------------------------

COLUMNS = (
    "anonymous",
    # 区科经局, the lead bureau
    "dispatcher", "second_dispatcher", "bureau_leader",
    # 区人社局 handles the appeal, 区农业农村局 assists, 区财政局 has no part in it
    "liaison", "unit_leader", "lead_cadre", "assistant", "other_liaison",
    # 大通镇, where the firm lies; its window
    "township_liaison", "window",
    # 区发改委: this cadre looks after the firm, visited it and handed the appeal in
    "cadre",
    "supervisor", "district_leader", "admin",
    # a dispatcher of another district
    "foreigner",
)  # fmt: skip

# 2 opens · L is sent to the sign-in · R is sent on · F is refused in words (403) · N does not exist (404)
# M is no way to ask for it (405) · Q says what is wrong with the form (422) · C conflicts (409)
CODES = {"2": 200, "R": 302, "F": 403, "N": 404, "M": 405, "Q": 422, "C": 409}

# --- The table ------------------------------------------------------------------------------------
#
#                              anonymous
#                              |  bureau: dispatcher, second dispatcher, leader
#                              |  |    区人社局: liaison, leader, cadre; assisting 区农业农村局; 区财政局
#                              |  |    |      大通镇: liaison, window
#                              |  |    |      |   cadre of 区发改委
#                              |  |    |      |   |  supervisor, district leader
#                              |  |    |      |   |  |   administrator, other district's dispatcher
GET = {
    "healthz":                "2 222  22222  22  2  22  22",
    # Public pages: the same for everybody; a firm's own pages only for who holds the code.
    "portal:home":            "2 222  22222  22  2  22  22",
    "public:home":            "2 222  22222  22  2  22  22",
    "public:letter":          "2 222  22222  22  2  22  22",
    "public:submit":          "2 222  22222  22  2  22  22",
    "public:track":           "2 222  22222  22  2  22  22",
    "public:slip":            "N NNN  NNNNN  NN  N  NN  NN",
    "public:appeal":          "N NNN  NNNNN  NN  N  NN  NN",
    "public:act":             "M MMM  MMMMM  MM  M  MM  MM",
    "public:file":            "N NNN  NNNNN  NN  N  NN  NN",
    # The staff's own corner.
    "portal:workbench":       "L 222  22222  22  2  22  22",
    "portal:search":          "L 222  22222  22  2  22  22",
    "portal:manual":          "L 222  22222  22  2  22  22",
    "notifications:inbox":    "L 222  22222  22  2  22  22",
    "notifications:open":     "L MMM  MMMMM  MM  M  MM  MM",
    "notifications:read_all": "L MMM  MMMMM  MM  M  MM  MM",
    # Appeals: seen district-wide, by the units that take part, and by the township where the firm lies.
    "appeals:list":           "L 222  22222  22  2  22  22",
    "appeals:desk":           "L 222  FFFFF  FF  F  FF  F2",
    "appeals:queue":          "L 222  22F22  2F  F  2F  F2",
    "appeals:register":       "L 22F  22222  22  2  FF  F2",
    "appeals:file":           "L 222  2222N  2N  2  22  NN",
    "appeals:detail":         "L 222  2222N  2N  2  22  NN",
    "appeals:slip":           "L 222  2222N  2N  2  22  NN",
    "appeals:reveal_phone":   "L MMM  MMMMM  MM  M  MM  MM",
    "appeals:act":            "L FFF  22FFN  FN  F  FF  NN",
    # The roster: read in one's own region; kept by the dispatcher and the township's liaison.
    "enterprises:list":       "L 222  22222  22  2  22  22",
    "enterprises:projects":   "L 222  22222  22  2  22  22",
    "enterprises:lookup":     "L 222  22222  22  2  22  22",
    "enterprises:new":        "L 22F  FFFFF  2F  F  FF  F2",
    "enterprises:new_project": "L 22F  FFFFF  2F  F  FF  F2",
    "enterprises:edit":       "L 22F  FFFFF  2F  F  FF  FN",
    "enterprises:edit_project": "L 22F  FFFFF  2F  F  FF  FN",
    "enterprises:imports":    "L 22F  FFFFF  2F  F  FF  F2",
    "enterprises:import_template": "L 22F  FFFFF  2F  F  FF  F2",
    "enterprises:import":     "L 22N  NNNNN  2N  N  NN  NN",
    "enterprises:import_progress": "L 22N  NNNNN  2N  N  NN  NN",
    "enterprises:import_rejects": "L 22N  NNNNN  2N  N  NN  NN",
    "enterprises:import_confirm": "L MMM  MMMMM  MM  M  MM  MM",
    "portal:enterprise":      "L 222  22222  22  2  22  2N",
    "portal:project":         "L 222  22222  22  2  22  2N",
    "portal:enterprise_phone": "L MMM  MMMMM  MM  M  MM  MM",
    "portal:project_phone":   "L MMM  MMMMM  MM  M  MM  MM",
    # Who looks after whom, and visits: own unit, own region, or the whole district.
    "liaisons:assignments":   "L 222  22222  22  2  22  22",
    "liaisons:mine":          "L 222  22222  22  2  22  22",
    "liaisons:assign":        "L 22F  2FF22  2F  F  FF  F2",
    "liaisons:end":           "L 22F  NNNNN  FN  F  FF  NN",
    "liaisons:official_lookup": "L 222  22222  22  2  22  22",
    "portal:visits":          "L 222  22222  22  2  22  22",
    "portal:sitting":         "L 22F  22222  2F  2  FF  F2",
    "portal:visit":           "L 222  NNNNN  2N  2  22  NN",
    "portal:visit_saved":     "L NNN  NNNNN  NN  2  NN  NN",
    "policies:list":          "L 222  22222  22  2  22  22",
    # The weekly table of 区人社局; the district's tables for those who oversee them.
    "reports:index":          "L RRR  RRRRR  RR  R  RR  RR",
    "reports:mine":           "L RRR  RRFRR  RF  F  RR  F2",
    "reports:table":          "L 222  22NNN  NN  N  22  NN",
    "reports:evidence":       "L 222  22NNN  NN  N  22  NN",
    "reports:check":          "L 222  22NNN  NN  N  22  NN",
    "reports:download":       "L 222  22NNN  NN  N  22  NN",
    "reports:entry":          "L FFF  22NNN  NN  N  FF  NN",
    "reports:submit":         "L MMM  MMMMM  MM  M  MM  MM",
    "reports:accept":         "L MMM  MMMMM  MM  M  MM  MM",
    "reports:send_back":      "L MMM  MMMMM  MM  M  MM  MM",
    "reports:week":           "L 222  FFFFF  FF  F  22  F2",
    "reports:summary":        "L 222  FFFFF  FF  F  22  F2",
    "reports:summary_evidence": "L 222  FFFFF  FF  F  22  FN",
    "reports:summary_download": "L 222  FFFFF  FF  F  22  FN",
    # Administration.
    "admin:index":            "R RRR  RRRRR  RR  R  RR  2R",
}  # fmt: skip

# An empty form, sent. Addresses that are only read answer 405 to it (see below).
POST = {
    "public:submit":          "Q QQQ  QQQQQ  QQ  Q  QQ  QQ",
    "public:track":           "N NNN  NNNNN  NN  N  NN  NN",
    "public:act":             "N NNN  NNNNN  NN  N  NN  NN",
    "notifications:open":     "L NNN  RNNNN  NN  N  NN  NN",
    "notifications:read_all": "L RRR  RRRRR  RR  R  RR  RR",
    "appeals:register":       "L QQF  QQQQQ  QQ  Q  FF  FQ",
    "appeals:act":            "L FFF  QQFFN  FN  F  FF  NN",
    "appeals:reveal_phone":   "L 222  2222N  2N  2  22  NN",
    "enterprises:new":        "L QQF  FFFFF  QF  F  FF  FQ",
    "enterprises:new_project": "L QQF  FFFFF  QF  F  FF  FQ",
    "enterprises:edit":       "L QQF  FFFFF  QF  F  FF  FN",
    "enterprises:edit_project": "L QQF  FFFFF  QF  F  FF  FN",
    "enterprises:imports":    "L QQF  FFFFF  QF  F  FF  FQ",
    "enterprises:import_confirm": "L RRN  NNNNN  RN  N  NN  NN",
    "portal:enterprise_phone": "L 222  22222  22  2  22  2N",
    "portal:project_phone":   "L 222  22222  22  2  22  2N",
    "liaisons:assign":        "L QQF  QFFQQ  QF  F  FF  FQ",
    "liaisons:end":           "L QQF  NNNNN  FN  F  FF  NN",
    "portal:sitting":         "L QQF  QQQQQ  QF  Q  FF  FQ",
    "reports:entry":          "L FFF  QQNNN  NN  N  FF  NN",
    "reports:submit":         "L FFF  RRNNN  NN  N  FF  NN",
    "reports:accept":         "L CCC  FFNNN  NN  N  FF  NN",
    "reports:send_back":      "L QQQ  FFNNN  NN  N  FF  NN",
}  # fmt: skip

# Of the library: signing in, passwords, second factors. Who they are for is tested there.
ALLAUTH = ("account_", "mfa_")
# Django's administration: one rule for all of it, tested below with one page of each kind.
ADMIN = "admin:"
# The district's public pages need no sign-in; nothing else does without.
PUBLIC = {
    "healthz", "portal:home", "public:home", "public:letter", "public:submit", "public:slip",
    "public:track", "public:appeal", "public:act", "public:file",
}  # fmt: skip


# --- A populated district -------------------------------------------------------------------------


@dataclass
class World:
    appeal: Appeal
    arguments: dict[str, list]
    people: dict[str, User]


@pytest.fixture(autouse=True)
def thursday_after_the_cut_off():
    """The weekly table can be handed in."""
    with time_machine.travel("2026-11-19 13:00+08:00"):
        yield


@pytest.fixture
def figures_counted_once(monkeypatch: pytest.MonkeyPatch):
    """Who opens a table is the question here, not what it says: sixteen readers need one count."""
    for name in ("figures", "summary"):
        counted, count = {}, getattr(figures, name)

        def remembered(period, tables, counted=counted, count=count):
            key = (period.pk, *(table.pk for table in tables))
            if key not in counted:
                counted[key] = count(period, tables)
            return counted[key]

        monkeypatch.setattr(figures, name, remembered)


@pytest.fixture
def world(district: Region) -> World:
    cast = Cast(district)
    firm = factories.enterprise(district)
    project = factories.project(district)
    cadre, liaison = cast.cadre, cast.liaison
    Assignment.objects.create(
        district=district, region=firm.region, official=cadre.official, unit=cadre.unit, enterprise=firm,
        started=clock.today(), recorded_by=cadre, recorded_at=clock.now(),
    )  # fmt: skip
    visit = record_visit(
        by=cadre, reporting_unit=cadre.unit, kind="visit", occurred_at=clock.now(), region=firm.region,
        officials=[cadre.official], enterprise=firm,
    )  # fmt: skip
    appeal = cast.register(by="cadre", subject=subject_key(firm), claimed_name="", visit=visit.pk)
    appeal = cast.do(appeal, "accept")
    appeal = cast.do(appeal, "dispatch", assisting_units=[factories.unit(district, "nyj").pk])
    appeal = cast.do(appeal, "sign")
    upload = ContentFile(b"%PDF-1.7", name="a.pdf")
    file = appeal.attachments.create(
        event_seq=1, round=1, at=clock.now(), file=upload, name="a.pdf", size=8,
        media_type="application/pdf", sha256=digest(upload), audience="firm",
    )  # fmt: skip
    roster = RosterImport.objects.create(
        district=district, uploaded_by=cast.township_liaison,
        kind=RosterImport.Kind.ENTERPRISES, file=ContentFile(b"x", name="x.xlsx"), file_name="x.xlsx",
        state=RosterImport.State.CHECKED, created_at=clock.now(),
    )  # fmt: skip
    open_period(district=district, ending=clock.today())
    table = SituationTable.objects.get(unit=liaison.unit)
    notify([liaison], key="k", title="有新的交办")
    notice = Notice.objects.get(recipient=liaison, key=f"k:{liaison.pk}:inbox")
    people = {part: getattr(cast, part) for part in Cast.PARTS}
    other = factories.another_district(district)
    people["foreigner"] = factories.user(factories.unit(other), Role.DISPATCHER, username="foreigner")
    code, number = district.code, appeal.number
    arguments = {
        "public:home": [code], "public:letter": [code], "public:submit": [code], "public:track": [code],
        "public:slip": [code, number], "public:appeal": [code, number],
        "public:act": [code, number, "supplement"], "public:file": [code, file.pk],
        "notifications:open": [notice.pk],
        "appeals:file": [file.pk], "appeals:detail": [number], "appeals:slip": [number],
        "appeals:reveal_phone": [number], "appeals:act": [number, "feedback"],
        "enterprises:edit": [firm.pk], "enterprises:edit_project": [project.pk],
        "enterprises:import_template": ["enterprises"], "enterprises:import": [roster.pk],
        "enterprises:import_progress": [roster.pk], "enterprises:import_rejects": [roster.pk],
        "enterprises:import_confirm": [roster.pk],
        "portal:enterprise": [firm.pk], "portal:project": [project.pk],
        "portal:enterprise_phone": [firm.pk], "portal:project_phone": [project.pk],
        "liaisons:end": [Assignment.objects.get().pk],
        "portal:visit": [visit.pk], "portal:visit_saved": [visit.pk],
        "reports:table": [table.pk], "reports:evidence": [table.pk, 1], "reports:entry": [table.pk, 1],
        "reports:check": [table.pk, "problems"], "reports:submit": [table.pk],
        "reports:download": [table.pk], "reports:accept": [table.pk], "reports:send_back": [table.pk],
        "reports:summary_evidence": [1],
    }  # fmt: skip
    return World(appeal, arguments, people)


def names() -> set[str]:
    """Every named address of the portal's own."""

    def walk(patterns: list[URLPattern | URLResolver], space: str):
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
                yield from walk(pattern.url_patterns, inner)
            else:
                yield f"{space}{pattern.name}"

    return set(walk(get_resolver().url_patterns, ""))


def row(table: dict[str, str], name: str) -> dict[str, str]:
    return dict(zip(COLUMNS, table[name].replace(" ", ""), strict=True))


def answer_to(client: Client, method: str, url: str) -> str:
    """The letter of the answer; whatever was done is undone."""
    with transaction.atomic():
        answer = getattr(client, method)(url, {"csrfmiddlewaretoken": "x"} if method == "post" else None)
        transaction.set_rollback(True)
    if answer.status_code == 302 and answer["Location"].startswith("/accounts/login/"):
        return "L"
    letters = {code: letter for letter, code in CODES.items()}
    return letters.get(answer.status_code, str(answer.status_code))


def browser_of(world: World, person: str) -> Client:
    client = Client(raise_request_exception=False)
    if person != "anonymous":
        client.force_login(world.people[person])
    return client


# --- The walk -------------------------------------------------------------------------------------


def test_every_address_stands_in_the_table():
    ours = {name for name in names() if not name.startswith((*ALLAUTH, ADMIN))} | {"admin:index"}
    assert ours == set(GET)
    assert set(POST) <= set(GET)
    assert all(len(line.replace(" ", "")) == len(COLUMNS) for line in [*GET.values(), *POST.values()])


@pytest.mark.parametrize(("method", "table"), [("get", GET), ("post", POST)], ids=["get", "post"])
def test_everybody_gets_what_the_table_says(
    world: World, figures_counted_once: None, method: str, table: dict[str, str]
):
    differences = []
    for person in COLUMNS:
        client = browser_of(world, person)
        for name in table:
            url = reverse(name, args=world.arguments.get(name))
            found, expected = answer_to(client, method, url), row(table, name)[person]
            if found != expected:
                differences.append(f"{method} {name} by {person}: expected {expected}, got {found}")
    assert not differences, "\n".join(differences)


def test_what_is_only_read_cannot_be_posted_to(world: World):
    client = browser_of(world, "dispatcher")
    only_read = sorted(set(GET) - set(POST) - {"healthz", "admin:index"})
    found = {
        name: answer_to(client, "post", reverse(name, args=world.arguments.get(name))) for name in only_read
    }
    assert set(found.values()) == {"M"}, {name: letter for name, letter in found.items() if letter != "M"}


def test_a_get_changes_nothing(world: World):
    before = (world.appeal.version, SituationTable.objects.filter(state="open").count(),
              Notice.objects.unread().count())  # fmt: skip
    client = browser_of(world, "liaison")
    for name in GET:
        client.get(reverse(name, args=world.arguments.get(name)))
    world.appeal.refresh_from_db()
    after = (world.appeal.version, SituationTable.objects.filter(state="open").count(),
             Notice.objects.unread().count())  # fmt: skip
    assert before == after


def test_only_the_public_pages_opt_out_of_sign_in(db):
    assert {name for name in GET if row(GET, name)["anonymous"] != "L"} == PUBLIC | {"admin:index"}
    # Django's own sign-in would pass by the lock-out and the second factor: it leads to the portal's.
    admin = Client().get("/admin/", follow=True)
    assert admin.redirect_chain[-1][0].startswith("/accounts/login/")


def test_sign_in_leads_back_to_where_one_wanted_to_go(client, world: World):
    url = reverse("appeals:detail", args=[world.appeal.number])
    assert client.get(url)["Location"] == f"/accounts/login/?next={url}"


def test_nobody_signs_up(client, db):
    answer = client.get("/accounts/signup/")
    assert answer.status_code == 200 and "<form" not in answer.content.decode().split("<main")[1]


def test_administration_is_for_administrators_alone(world: World):
    pages = sorted(
        name for name in names() if name.startswith(ADMIN) and name.endswith(("_changelist", "_add"))
    )
    assert len(pages) > 6
    for person in COLUMNS:
        if person == "admin":
            continue
        client = browser_of(world, person)
        for name in pages[:4]:
            assert answer_to(client, "get", reverse(name)) in {"L", "R", "F"}, (person, name)
    client = browser_of(world, "admin")
    for name in pages:
        assert answer_to(client, "get", reverse(name)) in {"2", "F"}, name


def test_an_account_without_a_unit_or_role_breaks_no_page(world: World):
    """The system's own accounts, and one whose administrator is not done yet."""
    bare = User.objects.create(username="bare", last_login=timezone.now())
    client = Client(raise_request_exception=False)
    client.force_login(bare)
    for name in GET:
        assert client.get(reverse(name, args=world.arguments.get(name))).status_code < 500, name
    for name in POST:
        assert client.post(reverse(name, args=world.arguments.get(name))).status_code < 500, name


def test_numbers_that_cannot_exist_break_no_page(world: World):
    huge = "9" * 30
    client = browser_of(world, "dispatcher")
    for path in (
        f"/appeals/files/{huge}/", f"/enterprises/{huge}/", f"/enterprises/projects/{huge}/", f"/visits/{huge}/",
        f"/visits/{huge}/saved/", f"/reports/tables/{huge}/", f"/liaisons/{huge}/end/", f"/340711/files/{huge}/",
        f"/enterprises/imports/{huge}/", "/appeals/%00/", "/appeals/%F0%A0%AE%B7/", "/appeals/x%00/slip/",
        f"/appeals/{world.appeal.number}/do/nonsense/", f"/appeals/{world.appeal.number}/do/submit/",
        "/nonsense/",
    ):  # fmt: skip
        assert client.get(path).status_code == 404, path
    for path in (
        "/appeals/?q=%00&status=x&region=x&since=x&page=x", "/appeals/?lead_unit=" + huge, "/search/?q=%00",
        "/search/?q=" + "x" * 3000, "/appeals/register/?visit=" + huge, "/appeals/register/?subject=enterprise-x",
        "/appeals/register/?visit=%00&subject=%00", "/inbox/?page=-1", "/appeals/desk/?queue=x&page=x",
        "/enterprises/?q=%00", "/visits/?q=%00", "/liaisons/?q=%00", "/policies/?q=%00", "/enterprises/lookup/?q=%00",
        "/liaisons/officials/lookup/?q=%00", "/340711/track/?number=%00", "/340711/submit/?channel=%00",
    ):  # fmt: skip
        assert client.get(path).status_code == 200, path
    assert client.post(f"/inbox/{huge}/").status_code == 404
