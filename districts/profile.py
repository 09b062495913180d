"""The rules of a district: everything in which one district differs from another, as one frozen object.

Written by hand in profiles/<code>/, kept in the database as versions (models.DistrictProfile). The numbers
the plans leave open are defaults here, in working days, after comparable districts' published rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from core.wording import TERMS

from .campaign_plans import Campaigns
from .clusters import Clusters
from .commitments import CommitmentRules
from .documents import LABELS, NUMBERED_ELSEWHERE, Documents, DocumentText, series
from .grades import Grades
from .handling import Choice, Colours, Gates, Handling, Limits, OfficeHours, Reminder, RoleCode
from .needs import Needs
from .policy_library import PolicyLibrary
from .provincial import Provincial
from .reporting import Assessment, Bulletins
from .rotas import AssignmentKind, Rotas
from .satisfaction import Ratings, Surveys
from .schema import Cadence, Code, Frozen, ProfileError, Text
from .weekly_form import FormRow, WeeklyForm

__all__ = ["FormRow", "ProfileError", "Rules", "WeeklyForm"]


REPORTING_PERIODS = {"week": "周", "two_weeks": "双周", "half_month": "半月", "month": "月"}
"""How often the situation table is handed in: 每周一报, 每双周一报 …"""


class Week(Frozen):
    """The reporting period, mostly a week, ends here; the duty holds from `starts` until `ends` (open if empty)."""

    every: Literal["week", "two_weeks", "half_month", "month"] = "week"
    """Every other week is counted from the first cut-off after `starts`; half-months end on the 15th and the last day."""
    cut_off_weekday: int = Field(default=3, ge=0, le=6)
    """Of a week, and of two."""
    cut_off_day: int = Field(default=31, ge=1, le=31)
    """Of a month; where a month has no such day, its last one."""
    cut_off_time: time = time(12, 0)
    starts: date
    ends: date | None = None
    remind_hours_before: tuple[int, ...] = (20, 3)
    """When a unit that has not handed in its table is reminded, in hours before it is due."""

    @property
    def word(self) -> str:
        """周, 月 …: 本周, 每月 …"""
        return REPORTING_PERIODS[self.every]

    @field_validator("remind_hours_before")
    @classmethod
    def reminders_lie_within_the_week(cls, hours: tuple[int, ...]) -> tuple[int, ...]:
        if any(not 0 < hour < 7 * 24 for hour in hours):
            raise ValueError("提醒时间须在报送时限前 1 至 167 小时之间")
        return hours

    @model_validator(mode="after")
    def ends_after_it_starts(self) -> Week:
        if self.ends and self.ends < self.starts:
            raise ValueError("报送截止日期早于开始日期")
        return self


class VisitDuty(Frozen):
    """How often the firms of a tier (or "project") are to be contacted, and which kinds of contact count."""

    tier: Literal["above_scale", "project", "small"]
    cadence: Cadence
    kinds: tuple[Code, ...] = ()
    """Empty: every kind counts."""


class Theme(Frozen):
    """What the visits of a month are about."""

    month: int = Field(ge=1, le=12)
    title: Text
    text: str = ""


class Visits(Frozen):
    cadence: Cadence
    """For every tier that `duties` do not name."""
    kinds: tuple[Choice, ...] = Field(min_length=1)
    duties: tuple[VisitDuty, ...] = ()
    themes: tuple[Theme, ...] = ()
    channel: str = ""
    """The channel of an appeal handed in at a visit; empty: the cadre chooses."""
    remind_days_before: tuple[int, ...] = (15, 3)
    """When a cadre is reminded of visits still owed, in days before the period ends."""
    most_per_cadre: int = Field(default=40, ge=1)
    """Above so many firms a cadre has too many; coverage shows it."""

    def duty_of(self, tier: str) -> VisitDuty:
        found = next((duty for duty in self.duties if duty.tier == tier), None)
        return found or VisitDuty(tier=tier, cadence=self.cadence)  # type: ignore[arg-type]

    def theme_of(self, day: date) -> Theme | None:
        """What the visits of the month are about."""
        return next((theme for theme in self.themes if theme.month == day.month), None)


class EventKind(Choice):
    meeting: bool = False
    """Counts as 调研座谈会 in the weekly table, and whoever comes is told about policies."""
    public: bool = True
    """Announced to the public in advance."""
    weekday: int | None = Field(default=None, ge=0, le=6)
    """Held every week on this day (0: Monday); a make-up working day on it is warned of."""
    channel: str = ""
    """The channel of an appeal handed in there."""


class EventTopic(Frozen):
    """A topic that the plan sets for a month."""

    kind: Code
    month: int = Field(ge=1, le=12)
    title: Text
    text: str = ""
    units: tuple[Text, ...] = ()


class Events(Frozen):
    kinds: tuple[EventKind, ...] = (EventKind(code="symposium", label="座谈会", meeting=True),)
    topics: tuple[EventTopic, ...] = ()
    procedure: tuple[Text, ...] = ()
    """How a firm's appeal is registered (挂号) at an event, for the announcement."""


class Roster(Frozen):
    """Who keeps a roster and hands in a complete version of it every half-year."""

    unit_kinds: tuple[Code, ...] = ("park", "township")
    units: tuple[Code, ...] = ()
    """Competent departments, besides."""


class Backlog(Frozen):
    """攻坚清零: which appeals are put up for the list, and how soon what can be solved at once has to be."""

    immediate_days: int = Field(default=10, ge=1)
    """In working days, from the day something is classified as 立即."""
    after_days: int = Field(default=90, ge=1)
    """An open appeal of so many calendar days is a candidate."""
    redos: int = Field(default=2, ge=1)
    """So is one that was done again so many times."""


class PlaqueText(Frozen):
    """What stands on a plaque besides the cadre."""

    title: Text = "联企干部公示牌"
    promise: str = ""


class Channel(Choice):
    """A way by which an appeal comes in. `roles`: who registers what came by it."""

    public: bool = False
    staff: bool = True
    source: str = ""
    roles: tuple[RoleCode, ...] = ()
    usual_for: tuple[RoleCode, ...] = ()
    """Whose usual channel it is: chosen already when they open the form."""


class Category(Choice):
    hint: str = ""
    units: tuple[Code, ...] = ()
    """Who usually leads such an appeal, the most likely first: suggested to the dispatcher, never chosen for him."""
    examples: tuple[str, ...] = ()
    element: bool = False
    """A factor of production (要素): labour, finance, land and the supplies."""
    supply: bool = False
    """Counts in the row of 物流、原材料供应等其他生产配套服务."""


class Effect(Choice):
    unit: Text


class RankGroup(Choice):
    order: int = Field(ge=1)
    title_says_all: bool = False
    """Announced by the title alone: 副区长, not 区政府办副区长."""


class DeclineGround(Choice):
    right_door: Text


class SatisfactionLevel(Choice):
    satisfied: bool


class Hotline(Frozen):
    label: Text
    number: Text
    note: str = ""


class PolicyChannel(Frozen):
    title: Text
    url: str = Field(pattern=r"^https?://")


class PublicFigures(Frozen):
    """What is published about the district each quarter; nothing where `names` is empty."""

    names: tuple[Code, ...] = (
        "received",
        "closed",
        "on_time_rate",
        "satisfied_rate",
        "solved_rate",
        "mean_days",
    )
    """Indicators and rates; what there is says ``manage.py indicators``."""
    minimum: int = Field(default=10, ge=3)
    """What rests on fewer cases is not published."""
    by_category: bool = True


class Letter(Frozen):
    title: Text
    greeting: str = ""
    paragraphs: tuple[Text, ...] = Field(min_length=1)
    closing: tuple[Text, ...] = ()
    date: str = ""


class Site(Frozen):
    """The footer of a government site. What is empty is not shown."""

    sponsor: str = ""
    contact: str = ""
    icp: str = ""
    police: str = ""
    identifier: str = ""


URGENCIES = (
    Choice(code="urgent", label="紧急"),
    Choice(code="normal", label="一般"),
    Choice(code="complex", label="复杂"),
)


class Rules(Frozen):
    code: str = Field(pattern=r"^[0-9]{6}$")
    name: Text
    action_name: Text
    action_started: date
    number_prefix: str = Field(pattern=r"^[A-Z]{1,6}$")
    lead_bureau: Code
    supervisor: Code
    city_coordination: Code
    promise: Text
    words: dict[str, Text] = {}
    """What the district calls things where it has words of its own: {"联企干部": "包联干部"} (see core.wording)."""
    office_hours: OfficeHours = OfficeHours()
    limits: Limits = Limits()
    colours: Colours = Colours()
    gates: Gates = Gates()
    handling: Handling = Handling()
    reminders: tuple[Reminder, ...] = ()
    digest_above: int = Field(default=10, ge=1)
    week: Week
    visits: Visits
    events: Events = Events()
    assignment_kinds: tuple[AssignmentKind, ...] = ()
    """Beside 包保联系: 警企包保 …"""
    rotas: Rotas = Rotas()
    roster: Roster = Roster()
    plaque: PlaqueText = PlaqueText()
    provincial: Provincial = Provincial()
    backlog: Backlog = Backlog()
    commitments: CommitmentRules = CommitmentRules()
    policy_library: PolicyLibrary = PolicyLibrary()
    grades: Grades = Grades()
    clusters: Clusters = Clusters()
    bulletin: Bulletins = Bulletins()
    assessment: Assessment = Assessment()
    documents: Documents = Documents()
    campaigns: Campaigns = Campaigns()
    needs: Needs = Needs()
    ratings: Ratings = Ratings()
    surveys: Surveys = Surveys()
    channels: tuple[Channel, ...] = Field(min_length=1)
    categories: tuple[Category, ...] = Field(min_length=1)
    effects: tuple[Effect, ...] = ()
    rank_groups: tuple[RankGroup, ...] = Field(min_length=1)
    unit_kinds: tuple[Choice, ...] = Field(min_length=1)
    reporting_unit_kinds: tuple[Code, ...] = Field(min_length=1)
    """Which kinds of units hand in the weekly table. What others do counts for the unit above them."""
    handling_unit_kinds: tuple[Code, ...] = Field(min_length=1)
    """Kinds of units an appeal can be dispatched to: a window receives, but does not handle."""
    decline_grounds: tuple[DeclineGround, ...] = Field(min_length=1)
    satisfaction: tuple[SatisfactionLevel, ...] = Field(min_length=2)
    urgencies: tuple[Choice, ...] = URGENCIES
    hotlines: tuple[Hotline, ...] = ()
    policy_channels: tuple[PolicyChannel, ...] = ()
    public_figures: PublicFigures = PublicFigures()
    letter: Letter
    site: Site = Site()
    form: WeeklyForm

    # Lookups. A kind is the name of a list of choices: "channels", "categories", "visit_kinds" …

    def items(self, kind: str) -> tuple[Any, ...]:
        match kind:
            case "visit_kinds":
                return self.visits.kinds
            case "event_kinds":
                return self.events.kinds
            case "trades" | "age_bands" | "guarantees":
                return getattr(self.needs, kind)
            case "rota_kinds":
                return self.rotas.kinds
            case "windows":
                return self.rotas.windows
            case "knowledge_categories":
                return self.rotas.knowledge.categories
        return getattr(self, kind)

    def find(self, kind: str, code: str) -> Any | None:
        return next((item for item in self.items(kind) if item.code == code), None)

    def label(self, kind: str, code: str) -> str:
        """What people call it; an unknown code stands for itself rather than break a page."""
        found = self.find(kind, code)
        return found.label if found else code

    def choices(self, kind: str) -> list[tuple[str, str]]:
        return [(item.code, item.label) for item in self.items(kind)]

    def codes(self, kind: str) -> list[str]:
        return [item.code for item in self.items(kind)]

    def units_of_rotas(self) -> list[tuple[str, str]]:
        """Every unit that rotas and assignment kinds name, with the place that names it."""
        rotas = self.rotas
        found = [("rotas.hall", rotas.hall), ("rotas.training.unit", rotas.training.unit)]
        found += [("rotas.sittings.units", code) for code in rotas.sittings.units]
        found += [(f"rotas.kinds.{kind.code}", code) for kind in rotas.kinds for code in kind.units]
        found += [
            (f"assignment_kinds.{one.code}", code) for one in self.assignment_kinds for code in one.units
        ]
        return [(place, code) for place, code in found if code]

    @property
    def public_channels(self) -> list[Channel]:
        return [channel for channel in self.channels if channel.public]

    def channels_for(self, *roles: str) -> list[Channel]:
        """The channels whose appeals somebody with these roles registers."""
        return [channel for channel in self.channels if channel.staff and set(channel.roles) & set(roles)]

    def usual_channel(self, *roles: str) -> str:
        """The channel to begin with: the one usual for these roles, or the only one they have; else none."""
        channels = self.channels_for(*roles)
        usual = [channel for channel in channels if set(channel.usual_for) & set(roles)]
        found = usual or channels
        return found[0].code if len(found) == 1 else ""

    @property
    def supply_categories(self) -> list[str]:
        return [category.code for category in self.categories if category.supply]

    @property
    def satisfied_levels(self) -> list[str]:
        return [level.code for level in self.satisfaction if level.satisfied]

    @model_validator(mode="after")
    def codes_are_unique(self) -> Rules:
        for kind in ("channels", "categories", "effects", "rank_groups", "unit_kinds", "decline_grounds",
                     "satisfaction", "urgencies", "visit_kinds", "event_kinds", "assignment_kinds",
                     "rota_kinds", "windows", "knowledge_categories"):  # fmt: skip
            codes = self.codes(kind)
            for code in codes:
                if codes.count(code) > 1:
                    raise ValueError(f"{kind} 中代码 {code} 重复")
        return self

    def number_series(self, documents: Mapping[str, DocumentText]) -> dict[str, str]:
        """What bears numbers in the district, with its series: these documents, the bulletins, the 督办单."""
        found = {
            LABELS[kind]: series(words.number, self.number_prefix)
            for kind, words in documents.items()
            if kind not in NUMBERED_ELSEWHERE
        }
        found["通报"] = series(self.bulletin.number_mark + "〔{年}〕{号}号", self.number_prefix)
        found["督办单"] = series("{前缀}督〔{年}〕{号}号", self.number_prefix)
        return found

    @model_validator(mode="after")
    def no_two_kinds_bear_the_same_number(self) -> Rules:
        users: dict[str, str] = {}
        for label, number in self.number_series({kind: self.documents.of(kind) for kind in LABELS}).items():
            if number in users:
                raise ValueError(f"{label}与{users[number]}的文号格式相同（{number}），两份公文会同号")
            users[number] = label
        return self

    @field_validator("words")
    @classmethod
    def words_are_known(cls, words: dict[str, str]) -> dict[str, str]:
        for word in words:
            if word not in TERMS:
                raise ValueError(f"words 中的“{word}”不是可以换的用语，可以换的有：{'、'.join(TERMS)}")
        return words

    @model_validator(mode="after")
    def lists_make_sense(self) -> Rules:
        if not self.public_channels:
            raise ValueError("channels 中至少要有一个企业可用的渠道（public = true）")
        if len({level.satisfied for level in self.satisfaction}) < 2:
            raise ValueError("satisfaction 中满意与不满意的等次都要有")
        if self.codes("urgencies") != ["urgent", "normal", "complex"]:
            raise ValueError("urgencies 须依次为 urgent、normal、complex")
        return self

    @model_validator(mode="after")
    def months_of_the_assessment_stand_in_the_bulletins(self) -> Rules:
        told = {name for section in self.bulletin.monthly for name in section.columns}
        for item in self.assessment.items:
            if item.source == "bulletins" and item.rate not in told:
                raise ValueError(
                    f"assessment.items 中 {item.code} 的 {item.rate} 不在月度通报的单位表格（columns）中"
                )
        return self

    @model_validator(mode="after")
    def revisit_outcomes_are_known(self) -> Rules:
        for outcome in self.handling.revisit_outcomes:
            if outcome.satisfaction not in self.codes("satisfaction"):
                raise ValueError(
                    f"handling.revisit_outcomes 中的满意度 {outcome.satisfaction} 在 satisfaction 中找不到"
                )
        return self

    @model_validator(mode="after")
    def clusters_use_known_codes(self) -> Rules:
        for category in self.clusters.categories:
            if category not in self.codes("categories"):
                raise ValueError(f"clusters.categories 中的类别 {category} 在 categories 中找不到")
        if self.clusters.talk_kind and self.find("event_kinds", self.clusters.talk_kind) is None:
            raise ValueError(
                f"clusters.talk_kind 中的活动类别 {self.clusters.talk_kind} 在 events.kinds 中找不到"
            )
        return self

    @model_validator(mode="after")
    def reporting_kinds_are_known(self) -> Rules:
        for use in ("reporting_unit_kinds", "handling_unit_kinds"):
            for kind in getattr(self, use):
                if kind not in self.codes("unit_kinds"):
                    raise ValueError(f"{use} 中的类别 {kind} 在 unit_kinds 中找不到")
        return self

    @model_validator(mode="after")
    def kinds_of_the_needs_lists_are_known(self) -> Rules:
        for use in ("list_kinds", "bank_kinds"):
            kinds = getattr(self.needs, use)
            # The usual kinds of a default do no harm in a district that has none of them.
            if kinds == type(self.needs).model_fields[use].default:
                continue
            for kind in kinds:
                if kind not in self.codes("unit_kinds"):
                    raise ValueError(f"needs.{use} 中的类别 {kind} 在 unit_kinds 中找不到")
        for use in ("job_events", "finance_events"):
            for kind in getattr(self.needs, use):
                if self.find("event_kinds", kind) is None:
                    raise ValueError(f"needs.{use} 中的活动类别 {kind} 在 events.kinds 中找不到")
        return self

    @property
    def jobs_unit(self) -> str:
        """Code of the unit that leads the lists of openings and seekers."""
        return self.needs.jobs_unit or self.lead_bureau

    @property
    def finance_unit(self) -> str:
        """Code of the unit that leads the financing rounds."""
        return self.needs.finance_unit or self.lead_bureau

    @model_validator(mode="after")
    def visits_and_events_use_known_codes(self) -> Rules:
        for duty in self.visits.duties:
            for kind in duty.kinds:
                if self.find("visit_kinds", kind) is None:
                    raise ValueError(f"visits.duties 中的联系方式 {kind} 在 visits.kinds 中找不到")
        for assigned in self.assignment_kinds:
            for kind in assigned.visit_kinds:
                if self.find("visit_kinds", kind) is None:
                    raise ValueError(f"assignment_kinds 中的联系方式 {kind} 在 visits.kinds 中找不到")
        for topic in self.events.topics:
            if self.find("event_kinds", topic.kind) is None:
                raise ValueError(f"events.topics 中的活动类别 {topic.kind} 在 events.kinds 中找不到")
        for channel in (self.visits.channel, *(kind.channel for kind in self.events.kinds)):
            if channel and self.find("channels", channel) is None:
                raise ValueError(f"渠道 {channel} 在 channels 中找不到")
        for entry in self.channels:
            if not set(entry.usual_for) <= set(entry.roles):
                raise ValueError(f"渠道 {entry.code} 的 usual_for 须包含在 roles 中")
        named = (*self.rotas.sittings.unit_kinds, *(k for rota in self.rotas.kinds for k in rota.unit_kinds))
        for kind in named:
            if kind not in self.codes("unit_kinds"):
                raise ValueError(f"rotas 中的单位类别 {kind} 在 unit_kinds 中找不到")
        for kind in self.roster.unit_kinds:
            if kind not in self.codes("unit_kinds"):
                raise ValueError(f"roster.unit_kinds 中的类别 {kind} 在 unit_kinds 中找不到")
        return self

    @model_validator(mode="after")
    def the_form_uses_known_codes(self) -> Rules:
        for row in self.form.rows:
            group, kind = row.params.get("rank_group"), row.params.get("kind")
            if group is not None and group not in self.codes("rank_groups"):
                raise ValueError(f"form 第 {row.no} 行的 rank_group 在 rank_groups 中找不到：{group}")
            if row.indicator == "effect" and kind not in self.codes("effects"):
                raise ValueError(f"form 第 {row.no} 行的 kind 在 effects 中找不到：{kind}")
        return self
