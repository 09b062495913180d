"""The policy library: who publishes, what is refused, what changes."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from accounts.models import AuditEntry
from core import clock
from policies.library import change_policy, end_policy, publish_policy, restore_policy
from policies.models import Policy
from tests import factories as make


@pytest.fixture
def facts(unit):
    return {
        "title": "一次性扩岗补助",
        "document_number": "郊人社〔2026〕8号",
        "unit": unit,
        "summary": "每招用一人补 1500 元。",
        "url": "https://www.example.gov.cn/a.html",
        "published_on": clock.today(),
        "apply_until": clock.today() + timedelta(30),
        "tiers": ["small"],
        "industries": ["E", "C"],
        "size_classes": [],
        "public": True,
    }


def test_a_liaison_publishes_a_policy_of_the_own_unit(liaison, facts, district):
    policy = publish_policy(by=liaison, facts=facts)
    assert (policy.district, policy.active, policy.tiers) == (district, True, ["small"])
    assert policy.industries == ["C", "E"]  # in the order of the form
    entry = AuditEntry.objects.get(action="policy.publish")
    assert (entry.object_id, entry.user_id) == (str(policy.pk), liaison.pk)
    assert "扩岗" not in str(entry.data)


def test_the_dispatcher_publishes_for_every_unit(dispatcher, facts):
    assert publish_policy(by=dispatcher, facts=facts).unit.code == "rsj"


@pytest.mark.parametrize(
    ("code", "role"),
    [("czj", "liaison"), ("rsj", "cadre"), ("jwdc", "supervisor"), ("datong_window", "window")],
)
def test_nobody_else_publishes_it(district, facts, code, role):
    with pytest.raises(PermissionDenied, match="主管单位"):
        publish_policy(by=make.user(make.unit(district, code), role), facts=facts)
    assert not Policy.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"title": "  "}, "title", "不能为空"),
        ({"title": "长" * 151}, "title", "150"),
        ({"url": "javascript:alert(1)"}, "url", "http:// 或 https://"),
        ({"url": "ftp://example.cn/a"}, "url", "http:// 或 https://"),
        ({"url": "https://example.cn/" + "a" * 300}, "url", "网址太长"),
        ({"tiers": ["huge"]}, "tiers", "列出的选项"),
        ({"industries": ["C", "Z"]}, "industries", "列出的选项"),
        ({"summary": "长" * 2001}, "summary", "2000 字"),
        ({"published_on": "tomorrow"}, "published_on", "不能晚于今天"),
        ({"apply_until": "yesterday"}, "apply_until", "不能早于发布日期"),
    ],
)
def test_bad_facts_are_refused_beside_their_field(liaison, facts, yesterday, tomorrow, changes, field, words):
    days = {"yesterday": yesterday, "tomorrow": tomorrow}
    changes = {
        name: days.get(value, value) if isinstance(value, str) else value for name, value in changes.items()
    }
    with pytest.raises(ValidationError) as error:
        publish_policy(by=liaison, facts=facts | changes)
    assert words in "".join(error.value.message_dict[field])
    assert not Policy.objects.exists()


def test_several_mistakes_are_said_at_once(liaison, facts):
    with pytest.raises(ValidationError) as error:
        publish_policy(by=liaison, facts=facts | {"title": "", "url": "www.a.cn"})
    assert set(error.value.message_dict) == {"title", "url"}


def test_the_same_title_is_in_force_once_but_may_come_again(liaison, facts):
    first = publish_policy(by=liaison, facts=facts)
    with pytest.raises(ValidationError, match="同名的有效政策"):
        publish_policy(by=liaison, facts=facts | {"title": " 一次性扩岗补助 "})
    end_policy(by=liaison, policy=first)
    again = publish_policy(by=liaison, facts=facts)
    with pytest.raises(ValidationError, match="同名的有效政策"):
        restore_policy(by=liaison, policy=first)
    assert [policy.active for policy in Policy.objects.order_by("pk")] == [False, True]
    assert again.title == first.title


def test_all_conditions_ticked_leave_nobody_out(liaison, facts):
    every = ["above_scale", "small", "project"]
    assert publish_policy(by=liaison, facts=facts | {"tiers": every}).tiers == []


def test_only_what_differs_is_changed_and_on_record(liaison, policy):
    change_policy(by=liaison, policy=policy, facts={"title": "稳岗补贴", "summary": "按人头返还"})
    policy.refresh_from_db()
    assert policy.summary == "按人头返还"
    assert AuditEntry.objects.get(action="policy.change").data == {"fields": ["summary"]}
    change_policy(by=liaison, policy=policy, facts={"summary": "按人头返还"})
    assert AuditEntry.objects.filter(action="policy.change").count() == 1


def test_a_changed_title_is_found_by_its_new_words(liaison, policy):
    change_policy(by=liaison, policy=policy, facts={"title": "就业补助"})
    assert list(Policy.objects.search("就业")) == [policy]
    assert not Policy.objects.search("稳岗").exists()


def test_a_policy_is_not_given_away_to_a_unit_one_does_not_act_for(liaison, policy, district):
    with pytest.raises(PermissionDenied):
        change_policy(by=liaison, policy=policy, facts={"unit": make.unit(district, "czj")})
    policy.refresh_from_db()
    assert policy.unit.code == "rsj"


@pytest.mark.parametrize("do", [end_policy, restore_policy])
def test_another_unit_ends_and_restores_nothing(policy, district, do):
    with pytest.raises(PermissionDenied):
        do(by=make.user(make.unit(district, "czj"), "liaison"), policy=policy)
    policy.refresh_from_db()
    assert policy.active


def test_a_policy_ends_once_and_is_restored_once(liaison, policy):
    end_policy(by=liaison, policy=policy)
    with pytest.raises(ValidationError, match="已经是失效"):
        end_policy(by=liaison, policy=policy)
    restore_policy(by=liaison, policy=policy)
    with pytest.raises(ValidationError, match="本来就有效"):
        restore_policy(by=liaison, policy=policy)
    assert list(AuditEntry.objects.order_by("pk").values_list("action", flat=True)) == [
        "policy.end",
        "policy.restore",
    ]
