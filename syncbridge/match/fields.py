"""The fields two people are compared by, and how alike two values of each can be."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Field(StrEnum):
    """What may be known of a person when it is compared with another one."""

    GIVEN_NAME = "given_name"
    FAMILY_NAME = "family_name"
    MIDDLE_NAME = "middle_name"
    #: Split into the two fields above where a base has no such columns.
    FULL_NAME = "full_name"
    COMPANY = "company"
    BIRTH_DATE = "birth_date"
    EMAIL = "email"
    PHONE = "phone"
    STREET = "street"
    CITY = "city"
    REGION = "region"
    POSTAL_CODE = "postal_code"
    COUNTRY = "country"
    JOB_TITLE = "job_title"
    GENDER = "gender"
    SKU = "sku"


#: The level of two values of which one is missing: no evidence either way.
MISSING: Final = 0
#: The level of two equal values.
SAME: Final = 1


class Relation(StrEnum):
    """Why two records of different people agree on more than chance would have them."""

    HOME = "home"
    WORK = "work"


_HOME: Final = (Relation.HOME,)
_WORK: Final = (Relation.WORK,)
_BOTH: Final = (Relation.HOME, Relation.WORK)


@dataclass(frozen=True, slots=True)
class Comparison:
    """How one field is compared: its levels, and what is believed of them beforehand."""

    name: str
    #: What each level says, in words; the first is "not known on both sides".
    levels: tuple[str, ...]
    #: How often two records of one person show each level (the first is left out).
    match: tuple[float, ...]
    #: How often two records of strangers do.
    random: tuple[float, ...]
    #: The kinds of related people who often agree on it; those of no kind do so by chance only.
    shared_by: tuple[Relation, ...] = ()
    #: How often related people agree as one person's records would, before anything is seen.
    shared: float = 0.5
    #: The most that may be learned of that.
    most_shared: float = 1.0
    #: A rare value that is shared says more than a frequent one.
    by_frequency: bool = False

    def is_chance_among(self, relation: Relation) -> bool:
        """Say whether people who are so related agree on it by chance only."""
        return relation not in self.shared_by

    @property
    def count(self) -> int:
        """How many levels there are, the missing one included."""
        return len(self.levels)


_UNKNOWN: Final = "not known on both sides"
_NAME_LEVELS: Final = (
    _UNKNOWN, "the same", "another form of the same name", "one letter apart", "very similar",
    "an initial or a part of it", "changed places", "somewhat similar", "different",
)  # fmt: skip
#: Levels of a name by number.
VARIANT, ONE_LETTER, VERY_SIMILAR, PART, SWAPPED, SOMEWHAT, OTHER = range(2, 9)

GIVEN, FAMILY, BIRTH, EMAIL, DOMAIN, PHONE, COMPANY, STREET, CITY, POSTAL, REGION, COUNTRY = range(
    12
)
JOB, GENDER, SKU, ORGANISATION, MIDDLE = range(12, 17)

#: In the order of the columns of a comparison.
COMPARISONS: Final = (
    Comparison(
        "given name", _NAME_LEVELS,
        (0.72, 0.06, 0.05, 0.04, 0.04, 0.02, 0.02, 0.05),
        (0.006, 0.002, 0.001, 0.008, 0.01, 0.0005, 0.04, 0.9325), by_frequency=True,
    ),
    Comparison(
        "family name", _NAME_LEVELS,
        (0.78, 0.02, 0.06, 0.04, 0.02, 0.02, 0.02, 0.04),
        (0.003, 0.0005, 0.001, 0.004, 0.002, 0.0005, 0.03, 0.959),
        shared_by=_HOME, by_frequency=True,
    ),
    Comparison(
        "birth date",
        (_UNKNOWN, "the same", "one digit apart or changed places", "day and month or year differ",
         "the same year", "different"),
        (0.85, 0.08, 0.03, 0.01, 0.03), (0.00005, 0.001, 0.01, 0.012, 0.97695),
        # Twins, and dates copied from one member of a household to another.
        shared_by=_HOME, shared=0.01, most_shared=0.05, by_frequency=True,
    ),
    Comparison(
        "e-mail",
        (_UNKNOWN, "the same", "the same, made of the name", "nearly the same",
         "the same before the @", "both made of the name", "different"),
        (0.35, 0.2, 0.08, 0.05, 0.12, 0.2), (0.000002, 0.0005, 0.00003, 0.0001, 0.0002, 0.9992),
    ),
    Comparison(
        "e-mail host", (_UNKNOWN, "the same", "different"), (0.5, 0.5), (0.002, 0.998),
        shared_by=_WORK, by_frequency=True,
    ),
    Comparison(
        "phone",
        (_UNKNOWN, "the same", "the same end", "one digit apart", "the same, another extension",
         "different"),
        (0.7, 0.03, 0.04, 0.03, 0.2), (0.000005, 0.000005, 0.00002, 0.000005, 0.999965),
        shared_by=_BOTH, by_frequency=True,
    ),
    Comparison(
        "company", (_UNKNOWN, "the same", "very similar", "shares words", "different"),
        (0.7, 0.12, 0.08, 0.1), (0.002, 0.001, 0.01, 0.987), shared_by=_WORK, by_frequency=True,
    ),
    Comparison(
        "street",
        (_UNKNOWN, "the same", "nearly the same", "the same street, another number",
         "a similar street", "different"),
        (0.62, 0.16, 0.06, 0.03, 0.13), (0.0002, 0.0003, 0.01, 0.02, 0.9695),
        shared_by=_BOTH, by_frequency=True,
    ),
    Comparison(
        "city", (_UNKNOWN, "the same", "nearly the same", "different"),
        (0.75, 0.1, 0.15), (0.02, 0.002, 0.978), shared_by=_BOTH, by_frequency=True,
    ),
    Comparison(
        "postal code", (_UNKNOWN, "the same", "one digit apart", "the same beginning", "different"),
        (0.72, 0.12, 0.03, 0.13), (0.002, 0.003, 0.01, 0.985),
        shared_by=_BOTH, by_frequency=True,
    ),
    Comparison(
        "region", (_UNKNOWN, "the same", "different"), (0.9, 0.1), (0.2, 0.8),
        shared_by=_BOTH, by_frequency=True,
    ),
    Comparison(
        "country", (_UNKNOWN, "the same", "different"), (0.95, 0.05), (0.5, 0.5),
        shared_by=_BOTH, by_frequency=True,
    ),
    Comparison(
        "job title", (_UNKNOWN, "the same", "different"), (0.6, 0.4), (0.05, 0.95),
        by_frequency=True,
    ),
    Comparison("gender", (_UNKNOWN, "the same", "different"), (0.97, 0.03), (0.5, 0.5)),
    Comparison(
        "product bought", (_UNKNOWN, "the same", "different"), (0.3, 0.7), (0.05, 0.95),
        by_frequency=True,
    ),
    Comparison(
        "organisation's name",
        (_UNKNOWN, "the same", "nearly all words", "one contains the other", "most words",
         "some words", "different"),
        (0.4, 0.15, 0.2, 0.08, 0.07, 0.1), (0.0005, 0.0005, 0.002, 0.002, 0.015, 0.98),
        by_frequency=True,
    ),
    Comparison(
        "middle name", (_UNKNOWN, "the same", "its initial", "different"),
        (0.75, 0.15, 0.1), (0.04, 0.03, 0.93), by_frequency=True,
    ),
)  # fmt: skip


def namesakes_among(relation: Relation | None) -> bool:
    """Say whether people who are so related (None: strangers) share a whole name by chance only."""
    return relation is None or all(
        COMPARISONS[place].is_chance_among(relation) for place in (GIVEN, FAMILY)
    )
