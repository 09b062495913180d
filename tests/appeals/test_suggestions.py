"""A suggested lead unit with the reasons; the load of each unit beside its name; nothing is chosen for anybody."""

import shutil
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext

from accounts.actors import Actor
from appeals.forms import DispatchForm
from appeals.loads import Load, loads, name_with_load
from appeals.suggestions import dispatch_help, show_loads, suggest_units
from core import clock
from districts.models import DistrictProfile
from enterprises.subjects import subject_key
from tests import factories

WORKERS = "一线操作工缺口约20人，希望帮助对接招聘。"
RETOLD = "我公司一线操作工缺口20多人，请帮助组织招聘会。"


def suggested(cast, appeal) -> dict[str, tuple[str, ...]]:
    return {one.unit.code: one.reasons for one in suggest_units(appeal, user=cast.dispatcher, of_all={})}


def test_the_rule_of_the_category_and_the_territory_are_named(cast):
    firm = factories.enterprise(cast.district)
    appeal = cast.register(by="dispatcher", category="land", subject=subject_key(firm), claimed_name="")
    assert suggested(cast, appeal) == {
        "zrzy": ("“用地”类一般由其主办",),
        "zjj": ("“用地”类也可由其主办",),
        "datong": ("企业所在地大通镇的属地单位",),
    }
    assert suggested(cast, cast.submit(category="other")) == {}


def test_who_solved_such_appeals_before_comes_first(cast):
    unit = factories.unit(cast.district, "nyj")
    solved = cast.do(cast.do(cast.submit(content=WORKERS), "accept"), "dispatch", lead_unit=unit.pk)
    for transition in ("sign", "feedback", "revisit"):
        solved = cast.do(solved, transition, by="assistant")
    for transition in ("second_revisit", "close"):
        solved = cast.do(solved, transition)
    # A window that solved one on the spot stands for its bureau.
    cast.solve_on_spot(content=WORKERS)
    found = suggested(cast, cast.submit(content=RETOLD, claimed_name="铜陵别家有限公司"))
    assert list(found) == ["nyj", "datong", "rsj"]
    assert found["nyj"] == (f"办成过相似诉求 {solved.number}（相似 67%）",)
    assert found["rsj"] == ("“用工”类一般由其主办",)


def test_the_load_is_counted_for_all_units_in_one_query(cast):
    late = cast.walk(cast.submit(), "dispatch")
    late.deadlines.filter(kind="sign").update(due_at=clock.now() - timedelta(days=1))
    cast.walk(cast.submit(), "sign")
    cast.walk(cast.submit(), "close")
    cast.do(cast.do(cast.submit(), "accept"), "dispatch", lead_unit=factories.unit(cast.district, "czj").pk)
    with CaptureQueriesContext(connection) as captured:
        found = loads(cast.district)
    assert len(captured) == 1
    rsj, czj, nyj = (factories.unit(cast.district, code) for code in ("rsj", "czj", "nyj"))
    assert found == {rsj.pk: Load(2, 1), czj.pk: Load(1, 0)}
    assert [name_with_load(unit, found) for unit in (rsj, czj, nyj)] == [
        "区人社局（在办 2，超期 1）", "区财政局（在办 1）", "区农业农村局（在办 0）",
    ]  # fmt: skip


def test_the_form_shows_the_loads_and_the_fragment_only_offers(cast):
    cast.walk(cast.submit(), "sign")
    appeal = cast.do(cast.submit(), "accept")
    rules = DistrictProfile.objects.in_force(cast.district).rules
    form = DispatchForm(
        appeal=appeal, actor=Actor.of_user(cast.dispatcher), district=cast.district, rules=rules
    )
    help_ = dispatch_help(appeal, cast.dispatcher)
    show_loads(form, help_["loads"])
    assert "区人社局（在办 1）" in str(form["lead_unit"]) and "区人社局（在办 1）" in str(
        form["assisting_units"]
    )
    assert "selected" not in str(form["lead_unit"]).replace('value="" selected', "")
    text = render_to_string("appeals/_suggestions.html", help_)
    rsj = factories.unit(cast.district, "rsj")
    assert f'data-value="{rsj.pk}"' in text and "在办 1" in text and "一般由其主办" in text
    assert 'type="button"' in text and "checked" not in text


def test_a_profile_that_names_a_unit_nobody_has_is_refused(tmp_path, settings, district):
    folder = tmp_path / "profile"
    shutil.copytree(settings.BASE_DIR / "profiles/340711", folder)
    profile = folder / "profile.toml"
    for wrong in ("nonsense", "datong_window"):
        text = (settings.BASE_DIR / "profiles/340711/profile.toml").read_text(encoding="utf-8")
        profile.write_text(text.replace('units = ["rsj"]', f'units = ["{wrong}"]'), encoding="utf-8")
        with pytest.raises(CommandError, match=f"类别 labour 的单位 {wrong} 不在"):
            call_command("load_profile", str(folder))
