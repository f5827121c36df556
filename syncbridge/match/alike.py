"""How alike the values of two records are: a level for each pair of values."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA, JaroWinkler, Prefix
from rapidfuzz.fuzz import ratio, token_set_ratio
from rapidfuzz.process import cpdist

from syncbridge.match.coded import Codes
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
Texts: TypeAlias = NDArray[np.object_]
Sums: TypeAlias = NDArray[np.float64]

#: One letter more or less says little of a name this short.
_MIN_CHARS_FOR_ONE_LETTER: Final = 4
_VERY: Final = 0.88
_SOMEWHAT: Final = 0.75


class Distinct:
    """The distinct values of a column, ready to be compared by their codes."""

    def __init__(self, values: list[str]) -> None:
        self.texts: Texts = np.array(values, dtype=object)
        self.lengths = np.fromiter(map(len, values), np.int32, len(values))

    def compare(
        self, scorer: Callable[..., float], ones: Codes, others: Codes, kind: type
    ) -> NDArray[np.generic]:
        """Answer the scorer's result for each pair of codes."""
        return cpdist(self.texts[ones], self.texts[others], scorer=scorer, dtype=kind)


def start(ones: Codes, others: Codes, worst: int) -> tuple[Levels, NDArray[np.int64]]:
    """Answer levels with missing and equal values told apart, and the places that are left."""
    levels = np.full(len(ones), worst, np.uint8)
    levels[ones == others] = SAME
    levels[(ones < 0) | (others < 0)] = MISSING
    return levels, np.flatnonzero(levels == worst)


def name_levels(names: Names, texts: Distinct, ones: Codes, others: Codes) -> Levels:
    """Compare names with names, given with given or family with family or crosswise."""
    levels, left = start(ones, others, OTHER)
    a, b = ones[left], others[left]
    similar = texts.compare(JaroWinkler.normalized_similarity, a, b, np.float32)
    found = np.full(len(left), OTHER, np.uint8)
    found[similar >= _SOMEWHAT] = SOMEWHAT
    shorter = np.minimum(texts.lengths[a], texts.lengths[b])
    found[similar >= _VERY] = VERY_SIMILAR
    near = np.flatnonzero(similar > 0.5)
    begins = texts.compare(Prefix.similarity, a[near], b[near], np.int32)
    found[near[(begins == shorter[near])]] = PART
    close = np.flatnonzero((similar >= 0.7) & (shorter >= _MIN_CHARS_FOR_ONE_LETTER))
    edits = texts.compare(OSA.distance, a[close], b[close], np.int32)
    found[close[edits == 1]] = ONE_LETTER
    found[_is_variant(names, a, b)] = VARIANT
    levels[left] = found
    return levels


def _is_variant(names: Names, a: Codes, b: Codes) -> NDArray[np.bool_]:
    same = names.skeletons[a] == names.skeletons[b]
    same |= names.words[a] == names.words[b]
    first, second = names.groups[a], names.groups[b]
    for place in range(first.shape[1]):
        ours = first[:, place]
        if (ours >= 0).any():
            same |= ((second == ours[:, None]) & (ours >= 0)[:, None]).any(axis=1)
    return same


def swapped(
    names: Names, texts: Distinct, left: NDArray[np.int64], right: NDArray[np.int64],
    given: Levels, family: Levels,
) -> None:  # fmt: skip
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


def _skeletons_meet(names: Names, a: Codes, b: Codes) -> NDArray[np.bool_]:
    if not len(names.skeletons):
        return np.zeros(len(a), np.bool_)
    return (a >= 0) & (b >= 0) & (names.skeletons[a] == names.skeletons[b])


def date_levels(texts: Distinct, ones: Codes, others: Codes) -> Levels:
    """Compare dates of eight digits."""
    levels, left = start(ones, others, 5)
    a, b = ones[left], others[left]
    edits = texts.compare(OSA.distance, a, b, np.int32)
    found = np.full(len(left), 5, np.uint8)
    prefix = texts.compare(Prefix.similarity, a, b, np.int32)
    found[prefix >= 4] = 4
    found[(edits == 2) | (prefix >= 6)] = 3
    near = np.flatnonzero((edits <= 4) & (edits > 1))
    turned = [
        one[:4] + one[6:] + one[4:6] == other
        for one, other in zip(texts.texts[a[near]], texts.texts[b[near]], strict=True)
    ]
    found[near[np.array(turned, dtype=np.bool_)]] = 2
    found[edits == 1] = 2
    levels[left] = found
    return levels


def mail_levels(
    mail: Mail, texts: Distinct, left: NDArray[np.int64], right: NDArray[np.int64]
) -> tuple[Levels, Levels]:
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
    a, b = ones[rest], others[rest]
    similar = texts.compare(JaroWinkler.normalized_similarity, a, b, np.float32)
    found = np.full(len(rest), 6, np.uint8)
    found[derived[rest] & (similar >= _SOMEWHAT)] = 5
    same_local = local_a[rest] == local_b[rest]
    found[same_local & ~derived[rest]] = 4
    close = np.flatnonzero(similar >= 0.8)
    edits = texts.compare(OSA.distance, a[close], b[close], np.int32)
    near = edits <= 1 + (similar[close] >= 0.97)
    # Namesakes are told apart by the number after the name.
    digits_a, digits_b = mail.digits.codes[left[rest]], mail.digits.codes[right[rest]]
    near &= ~derived[rest][close] | (digits_a == digits_b)[close]
    found[close[near]] = 3
    levels[rest] = found
    host_levels[(levels >= SAME) & (levels <= 3)] = MISSING
    return levels, host_levels


def phone_levels(
    phones: Phones, texts: Distinct, left: NDArray[np.int64], right: NDArray[np.int64]
) -> Levels:
    """Compare numbers by their end, and extensions."""
    ones, others = phones.number.codes[left], phones.number.codes[right]
    levels, rest = start(ones, others, 5)
    ext_a, ext_b = phones.extension.codes[left], phones.extension.codes[right]
    a, b = ones[rest], others[rest]
    found = np.full(len(rest), 5, np.uint8)
    edits = texts.compare(OSA.distance, a, b, np.int32)
    found[edits == 1] = 3
    found[phones.end.codes[left[rest]] == phones.end.codes[right[rest]]] = 2
    levels[rest] = found
    levels[((levels == SAME) | (levels == 2)) & (ext_a != ext_b)] = 4
    return levels


def street_levels(
    streets: Streets, texts: Distinct, left: NDArray[np.int64], right: NDArray[np.int64]
) -> Levels:
    """Compare house number and street name."""
    levels, rest = start(streets.whole.codes[left], streets.whole.codes[right], 5)
    a, b = streets.name.codes[left[rest]], streets.name.codes[right[rest]]
    found = np.full(len(rest), 5, np.uint8)
    same_name = (a == b) & (a >= 0)
    number_a = streets.number.codes[left[rest]]
    number_b = streets.number.codes[right[rest]]
    same_number = (number_a == number_b) & (number_a >= 0)
    unnumbered = (number_a < 0) | (number_b < 0)
    named = np.flatnonzero(~same_name & (a >= 0) & (b >= 0))
    similar = np.zeros(len(rest), np.float32)
    similar[named] = texts.compare(
        JaroWinkler.normalized_similarity, a[named], b[named], np.float32
    )
    similar[same_name] = 1
    found[similar >= _VERY] = 4
    found[same_name] = 3
    found[same_name & unnumbered] = 2
    found[same_number & (similar >= 0.82)] = 2
    found[same_number & ((a < 0) | (b < 0))] = 2
    levels[rest] = found
    return levels


def text_levels(texts: Distinct, ones: Codes, others: Codes) -> Levels:
    """Compare words: the same, nearly the same, different."""
    levels, left = start(ones, others, 3)
    similar = texts.compare(JaroWinkler.normalized_similarity, ones[left], others[left], np.float32)
    levels[left[similar >= 0.9]] = 2
    return levels


def postal_levels(texts: Distinct, ones: Codes, others: Codes) -> Levels:
    """Compare postal codes."""
    levels, left = start(ones, others, 4)
    a, b = ones[left], others[left]
    edits = texts.compare(OSA.distance, a, b, np.int32)
    begins = texts.compare(Prefix.similarity, a, b, np.int32)
    found = np.full(len(left), 4, np.uint8)
    found[begins >= 3] = 3
    found[edits == 1] = 2
    levels[left] = found
    return levels


def company_levels(texts: Distinct, ones: Codes, others: Codes) -> Levels:
    """Compare names of firms, their words in alphabetical order."""
    levels, left = start(ones, others, 4)
    a, b = ones[left], others[left]
    similar = texts.compare(ratio, a, b, np.float32)
    found = np.full(len(left), 4, np.uint8)
    near = np.flatnonzero((similar >= 40) & (similar < 90))
    shared = texts.compare(token_set_ratio, a[near], b[near], np.float32)
    found[near[shared >= 85]] = 3
    found[similar >= 90] = 2
    levels[left] = found
    return levels


def middle_levels(texts: Distinct, ones: Codes, others: Codes) -> Levels:
    """Compare middle names, of which often only the initial is known."""
    levels, left = start(ones, others, 3)
    a, b = ones[left], others[left]
    begins = texts.compare(Prefix.similarity, a, b, np.int32)
    levels[left[begins == np.minimum(texts.lengths[a], texts.lengths[b])]] = 2
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
        self._rarity = {
            word: math.log(1 + len(values) / count) for word, count in counts.items()
        }
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
