"""How alike the values of two records are: a level for each pair of values."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Final, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA, JaroWinkler, Prefix
from rapidfuzz.fuzz import ratio, token_set_ratio
from rapidfuzz.process import cpdist

from syncbridge.match.coded import Codes, Flags, Rows, coded
from syncbridge.match.fields import (
    MISSING,
    ONE_LETTER,
    OTHER,
    PART,
    SAME,
    SOMEWHAT,
    SWAPPED,
    VARIANT,
    VERY_SIMILAR,
)
from syncbridge.match.people import Mail, Names, Phones, Streets

Levels: TypeAlias = NDArray[np.uint8]
_Number = TypeVar("_Number", bound=np.generic)

Texts: TypeAlias = NDArray[np.object_]
Sums: TypeAlias = NDArray[np.float64]

#: One letter more or less says little of a name this short.
_MIN_CHARS_FOR_ONE_LETTER: Final = 4
_VERY: Final = 0.88
_SOMEWHAT: Final = 0.75


class Distinct:
    """The distinct values of a column, ready to be compared by their codes.

    Two texts that are one edit apart share their beginning or their end, and so do nearly all that
    a person would call similar: only those are given to the string comparison.
    """

    def __init__(self, values: list[str], head: int, tail: int) -> None:
        self.texts: Texts = np.array(values, dtype=object)
        self.lengths = np.fromiter(map(len, values), np.int32, len(values))
        self._heads = coded([value[:head] for value in values]).codes
        self._tails = coded([value[-tail:] for value in values]).codes

    def near(self, ones: Codes, others: Codes) -> Flags:
        """Answer which pairs of codes share their beginning or their end."""
        if not len(self._heads):
            return np.zeros(len(ones), np.bool_)
        near: Flags = self._heads[ones] == self._heads[others]
        near |= self._tails[ones] == self._tails[others]
        return near

    def edits(self, ones: Codes, others: Codes) -> NDArray[np.int32]:
        """Answer the number of edits between values; letters that changed places are one."""
        return self._compare(OSA.distance, ones, others, np.int32)

    def begins(self, ones: Codes, others: Codes) -> NDArray[np.int32]:
        """Answer how many letters values have in common at their beginning."""
        return self._compare(Prefix.similarity, ones, others, np.int32)

    def similar(self, ones: Codes, others: Codes) -> NDArray[np.float32]:
        """Answer Jaro and Winkler's similarity, between 0 and 1."""
        return self._compare(JaroWinkler.normalized_similarity, ones, others, np.float32)

    def ratio(self, ones: Codes, others: Codes, *, of_words: bool) -> NDArray[np.float32]:
        """Answer how much of two texts is the same, between 0 and 100."""
        return self._compare(token_set_ratio if of_words else ratio, ones, others, np.float32)

    def _compare(
        self, scorer: Callable[..., float], ones: Codes, others: Codes, kind: type[_Number]
    ) -> NDArray[_Number]:
        found: NDArray[_Number] = cpdist(
            self.texts[ones], self.texts[others], scorer=scorer, dtype=kind
        )
        return found


def start(ones: Codes, others: Codes, worst: int) -> tuple[Levels, Rows]:
    """Answer levels with missing and equal values told apart, and the places that are left."""
    levels = np.full(len(ones), worst, np.uint8)
    levels[ones == others] = SAME
    levels[(ones < 0) | (others < 0)] = MISSING
    return levels, np.flatnonzero(levels == worst)


def name_levels(names: Names, texts: Distinct, ones: Codes, others: Codes) -> Levels:
    """Compare names with names, given with given or family with family or crosswise."""
    levels, left = start(ones, others, OTHER)
    variants = _is_variant(names, ones[left], others[left])
    levels[left[variants]] = VARIANT
    left = left[~variants]
    left = left[texts.near(ones[left], others[left])]
    a, b = ones[left], others[left]
    similar = texts.similar(a, b)
    found = np.full(len(left), OTHER, np.uint8)
    found[similar >= _SOMEWHAT] = SOMEWHAT
    found[similar >= _VERY] = VERY_SIMILAR
    shorter = np.minimum(texts.lengths[a], texts.lengths[b])
    found[texts.begins(a, b) == shorter] = PART
    close = np.flatnonzero((similar >= 0.7) & (shorter >= _MIN_CHARS_FOR_ONE_LETTER))
    found[close[texts.edits(a[close], b[close]) == 1]] = ONE_LETTER
    levels[left] = found
    return levels


def _is_variant(names: Names, a: Codes, b: Codes) -> Flags:
    same: Flags = names.skeletons[a] == names.skeletons[b]
    same |= names.words[a] == names.words[b]
    grouped = np.flatnonzero((names.groups[a, 0] >= 0) & (names.groups[b, 0] >= 0) & ~same)
    first, second = names.groups[a[grouped]], names.groups[b[grouped]]
    for place in range(first.shape[1]):
        ours = first[:, place : place + 1]
        same[grouped] |= ((second == ours) & (ours >= 0)).any(axis=1)
    return same


def swapped(
    names: Names, texts: Distinct, left: Rows, right: Rows, given: Levels, family: Levels
) -> None:
    """Mark, in the levels of both names, the pairs whose names changed places."""
    poor = ((given >= PART) | (given == MISSING)) & ((family >= PART) | (family == MISSING))
    rows = np.flatnonzero(poor & ~((given == MISSING) & (family == MISSING)))
    ga, fa = names.given[left[rows]], names.family[left[rows]]
    gb, fb = names.given[right[rows]], names.family[right[rows]]
    crossed = _skeletons_meet(names, ga, fb) | _skeletons_meet(names, fa, gb)
    rows, ga, fa, gb, fb = rows[crossed], ga[crossed], fa[crossed], gb[crossed], fb[crossed]
    first, second = name_levels(names, texts, ga, fb), name_levels(names, texts, fa, gb)
    fits = ((first <= PART) & (second <= PART)) & ~((first == MISSING) & (second == MISSING))
    rows = rows[fits]
    given[rows[given[rows] != MISSING]] = SWAPPED
    family[rows[family[rows] != MISSING]] = SWAPPED


def _skeletons_meet(names: Names, a: Codes, b: Codes) -> Flags:
    if not len(names.skeletons):
        return np.zeros(len(a), np.bool_)
    meet: Flags = (a >= 0) & (b >= 0) & (names.skeletons[a] == names.skeletons[b])
    return meet


def date_levels(dates: Dates, ones: Codes, others: Codes) -> Levels:
    """Compare dates digit by digit."""
    levels, left = start(ones, others, 5)
    a, b = dates.digits[ones[left]], dates.digits[others[left]]
    differ = a != b
    several = differ.sum(axis=1)
    found = np.full(len(left), 5, np.uint8)
    same_year = ~differ[:, :4].any(axis=1)
    found[same_year] = 4
    found[(several == 2) | (same_year & ~differ[:, 4:6].any(axis=1))] = 3
    turned = same_year & (a[:, 4:6] == b[:, 6:]).all(axis=1) & (a[:, 6:] == b[:, 4:6]).all(axis=1)
    places = np.flatnonzero(several == 2)
    moved = np.sort(a[places], axis=1) == np.sort(b[places], axis=1)
    found[places[moved.all(axis=1)]] = 2
    found[turned | (several == 1)] = 2
    levels[left] = found
    return levels


class Dates:
    """The digits of a column's dates, one row a date."""

    def __init__(self, values: list[str]) -> None:
        written = np.array(values, dtype="S8")
        self.digits = written.view(np.uint8).reshape(len(values), 8)


def mail_levels(mail: Mail, texts: Distinct, left: Rows, right: Rows) -> tuple[Levels, Levels]:
    """Compare e-mail addresses; answer levels of the address and of its host."""
    ones, others = mail.address.codes[left], mail.address.codes[right]
    levels, rest = start(ones, others, 6)
    local_a, local_b = mail.local.codes[left], mail.local.codes[right]
    host_levels, _ = start(mail.host.codes[left], mail.host.codes[right], 2)
    # An address that many people read is no evidence of one of them; its host still is.
    levels[(local_a < 0) | (local_b < 0)] = MISSING
    derived = mail.is_derived[left] & mail.is_derived[right]
    levels[(levels == SAME) & derived] = 2
    rest = rest[levels[rest] == 6]
    same_local = local_a[rest] == local_b[rest]
    same_host = mail.domain.codes[left[rest]] == mail.domain.codes[right[rest]]
    made = derived[rest]
    looked_at = (same_local | same_host | made) & texts.near(ones[rest], others[rest])
    rest, same_local, made = rest[looked_at], same_local[looked_at], made[looked_at]
    similar = texts.similar(ones[rest], others[rest])
    found = np.full(len(rest), 6, np.uint8)
    found[made & (similar >= _SOMEWHAT)] = 5
    found[same_local & ~derived[rest]] = 4
    close = np.flatnonzero(similar >= 0.8)
    found[close[_is_typo(mail, texts, left[rest[close]], right[rest[close]], similar[close])]] = 3
    levels[rest] = found
    host_levels[(levels >= SAME) & (levels <= 3)] = MISSING
    return levels, host_levels


def _is_typo(
    mail: Mail, texts: Distinct, left: Rows, right: Rows, similar: NDArray[np.float32]
) -> Flags:
    ones, others = mail.address.codes[left], mail.address.codes[right]
    near = texts.edits(ones, others) <= 1 + (similar >= 0.97)
    # Namesakes are told apart by the number after the name.
    digits = mail.digits.codes
    derived = mail.is_derived[left] & mail.is_derived[right]
    typo: Flags = near & (~derived | (digits[left] == digits[right]))
    return typo


def phone_levels(phones: Phones, texts: Distinct, left: Rows, right: Rows) -> Levels:
    """Compare numbers by their end, and extensions."""
    ones, others = phones.number.codes[left], phones.number.codes[right]
    levels, rest = start(ones, others, 5)
    rest = rest[texts.near(ones[rest], others[rest])]
    a, b = ones[rest], others[rest]
    found = np.full(len(rest), 5, np.uint8)
    found[texts.edits(a, b) == 1] = 3
    found[phones.end.codes[left[rest]] == phones.end.codes[right[rest]]] = 2
    levels[rest] = found
    ext_a, ext_b = phones.extension.codes[left], phones.extension.codes[right]
    levels[((levels == SAME) | (levels == 2)) & (ext_a != ext_b)] = 4
    return levels


def street_levels(streets: Streets, texts: Distinct, left: Rows, right: Rows) -> Levels:
    """Compare house number and street name."""
    levels, rest = start(streets.whole.codes[left], streets.whole.codes[right], 5)
    a, b = streets.name.codes[left[rest]], streets.name.codes[right[rest]]
    number_a, number_b = (streets.number.codes[side[rest]] for side in (left, right))
    same_number = (number_a == number_b) & (number_a >= 0)
    unnumbered = (number_a < 0) | (number_b < 0)
    unnamed = (a < 0) | (b < 0)
    same_name = (a == b) & ~unnamed
    named = np.flatnonzero(~same_name & ~unnamed)
    named = named[texts.near(a[named], b[named])]
    similar = np.zeros(len(rest), np.float32)
    similar[named] = texts.similar(a[named], b[named])
    found = np.full(len(rest), 5, np.uint8)
    found[similar >= _VERY] = 4
    found[same_name] = 3
    found[same_name & unnumbered] = 2
    found[same_number & ((similar >= 0.82) | unnamed)] = 2
    levels[rest] = found
    return levels


def text_levels(texts: Distinct, ones: Codes, others: Codes) -> Levels:
    """Compare words: the same, nearly the same, different."""
    levels, left = start(ones, others, 3)
    left = left[texts.near(ones[left], others[left])]
    levels[left[texts.similar(ones[left], others[left]) >= 0.9]] = 2
    return levels


def postal_levels(texts: Distinct, ones: Codes, others: Codes) -> Levels:
    """Compare postal codes."""
    levels, left = start(ones, others, 4)
    left = left[texts.near(ones[left], others[left])]
    a, b = ones[left], others[left]
    found = np.full(len(left), 4, np.uint8)
    found[texts.begins(a, b) >= 3] = 3
    found[texts.edits(a, b) == 1] = 2
    levels[left] = found
    return levels


def company_levels(texts: Distinct, ones: Codes, others: Codes) -> Levels:
    """Compare names of firms, their words in alphabetical order."""
    levels, left = start(ones, others, 4)
    left = left[texts.near(ones[left], others[left])]
    a, b = ones[left], others[left]
    similar = texts.ratio(a, b, of_words=False)
    found = np.full(len(left), 4, np.uint8)
    near = np.flatnonzero((similar >= 40) & (similar < 90))
    found[near[texts.ratio(a[near], b[near], of_words=True) >= 85]] = 3
    found[similar >= 90] = 2
    levels[left] = found
    return levels


def middle_levels(texts: Distinct, ones: Codes, others: Codes) -> Levels:
    """Compare middle names, of which often only the initial is known."""
    levels, left = start(ones, others, 3)
    a, b = ones[left], others[left]
    levels[left[texts.begins(a, b) == np.minimum(texts.lengths[a], texts.lengths[b])]] = 2
    return levels


def organisation_levels(words: Words, ones: Codes, others: Codes) -> Levels:
    """Compare names of organisations by the words they share, rare ones counting more."""
    levels, left = start(ones, others, 6)
    shared, smaller, all_words = words.overlaps(ones[left], others[left])
    union, contained = shared / all_words, shared / smaller
    found = np.full(len(left), 6, np.uint8)
    found[union >= 0.25] = 5
    found[union >= 0.5] = 4
    found[contained >= 0.85] = 3
    found[union >= 0.8] = 2
    levels[left] = found
    return levels


class Words:
    """The words of a column's values and how rare they are."""

    def __init__(self, values: list[str]) -> None:
        self._words = [frozenset(value.split()) for value in values]
        counts = Counter(word for words in self._words for word in words)
        self._rarity = {word: math.log(1 + len(values) / count) for word, count in counts.items()}
        self._sums = np.array([self._sum(words) for words in self._words])

    def overlaps(self, ones: Codes, others: Codes) -> tuple[Sums, Sums, Sums]:
        """Answer the rarity of what two values share, of the smaller one, and of both together."""
        pairs = zip(ones.tolist(), others.tolist(), strict=True)
        shared = np.array([self._sum(self._words[a] & self._words[b]) for a, b in pairs])
        first, second = self._sums[ones], self._sums[others]
        return shared, np.minimum(first, second), first + second - shared

    def _sum(self, words: Iterable[str]) -> float:
        return sum(self._rarity[word] for word in words)


def plain_levels(ones: Codes, others: Codes) -> Levels:
    """Compare values that are the same or different."""
    return start(ones, others, 2)[0]
