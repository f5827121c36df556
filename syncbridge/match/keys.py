"""The keys by which two records of one person may find each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np

from syncbridge.match.coded import Hashes, combine
from syncbridge.match.features import Features
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
    "organisation_postal": ("organisation_first", "postal"),
    "organisation_2_postal": ("organisation_last", "postal"),
    "organisation_street": ("organisation_first", "street"),
    "organisation_start": ("organisation_8",),
    "organisation_number": ("organisation_rare", "street_number"),
    "organisation_rare": ("organisation_rare",),
    "organisation_rare_2": ("organisation_rare_2",),
    "number_postal": ("street_number", "postal"),
    "street": ("street",),
}


#: Records from which on weak keys are left out.
_LARGE: Final = 50_000


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


def place_keys(people: People) -> Iterator[tuple[str, Hashes]]:
    """Yield the keys that people share who are related, not the same: a home, a firm, a phone."""
    features = Features(people)
    located = combine(features["street"], np.maximum(features["postal"], features["city"]))
    shared = {
        "home": located if located.any() else features["street"],
        "company": features["company"],
        "phone": features["phone_end"],
        "host": features["host"],
    }
    for name, hashes in shared.items():
        if hashes.any():
            yield name, hashes
