"""The draw: every group by its share, and the same again for the same seed."""

from dataclasses import dataclass
from types import SimpleNamespace

import pytest

from campaigns.satisfaction.sampling import Candidate, allocated, digest_of, draw
from campaigns.satisfaction.services.severing import too_few


@dataclass(frozen=True)
class _Firm:
    pk: int
    place: str

    @property
    def region(self):
        return SimpleNamespace(name=self.place)

    @property
    def _meta(self):
        return SimpleNamespace(model_name="enterprise")


def candidates(**places: int) -> list[Candidate]:
    found, pk = [], 0
    for place, number in places.items():
        for _ in range(number):
            pk += 1
            found.append(Candidate(_Firm(pk, place)))  # type: ignore[arg-type]
    return found


@pytest.mark.parametrize(
    ("sizes", "places", "given"),
    [
        ({"a": 80, "b": 20}, 10, {"a": 8, "b": 2}),
        ({"a": 99, "b": 1}, 10, {"a": 9, "b": 1}),  # one at least
        ({"a": 3, "b": 3}, 100, {"a": 3, "b": 3}),  # never more than there are
        ({"a": 5, "b": 5, "c": 5}, 2, {"a": 1, "b": 1, "c": 0}),
        ({"a": 50, "b": 1, "c": 1, "d": 1}, 4, {"a": 1, "b": 1, "c": 1, "d": 1}),
        ({}, 5, {}),
    ],
)
def test_shares(sizes, places, given):
    assert allocated(sizes, places) == given


def test_the_same_seed_draws_the_same_and_another_does_not():
    pool = candidates(大通镇=40, 铜山镇=10)

    def drawn(seed: str) -> list[str]:
        return [one.key for one in draw(pool, seed=seed, size=10, strata=["township"])]

    assert drawn("a1") == drawn("a1") != drawn("b2")
    places = [one.entry.region.name for one in draw(pool, seed="a1", size=10, strata=["township"])]
    assert places.count("大通镇") == 8 and len(set(drawn("a1"))) == 10


def test_another_frame_has_another_fingerprint():
    assert digest_of(candidates(甲=3), ["township"]) == digest_of(candidates(甲=3), ["township"])
    assert digest_of(candidates(甲=3), ["township"]) != digest_of(candidates(甲=4), ["township"])


@pytest.mark.parametrize(
    ("groups", "hidden"),
    [
        ({"a": 30, "b": 20}, set()),
        ({"a": 30, "b": 4}, {"a", "b"}),  # the sum less the only other one would tell it
        ({"a": 30, "b": 20, "c": 4}, {"b", "c"}),
        ({"a": 30, "b": 6, "c": 5}, {"b", "c"}),  # together enough
        ({"a": 2}, {"a"}),
    ],
)
def test_what_is_not_told_cannot_be_had_by_subtracting(groups, hidden):
    assert too_few(groups, 10) == hidden
