"""Units, posts by date, accounts and their roles, and who acts."""

from datetime import date
from pathlib import Path

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction

from accounts.actors import Actor
from accounts.models import Official, Post, Unit, User
from accounts.selectors import accounts_of
from accounts.services import create_account, load_units
from districts.loading import load_regions, read_profile
from tests import factories


def test_an_account_without_a_password_lets_nobody_in(district):
    user = create_account(
        username="wang", family_name="王", given_name="小明", unit=factories.unit(district), roles=["liaison"]
    )
    assert not user.has_usable_password() and str(user) == "王小明"
    assert user.roles == {"liaison"} and user.role_labels == ["单位联络员"]
    assert user.has_role("cadre", "liaison") and not user.has_role("admin") and not user.has_role()


def test_a_user_name_is_given_once(district):
    factories.user(factories.unit(district), username="wang")
    with pytest.raises(IntegrityError), transaction.atomic():
        factories.user(factories.unit(district), username="wang")


def test_a_post_is_held_from_its_first_day_up_to_the_day_it_ends(district):
    person = Official.objects.create(district=district, name="李大海")
    old, new = factories.unit(district, "rsj"), factories.unit(district, "czj")
    first = Post.objects.create(official=person, unit=old, title="科员", rank_group="staff",
                                started=date(2024, 3, 1), ended=date(2026, 6, 1))  # fmt: skip
    second = Post.objects.create(official=person, unit=new, title="局长", rank_group="unit_leaders",
                                 started=date(2026, 6, 1))  # fmt: skip
    assert person.post_on(date(2024, 2, 29)) is None
    assert person.post_on(date(2024, 3, 1)) == first == person.post_on(date(2026, 5, 31))
    assert person.post_on(date(2026, 6, 1)) == second
    assert list(Post.objects.held_on(date(2026, 5, 31)).filter(official=person)) == [first]


def test_of_two_posts_the_main_one_counts(district):
    person = factories.official(factories.unit(district, "rsj"))
    Post.objects.create(official=person, unit=factories.unit(district, "czj"), title="兼职", rank_group="staff",
                        started=date(2019, 1, 1), order=1)  # fmt: skip
    assert person.post_on(date(2026, 1, 1)).unit.code == "rsj"


def test_a_post_cannot_end_before_it_begins(district):
    person = factories.official(factories.unit(district))
    with pytest.raises(IntegrityError), transaction.atomic():
        person.posts.update(ended=date(2019, 1, 1))


def test_units_loaded_twice_stay_the_same_and_changes_follow(district):
    loaded = read_profile(Path(settings.BASE_DIR) / "profiles" / "340711")
    regions = load_regions(loaded.regions)
    before = list(Unit.objects.order_by("pk").values())
    assert len(before) == len(loaded.units) > 50
    load_units(district=district, specs=loaded.units, regions=regions)
    assert list(Unit.objects.order_by("pk").values()) == before

    Unit.objects.filter(code="kjj").update(public_phone="0562-2896955")
    renamed = [unit.model_copy(update={"short_name": "科经局"}) if unit.code == "kjj" else unit
               for unit in loaded.units]  # fmt: skip
    units = load_units(district=district, specs=renamed[:20], regions=regions)
    assert (units["kjj"].short_name, units["kjj"].public_phone) == ("科经局", "0562-2896955")
    assert Unit.objects.count() == len(before)


def test_only_active_accounts_with_the_role_are_told(district):
    unit = factories.unit(district)
    told = factories.user(unit, "dispatcher", "bureau_leader")
    factories.user(unit, "cadre")
    User.objects.filter(pk=factories.user(unit, "dispatcher").pk).update(is_active=False)
    assert accounts_of(unit, "dispatcher", "bureau_leader") == [told]


def test_units_and_officials_are_visible_in_the_own_district_only(district):
    other = factories.another_district(district)
    mine = factories.user(factories.unit(district), "liaison")
    theirs = factories.user(factories.unit(other), "liaison")
    factories.official(factories.unit(district))
    assert not set(Unit.objects.visible_to(mine)) & set(Unit.objects.visible_to(theirs))
    assert Official.objects.visible_to(mine).count() == 1
    for queryset in (Official.objects, Post.objects):
        assert not queryset.visible_to(theirs).exists()
    assert list(User.objects.visible_to(theirs)) == [theirs]
    theirs.unit = None
    assert not Unit.objects.visible_to(theirs).exists()


def test_actors_say_who_they_are(district):
    user = factories.user(factories.unit(district), "liaison")
    official, holder, system = Actor.of_user(user), Actor.holder(7), Actor.system()
    assert official.serves(user.unit_id) and not official.serves(None)
    assert holder.unit is None and not holder.has_role("liaison") and holder.appeal_id == 7
    assert system.user.is_system and not system.user.is_active and not system.user.has_usable_password()
    assert Actor.system().user == system.user and not system.has_role("admin")
