"""The keys by which two records of one person may find each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from syncbridge.match.coded import Coded, Hashes, combine, hash_texts, scramble, spread
from syncbridge.match.people import People

#: Name of the key -> the features it is made of. A key is missing where one of them is.
KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "email": ("address",),
    "email_local": ("local",),
    "email_letters": ("letters",),
    "phone": ("phone_end",),
    "phone_7": ("phone_7",),
    "name": ("name",),
    "sounds": ("sounds",),
    "starts": ("given_3", "family_4"),
    "ends": ("family_end", "given_1", "given_end"),
    "either_birth": ("either", "birth"),
    "either_postal": ("either", "postal"),
    "either_company": ("either", "company"),
    "sounds_city": ("sounds", "city"),
    "given_city_family_1": ("given_root", "city", "family_1"),
    "family_city_given_1": ("family_sound", "city", "given_1"),
    "family_street": ("family_sound", "street"),
    "given_street": ("given_root", "street"),
    "family_month": ("family_sound", "month_day"),
    "family_host": ("family_sound", "given_1", "host"),
    "birth_postal": ("birth", "postal"),
    "street_number_city": ("street_start", "street_number", "city"),
    "street_postal": ("street_start", "postal"),
    "city_postal": ("city", "postal"),
}
#: Keys that find what all others miss in a base where values are soiled, at the price of many pairs
#: in vain: left out where a base is large.
WEAK_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "birth": ("birth",),
    "either_city": ("either", "city"),
    "either_street": ("either", "street_start"),
    "given_street_name": ("given_root", "street_name"),
    "given_month": ("given_root", "month_day"),
    "birth_street": ("birth", "street_start"),
    "street_city": ("street_start", "city"),
}
#: Where records are organisations, their names are longer and more alike.
ORGANISATION_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "organisation": ("organisation",),
    "organisation_postal": ("organisation_1", "postal"),
    "organisation_2_postal": ("organisation_2", "postal"),
    "organisation_street": ("organisation_1", "street"),
    "organisation_start": ("organisation_8",),
    "organisation_number": ("organisation_rare", "street_number"),
    "organisation_rare": ("organisation_rare",),
    "organisation_rare_2": ("organisation_rare_2",),
    "number_postal": ("street_number", "postal"),
    "street": ("street",),
}


_STREET_START: Final = 6
#: Records from which on weak keys are left out.
_LARGE: Final = 50_000


@dataclass(frozen=True)
class Features:
    """What keys are made of, each worked out when it is first asked for."""

    people: People

    def __getitem__(self, name: str) -> Hashes:
        found: Hashes = getattr(self, name)
        return found

    @cached_property
    def address(self) -> Hashes:
        return self.people.mail.address.hashes()

    @cached_property
    def local(self) -> Hashes:
        return _start(self.people.mail.local, shortest=4)

    @cached_property
    def letters(self) -> Hashes:
        return _start(self.people.mail.letters, shortest=6)

    @cached_property
    def host(self) -> Hashes:
        return self.people.mail.host.hashes()

    @cached_property
    def phone_end(self) -> Hashes:
        return self.people.phones.end.hashes()

    @cached_property
    def phone_7(self) -> Hashes:
        return _end(self.people.phones.number, 7)

    @cached_property
    def name(self) -> Hashes:
        """The words of the whole name in any order, nicknames undone; both parts are needed."""
        given, family = self.given_root, self._of_family(self.people.names.roots)
        both = scramble(given) + scramble(family)
        both[(given == 0) | (family == 0)] = 0
        return both

    @cached_property
    def sounds(self) -> Hashes:
        """The sounds of both names in any order."""
        given, family = self._of_given(self.people.names.sounds), self.family_sound
        both = scramble(given) + scramble(family)
        both[(given == 0) | (family == 0)] = 0
        return both

    @cached_property
    def either(self) -> Hashes:
        """The sound of the given name and that of the family name, one after the other."""
        return np.concatenate([self._of_given(self.people.names.sounds), self.family_sound])

    @cached_property
    def given_root(self) -> Hashes:
        return self._of_given(self.people.names.roots)

    @cached_property
    def family_sound(self) -> Hashes:
        return self._of_family(self.people.names.sounds)

    @cached_property
    def given_1(self) -> Hashes:
        return self._of_given(hash_texts([value[:1] for value in self.people.names.values]))

    @cached_property
    def family_1(self) -> Hashes:
        return self._of_family(hash_texts([value[:1] for value in self.people.names.values]))

    @cached_property
    def given_3(self) -> Hashes:
        return self._of_given(hash_texts([value[:3] for value in self.people.names.values]))

    @cached_property
    def family_4(self) -> Hashes:
        return self._of_family(hash_texts([value[:4] for value in self.people.names.values]))

    @cached_property
    def given_end(self) -> Hashes:
        return self._of_given(hash_texts([value[-2:] for value in self.people.names.values]))

    @cached_property
    def family_end(self) -> Hashes:
        return self._of_family(hash_texts([value[-4:] for value in self.people.names.values]))

    @cached_property
    def birth(self) -> Hashes:
        return self.people.birth.hashes()

    @cached_property
    def year(self) -> Hashes:
        return _start(self.people.birth, 4)

    @cached_property
    def month_day(self) -> Hashes:
        """Month and day in any order."""
        values = self.people.birth.values
        texts = ["".join(sorted((value[4:6], value[6:]))) for value in values]
        return spread(hash_texts(texts), self.people.birth.codes, 0)

    @cached_property
    def postal(self) -> Hashes:
        return self.people.postal_code.hashes()

    @cached_property
    def city(self) -> Hashes:
        return self.people.city.hashes()

    @cached_property
    def street(self) -> Hashes:
        """Name and number of a house; both are needed."""
        streets = self.people.streets
        return combine(self.street_name, streets.number.hashes())

    @cached_property
    def street_name(self) -> Hashes:
        return self.people.streets.name.hashes()

    @cached_property
    def street_start(self) -> Hashes:
        """The first letters of the street's name, spaces left out."""
        names = self.people.streets.name
        starts = [value.replace(" ", "")[:_STREET_START] for value in names.values]
        return spread(hash_texts(starts), names.codes, 0)

    @cached_property
    def street_number(self) -> Hashes:
        return self.people.streets.number.hashes()

    @cached_property
    def company(self) -> Hashes:
        return self.people.company.hashes()

    @cached_property
    def organisation(self) -> Hashes:
        return self.people.organisation.hashes()

    @cached_property
    def organisation_1(self) -> Hashes:
        return self._organisation_words(lambda words, rare: words[0])

    @cached_property
    def organisation_2(self) -> Hashes:
        return self._organisation_words(lambda words, rare: words[-1])

    @cached_property
    def organisation_8(self) -> Hashes:
        return _start(self.people.organisation, 8)

    @cached_property
    def organisation_rare(self) -> Hashes:
        return self._organisation_words(lambda words, rare: min(words, key=rare))

    @cached_property
    def organisation_rare_2(self) -> Hashes:
        return self._organisation_words(lambda words, rare: " ".join(sorted(words, key=rare)[:2]))

    def _organisation_words(
        self, choose: Callable[[list[str], Callable[[str], tuple[int, str]]], str]
    ) -> Hashes:
        company = self.people.organisation
        frequency: dict[str, int] = {}
        for value in company.values:
            for word in value.split():
                frequency[word] = frequency.get(word, 0) + 1

        def rare(word: str) -> tuple[int, str]:
            return frequency[word], word

        chosen = [choose(value.split(), rare) for value in company.values]
        return spread(hash_texts(chosen), company.codes, 0)

    def _of_given(self, hashes: Hashes) -> Hashes:
        return spread(hashes, self.people.names.given, 0)

    def _of_family(self, hashes: Hashes) -> Hashes:
        return spread(hashes, self.people.names.family, 0)


def keys_of(people: People) -> Iterator[tuple[str, Hashes]]:
    """Yield the name of each key and its hash per record, 0 where the record has none.

    A key of which a record may have two has twice as many hashes: first the one of each record,
    then the other one of each.
    """
    features = Features(people)
    keys = dict(KEYS)
    if people.count < _LARGE:
        keys |= WEAK_KEYS
    if people.is_organisations:
        keys |= ORGANISATION_KEYS
    for name, parts in keys.items():
        chosen = [features[part] for part in parts]
        longest = max(map(len, chosen))
        hashes = combine(*(np.resize(each, longest) for each in chosen))
        if hashes.any():
            yield name, hashes


def _start(column: Coded, length: int = 64, *, shortest: int = 1) -> Hashes:
    texts = [value[:length] if len(value) >= shortest else "" for value in column.values]
    return spread(hash_texts(texts), column.codes, 0)


def _end(column: Coded, length: int) -> Hashes:
    return spread(hash_texts([value[-length:] for value in column.values]), column.codes, 0)


def place_keys(people: People) -> Iterator[tuple[str, Hashes]]:
    """Yield the keys that people share who are related, not the same: a home, a firm, a phone."""
    features = Features(people)
    located = combine(features.street, np.maximum(features.postal, features.city))
    shared = {
        "home": located if located.any() else features.street,
        "company": features.company,
        "phone": features.phone_end,
        "host": features.host,
    }
    for name, hashes in shared.items():
        if hashes.any():
            yield name, hashes
