"""The whole of a setup as a profile: put together, and checked exactly as ``load_profile`` checks a folder."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from districts.loading import LoadedProfile, PhraseSpec, RegionSpec, UnitSpec, whole_profile
from districts.profile import Rules
from districts.schema import ProfileError, validated
from portal.golive.draft import Draft
from portal.golive.steps import steps_for
from portal.golive.tables import Problem
from reports.profile_check import unknown_in

NOT_INHERITED = (
    "hotlines", "policy_channels", "site", "documents", "bulletin", "assessment", "words", "assignment_kinds",
    "rotas", "commitments", "grades", "campaigns", "needs",
)  # fmt: skip
"""What a new district does not take over from another one: it says where to call, or bears numbers and names."""
WORDS = {
    "limits": "时限", "week": "报表周期", "form": "工作情况表", "rows": "行", "headers": "表头", "letter": "公开信",
    "paragraphs": "正文", "channels": "收集渠道", "categories": "诉求类别", "effects": "办理成效", "rank_groups": "领导班子类别",
    "satisfaction": "满意度", "decline_grounds": "不予受理的事由", "hotlines": "热线", "policy_channels": "政策发布网站",
    "lead_bureau": "牵头单位", "supervisor": "督查单位", "city_coordination": "向市里汇报对接的单位", "visits": "走访",
    "events": "活动", "kinds": "类别", "unit_kinds": "单位类别", "reminders": "提醒", "handling": "办理", "label": "名称",
    "signing_levels": "签字", "action_name": "行动名称", "action_started": "开始日期", "number_prefix": "编号前缀",
    "reporting_unit_kinds": "报工作情况表的单位类别", "handling_unit_kinds": "可作主办的单位类别", "roster": "底册",
    "code": "县区代码", "name": "名称", "promise": "承诺", "starts": "起报日期", "item": "工作内容",
}  # fmt: skip
"""How the steps call what the rules call otherwise."""


@dataclass
class Composed:
    profile: LoadedProfile | None
    problems: list[Problem] = field(default_factory=list)
    """Of the whole; those of a step are the step's."""
    people: list[dict[str, Any]] = field(default_factory=list)


def rules_data(draft: Draft) -> dict[str, Any]:
    """The template's rules with everything the steps say laid over them."""
    data = copy.deepcopy(draft.base)
    data.pop("_phrases", None)
    if draft.district is None:
        for key in NOT_INHERITED:
            data.pop(key, None)
        data["code"] = draft.of("regions").values["place"].get("code", "")
        data["name"] = draft.of("regions").values["place"].get("name", "")
    for step in steps_for(for_change=draft.district is not None):
        _lay_over(data, step.rules(draft))
    if draft.district is None:
        _drop_strangers(data)
    return data


WHOLE = ("letter", "words")
"""Taken as the step has them: what is left out there is gone."""


def _lay_over(data: dict[str, Any], more: Mapping[str, Any]) -> None:
    for key, value in more.items():
        if isinstance(value, Mapping) and isinstance(data.get(key), dict) and key not in WHOLE:
            _lay_over(data[key], value)
        else:
            data[key] = copy.deepcopy(value)


def _drop_strangers(data: dict[str, Any]) -> None:
    """References to what this district has dropped from the lists, where leaving them out loses nothing."""
    channels = {channel["code"] for channel in data.get("channels", ())}
    visits, events = data.get("visits", {}), data.get("events", {})
    if visits.get("channel") not in channels:
        visits.pop("channel", None)
    visit_kinds = {kind["code"] for kind in visits.get("kinds", ())}
    for duty in visits.get("duties", ()):
        duty["kinds"] = [kind for kind in duty.get("kinds", ()) if kind in visit_kinds]
    for kind in events.get("kinds", ()):
        if kind.get("channel") not in channels:
            kind.pop("channel", None)
    kinds = {kind["code"] for kind in events.get("kinds", ())}
    events["topics"] = [topic for topic in events.get("topics", ()) if topic["kind"] in kinds]
    levels = {level["code"] for level in data.get("satisfaction", ())}
    handling = data.get("handling", {})
    handling["revisit_outcomes"] = [
        one for one in handling.get("revisit_outcomes", ()) if one["satisfaction"] in levels
    ]


def compose(draft: Draft) -> Composed:
    """The profile, or what stands against it. Steps with errors of their own are told by their pages."""
    if any(draft.result(step).errors for step in steps_for(for_change=draft.district is not None)):
        return Composed(None)
    problems: list[Problem] = []
    data = rules_data(draft)
    try:
        rules = validated(Rules, data)
    except ProfileError as error:
        return Composed(None, [Problem(_in_words(message)) for message in error.messages])
    problems += [Problem(_in_words(message)) for message in unknown_in(rules)]
    if draft.district is not None:
        return Composed(LoadedProfile(rules, (), ()) if not problems else None, problems)
    try:
        profile = whole_profile(rules, _regions(draft), _units(draft), _phrases(draft, rules))
    except ProfileError as error:
        problems += [Problem(_in_words(message)) for message in error.messages]
        return Composed(None, problems)
    problems += _left_over(draft, rules)
    people = draft.of("people").values.get("specs", [])
    return Composed(profile if not [one for one in problems if not one.warning] else None, problems, people)


def _regions(draft: Draft) -> tuple[RegionSpec, ...]:
    specs = draft.of("regions").values["specs"]
    return tuple(RegionSpec(**{key: value for key, value in spec.items() if value}) for spec in specs)


def _units(draft: Draft) -> tuple[UnitSpec, ...]:
    return tuple(
        UnitSpec(**{key: value for key, value in spec.items() if not key.startswith("_")})
        for spec in draft.of("units").values["specs"]
    )


def _phrases(draft: Draft, rules: Rules) -> tuple[PhraseSpec, ...]:
    """The template's phrases, with the lead bureau's name, as far as their category is still there."""
    lead = draft.lead_name()
    found = []
    for phrase in draft.template.rules.get("_phrases", ()):
        if not phrase.get("category") or phrase["category"] in rules.codes("categories"):
            text = (
                phrase["text"].replace(draft.template.lead, lead) if draft.template.lead else phrase["text"]
            )
            found.append(PhraseSpec(**(phrase | {"text": text})))
    return tuple(found)


def _left_over(draft: Draft, rules: Rules) -> list[Problem]:
    """Texts that came with another district's rules and still speak of it."""
    own = draft.template.own
    if not own:
        return []
    cut = re.match(r"(.+?)[市州盟](.+)", own)
    words = {own, *(cut.groups() if cut else ())} - {""}
    words = {word for word in words if word not in rules.name}
    found = [
        f"{place}：{text[:40]}"
        for place, text in _texts(rules.model_dump(mode="json"))
        if any(word in text for word in words)
    ]
    return [
        Problem(f"从{own}带来的文字里还写着它，请改：{_in_words(text)}", warning=True) for text in found[:20]
    ]


def _texts(value: Any, place: str = "") -> list[tuple[str, str]]:
    if isinstance(value, str):
        return [(place, value)]
    if isinstance(value, Mapping):
        return [
            pair
            for key, one in value.items()
            for pair in _texts(one, f"{place}.{key}" if place else str(key))
        ]
    if isinstance(value, list):
        return [
            pair for number, one in enumerate(value, 1) for pair in _texts(one, f"{place} 第 {number} 项")
        ]
    return []


def _in_words(message: str) -> str:
    """profile.form.rows … in the words of the steps."""
    message = re.sub(r"\b(profile|regions\.toml|units\.toml|phrases\.toml)[.：]?", "", message)
    return re.sub(r"[a-z_]+", lambda word: WORDS.get(word[0], word[0]), message).replace(".", "的")
