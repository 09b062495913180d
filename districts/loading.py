"""A profile folder read into checked objects, and those written to the database, the truth from then on.

profiles/<code>/profile.toml        the rules
                weekly_form.toml    [form] of the rules: the situation table
                letter.toml         [letter] of the rules
                regions.toml        [[regions]], parents first
                units.toml          [[units]], parents first (written by accounts, above this room)
                commitments.toml    [commitments] of the rules (履约践诺), where the usual ones do not fit
                units.xlsx, people.xlsx, weekly_form.xlsx … the same from Excel, and more (portal.golive.folder)
                documents.toml      [documents] of the rules, if the words of documents differ from the usual
                visits.toml         themes of the months and the like: more of [visits] than profile.toml says
                events.toml         topics of the months and the like: more of [events]
                campaigns.toml      [campaigns] of the rules, and what a bulletin says of them
                needs.toml          [needs] of the rules: openings, seekers and financing rounds
                satisfaction.toml   [ratings] and [surveys] of the rules, if they differ from the usual
                grades.toml         [grades] of the rules, if the district grades its firms (绿黄红标)
                phrases.toml        [[phrases]], if there are any to begin with (written by appeals)
                campaigns/*.toml    a campaign each, with its task list, if there are any (written by campaigns)
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

from django.db import transaction
from django.utils import timezone
from pydantic import Field

from .campaign_plans import CampaignSpec
from .models import DistrictProfile, Region
from .profile import Rules
from .schema import Code, Frozen, ProfileError, Text, validated

RULE_FILES = ("profile.toml", "weekly_form.toml", "letter.toml")
MORE_RULE_FILES = (
    "documents.toml",
    "visits.toml",
    "events.toml",
    "campaigns.toml",
    "needs.toml",
    "satisfaction.toml",
    "commitments.toml",
    "rotas.toml",
    "grades.toml",
)
"""Those a district may do without."""


class RegionSpec(Frozen):
    """`key` names the region inside the folder: a park has no code of its own."""

    key: Code
    name: Text
    level: Literal["country", "province", "city", "district", "township", "park"]
    code: str | None = Field(default=None, pattern=r"^[0-9]{6,12}$")
    parent: Code | None = None


class UnitSpec(Frozen):
    code: Code
    name: Text
    short_name: Text
    kind: Code
    region: Code
    parent: Code | None = None
    public_phone: str = ""
    order: int = Field(default=0, ge=0)
    """Its place in lists; the order of the file where none is given."""
    merged_into: Code | None = None
    """The unit that took over from it: it is closed, and what it did and had not reported counts for that one."""


class PhraseSpec(Frozen):
    """Words to begin with; the district goes on from there on its own page."""

    purpose: Literal["requirement", "reply", "revisit", "decline"]
    title: Text = Field(max_length=30)
    text: Text = Field(max_length=1000)
    category: str = ""
    transition: str = ""


class _RegionsFile(Frozen):
    regions: tuple[RegionSpec, ...] = Field(min_length=1)


class _UnitsFile(Frozen):
    units: tuple[UnitSpec, ...] = Field(min_length=1)


class _PhrasesFile(Frozen):
    phrases: tuple[PhraseSpec, ...] = Field(min_length=1)


@dataclass(frozen=True)
class LoadedProfile:
    rules: Rules
    regions: tuple[RegionSpec, ...]
    units: tuple[UnitSpec, ...]
    phrases: tuple[PhraseSpec, ...] = ()
    campaigns: tuple[CampaignSpec, ...] = ()


def read_profile(folder: Path) -> LoadedProfile:
    """The folder's content, checked as a whole. Raises ProfileError with every reason it finds."""
    rules = validated(Rules, rules_data(folder), "profile")
    return whole_profile(
        rules, region_specs(folder), unit_specs(folder), phrase_specs(folder), campaign_specs(folder)
    )


def rules_data(folder: Path, *, without: tuple[str, ...] = ()) -> dict[str, Any]:
    """What the folder's files say about the rules, not checked yet."""
    if not folder.is_dir():
        raise ProfileError([f"找不到配置目录：{folder}"])
    data: dict[str, Any] = {}
    more = [name for name in MORE_RULE_FILES if (folder / name).exists()]
    for name in (*RULE_FILES, *more):
        if name in without:
            continue
        _add(data, _read_toml(folder / name), name)
    return data


def region_specs(folder: Path) -> tuple[RegionSpec, ...]:
    return validated(_RegionsFile, _read_toml(folder / "regions.toml"), "regions.toml").regions


def unit_specs(folder: Path) -> tuple[UnitSpec, ...]:
    return validated(_UnitsFile, _read_toml(folder / "units.toml"), "units.toml").units


def phrase_specs(folder: Path) -> tuple[PhraseSpec, ...]:
    if not (folder / "phrases.toml").exists():
        return ()
    return validated(_PhrasesFile, _read_toml(folder / "phrases.toml"), "phrases.toml").phrases


def campaign_specs(folder: Path) -> tuple[CampaignSpec, ...]:
    return tuple(
        validated(CampaignSpec, _read_toml(path), f"campaigns/{path.name}")
        for path in sorted((folder / "campaigns").glob("*.toml"))
    )


def whole_profile(
    rules: Rules,
    regions: tuple[RegionSpec, ...],
    units: tuple[UnitSpec, ...],
    phrases: tuple[PhraseSpec, ...] = (),
    campaigns: tuple[CampaignSpec, ...] = (),
) -> LoadedProfile:
    """The parts of a profile, checked against each other. Raises ProfileError with every reason it finds."""
    units = tuple(
        unit if unit.order else unit.model_copy(update={"order": no}) for no, unit in enumerate(units, 1)
    )
    errors = [
        *_check_regions(rules, regions),
        *_check_units(rules, regions, units),
        *_check_phrases(rules, phrases),
        *_check_campaigns(rules, units, campaigns),
    ]
    if errors:
        raise ProfileError(errors)
    return LoadedProfile(rules=rules, regions=regions, units=units, phrases=phrases, campaigns=campaigns)


def _add(data: dict[str, Any], more: dict[str, Any], name: str) -> None:
    """Tables of one name may be spread over files; a key stands in one of them."""
    for key, value in more.items():
        known = data.get(key)
        if isinstance(known, dict) and isinstance(value, dict):
            if both := known.keys() & value.keys():
                raise ProfileError([f"{name}：{key}.{min(both)} 在另一个文件中已有"])
            data[key] = known | value
        elif key in data:
            raise ProfileError([f"{name}：{key} 在另一个文件中已有"])
        else:
            data[key] = value


def _read_toml(path: Path) -> dict[str, Any]:
    text = ""
    try:
        text = path.read_text(encoding="utf-8-sig")
        return tomllib.loads(text)
    except FileNotFoundError:
        raise ProfileError([f"缺少文件 {path.name}"]) from None
    except UnicodeDecodeError:
        raise ProfileError([f"{path.name}：须以 UTF-8 编码保存（记事本：“另存为”，编码选 UTF-8）"]) from None
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        where = f"第 {line[1]} 行“{text.splitlines()[int(line[1]) - 1].strip()[:40]}”" if line else "文件末尾"
        advice = '请检查引号（要用英文的 "）、括号和等号'
        raise ProfileError([f"{path.name}：{where}不合 TOML 格式，{advice}"]) from None


def _check_regions(rules: Rules, regions: tuple[RegionSpec, ...]) -> list[str]:
    errors, seen = [], set()
    for region in regions:
        if region.key in seen:
            errors.append(f"regions.toml：{region.key} 重复")
        if region.parent and region.parent not in seen:
            errors.append(f"regions.toml：{region.name} 的上级 {region.parent} 须写在它之前")
        seen.add(region.key)
    if not any(region.level == "district" and region.code == rules.code for region in regions):
        errors.append(f"regions.toml：缺少代码为 {rules.code} 的县区（level 为 district）")
    return errors


def _check_units(rules: Rules, regions: tuple[RegionSpec, ...], units: tuple[UnitSpec, ...]) -> list[str]:
    errors, seen = [], set()
    keys, kinds = {region.key for region in regions}, rules.codes("unit_kinds")
    for unit in units:
        if unit.code in seen:
            errors.append(f"units.toml：单位代码 {unit.code} 重复")
        if unit.parent and unit.parent not in seen:
            errors.append(f"units.toml：{unit.name} 的上级单位 {unit.parent} 须写在它之前")
        if unit.merged_into and unit.merged_into not in seen:
            errors.append(f"units.toml：{unit.name} 并入的单位 {unit.merged_into} 须写在它之前")
        if unit.region not in keys:
            errors.append(f"units.toml：{unit.name} 所在区划 {unit.region} 在 regions.toml 中找不到")
        if unit.kind not in kinds:
            errors.append(f"units.toml：{unit.name} 的类别 {unit.kind} 在 unit_kinds 中找不到")
        seen.add(unit.code)
    handling = {unit.code for unit in units if unit.kind in rules.handling_unit_kinds}
    for category in rules.categories:
        for code in category.units:
            if code not in handling:
                errors.append(
                    f"profile.categories：类别 {category.code} 的单位 {code} 不在 units.toml 的办理单位中"
                )
    for role in ("lead_bureau", "supervisor", "city_coordination"):
        if getattr(rules, role) not in seen:
            errors.append(f"profile.{role}：单位 {getattr(rules, role)} 在 units.toml 中找不到")
    for role in ("jobs_unit", "finance_unit"):
        code = getattr(rules.needs, role)
        if code and code not in seen:
            errors.append(f"needs.{role}：单位 {code} 在 units.toml 中找不到")
    for code in rules.commitments.keepers:
        if code not in seen:
            errors.append(f"profile.commitments：单位 {code} 在 units.toml 中找不到")
    for place, code in rules.units_of_rotas():
        if code not in seen:
            errors.append(f"profile.{place}：单位 {code} 在 units.toml 中找不到")
    grading = [(f"领域 {field.code}", field.unit) for field in rules.grades.fields]
    if rules.grades.gathering_unit:
        grading.append(("gathering_unit", rules.grades.gathering_unit))
    errors += [
        f"grades：{what} 的单位 {code} 在 units.toml 中找不到" for what, code in grading if code not in seen
    ]
    return errors


def _check_phrases(rules: Rules, phrases: tuple[PhraseSpec, ...]) -> list[str]:
    errors, seen = [], set()
    for phrase in phrases:
        if (phrase.purpose, phrase.title) in seen:
            errors.append(f"phrases.toml：{phrase.purpose} 中“{phrase.title}”重复")
        if phrase.category and phrase.category not in rules.codes("categories"):
            errors.append(f"phrases.toml：“{phrase.title}”的类别 {phrase.category} 在 categories 中找不到")
        seen.add((phrase.purpose, phrase.title))
    return errors


def _check_campaigns(
    rules: Rules, units: tuple[UnitSpec, ...], campaigns: tuple[CampaignSpec, ...]
) -> list[str]:
    errors, seen = [], set()
    for campaign in campaigns:
        if (campaign.year, campaign.name) in seen:
            errors.append(f"campaigns：{campaign.year}年“{campaign.name}”重复")
        seen.add((campaign.year, campaign.name))
    codes = {unit.code for unit in units}
    for group in rules.campaigns.groups:
        errors += [
            f"profile.campaigns：“{group.words[0]}”的单位 {code} 在 units.toml 中找不到"
            for code in group.units
            if code not in codes
        ]
    errors += [
        f"profile.campaigns：“{alias.name}”的单位 {alias.unit} 在 units.toml 中找不到"
        for alias in rules.campaigns.aliases
        if alias.unit not in codes
    ]
    return errors


@transaction.atomic
def load_regions(regions: tuple[RegionSpec, ...]) -> dict[str, Region]:
    """The regions by their key in the folder; new ones are made, renamed ones renamed, none is deleted.

    A region is known again by its code, and one without a code by its name below its parent.
    """
    found: dict[str, Region] = {}
    for spec in regions:
        parent = found[spec.parent] if spec.parent else None
        known = Region.objects.filter(parent=parent, name=spec.name).first()
        if spec.code:
            known = Region.objects.filter(code=spec.code).first() or known
        region = known or Region()
        wanted = {"code": spec.code or region.code, "name": spec.name, "level": spec.level, "parent": parent}
        if known is None or any(getattr(region, field) != value for field, value in wanted.items()):
            for field, value in wanted.items():
                setattr(region, field, value)
            region.save()
        found[spec.key] = region
    return found


@transaction.atomic
def load_rules(
    *, district: Region, rules: Rules, effective_from: date | None = None, note: str = ""
) -> tuple[DistrictProfile, bool]:
    """The version that holds these rules, and whether it is new.

    The same content makes no new version. A first version holds from the start of the action, a later one
    from today, unless a day is given; it can never begin before, or on the day of, a version that exists.
    """
    # The district's row is the lock: two loaders at once make one version.
    Region.objects.select_for_update().get(pk=district.pk)
    latest = DistrictProfile.objects.filter(district=district).order_by("-effective_from").first()
    if latest and latest.rules == rules:
        return latest, False
    if latest is None:
        start = effective_from or rules.action_started
    else:
        start = effective_from or timezone.localdate()
        if start <= latest.effective_from:
            last = latest.effective_from
            raise ProfileError(
                [f"生效日期 {start} 须晚于现有版本的 {last}：旧版本不可修改，请另选生效日期。"]
            )
    profile = DistrictProfile(
        district=district, effective_from=start, data=rules.model_dump(mode="json"), note=note
    )
    profile.save()
    return profile, True
