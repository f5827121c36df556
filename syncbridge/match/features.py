"""What keys are made of: for each record 64 bits of one thing about it, 0 where it has none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

import numpy as np

from syncbridge.match.coded import Coded, Codes, Hashes, combine, hash_texts, scramble, spread
from syncbridge.match.people import People

#: Chooses from a name's words; they come with how rare each is.
_Chooser: TypeAlias = Callable[[list[str], Callable[[str], tuple[int, str]]], str]

_STREET_START: Final = 6


class Features:
    """The features of a base by name, each worked out when it is first asked for."""

    def __init__(self, people: People) -> None:
        self._people = people
        self._found: dict[str, Hashes] = {}

    def __getitem__(self, name: str) -> Hashes:
        if name not in self._found:
            self._found[name] = _FEATURES[name](self._people)
        return self._found[name]


def _both_names(people: People, hashes: Hashes) -> Hashes:
    """Answer one hash of given and family name in any order; both are needed."""
    given, family = spread(hashes, people.names.given, 0), spread(hashes, people.names.family, 0)
    both = scramble(given) + scramble(family)
    both[(given == 0) | (family == 0)] = 0
    return both


def _either_name(people: People) -> Hashes:
    """Answer the sound of each record's given name, then that of each one's family name."""
    sounds, names = people.names.sounds, people.names
    return np.concatenate([spread(sounds, names.given, 0), spread(sounds, names.family, 0)])


def _part(people: People, codes: Codes, part: slice) -> Hashes:
    return spread(hash_texts([value[part] for value in people.names.values]), codes, 0)


def _texts(column: Coded, change: Callable[[str], str]) -> Hashes:
    return spread(hash_texts([change(value) for value in column.values]), column.codes, 0)


def _at_least(length: int) -> Callable[[str], str]:
    return lambda value: value if len(value) >= length else ""


def _organisation_words(people: People, choose: _Chooser) -> Hashes:
    column = people.organisation
    counts = Counter(word for value in column.values for word in value.split())
    return _texts(column, lambda value: choose(value.split(), lambda word: (counts[word], word)))


_FEATURES: Final[Mapping[str, Callable[[People], Hashes]]] = {
    "address": lambda people: people.mail.address.hashes(),
    "local": lambda people: _texts(people.mail.local, _at_least(4)),
    "letters": lambda people: _texts(people.mail.letters, _at_least(6)),
    "host": lambda people: people.mail.host.hashes(),
    "phone_end": lambda people: people.phones.end.hashes(),
    "phone_7": lambda people: _texts(people.phones.number, lambda value: value[-7:]),
    "name": lambda people: _both_names(people, people.names.roots),
    "sounds": lambda people: _both_names(people, people.names.sounds),
    "either": _either_name,
    "given_root": lambda people: spread(people.names.roots, people.names.given, 0),
    "family_sound": lambda people: spread(people.names.sounds, people.names.family, 0),
    "given_1": lambda people: _part(people, people.names.given, slice(1)),
    "given_3": lambda people: _part(people, people.names.given, slice(3)),
    "given_end": lambda people: _part(people, people.names.given, slice(-2, None)),
    "family_1": lambda people: _part(people, people.names.family, slice(1)),
    "family_4": lambda people: _part(people, people.names.family, slice(4)),
    "family_end": lambda people: _part(people, people.names.family, slice(-4, None)),
    "birth": lambda people: people.birth.hashes(),
    "month_day": lambda people: _texts(
        people.birth, lambda value: "".join(sorted((value[4:6], value[6:])))
    ),
    "postal": lambda people: people.postal_code.hashes(),
    "city": lambda people: people.city.hashes(),
    "street": lambda people: combine(people.streets.name.hashes(), people.streets.number.hashes()),
    "street_name": lambda people: people.streets.name.hashes(),
    "street_start": lambda people: _texts(
        people.streets.name, lambda value: value.replace(" ", "")[:_STREET_START]
    ),
    "street_number": lambda people: people.streets.number.hashes(),
    "company": lambda people: people.company.hashes(),
    "organisation": lambda people: people.organisation.hashes(),
    "organisation_8": lambda people: _texts(people.organisation, lambda value: value[:8]),
    "organisation_first": lambda people: _organisation_words(people, lambda words, _: words[0]),
    "organisation_last": lambda people: _organisation_words(people, lambda words, _: words[-1]),
    "organisation_rare": lambda people: _organisation_words(
        people, lambda words, rare: min(words, key=rare)
    ),
    "organisation_rare_2": lambda people: _organisation_words(
        people, lambda words, rare: " ".join(sorted(words, key=rare)[:2])
    ),
}
