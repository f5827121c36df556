"""A base of people, read once: what they are compared and found by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from syncbridge.match.coded import (
    NONE,
    Coded,
    Codes,
    Flags,
    Hashes,
    Rows,
    coded,
    hash_texts,
    scramble,
    spread,
)
from syncbridge.match.fields import (
    BIRTH,
    CITY,
    COMPANY,
    COUNTRY,
    DOMAIN,
    FAMILY,
    GIVEN,
    JOB,
    MIDDLE,
    ORGANISATION,
    PHONE,
    POSTAL,
    REGION,
    SKU,
    STREET,
    Field,
)
from syncbridge.match.letters import skeleton, sound
from syncbridge.match.nicknames import NICKNAME_GROUPS
from syncbridge.match.reading import (
    month_comes_first,
    read_company,
    read_date,
    read_email,
    read_gender,
    read_name,
    read_phone,
    read_postal_code,
    read_street,
    read_text,
)
from syncbridge.match.vocabulary import FREE_MAIL, ROLE_ADDRESSES
from syncbridge.normalize.person import person_name

#: Lines of nicknames that are kept for one name.
_GROUPS_KEPT: Final = 4
_LETTERS_ONLY: Final = {code: None for code in range(128) if not chr(code).isalpha()}
_DIGITS_ONLY: Final = {code: None for code in range(128) if not chr(code).isdigit()}


@dataclass(frozen=True, slots=True)
class Names:
    """Given and family names over one list of values, so that swapped ones are seen."""

    values: list[str]
    given: Codes
    family: Codes
    #: Per record: the number of its whole name; none where a part is missing.
    whole: Codes
    #: Per value: the number of its skeleton.
    skeletons: Codes
    #: Per value: the sum of its words' hashes, the same in any order.
    words: Hashes
    #: Per value: the lines of nicknames it is in; `NONE` fills up.
    groups: Codes
    #: Per value: the hash of its first sound.
    sounds: Hashes
    #: Per value: the hash of the name it is short for, if that is certain; else of its skeleton.
    roots: Hashes


@dataclass(frozen=True, slots=True)
class Mail:
    """E-mail addresses and what they are made of."""

    address: Coded
    #: The part before the @; none for addresses that many people read.
    local: Coded
    #: Letters of the local part alone, and its digits.
    letters: Coded
    digits: Coded
    domain: Coded
    #: Domains that are somebody's own; none where anybody may have an address.
    host: Coded
    #: The local part shows the record's own name.
    is_derived: Flags


@dataclass(frozen=True, slots=True)
class Phones:
    """Numbers without country code."""

    number: Coded
    extension: Coded
    #: The last eight digits, which all spellings of one number share.
    end: Coded


@dataclass(frozen=True, slots=True)
class Streets:
    """Address lines."""

    whole: Coded
    name: Coded
    number: Coded


@dataclass(frozen=True, slots=True)
class People:
    """All records of a base, as columns of one length.

    They stand in an order of their own, which depends on what they say and not on how they came:
    the same records in another order give the same people.
    """

    count: int
    #: Per record the row it had when it was read.
    rows: Rows
    names: Names
    mail: Mail
    phones: Phones
    streets: Streets
    birth: Coded
    company: Coded
    city: Coded
    postal_code: Coded
    region: Coded
    country: Coded
    job_title: Coded
    gender: Coded
    sku: Coded
    #: The name of an organisation in a base that has no people; there is no company then.
    organisation: Coded
    middle_name: Coded

    @property
    def is_organisations(self) -> bool:
        """Say whether the records are of organisations: named, but by no person's name."""
        return bool(self.organisation.values)


def read_people(columns: Mapping[Field, Coded], *, region: str = "") -> People:
    """Read a base from its columns as they were written; all have one length.

    Args:
        columns: what is known of the people.
        region: ISO 3166 alpha-2 of numbers without a country code; "" if that is not known.
    """
    count = max((len(column) for column in columns.values()), default=0)
    rows = _own_order(columns, count)
    columns = {field: column.reordered(rows) for field, column in columns.items()}
    nothing = Coded(np.full(count, NONE, np.int32), [])

    def read(field: Field, reader: Callable[[str], str]) -> Coded:
        return columns.get(field, nothing).map(reader)

    names = _read_names(columns, nothing)
    company = read(Field.COMPANY, read_company)
    has_people = bool((names.given >= 0).any() or (names.family >= 0).any())
    dates = columns.get(Field.BIRTH_DATE, nothing)
    month_first = month_comes_first(dates.values)
    return People(
        count=count,
        rows=rows,
        names=names,
        mail=_read_mail(read(Field.EMAIL, read_email), names),
        phones=_read_phones(read(Field.PHONE, lambda raw: read_phone(raw, region))),
        streets=_read_streets(read(Field.STREET, read_street)),
        birth=dates.map(lambda raw: read_date(raw, month_first=month_first)),
        company=company if has_people else nothing,
        city=read(Field.CITY, read_text),
        postal_code=read(Field.POSTAL_CODE, read_postal_code),
        region=read(Field.REGION, read_text),
        country=read(Field.COUNTRY, read_text),
        job_title=read(Field.JOB_TITLE, read_text),
        gender=read(Field.GENDER, read_gender),
        sku=read(Field.SKU, read_text),
        organisation=nothing if has_people else company,
        middle_name=read(Field.MIDDLE_NAME, read_name),
    )


def _own_order(columns: Mapping[Field, Coded], count: int) -> Rows:
    sums = np.zeros(count, np.uint64)
    for field in Field:
        if field in columns:
            sums = scramble(sums + columns[field].hashes())
    return np.argsort(sums, kind="stable")


def _read_names(columns: Mapping[Field, Coded], nothing: Coded) -> Names:
    given, family = columns.get(Field.GIVEN_NAME), columns.get(Field.FAMILY_NAME)
    if Field.FULL_NAME in columns and given is None and family is None:
        given, family = _split_names(columns[Field.FULL_NAME])
    given = (given or nothing).map(read_name)
    family = (family or nothing).map(read_name)
    together = coded([*given.values, *family.values])
    numbers = together.codes
    values = together.values
    givens = spread(numbers[: len(given.values)], given.codes, NONE)
    families = spread(numbers[len(given.values) :], family.codes, NONE)
    return Names(
        values=values,
        given=givens,
        family=families,
        whole=_whole_names(givens, families, len(values)),
        skeletons=coded([skeleton(value) for value in values]).codes,
        words=_sum_of_words(values),
        groups=_nickname_groups(values),
        sounds=hash_texts([sound(value.split(" ", 1)[0]) for value in values]),
        roots=_roots(values),
    )


def _whole_names(given: Codes, family: Codes, values: int) -> Codes:
    whole = given.astype(np.int64) * values + family
    numbers: Codes = np.unique(whole, return_inverse=True)[1].astype(np.int32)
    numbers[(given < 0) | (family < 0)] = NONE
    return numbers


def _split_names(full: Coded) -> tuple[Coded, Coded]:
    parts = [person_name(value) for value in full.values]
    return full.of_values([part.given for part in parts]), full.of_values(
        [part.family for part in parts]
    )


def _sum_of_words(values: list[str]) -> Hashes:
    sums = hash_texts(values)
    several = [at for at, value in enumerate(values) if " " in value]
    for at in several:
        sums[at] = hash_texts(values[at].split()).sum()
    return sums


def _nickname_groups(values: list[str]) -> Codes:
    groups = np.full((len(values), _GROUPS_KEPT), NONE, np.int32)
    for at, value in enumerate(values):
        if found := NICKNAME_GROUPS.get(value.split(" ", 1)[0]):
            groups[at, : len(found)] = found[:_GROUPS_KEPT]
    return groups


def _roots(values: list[str]) -> Hashes:
    return hash_texts(
        [
            f"={found[0]}" if (found := NICKNAME_GROUPS.get(value)) else skeleton(value)
            for value in values
        ]
    )


def _read_mail(address: Coded, names: Names) -> Mail:
    locals_, letters, hosts = [], [], []
    for value in address.values:
        local, _, host = value.rpartition("@")
        is_role = local in ROLE_ADDRESSES
        locals_.append("" if is_role else local)
        letters.append("" if is_role else local.translate(_LETTERS_ONLY))
        hosts.append("" if host in FREE_MAIL else host)
    spelled = address.of_values(letters)
    return Mail(
        address=address,
        local=address.of_values(locals_),
        letters=spelled,
        digits=address.of_values([_digits(value) for value in address.values]),
        domain=address.of_values([value.rpartition("@")[2] for value in address.values]),
        host=address.of_values(hosts),
        is_derived=_derived(spelled, names),
    )


def _digits(address: str) -> str:
    return address.partition("@")[0].translate(_DIGITS_ONLY)


def _derived(letters: Coded, names: Names) -> Flags:
    """Answer which records' addresses show the name: all of one part of it, or nearly."""
    texts, values = letters.values, names.values
    flags = np.zeros(len(letters), np.bool_)
    rows = np.flatnonzero(letters.codes >= 0)
    spelled = letters.codes[rows].tolist()
    given, family = names.given[rows].tolist(), names.family[rows].tolist()
    found = [
        (f >= 0 and values[f] in texts[t])
        or (g >= 0 and len(values[g]) > 2 and values[g] in texts[t])
        for t, g, f in zip(spelled, given, family, strict=True)
    ]
    flags[rows] = found
    return flags


def _read_phones(whole: Coded) -> Phones:
    split = [value.partition("x") for value in whole.values]
    return Phones(
        number=whole.of_values([number for number, _, _ in split]),
        extension=whole.of_values([extension for _, _, extension in split]),
        end=whole.of_values([number[-8:] for number, _, _ in split]),
    )


def _read_streets(whole: Coded) -> Streets:
    split = [value.partition("|") for value in whole.values]
    return Streets(
        whole=whole,
        name=whole.of_values([name for _, _, name in split]),
        number=whole.of_values([number for number, _, _ in split]),
    )


def value_columns(people: People) -> Mapping[int, Coded]:
    """Answer the columns whose values are counted, by the number of their comparison."""
    names = people.names
    return {
        GIVEN: Coded(names.given, names.values),
        FAMILY: Coded(names.family, names.values),
        BIRTH: people.birth,
        DOMAIN: people.mail.host,
        PHONE: people.phones.number,
        COMPANY: people.company,
        STREET: people.streets.whole,
        CITY: people.city,
        POSTAL: people.postal_code,
        REGION: people.region,
        COUNTRY: people.country,
        JOB: people.job_title,
        SKU: people.sku,
        ORGANISATION: people.organisation,
        MIDDLE: people.middle_name,
    }
