"""Two districts in one installation: nobody of 叶集 meets anything of 铜陵市郊区, wherever he looks.

Every address that asks for sign-in is opened by every role of the second district, with the first one's numbers, and
searched for its words; what is downloaded is unpacked first.
"""

import io
import json
import re
import zipfile
from collections.abc import Iterator
from datetime import date

import pytest
import time_machine
from django.db.models import CharField, TextField
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from accounts.actors import Actor
from accounts.models import Official, Role, Unit, User
from appeals.models import Appeal
from appeals.perform import Refused, perform
from districts.models import DistrictProfile, Region
from enterprises.models import Enterprise, Project
from enterprises.subjects import subject_key
from liaisons.models import Opinion, ServiceEvent, VisitRequest
from notifications.models import Notice
from policies.models import NewsItem, Policy
from reports import services
from reports.models import Case, Document
from tests import factories
from tests.appeals.lives import INTAKE, Cast
from tests.conftest import one_on_either_database, put_in_yeji
from tests.test_access import GET, PUBLIC, THURSDAY, World, district, thursday_after_the_cut_off, world

__all__ = ["district", "thursday_after_the_cut_off", "world"]

SPEAK = (Region, Unit, Official, User, Enterprise, Project, Appeal, Opinion, ServiceEvent, VisitRequest, Policy, NewsItem,
         Case, Document, Notice)  # fmt: skip
"""Whose words give the first district away."""
HARMLESS = frozenset({"安徽省"})
TELLING = re.compile(r"[\u4e00-\u9fff]|[0-9]{8}")
"""Words and numbers; codes such as "portal" are said everywhere."""
OPEN = PUBLIC | {"admin:index"}

# Who works where in 叶集.
PEOPLE = {
    Role.CADRE: "rsj", Role.WINDOW: "ck_wqfw", Role.LIAISON: "yaoli", Role.SECTION_HEAD: "rsj", Role.DEPUTY_LEADER: "rsj",
    Role.UNIT_LEADER: "rsj", Role.DISPATCHER: "ysb", Role.BUREAU_LEADER: "ysb", Role.DISTRICT_LEADER: "qzfb",
    Role.SUPERVISOR: "dcb", Role.ADMIN: "ysb",
}  # fmt: skip


def texts(models=SPEAK) -> Iterator[str]:
    for model in models:
        fields = [
            field.name
            for field in model._meta.concrete_fields
            if isinstance(field, CharField | TextField)
            and not field.choices
            and field.name not in {"search", "password"}
        ]
        for values in model.objects.values_list(*fields):
            yield from (value for value in values if isinstance(value, str))


@pytest.fixture(scope="module")
def secrets(world: World) -> frozenset[str]:
    """Every text of the first district of four letters and more; taken before the second one is there."""
    return frozenset(text for text in texts() if len(text) >= 4 and TELLING.search(text)) - HARMLESS


@pytest.fixture(scope="module")
def yeji(secrets: frozenset[str]) -> Region:
    with time_machine.travel(THURSDAY):
        return put_in_yeji()


@pytest.fixture(scope="module")
def others(secrets: frozenset[str], yeji: Region) -> dict[str, User]:
    people = {}
    for role, code in PEOPLE.items():
        unit = factories.unit(yeji, code)
        official = factories.official(unit, name="叶集人") if role == Role.CADRE else None
        people[role] = factories.user(unit, role, official=official, username=f"yj_{role}")
    return people


@pytest.fixture(scope="module")
def theirs(secrets: frozenset[str], others: dict[str, User], yeji: Region) -> frozenset[str]:
    """What the second district does not say itself."""
    rules = json.dumps(DistrictProfile.objects.in_force(yeji).data, ensure_ascii=False)
    own = "\n".join([rules, *Unit.objects.filter(district=yeji).values_list("name", flat=True),
                     *Unit.objects.filter(district=yeji).values_list("short_name", flat=True),
                     *Region.objects.filter(path__startswith=yeji.path).values_list("name", flat=True)])  # fmt: skip
    return frozenset(secret for secret in secrets if secret not in own)


def words_in(answer: HttpResponse) -> str:
    """What an answer says; sheets and archives are opened."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if body[:2] != b"PK":
        return body.decode("utf-8", "replace")
    found = []
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        for name in archive.namelist():
            found.append(archive.read(name).decode("utf-8", "replace"))
    if "xl/workbook.xml" in "".join(zipfile.ZipFile(io.BytesIO(body)).namelist()):
        for sheet in load_workbook(io.BytesIO(body), read_only=True):
            found += [
                str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell is not None
            ]
    return "\n".join(found)


def test_the_texts_are_worth_looking_for(theirs: frozenset[str], world: World):
    assert len(theirs) > 60
    assert world.appeal.number in theirs and "区科经局" in theirs and "铜陵市郊区" in theirs


@pytest.mark.parametrize("role", one_on_either_database(PEOPLE, Role.DISPATCHER))
def test_nobody_of_the_other_district_sees_a_word(
    db: None, world: World, theirs: frozenset[str], others: dict[str, User], role: str
):
    client = Client(raise_request_exception=False)
    client.force_login(others[role])
    found = {}
    for name in sorted(set(GET) - OPEN):
        arguments = world.arguments.get(name)
        answer = client.get(reverse(name, args=arguments))
        assert answer.status_code < 500, name
        if answer.status_code != 200:
            continue
        said = words_in(answer)
        if leaks := [secret for secret in theirs if secret in said]:
            found[name] = leaks[:3]
    assert not found


QUESTIONS = (
    "q=示例", "q=用工", "unit={unit}&lead_unit={unit}&organiser={unit}", "region={region}&township={region}",
    "enterprise={firm}&subject=enterprise-{firm}&official={official}", "policy={policy}&event={event}&visit={visit}",
    "number={number}&appeal={number}&district={district}", "since=2000-01-01&until=2099-12-31&scope=all&all=1",
)  # fmt: skip
"""What one can add to an address by hand."""


@pytest.mark.once
def test_no_filter_or_search_brings_them_out(
    db: None, world: World, theirs: frozenset[str], others: dict[str, User], district: Region
):
    numbers = {
        "unit": factories.unit(district, "rsj").pk,
        "region": factories.township(district).pk,
        "firm": Enterprise.objects.filter(district=district).first().pk,
        "official": Official.objects.filter(district=district).first().pk,
        "policy": Policy.objects.get().pk,
        "event": ServiceEvent.objects.first().pk,
        "visit": world.arguments["portal:visit"][0],
        "number": world.appeal.number,
        "district": district.code,
    }
    found = {}
    client = Client(raise_request_exception=False)
    client.force_login(others[Role.DISPATCHER])
    for name in sorted(set(GET) - OPEN - set(world.arguments)):
        for question in QUESTIONS:
            asked = question.format(**numbers)
            answer = client.get(f"{reverse(name)}?{asked}")
            assert answer.status_code < 500, (name, asked)
            # What was asked may be said again.
            said = words_in(answer) if answer.status_code == 200 else ""
            if leaks := [secret for secret in theirs if secret in said and secret != world.appeal.number]:
                found[name, asked] = leaks[:3]
    assert not found


def test_their_forms_do_not_take_our_firms_and_units(
    db: None, world: World, others: dict[str, User], yeji: Region, district: Region
):
    firm = Enterprise.objects.filter(district=district).first()
    client = Client()
    client.force_login(others[Role.DISPATCHER])
    answer = client.post(
        reverse("appeals:register"),
        {
            "channel": "hotline", "subject": subject_key(firm), "contact_name": "赵敏", "contact_phone": "13900001111",
            "category": "labour", "content": "一线操作工缺口约20人，希望帮助对接招聘。",
        },
    )  # fmt: skip
    assert answer.status_code == 422 and "subject" in answer.context["form"].errors
    unit = factories.unit(district, "rsj")
    answer = client.post(
        reverse("policies:new"), {"title": "稳岗补贴", "unit": unit.pk, "published_on": "2026-11-01"}
    )
    assert answer.status_code == 422 and "unit" in answer.context["form"].errors
    cadre = Official.objects.filter(district=district).first()
    answer = client.post(
        reverse("liaisons:assign"),
        {"subject": subject_key(firm), "official": cadre.pk, "part": "lead", "started": "2026-11-01"},
    )
    assert answer.status_code == 422 and {"subject", "official"} <= set(answer.context["form"].errors)


def test_each_public_address_says_its_own_districts_words(
    db: None, world: World, theirs: frozenset[str], yeji: Region
):
    """The pages of 叶集 with its own code; and a number of the other district does not exist there."""
    client = Client(raise_request_exception=False)
    for name in sorted(name for name in PUBLIC if name.startswith("public:")):
        arguments = world.arguments.get(name)
        if arguments is None or name == "public:answer_link":
            continue
        answer = client.get(reverse(name, args=["341504", *arguments[1:]]))
        assert answer.status_code in {200, 404, 405}, name
        if len(arguments) > 1 and name != "public:assignments":
            assert answer.status_code in {404, 405}, name
        said = words_in(answer)
        leaks = [secret for secret in theirs if secret in said]
        # The address itself is said again where nothing is found.
        assert not leaks or leaks == [world.appeal.number], (name, leaks)


def test_the_home_page_lets_one_choose(db: None, client: Client, world: World, yeji: Region):
    said = client.get("/").content.decode()
    assert "铜陵市郊区" in said and "六安市叶集区" in said and "/341504/" in said


def test_each_works_by_its_own_rules(db: None, world: World, district: Region, yeji: Region):
    """The same steps in both: only 叶集 lays an appeal before a leader first, and counts by the month."""
    first = Cast(district, dict(world.people))
    appeal = first.do(first.submit(), "accept")
    assert appeal.number.startswith("JQ") and first.do(appeal, "dispatch").status == "dispatched"
    dispatcher = Actor.of_user(factories.user(factories.unit(yeji, "ysb"), Role.DISPATCHER))
    leader = factories.user(factories.unit(yeji, "qzfb"), Role.DISTRICT_LEADER)
    appeal = perform(None, "submit", Actor.holder(), INTAKE, district=yeji)
    firm = factories.enterprise(yeji, region=Region.objects.get(parent=yeji, name="姚李镇"))
    accepted = {"category": "labour", "urgency": "normal", "subject": subject_key(firm)}
    appeal = perform(appeal, "accept", dispatcher, accepted)
    sent = {"lead_unit": factories.unit(yeji, "rsj").pk}
    with pytest.raises(Refused):
        perform(appeal, "dispatch", dispatcher, sent)
    appeal = perform(
        appeal, "ask_instruction", dispatcher, {"leader": leader.pk, "text": "建议由区人社局主办。"}
    )
    appeal = perform(appeal, "instruct", Actor.of_user(leader), {"text": "同意。"})
    assert perform(appeal, "dispatch", dispatcher, sent).status == "dispatched"
    assert appeal.number.startswith("YJ")
    ends = {place: services.open_due_weeks(place).ending for place in (district, yeji)}
    assert ends == {district: date(2026, 11, 26), yeji: date(2026, 11, 30)}
