"""Officials with their dated posts, and the accounts they sign in with."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

from django.contrib.auth.hashers import make_password

from accounts.models import Official, Post, Role, Unit, User
from accounts.services import create_account, create_operator, create_surveyor
from core import clock
from demo.accounts import OPERATOR, PASSWORD, Account
from demo.data import people as words
from demo.world import World

TOWNSHIP_CADRES = 2
"""Staff of each township office and the park who look after the small firms, beside their leaders."""

GIVEN = [names.split() for names in (words.GIVEN_MEN, words.GIVEN_WOMEN, words.GIVEN_SHORT)]
WITH_EMAIL = ("dispatcher", "leader", "rsj", "datong", "supervisor")


class Names:
    """Invented names, none of them twice."""

    def __init__(self, rng: Random, taken: set[str]) -> None:
        self.rng, self.taken = rng, taken

    def next(self) -> tuple[str, str]:
        while True:
            family, given = invented_name(self.rng)
            if family + given not in self.taken:
                self.taken.add(family + given)
                return family, given


def invented_name(rng: Random) -> tuple[str, str]:
    given = rng.choices(GIVEN, (10, 7, 2))[0]
    return rng.choice(words.SURNAMES), rng.choice(given)


def mobile(rng: Random, number: int) -> str:
    """A valid number that looks made up: 0000 after the first three digits."""
    prefix = rng.choice(
        ("130", "135", "136", "137", "138", "139", "150", "151", "152", "158", "159", "186", "188")
    )
    return f"{prefix}0000{number % 10_000:04d}"


class Staff:
    """Makes the people, unit by unit in the order of the profile."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.rng = world.rng("people")
        taken = {"".join(account.name) for account in world.scene.accounts}
        self.names = Names(self.rng, taken)
        self.numbers = iter(range(1, 10_000))
        # Argon2 is slow on purpose: one encoded password serves all.
        self.password = make_password(PASSWORD)

    def official(
        self, unit: Unit, title: str, rank_group: str, *, name: str = "", is_head: bool = False
    ) -> Official:
        number = next(self.numbers)
        person = Official.objects.create(
            district=self.world.district,
            name=name or "".join(self.names.next()),
            phone=mobile(self.rng, number),
            office_phone=f"{self.world.scene.area_code}-00{number:05d}",
        )
        Post.objects.create(
            official=person,
            unit=unit,
            title=title,
            rank_group=rank_group,
            is_head=is_head,
            started=date(self.rng.randint(2019, 2024), self.rng.randint(1, 12), self.rng.randint(1, 28)),
        )
        self.world.officials.setdefault(unit.code, []).append(person)
        return person

    def account(
        self,
        username: str,
        unit: Unit,
        roles: tuple[str, ...],
        official: Official | None,
        name: tuple[str, str],
    ) -> User:
        user = create_account(
            username=self.world.scene.prefix + username,
            family_name=name[0],
            given_name=name[1],
            unit=unit,
            roles=roles,
            official=official,
        )
        return self._known(user)

    def _known(self, user: User) -> User:
        """With the one password of the demo."""
        User.objects.filter(pk=user.pk).update(password=self.password, date_joined=clock.now())
        user.refresh_from_db()
        self.world.people[user.username.removeprefix(self.world.scene.prefix)] = user
        return user

    def of_the_demo(self, account: Account) -> None:
        unit = self.world.units[account.unit]
        if Role.SURVEYOR in account.roles:
            family, given = account.name
            user = create_surveyor(
                username=self.world.scene.prefix + account.username,
                family_name=family,
                given_name=given,
                engaged_by=unit,
            )
            self._known(user)
            return
        is_head = account.rank_group == "unit_leaders" and not {Role.CADRE} & set(account.roles)
        person = self.official(
            unit, account.title, account.rank_group, name="".join(account.name), is_head=is_head
        )
        self.account(account.username, unit, account.roles, person, account.name)

    def with_account(
        self,
        username: str,
        unit: Unit,
        roles: tuple[str, ...],
        title: str,
        rank_group: str,
        is_head: bool = False,
    ) -> Official:
        name = self.names.next()
        person = self.official(unit, title, rank_group, name="".join(name), is_head=is_head)
        self.account(username, unit, roles, person, name)
        return person

    def of_unit(self, unit: Unit) -> None:
        """A leader and a liaison everywhere, so that every notice reaches somebody; cadres in the townships."""
        people, code = self.world.people, unit.code
        if unit.kind == "window":
            if not any(user.unit_id == unit.pk for user in people.values()):
                family_given = self.names.next()
                self.account(code, unit, (Role.WINDOW,), None, family_given)
            return
        leader_known = any(
            user.unit_id == unit.pk and user.has_role(Role.UNIT_LEADER, Role.BUREAU_LEADER)
            for user in people.values()
        )
        if not leader_known:
            title = words.HEADS[unit.kind]
            self.with_account(
                f"{code}_leader", unit, (Role.UNIT_LEADER, Role.CADRE), title, "unit_leaders", True
            )
        if unit.kind in words.DEPUTIES and (unit.kind != "department" or self.rng.random() < 0.2):
            self.official(unit, words.DEPUTIES[unit.kind], "unit_leaders")
        if code not in people:
            self.with_account(code, unit, (Role.LIAISON,), self.rng.choice(words.LIAISON_TITLES), "staff")
        if unit.kind in {"township", "park"}:
            for title in words.TOWNSHIP_TITLES[:TOWNSHIP_CADRES]:
                rank = "unit_leaders" if title in {"党委委员", "副职领导"} else "staff"
                self.official(unit, title, rank)

    def signers_of(self, unit: Unit) -> None:
        """The levels between the one first asked and the leader, who sign a “no” and the answer of a redo."""
        for suffix, roles, title, rank in (
            ("section", (Role.SECTION_HEAD,), "业务科科长", "staff"),
            (
                "deputy",
                (Role.DEPUTY_LEADER, Role.CADRE),
                words.DEPUTIES.get(unit.kind, "副职领导"),
                "unit_leaders",
            ),
        ):
            username = f"{unit.code}_{suffix}"
            if username not in self.world.people:
                self.with_account(username, unit, roles, title, rank)


def populate(world: World) -> None:
    """Everybody who serves in the district when the story begins."""
    staff = Staff(world)
    for account in world.scene.accounts:
        staff.of_the_demo(account)
    for code, title in world.scene.leaders:
        staff.official(world.units[code], title, "district_leaders")
    for unit in world.units.values():
        if unit.kind == "city":
            continue
        staff.of_unit(unit)
    for unit in world.units.values():
        if unit.kind in world.rules.handling_unit_kinds:
            staff.signers_of(unit)
    _former_posts(world)


def make_operator(world: World) -> None:
    """Whoever sets further districts up; one for the installation. Hashed once, like everybody's."""
    if not User.objects.filter(username=OPERATOR).exists():
        operator = create_operator(username=OPERATOR)
        operator.password = world.people["dispatcher"].password
        operator.save(update_fields=["password"])


def _former_posts(world: World) -> None:
    """Some came from another unit: what they did then stays counted there."""
    rng = world.rng("former posts")
    for code, earlier in world.scene.former_posts:
        person = world.officials[code][-1]
        now = person.posts.get()
        Post.objects.create(
            official=person,
            unit=world.units[earlier],
            title="副职领导",
            rank_group="unit_leaders",
            started=now.started - timedelta(days=rng.randint(500, 1400)),
            ended=now.started,
        )


def load_people(world: World) -> None:
    """Read everybody anew, with units and posts at hand, for the stories to come."""
    world.people = {
        user.username.removeprefix(world.scene.prefix): user
        for user in User.objects.filter(is_system=False, unit__district=world.district)
        .select_related("unit__district", "unit__region", "official")
        .prefetch_related("grants")
        .order_by("pk")
    }
    world.officials = {}
    people = Official.objects.filter(district=world.district).prefetch_related("posts__unit").order_by("pk")
    for person in people:
        post = person.post_on(clock.today())
        if post:
            world.officials.setdefault(post.unit.code, []).append(person)


def leaders(world: World) -> Iterator[Official]:
    """District leaders and unit leaders, who look after the firms above scale and the projects."""
    for people in world.officials.values():
        for person in people:
            post = person.post_on(clock.today())
            if post and post.rank_group in {"district_leaders", "unit_leaders"}:
                yield person


def township_cadres(world: World, code: str) -> list[Official]:
    """Those of a township office or the park who look after its small firms: not its liaison, nor who signs."""
    sign = (code, f"{code}_section", f"{code}_deputy", f"{code}_leader")
    spared = {world.people[name].official_id for name in sign if name in world.people}
    return [person for person in world.officials[code] if person.pk not in spared]


def give_addresses(world: World) -> None:
    """A few have e-mail; only now, so that the notices of three months are not sent."""
    for username in WITH_EMAIL:
        user = world.people.get(username)
        if user is not None:
            User.objects.filter(pk=user.pk).update(email=f"{user.username}@example.com")
