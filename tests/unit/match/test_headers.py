import pytest

from syncbridge.match.fields import Field
from syncbridge.match.headers import is_identity, recognise


def test_headers_are_recognised_however_they_are_written() -> None:
    headers = ["First Name", "lastName", "E-Mail", "Telefon", "PLZ", "date_of_birth", "Firma"]
    assert list(recognise(headers).values()) == [
        Field.GIVEN_NAME,
        Field.FAMILY_NAME,
        Field.EMAIL,
        Field.PHONE,
        Field.POSTAL_CODE,
        Field.BIRTH_DATE,
        Field.COMPANY,
    ]


@pytest.mark.parametrize("header", ["rec_id", "cluster", "soc_sec_id", "uuid", "True Id", "Key"])
def test_what_names_a_record_is_never_evidence(header: str) -> None:
    assert is_identity(header)
    assert recognise([header, "name"]) == {"name": Field.FULL_NAME}


def test_the_truth_is_never_evidence() -> None:
    assert recognise(["person", "email"], truth="person") == {"email": Field.EMAIL}


def test_what_a_person_chose_outranks_what_is_recognised() -> None:
    chosen = {"contact2": Field.EMAIL}
    assert recognise(["email", "contact2", "city"], chosen=chosen) == {
        "contact2": Field.EMAIL,
        "city": Field.CITY,
    }


def test_a_full_name_is_not_needed_beside_its_parts() -> None:
    assert Field.FULL_NAME not in recognise(["name", "first_name", "last_name"]).values()
