"""Small bases for the tests of matching."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from syncbridge.match.coded import coded
from syncbridge.match.fields import Field
from syncbridge.match.people import People, read_people
from syncbridge.testing.people import Person

FIELDS = {
    Field.GIVEN_NAME: "given_name",
    Field.FAMILY_NAME: "family_name",
    Field.BIRTH_DATE: "birth_date",
    Field.EMAIL: "email",
    Field.PHONE: "phone",
    Field.COMPANY: "company",
    Field.STREET: "street",
    Field.CITY: "city",
    Field.POSTAL_CODE: "postal_code",
    Field.COUNTRY: "country",
}


def base(*records: Mapping[str, str], region: str = "") -> People:
    """Answer the people of records given field by field; what is left out is not known."""
    named = {field for record in records for field in record}
    return read_people(
        {Field(name): coded([record.get(name, "") for record in records]) for name in named},
        region=region,
    )


def base_of(people: Sequence[Person]) -> People:
    """Answer a base of made-up people."""
    return read_people(
        {field: coded([getattr(one, name) for one in people]) for field, name in FIELDS.items()}
    )
