"""去标识: takes out of texts whatever tells which firm, person or place they are about.

What is known (from the file of the case) is replaced in every form it may take, the same thing by the same
word throughout; numbers of a fixed shape are replaced whoever's they are; what only looks like a name is left
for a human to decide. Nothing here asks the database.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from reports.identity_forms import MIN_ALNUM, Form, Guard, Kind, Known, Style, Thing, alnum, forms_of
from reports.identity_patterns import NO_NAMES, SHAPES, SUSPICIONS
from reports.identity_words import ORDINALS

__all__ = ["Finding", "Kind", "Known", "Redaction", "Replacement", "Scan", "redact", "scan", "segments"]


@dataclass(frozen=True)
class Replacement:
    kind: str
    original: str
    label: str
    count: int = 1


@dataclass(frozen=True)
class Finding:
    text: str
    why: str


@dataclass(frozen=True)
class Scan:
    """What a text still tells."""

    known: tuple[Finding, ...] = ()
    """Known for certain: such a text must not leave the house."""
    suspects: tuple[Finding, ...] = ()
    """Perhaps a name, or one broken up by punctuation: a human decides."""


@dataclass(frozen=True)
class Redaction:
    texts: list[str]
    replacements: list[Replacement]
    scan: Scan = field(default_factory=Scan)


# --- Reading a text as people do, whatever it is typed with ---------------------------------------


@dataclass(frozen=True)
class _Folded:
    """Characters to compare, each with its place in the text."""

    chars: str
    places: list[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        return self.places[start], self.places[end - 1] + 1


_DASHES = dict.fromkeys("‐‑‒–—―−－", "-")
_IN_BETWEEN = frozenset("()[]{}〔〕【】〈〉《》「」『』“”‘’\"'-·•・．.*_")
_BARRIER = "\0"
_SEPARATORS = frozenset(" \t\n\r-.,·•・()/\\_+~*\u3000")


def _folded(text: str) -> Iterable[tuple[int, str]]:
    """Full-width to half-width, compatibility characters to their plain ones, case away."""
    for place, char in enumerate(text):
        for plain in unicodedata.normalize("NFKD", _DASHES.get(char, char)).casefold():
            if unicodedata.category(plain) not in {"Mn", "Cf"}:
                yield place, _DASHES.get(plain, plain)


def _collect(pairs: Iterable[tuple[int, str]]) -> _Folded:
    found = list(pairs)
    return _Folded("".join(char for _, char in found), [place for place, _ in found])


def _words(text: str) -> _Folded:
    """Without blanks, brackets, quotes and dashes: 宏达（铜陵） 机械 reads 宏达铜陵机械."""
    return _collect(pair for pair in _folded(text) if not pair[1].isspace() and pair[1] not in _IN_BETWEEN)


def _plain(text: str) -> _Folded:
    """One plain character for each, blanks kept: what the shapes of numbers are looked for in."""
    return _collect((place, " " if char.isspace() else char) for place, char in _folded(text))


def _codes(text: str) -> _Folded:
    """Letters and digits; separators between them are not there, anything else stands between."""
    return _collect(
        (place, char if char.isascii() and char.isalnum() else _BARRIER)
        for place, char in _folded(text)
        if char not in _SEPARATORS
    )


_DIGITS = {**dict.fromkeys("零〇○◯", "0"), "幺": "1", "两": "2"}
_DIGITS |= {
    char: str(n) for chars in ("一二三四五六七八九", "壹贰叁肆伍陆柒捌玖") for n, char in enumerate(chars, 1)
}


def _bare(text: str) -> _Folded:
    """Letters, digits and characters alone, whatever else stands between them: 宏、达/机械 reads 宏达机械."""
    return _collect(
        (place, char)
        for place, char in _folded(text)
        if char == "々" or (unicodedata.category(char)[0] in "LN" and unicodedata.category(char) != "Lm")
    )


def _bare_codes(text: str) -> _Folded:
    """Digits and letters whatever stands between them, Chinese digits too; any other word stands between."""
    return _collect(
        (place, digit if (digit := _DIGITS.get(char, char)).isascii() and digit.isalnum() else _BARRIER)
        for place, char in _folded(text)
        if char in _DIGITS or unicodedata.category(char)[0] in "LN"
    )


# --- Finding --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Hit:
    start: int
    end: int
    thing: Thing
    sure: bool = True

    @property
    def length(self) -> int:
        return self.end - self.start


_LEADING = frozenset("与和由向对给跟找请系问让为及人同见的到在是即")


class _Finder:
    """What is known, made ready to be looked for in many texts."""

    def __init__(self, known: Known) -> None:
        self.words: dict[str, Form] = {}
        self.codes: dict[str, Form] = {}
        for form in forms_of(known):
            if form.alnum:
                key = alnum(form.text).casefold()
                if len(key) >= MIN_ALNUM:
                    self.codes.setdefault(key, form)
                continue
            key = _words(form.text).chars
            if key and (len(key) > 1 or form.guard is Guard.ALONE):
                kept = self.words.get(key)
                if kept is None or (form.sure and not kept.sure):
                    self.words[key] = form

        self.bare: dict[str, Form] = {}
        for form in self.words.values():
            key = _bare(form.text).chars
            if form.sure and form.guard is not Guard.ALONE and len(key) > 1:
                self.bare.setdefault(key, form)

    def broken(self, text: str) -> list[_Hit]:
        """What would be known if there were no punctuation in it: perhaps it was put in to hide it."""
        found = [*self._in(_bare(text), self.bare, text), *self._in(_bare_codes(text), self.codes, text)]
        return [hit for hit in found if hit.sure]

    def hits(self, text: str) -> list[_Hit]:
        found = [*self._in(_words(text), self.words, text), *self._in(_codes(text), self.codes, text)]
        plain = _plain(text)
        for shape in SHAPES:
            for match in shape.pattern.finditer(plain.chars):
                start, end = plain.span(*match.span())
                thing = Thing(f"shape:{shape.label}", shape.kind, Style.FIXED, shape.label)
                found.append(_Hit(start, end, thing))
        return found

    def _in(self, folded: _Folded, forms: dict[str, Form], text: str) -> Iterable[_Hit]:
        for key, form in forms.items():
            at = folded.chars.find(key)
            while at >= 0:
                start, end = folded.span(at, at + len(key))
                stands = _stands(form, folded.chars, at, at + len(key))
                if stands is not None:
                    yield _Hit(*_whole(text, start, end, form.thing), form.thing, form.sure and stands)
                at = folded.chars.find(key, at + 1)


def _is_han(char: str) -> bool:
    return bool(char) and ("\u3400" <= char <= "\u9fff" or char >= "\U00020000")


_OF_AMOUNTS = frozenset("量额体数计价值产和共部")
"""提高总量: what follows 总 where nobody is meant."""


def _stands(form: Form, chars: str, start: int, end: int) -> bool | None:
    """Is it the name that it looks like? True: surely, False: perhaps, None: no."""
    before, after = chars[start - 1 : start], chars[end : end + 1]
    if form.guard is Guard.ALONE:
        return None if _is_han(before) or _is_han(after) else True
    if form.guard is Guard.LED and _is_han(before) and before not in _LEADING:
        return None if chars[end - 1] == "总" and after in _OF_AMOUNTS else False
    return True


_HOUSE_NUMBER = re.compile(
    r"\s*[0-9０-９]+(?:[-－—][0-9０-９]+)?\s*号(?!线|机|车|文|令|标|召)"
    r"(?:[0-9０-９一二三四五六七八九十A-Za-z]*(?:号楼|栋|幢|单元|楼|层|室|院))*"
)
_EXTENSION = re.compile(r"\s*(?:-|－|—|转|分机)\s*[0-9０-９]{1,6}(?![0-9０-９])")
_PAIRS = {"（": "）", "(": ")", "“": "”", "〔": "〕", "【": "】", "[": "]", "「": "」", "《": "》"}


def _whole(text: str, start: int, end: int, thing: Thing) -> tuple[int, int]:
    """With what belongs to it: the number of the house, the extension, the other half of a pair of brackets."""
    follows = {Kind.PLACE: _HOUSE_NUMBER, Kind.PHONE: _EXTENSION}.get(thing.kind)
    if follows and (match := follows.match(text, end)):
        end = match.end()
    inside = Counter(text[start:end])
    for opens, closes in _PAIRS.items():
        if inside[opens] > inside[closes] and text[end : end + 1] == closes:
            end += 1
        elif inside[closes] > inside[opens] and text[start - 1 : start] == opens:
            start -= 1
    # A name written with a variation selector or a combining mark ends behind it.
    while end < len(text) and unicodedata.category(text[end]) in {"Mn", "Cf"}:
        end += 1
    return start, end


def _clusters(hits: Iterable[_Hit]) -> list[list[_Hit]]:
    """Hits that overlap, together; in the order of the text."""
    clusters: list[list[_Hit]] = []
    end = -1
    for hit in sorted(hits, key=lambda hit: (hit.start, -hit.length)):
        if clusters and hit.start < end:
            clusters[-1].append(hit)
        else:
            clusters.append([hit])
        end = max(end, hit.end)
    return clusters


def _longest_first(cluster: list[_Hit]) -> list[_Hit]:
    """Of hits that overlap, the longest ones; what is left over of the others is a piece of an identity."""
    chosen: list[_Hit] = []
    for hit in sorted(cluster, key=lambda hit: -hit.length):
        if all(hit.end <= other.start or hit.start >= other.end for other in chosen):
            chosen.append(hit)
    return sorted(chosen, key=lambda hit: hit.start)


# --- Replacing ------------------------------------------------------------------------------------


class _Labels:
    """Gives each thing its word, in the order in which things appear; what was given before stays."""

    def __init__(self, finder: _Finder, prior: Iterable[Replacement]) -> None:
        self.given: dict[str, str] = {}
        self.used: set[str] = set()
        for replacement in prior:
            form = finder.words.get(_words(replacement.original).chars)
            self.used.add(replacement.label)
            if form:
                self.given[form.thing.key] = replacement.label

    def name(self, things: Sequence[Thing]) -> None:
        alike = Counter((thing.style, thing.stem) for thing in things if thing.key not in self.given)
        for thing in things:
            if thing.key not in self.given:
                label = self._new(thing, alone=alike[thing.style, thing.stem] == 1)
                self.given[thing.key] = label
                if thing.style is not Style.FIXED:
                    self.used.add(label)

    def _new(self, thing: Thing, alone: bool) -> str:
        ordinals = [*ORDINALS, *(f"{n}号" for n in range(11, 1000))]
        match thing.style:
            case Style.FIXED:
                return thing.stem
            case Style.ORDINAL:
                names = [f"{ordinal}{thing.stem}" for ordinal in ordinals]
            case Style.SOME:
                names = [f"某{thing.stem}"] * alone + [f"{ordinal}{thing.stem}" for ordinal in ordinals]
            case Style.PERSON:
                names = [f"{thing.stem}某"] * alone + [f"{thing.stem}某{ordinal}" for ordinal in ordinals]
        return next(name for name in names if name not in self.used)


MOST_ROUNDS = 6


def redact(texts: Sequence[str], known: Known, prior: Iterable[Replacement] = ()) -> Redaction:
    """The texts without identities. ``prior``: what was replaced in them before, so that words stay the same."""
    finder = _Finder(known)
    labels = _Labels(finder, prior)
    done: dict[tuple[str, str, str], int] = {}
    current = list(texts)
    for _ in range(MOST_ROUNDS):
        # What stands beside a word put in can make up an identity again: once more, until none is left.
        changed = _replace_all(current, finder, labels, done)
        if changed == current:
            break
        current = changed
    replacements = [Replacement(*key, count) for key, count in done.items()]
    return Redaction(current, replacements, _scan(current, finder))


def _replace_all(
    texts: Sequence[str], finder: _Finder, labels: _Labels, done: dict[tuple[str, str, str], int]
) -> list[str]:
    tiles = [
        [(cluster, _longest_first(cluster)) for cluster in _clusters(_sure(finder.hits(text)))]
        for text in texts
    ]
    labels.name(_in_order(hit.thing for of_text in tiles for _, chosen in of_text for hit in chosen))
    result = []
    for text, of_text in zip(texts, tiles, strict=True):
        pieces, at = [], 0
        for cluster, chosen in of_text:
            start, end = cluster[0].start, max(hit.end for hit in cluster)
            words = [labels.given[hit.thing.key] for hit in chosen]
            together = "".join(word for n, word in enumerate(words) if n == 0 or word != words[n - 1])
            if together != text[start:end]:
                _note(text, start, end, chosen, words, done)
            pieces += [text[at:start], together]
            at = end
        result.append("".join([*pieces, text[at:]]))
    return result


def _note(
    text: str,
    start: int,
    end: int,
    chosen: list[_Hit],
    words: list[str],
    done: dict[tuple[str, str, str], int],
) -> None:
    """What was replaced by what; where pieces of others fell away too, the whole stretch."""
    if len(chosen) == 1:
        lines = [(chosen[0].thing.kind, text[start:end], words[0])]
    else:
        lines = [
            (hit.thing.kind, text[hit.start : hit.end], word) for hit, word in zip(chosen, words, strict=True)
        ]
    for kind, original, word in lines:
        key = (str(kind), original, word)
        done[key] = done.get(key, 0) + 1


def _sure(hits: Iterable[_Hit]) -> list[_Hit]:
    return [hit for hit in hits if hit.sure]


def _in_order(things: Iterable[Thing]) -> list[Thing]:
    return list({thing.key: thing for thing in things}.values())


# --- What is still there --------------------------------------------------------------------------


def scan(texts: Sequence[str], known: Known) -> Scan:
    return _scan(texts, _Finder(known))


def _scan(texts: Sequence[str], finder: _Finder) -> Scan:
    known: dict[str, Finding] = {}
    suspects: dict[str, Finding] = {}
    for text in texts:
        hits = finder.hits(text)
        for cluster in _clusters(_sure(hits)):
            for hit in _longest_first(cluster):
                original = text[hit.start : hit.end]
                if not _is_its_own_word(original, hit.thing):
                    known.setdefault(original, Finding(original, str(hit.thing.kind)))
        covered = [(hit.start, hit.end) for hit in _sure(hits)]
        for hit in hits:
            if not hit.sure and not _covered(hit.start, hit.end, covered):
                original = text[hit.start : hit.end]
                suspects.setdefault(original, Finding(original, f"可能是{hit.thing.kind}的一部分"))
        broken = [hit for hit in finder.broken(text) if not _covered(hit.start, hit.end, covered)]
        for cluster in _clusters(broken):
            for hit in _longest_first(cluster):
                original = text[hit.start : hit.end]
                suspects.setdefault(original, Finding(original, f"去掉标点后像{hit.thing.kind}"))
                covered.append((hit.start, hit.end))
        for start, end, why in _suspicious(text):
            original = text[start:end]
            if not _covered(start, end, covered) and original not in suspects:
                suspects[original] = Finding(original, why)
                covered.append((start, end))
    return Scan(tuple(known.values()), tuple(suspects.values()))


def _is_its_own_word(text: str, thing: Thing) -> bool:
    """A firm that is really called 甲公司."""
    return thing.style is not Style.FIXED and text in {f"{ordinal}{thing.stem}" for ordinal in ORDINALS}


def _covered(start: int, end: int, spans: list[tuple[int, int]]) -> bool:
    return any(start < last and end > first for first, last in spans)


_ANONYMOUS = re.compile(rf"某|〔[^〕\d]{{2,4}}〕|[{ORDINALS}](?:公司|企业|项目|合作社|商户|农场|厂)")


def _suspicious(text: str) -> Iterable[tuple[int, int, str]]:
    plain = _plain(text)
    for suspicion in SUSPICIONS:
        for match in suspicion.pattern.finditer(plain.chars):
            start, end = plain.span(*match.span("it"))
            found = text[start:end]
            if not _ANONYMOUS.search(found) and found not in NO_NAMES:
                yield start, end, suspicion.why


# --- Showing --------------------------------------------------------------------------------------


def segments(text: str, marks: Mapping[str, str]) -> list[tuple[str, str]]:
    """The text in pieces with the mark of each, for a page to highlight; "" for what is between."""
    wanted = sorted((word for word in marks if word), key=len, reverse=True)
    if not wanted:
        return [(text, "")] if text else []
    pieces = re.split(f"({'|'.join(re.escape(word) for word in wanted)})", text)
    return [(piece, marks[piece] if n % 2 else "") for n, piece in enumerate(pieces) if piece]
