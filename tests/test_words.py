"""Whatever leaves for 叶集 is in its own words: pages by the middleware, everything else by what works for it.

The words to look for are the ones its profile replaces; none is typed here.
"""

import ast
import dataclasses
import io
import re
from collections.abc import Iterator, Mapping
from enum import Enum
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from openpyxl import load_workbook

from accounts.actors import Actor
from accounts.models import Role
from appeals import defaults
from appeals.perform import perform
from appeals.supervision import ladder
from appeals.workflow import TRANSITIONS
from core import sheets
from core.wording import TERMS, Spoken, speak
from districts.models import DistrictProfile, Region
from districts.words import for_each_at_work, speaking_for
from enterprises.subjects import subject_key
from imports.kinds import kinds_for
from notifications.kinds import DUTIES
from notifications.models import Notice
from portal.navigation import GROUPS as NAVIGATION
from reports import checks, tasks
from reports.documents.kinds import KINDS as DOCUMENTS
from reports.exports import engine
from reports.exports.ledger import CODE, params_of
from reports.indicators import GROUPS as INDICATORS
from reports.ledgers import LEDGERS
from reports.models import Export
from tests import factories
from tests.appeals.lives import INTAKE

pytestmark = pytest.mark.django_db

FOR_NO_DISTRICT = re.compile(
    r"(tests|demo|profiles|node_modules|districts)/|portal/golive/|/migrations/|core/wording\.py|/bench_|reports/identity_"
)
"""Rules and their defaults are spoken where they are used; 新区县上线 is for a district that has no words yet."""
MARKS = {"speak", "spoken"}


@pytest.fixture
def theirs(yeji: Region) -> re.Pattern[str]:
    """What 叶集 calls otherwise; 警企包保 is another thing."""
    words = DistrictProfile.objects.in_force(yeji).rules.words
    assert set(words) <= set(TERMS)
    return re.compile(f"(?<!警企)(?:{'|'.join(words)})")


def texts(thing: object, depth: int = 5) -> Iterator[str]:
    """Every text of a declaration: of its fields and of what stands in them."""
    if isinstance(thing, str) and not isinstance(thing, Enum):
        yield thing
    elif isinstance(thing, Enum):
        yield from texts(getattr(thing, "label", ""))
    elif depth and isinstance(thing, Mapping):
        for value in thing.values():
            yield from texts(value, depth - 1)
    elif depth and isinstance(thing, tuple | list | frozenset | set):
        for value in thing:
            yield from texts(value, depth - 1)
    elif depth and dataclasses.is_dataclass(thing):
        for field in dataclasses.fields(thing):
            yield from texts(getattr(thing, field.name), depth - 1)


@pytest.mark.parametrize(
    "declared", [TRANSITIONS, DUTIES, LEDGERS, INDICATORS, NAVIGATION, DOCUMENTS, checks.CHECKS, list(Role)],
    ids=["workflow", "notices", "ledgers", "indicators", "navigation", "documents", "checks", "roles"],
)  # fmt: skip
def test_every_label_is_theirs(declared: object, yeji: Region, theirs: re.Pattern[str]):
    said = list(texts(declared))
    assert any(theirs.search(str.__str__(text)) for text in said) or declared is DOCUMENTS
    with speaking_for(yeji.pk):
        assert [text for text in said if theirs.search(str(text))] == []


def test_what_is_put_together_of_labels_is_theirs(yeji: Region, theirs: re.Pattern[str]):
    rules = DistrictProfile.objects.in_force(yeji).rules
    with speaking_for(yeji.pk):
        rates = [rate for _, _, rates in INDICATORS for rate in rates]
        said = [*ladder(rules), *(f"{rate.full_definition}{rate.denominator_label}" for rate in rates)]
    assert any("区营商办" in text for text in said) and any("包联干部" in text for text in said)
    assert not [text for text in said if theirs.search(text)]


def test_a_marked_text_is_itself_to_the_program_and_spoken_to_the_reader(yeji: Region):
    text = Spoken("牵头局")
    with speaking_for(yeji.pk):
        assert text == "牵头局" and f"{text}" == str(text) == "区营商办"


def test_no_text_in_code_is_left_unmarked():
    """A constant that holds a term is an argument of `spoken` or `speak`, or one more word for the head of a sheet."""
    left = []
    for path in sorted(Path(settings.BASE_DIR).rglob("*.py")):
        name = path.relative_to(settings.BASE_DIR).as_posix()
        if FOR_NO_DISTRICT.search(name) or name.startswith("."):
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        marked = set()
        for node in ast.walk(tree):
            named = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKS
            if (
                named
                or (isinstance(node, ast.keyword) and node.arg == "aliases")
                or isinstance(node, ast.Expr)
            ):
                whole = isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant)
                marked |= set() if whole else {id(each) for each in ast.walk(node)}
        left += [
            f"{name}:{node.lineno} {node.value[:40]}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in marked
            and re.search(f"(?<!警企)(?:{'|'.join(TERMS)})", node.value)
        ]
    assert left == []


def test_ticks_work_in_the_words_of_each_district(yeji: Region):
    said = {}

    def work(district: Region) -> None:
        said[district.code] = speak("请到牵头局领取")

    for_each_at_work(work)
    assert said == {"340711": "请到牵头局领取", "341504": "请到区营商办领取"}
    # No tick goes round the districts by itself.
    for path in Path(settings.BASE_DIR).glob("*/tasks.py"):
        assert "at_work()" not in path.read_text(encoding="utf-8"), path


@time_machine.travel("2026-11-18 10:00+08:00")
def test_what_the_system_does_by_itself_is_told_in_their_words(yeji: Region, theirs: re.Pattern[str]):
    """自办 runs out in a tick, without anybody signed in: the appeal goes up to 区营商办."""
    factories.user(factories.unit(yeji, "ysb"), Role.DISPATCHER)
    liaison = Actor.of_user(factories.user(factories.unit(yeji, "yaoli"), Role.LIAISON))
    firm = factories.enterprise(yeji, region=Region.objects.get(parent=yeji, name="姚李镇"))
    facts = INTAKE | {"channel": "letter", "subject": subject_key(firm), "claimed_name": ""}
    appeal = perform(None, "register", liaison, facts)
    perform(appeal, "handle_oneself", liaison, {})
    with time_machine.travel("2026-12-01 10:00+08:00"):
        assert defaults.apply_due() == 1
    told = [f"{notice.title}{notice.body}" for notice in Notice.objects.all()]
    assert any("上交区营商办" in text for text in told)
    assert not any(theirs.search(text) for text in told)
    reason = appeal.texts.latest("pk").text if hasattr(appeal, "texts") else ""
    assert not theirs.search(reason)


def test_every_export_is_headed_in_their_words(yeji: Region, theirs: re.Pattern[str]):
    """Made by a worker, who is signed in as nobody."""
    by = factories.user(factories.unit(yeji, "ysb"), Role.DISPATCHER)
    for code, ledger in LEDGERS.items():
        columns = [column.code for column in ledger.columns]
        engine.order(
            kind=CODE, by=by, title=f"{ledger.title}", params=params_of(ledger, "", columns), key=code
        )
    tasks.make_exports()
    made = Export.objects.filter(state=Export.State.READY)
    assert made.count() == len(LEDGERS)
    for export in made:
        said = workbook_text(export.file.read()) + export.file_name
        assert not theirs.search(said), export.params


def test_every_sheet_to_fill_in_is_theirs(yeji: Region, theirs: re.Pattern[str]):
    by = factories.user(factories.unit(yeji, "ysb"), Role.DISPATCHER)
    kinds = kinds_for(by)
    assert len(kinds) >= 5
    with speaking_for(yeji.pk):
        for kind in kinds:
            content = sheets.template(kind.label, kind.columns_in(yeji), kind.choices(by), kind.notes)
            assert not theirs.search(workbook_text(content)), kind.label


def workbook_text(content: bytes) -> str:
    """Cells, comments and names of a workbook."""
    book = load_workbook(io.BytesIO(content))
    said = [*book.sheetnames]
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                said += [str(cell.value or ""), cell.comment.text if cell.comment else ""]
    return "\n".join(said)


def test_a_sheet_headed_in_either_words_is_read(yeji: Region):
    column = sheets.Column("official", Spoken("联企干部"), 50, "干部姓名")
    with speaking_for(yeji.pk):
        assert column.is_called("包联干部") and column.is_called("联企干部")
