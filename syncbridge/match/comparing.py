"""The levels of all fields for many pairs of records at once."""

from __future__ import annotations

from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from syncbridge.match.alike import (
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
from syncbridge.match.blocking import Rows
from syncbridge.match.fields import COMPARISONS
from syncbridge.match.people import People

#: Pairs whose strings are compared at once.
_TOGETHER: Final = 250_000


class Comparer:
    """Compares records of one base; its tables are made once."""

    def __init__(self, people: People) -> None:
        self.people = people

    def levels(self, left: Rows, right: Rows) -> Levels:
        """Answer an array of one row a pair and one column a comparison."""
        found = np.empty((len(left), len(COMPARISONS)), np.uint8)
        for begin in range(0, len(left), _TOGETHER):
            part = slice(begin, begin + _TOGETHER)
            self._fill(found[part], left[part], right[part])
        return found

    def _fill(self, found: NDArray[np.uint8], left: Rows, right: Rows) -> None:
        people = self.people
        names = people.names
        given = name_levels(names, self._names, names.given[left], names.given[right])
        family = name_levels(names, self._names, names.family[left], names.family[right])
        swapped(names, self._names, left, right, given, family)
        mail, host = mail_levels(people.mail, self._mail, left, right)
        columns = (
            given,
            family,
            date_levels(self._birth, people.birth.codes[left], people.birth.codes[right]),
            mail,
            host,
            phone_levels(people.phones, self._phones, left, right),
            company_levels(self._company, people.company.codes[left], people.company.codes[right]),
            street_levels(people.streets, self._streets, left, right),
            text_levels(self._city, people.city.codes[left], people.city.codes[right]),
            postal_levels(
                self._postal, people.postal_code.codes[left], people.postal_code.codes[right]
            ),
            *(
                plain_levels(column.codes[left], column.codes[right])
                for column in (
                    people.region,
                    people.country,
                    people.job_title,
                    people.gender,
                    people.sku,
                )
            ),
            organisation_levels(
                self._organisations,
                people.organisation.codes[left],
                people.organisation.codes[right],
            ),
            middle_levels(
                self._middle, people.middle_name.codes[left], people.middle_name.codes[right]
            ),
        )
        for place, column in enumerate(columns):
            found[:, place] = column

    @cached_property
    def _names(self) -> Distinct:
        return Distinct(self.people.names.values)

    @cached_property
    def _mail(self) -> Distinct:
        return Distinct(self.people.mail.address.values)

    @cached_property
    def _birth(self) -> Distinct:
        return Distinct(self.people.birth.values)

    @cached_property
    def _phones(self) -> Distinct:
        return Distinct(self.people.phones.number.values)

    @cached_property
    def _streets(self) -> Distinct:
        return Distinct(self.people.streets.name.values)

    @cached_property
    def _company(self) -> Distinct:
        return Distinct(self.people.company.values)

    @cached_property
    def _city(self) -> Distinct:
        return Distinct(self.people.city.values)

    @cached_property
    def _postal(self) -> Distinct:
        return Distinct(self.people.postal_code.values)

    @cached_property
    def _middle(self) -> Distinct:
        return Distinct(self.people.middle_name.values)

    @cached_property
    def _organisations(self) -> Words:
        return Words(self.people.organisation.values)
