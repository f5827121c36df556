"""Which column of a file is which field, by its header."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from syncbridge.match.fields import Field
from syncbridge.normalize.text import fold

#: What headers are called, their words in any case and with any sign between them.
_HEADERS: Final[Mapping[Field, str]] = {
    Field.GIVEN_NAME: "given name|first name|firstname|forename|vorname|prenom|nombre|name first|"
    "fname|christian name|given names|givenname|first|properties firstname",
    Field.FAMILY_NAME: "family name|last name|lastname|surname|nachname|familienname|apellido|"
    "apellidos|cognome|lname|name last|familyname|last|sur name|second name",
    Field.MIDDLE_NAME: "middle name|middle initial|middle|middlename|second forename|"
    "zweiter vorname|mi|deuxieme prenom",
    Field.FULL_NAME: "full name|fullname|name|display name|contact name|contact|person|"
    "customer name|nom complet|person name|kontakt",
    Field.COMPANY: "company|company name|organisation|organization|account|account name|firma|"
    "employer|organisation name|organization name|business|business name|site name|societe|"
    "empresa|entreprise|unternehmen|org|title of organisation|associatedcompany",
    Field.BIRTH_DATE: "birth date|date of birth|dob|birthdate|birthday|geburtsdatum|"
    "geburtstag|date naissance|fecha nacimiento|born|birth",
    Field.EMAIL: "email|e mail|mail|email address|e mail address|emailaddress|email 1|work email|"
    "mail address|correo|courriel|primary email|hs email",
    Field.PHONE: "phone|telephone|phone number|mobile|mobile phone|cell|cell phone|tel|telefon|"
    "handy|mobil|telefono|telephone number|mobilephone|phonenumber|phone 1|whatsapp|"
    "contact number|msisdn|business phone|home phone|portable|primary phone|work phone",
    Field.STREET: "street|address|street address|address 1|address1|address line 1|addr|strasse|"
    "street number|street name|house number|mailing street|adresse|direccion|street 1|house no|"
    "hausnummer|strasse hausnummer|anschrift|unit number|number|mailingstreet|billing street|"
    "residence",
    Field.CITY: "city|town|suburb|locality|ort|stadt|ville|ciudad|municipality|place|mailing city|"
    "mailingcity|billing city|post town|wohnort",
    Field.REGION: "state|region|province|county|bundesland|state province|departement|provincia|"
    "mailing state",
    Field.POSTAL_CODE: "postal code|postcode|zip|zip code|zipcode|plz|postleitzahl|post code|"
    "code postal|postalcode|codigo postal|cp|mailing postal code|zip postal code",
    Field.COUNTRY: "country|country code|land|pays|pais|nation|mailing country",
    Field.JOB_TITLE: "job title|jobtitle|title|position|role|occupation|beruf|funktion|job",
    Field.GENDER: "gender|sex|geschlecht|sexe|sexo|salutation|anrede",
    Field.SKU: "sku|product|product code|article|artikel|item",
}
_FIELD_OF: Final = {
    header: field for field, headers in _HEADERS.items() for header in headers.split("|")
}
_WORD_PARTS = re.compile(r"(?<=[a-z])(?=[A-Z])|[\W_]+")
#: What names a record and not a person is no evidence, whatever it looks like.
_IDENTITY = re.compile(r"(?:^| )(?:u?u?id|guid|ids|ssn|key|cluster|truth|label|rowid|index)(?: |$)")


def recognise(
    headers: Sequence[str], *, truth: str | None = None, chosen: Mapping[str, Field] | None = None
) -> dict[str, Field]:
    """Answer which column is which field, in the order of the columns.

    Args:
        headers: the columns' headers as they are written.
        truth: the column that tells who is who; never evidence.
        chosen: columns whose field a person said; it outranks what is recognised, and a field
            that was chosen is not looked for elsewhere.
    """
    chosen = dict(chosen or {})
    found = {}
    for header in headers:
        if header in chosen:
            found[header] = chosen[header]
        elif header != truth and (field := _field_of(header)) and field not in chosen.values():
            found[header] = field
    fields = set(found.values())
    if {Field.GIVEN_NAME, Field.FAMILY_NAME} & fields:
        found = {
            header: field
            for header, field in found.items()
            if field is not Field.FULL_NAME or header in chosen
        }
    return found


def is_identity(header: str) -> bool:
    """Say whether a header names what identifies a record, not a person."""
    return bool(_IDENTITY.search(_tidy(header)))


def _field_of(header: str) -> Field | None:
    return None if is_identity(header) else _FIELD_OF.get(_tidy(header))


def _tidy(header: str) -> str:
    return fold(" ".join(_WORD_PARTS.split(header))).strip()
