"""Sorts texts into groups of alike ones. Pure: texts in, groups out; no database.

A text is its pairs of characters and its longer words, weighed by how rare they are in the district (TF-IDF);
texts of one category are joined, the most alike first, as long as a group's texts are alike on the average
(average linkage). No text has to belong anywhere, and the same texts always give the same groups.

scikit-learn and the word cutter take 130 MB of memory and a second to load: they are imported here, inside the
functions, which only the nightly tick and the command call; the web processes never load them.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from appeals.clusters.texts import pairs_of, telling_runs

FEWEST = 4
"""A text with fewer pairs says too little to be compared with any other."""
AT_ONCE = 3000
"""So many texts are compared with one another at a time: 70 MB. More of one category are first parted roughly."""
USUAL = 200
"""So many appeals a district has at least, as far as the weights are concerned; see ``_vectors``."""
WORDS = 6
"""So many telling words are kept of a group."""
IN_TITLE = 3
COMMON = 0.4
"""A telling word of a group stands in so large a share of its texts."""
TELLING_KINDS = frozenset("nvailj")
"""Kinds of words that say what something is about: nouns, verbs, qualities, set phrases."""
NAMES = ("nr", "ns", "nt")
"""Persons, places, organisations: they tell who and where, not what."""
PLACES = ("村", "镇", "乡", "街道", "社区")
"""What the word cutter does not know for a place ends like one."""
NOUNS = 1.4
"""What there is tells more than what happens."""
DOING_FIRST = 0.7
"""Two words that begin with a doing are often torn out of a longer stretch: 倾倒建筑|垃圾."""
LONGEST_TERM = 6
"""Two words side by side are one term up to so many characters: 建筑垃圾, 不动产登记."""
LATE = 12
"""A word so far from the beginning tells half as much: what an appeal is about stands in its title."""


@dataclass(frozen=True)
class Text:
    """An appeal as it is compared. ``names``: of whom it comes, see :func:`appeals.clusters.texts.names_in`."""

    pk: int
    category: str
    text: str
    names: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Group:
    category: str
    scores: dict[int, float]
    """Each text with how near it is to the middle of the group, from 0 to 1."""
    words: tuple[str, ...]
    """What tells the group from everything else, the most telling first."""

    @property
    def title(self) -> str:
        return "、".join(self.words[:IN_TITLE])


def groups_of(texts: Sequence[Text], *, likeness: float, least: int) -> list[Group]:
    """Groups of at least ``least`` texts of one category whose likeness is ``likeness`` on the average."""
    runs = [telling_runs(one.text, one.names) for one in texts]
    pairs = [pairs_of(of_text) for of_text in runs]
    spoken = [place for place in range(len(texts)) if len(pairs[place]) >= FEWEST]
    if len(spoken) < least:
        return []
    words = [_words_of(runs[place]) for place in spoken]
    features = [
        [*pairs[place], *(word.text for word in of_text if len(word.text) > 2 and not word.is_term)]
        for place, of_text in zip(spoken, words, strict=True)
    ]
    vectors = _vectors(features)
    known = Counter(text for of_text in words for text in {word.text for word in of_text})
    by_category: dict[str, list[int]] = defaultdict(list)
    for row, place in enumerate(spoken):
        by_category[texts[place].category].append(row)
    found = []
    for category in sorted(by_category):
        for rows in _alike(vectors, by_category[category], likeness):
            if len(rows) >= least:
                scores = _nearness(vectors[rows])
                found.append(
                    Group(
                        category,
                        {texts[spoken[row]].pk: score for row, score in zip(rows, scores, strict=True)},
                        _telling([words[row] for row in rows], known, len(spoken)),
                    )
                )
    return found


def _vectors(features: list[list[str]]) -> Any:
    """One sparse row of length 1 a text, each feature weighed by how rare it is (TF-IDF).

    Rare means at the most one text in ``USUAL``, and a district with few appeals counts as one with so many:
    else what the texts of a kind have in common would weigh little beside each one's own words, where there
    are few appeals as well as where there are very many of the kind.
    """
    import numpy
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.preprocessing import normalize

    counts = CountVectorizer(analyzer=_as_it_is, dtype=numpy.float32).fit_transform(features)
    texts_with = numpy.bincount(counts.indices, minlength=counts.shape[1])
    in_usual = texts_with * USUAL / max(len(features), USUAL)
    rarity = 1 + numpy.log(USUAL / numpy.maximum(1, in_usual))
    counts.data = (1 + numpy.log(counts.data)) * rarity[counts.indices].astype(numpy.float32)
    return normalize(counts)


def _as_it_is(features: list[str]) -> list[str]:
    return features


# --- Joining --------------------------------------------------------------------------------------


def _alike(vectors: Any, rows: list[int], likeness: float) -> Iterable[list[int]]:
    for part in _parted(vectors, rows):
        if len(part) > 1:
            yield from _joined(vectors, part, likeness)


def _parted(vectors: Any, rows: list[int]) -> list[list[int]]:
    """Texts that are too many to be compared with one another, roughly sorted into parts that are not."""
    if len(rows) <= AT_ONCE:
        return [rows]
    from sklearn.cluster import BisectingKMeans

    number = 2 * math.ceil(len(rows) / AT_ONCE)
    rough = BisectingKMeans(number, bisecting_strategy="largest_cluster", random_state=0)
    parts: dict[int, list[int]] = defaultdict(list)
    for row, label in zip(rows, rough.fit_predict(vectors[rows]), strict=True):
        parts[int(label)].append(row)
    # Texts that are all the same cannot be parted; by time they can.
    return [part[at : at + AT_ONCE] for part in parts.values() for at in range(0, len(part), AT_ONCE)]


def _joined(vectors: Any, rows: list[int], likeness: float) -> Iterable[list[int]]:
    import numpy
    from sklearn.cluster import AgglomerativeClustering

    own = vectors[rows]
    distances = numpy.clip(1 - (own @ own.T).toarray(), 0, None)
    join = AgglomerativeClustering(
        n_clusters=None, metric="precomputed", linkage="average", distance_threshold=1 - likeness
    )
    groups: dict[int, list[int]] = defaultdict(list)
    for row, label in zip(rows, join.fit_predict(distances), strict=True):
        groups[int(label)].append(row)
    return groups.values()


def _nearness(own: Any) -> list[float]:
    """How near each row is to the middle of them all: its cosine."""
    import numpy

    middle = numpy.asarray(own.mean(axis=0)).ravel()
    length = float(numpy.linalg.norm(middle)) or 1.0
    return [round(float(score) / length, 4) for score in own @ middle]


# --- Words ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Word:
    text: str
    parts: tuple[str, ...]
    """The words it consists of: one, or the two of a term."""
    weight: float
    """How much its kind tells."""

    @property
    def is_term(self) -> bool:
        return len(self.parts) > 1


def _words_of(runs: Iterable[str]) -> list[_Word]:
    """The telling words of a text, each pair of neighbours before its second word as a term: “建筑”“垃圾” alone say
    less than “建筑垃圾”."""
    import rjieba

    found: list[_Word] = []
    for run in runs:
        before: tuple[str, str] | None = None
        # Words of the dictionary alone: what the cutter would guess (“至省”道, 未走“完为”由) names nothing.
        for word, kind in rjieba.tag(run, False):
            if not _tells(word, kind):
                before = None
                continue
            noun = NOUNS if kind.startswith("n") else 1
            if before and len(before[0]) + len(word) <= LONGEST_TERM:
                doing = DOING_FIRST if before[1] == "v" else 1
                found.append(_Word(before[0] + word, (before[0], word), noun * doing))
            found.append(_Word(word, (word,), noun))
            before = word, kind
    return found


def _tells(word: str, kind: str) -> bool:
    return (
        len(word) > 1
        and kind[:1] in TELLING_KINDS
        and not kind.startswith(NAMES)
        and not word.endswith(PLACES)
        and not word.isascii()
    )


def _telling(texts: list[list[_Word]], known: Counter[str], number: int) -> tuple[str, ...]:
    """Words that many of the group use and few others, none of them a part of another; things before doings."""
    used: Counter[str] = Counter()
    places: dict[str, list[int]] = defaultdict(list)
    words: dict[str, _Word] = {}
    for of_text in texts:
        first: dict[str, int] = {}
        for place, word in enumerate(of_text):
            first.setdefault(word.text, place)
            words.setdefault(word.text, word)
        used.update(first.keys())
        for text, place in first.items():
            places[text].append(place)
    least = COMMON * len(texts)
    if not any(count >= least for count in used.values()):
        least = 2
    at = {word: sum(found) / len(found) for word, found in places.items()}
    weights = {
        word: count / len(texts) * math.log(1 + number / known[word])
        * min(len(word), 4) ** 0.5 * words[word].weight / (1 + at[word] / LATE)
        for word, count in used.items()
        if count >= least
    }  # fmt: skip
    chosen: list[str] = []
    said: set[str] = set()
    for text in sorted(weights, key=lambda one: (-weights[one], one)):
        if said.isdisjoint(words[text].parts) and not any(text in one or one in text for one in chosen):
            chosen.append(text)
            said.update(words[text].parts)
        if len(chosen) == WORDS:
            break
    # The first ones make the title, and read best in the order in which people write them.
    head = sorted(chosen[:IN_TITLE], key=lambda one: (at[one], one))
    return (*head, *chosen[IN_TITLE:])
