"""The levels of all fields for many pairs of records at once."""

from __future__ import annotations

from functools import cached_property
from typing import Final

import numpy as np

from syncbridge.match.alike import (
    Dates,
    Distinct,
    Levels,
    Words,
    company_levels,
    date_levels,
    mail_levels,
    middle_levels,
    name_levels,
    organisation_levels,
    phone_levels,
    plain_levels,
    postal_levels,
    street_levels,
    swapped,
    text_levels,
)
from syncbridge.match.coded import Coded, Flags, Rows
from syncbridge.match.fields import (
    BIRTH,
    CITY,
    COMPANY,
    COMPARISONS,
    COUNTRY,
    DOMAIN,
    EMAIL,
    FAMILY,
    GENDER,
    GIVEN,
    JOB,
    MIDDLE,
    ORGANISATION,
    PHONE,
    POSTAL,
    REGION,
    SAME,
    SKU,
    STREET,
    SWAPPED,
)
from syncbridge.match.people import People

#: Pairs whose strings are compared at once.
_TOGETHER: Final = 100_000


def share_whole_name(levels: Levels) -> Flags:
    """Answer which pairs have both names alike, however they are spelled."""
    given, family = levels[:, GIVEN], levels[:, FAMILY]
    alike: Flags = (given >= SAME) & (given <= SWAPPED) & (family >= SAME) & (family <= SWAPPED)
    return alike


class Comparer:
    """Compares records of one base; its tables are made once."""

    def __init__(self, people: People) -> None:
        self.people = people

    def levels(self, left: Rows, right: Rows) -> Levels:
        """Answer an array of one row a pair and one column a comparison."""
        found = np.zeros((len(left), len(COMPARISONS)), np.uint8)
        for begin in range(0, len(left), _TOGETHER):
            part = slice(begin, begin + _TOGETHER)
            self._fill(found[part], left[part], right[part])
        return found

    def _fill(self, found: Levels, left: Rows, right: Rows) -> None:
        people, names = self.people, self.people.names
        if names.values:
            found[:, GIVEN] = name_levels(names, self._names, names.given[left], names.given[right])
            found[:, FAMILY] = name_levels(
                names, self._names, names.family[left], names.family[right]
            )
            swapped(names, self._names, left, right, found[:, GIVEN], found[:, FAMILY])
        if people.mail.address.values:
            found[:, EMAIL], found[:, DOMAIN] = mail_levels(people.mail, self._mail, left, right)
        if people.phones.number.values:
            found[:, PHONE] = phone_levels(people.phones, self._phones, left, right)
        if people.streets.whole.values:
            found[:, STREET] = street_levels(people.streets, self._streets, left, right)
        for place, column in self._columns.items():
            if column.values:
                found[:, place] = self._one(place, column, left, right)

    def _one(self, place: int, column: Coded, left: Rows, right: Rows) -> Levels:
        """Compare a field that one column says all of."""
        ones, others = column.codes[left], column.codes[right]
        if place == BIRTH:
            return date_levels(self._dates, ones, others)
        if place == COMPANY:
            return company_levels(self._company, ones, others)
        if place == CITY:
            return text_levels(self._city, ones, others)
        if place == POSTAL:
            return postal_levels(self._postal, ones, others)
        if place == MIDDLE:
            return middle_levels(self._middle, ones, others)
        if place == ORGANISATION:
            return organisation_levels(self._organisations, ones, others)
        return plain_levels(ones, others)

    @cached_property
    def _columns(self) -> dict[int, Coded]:
        people = self.people
        return {
            BIRTH: people.birth,
            COMPANY: people.company,
            CITY: people.city,
            POSTAL: people.postal_code,
            REGION: people.region,
            COUNTRY: people.country,
            JOB: people.job_title,
            GENDER: people.gender,
            SKU: people.sku,
            ORGANISATION: people.organisation,
            MIDDLE: people.middle_name,
        }

    @cached_property
    def _names(self) -> Distinct:
        return Distinct(self.people.names.values, head=1, tail=2)

    @cached_property
    def _mail(self) -> Distinct:
        return Distinct(self.people.mail.address.values, head=3, tail=14)

    @cached_property
    def _dates(self) -> Dates:
        return Dates(self.people.birth.values)

    @cached_property
    def _phones(self) -> Distinct:
        return Distinct(self.people.phones.number.values, head=4, tail=4)

    @cached_property
    def _streets(self) -> Distinct:
        return Distinct(self.people.streets.name.values, head=1, tail=5)

    @cached_property
    def _company(self) -> Distinct:
        return Distinct(self.people.company.values, head=3, tail=3)

    @cached_property
    def _city(self) -> Distinct:
        return Distinct(self.people.city.values, head=2, tail=3)

    @cached_property
    def _postal(self) -> Distinct:
        return Distinct(self.people.postal_code.values, head=2, tail=2)

    @cached_property
    def _middle(self) -> Distinct:
        return Distinct(self.people.middle_name.values, head=1, tail=1)

    @cached_property
    def _organisations(self) -> Words:
        return Words(self.people.organisation.values)
