import pytest

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


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Dr. Anna Müller", "anna muller"),
        ("Waters Jr.", "waters"),
        ("O'Connor", "oconnor"),
        ("Dr", "dr"),
        ("n/a", ""),
        ("A*** M***", ""),
        ("12345", ""),
    ],
)
def test_names_lose_titles_and_what_stands_for_nothing(written: str, read: str) -> None:
    assert read_name(written) == read


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Brown Retail Ltd.", "brown retail"),
        ("Retail Brown GmbH & Co. KG", "brown retail"),
        ("S.A.", "sa"),
    ],
)
def test_companies_lose_their_legal_form_and_the_order_of_words(written: str, read: str) -> None:
    assert read_company(written) == read


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Anna@Example.com", "anna@example.com"),
        ("<anna+news@example.com>", "anna@example.com"),
        ("anna@googlemail.com", "anna@gmail.com"),
        ("mailto:anna@example.com", "anna@example.com"),
        ("anna at example", ""),
        ("a***@example.com", ""),
    ],
)
def test_addresses_lose_case_and_tags(written: str, read: str) -> None:
    assert read_email(written) == read


@pytest.mark.parametrize(
    "written",
    [
        "+49 160 4642 1069",
        "0049 160 46421069",
        "0160/46421069",
        "+49 (0) 160 46421069",
        "+4916046421069",
        "0160 46421069; 030 123456",
    ],
)
def test_all_spellings_of_a_number_are_read_alike(written: str) -> None:
    assert read_phone(written) == "16046421069"


@pytest.mark.parametrize(
    ("written", "region", "read"),
    [
        ("1-602-891-8255", "", "6028918255"),
        ("4916046421069", "DE", "16046421069"),
        ("(212) 555-0199 x391", "US", "2125550199x391"),
        ("212 555 0199 ext. 12", "", "2125550199x12"),
        ("+351 912 345 678", "", "912345678"),
        ("12345", "", ""),
        ("000000000", "", ""),
        ("+49 160 ****069", "", ""),
    ],
)
def test_numbers_lose_their_country_and_keep_their_extension(
    written: str, region: str, read: str
) -> None:
    assert read_phone(written, region) == read


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("12 Main Street", "12|main st"),
        ("12a main st.", "12|main st"),
        ("Schulstraße 12", "12|schulstr"),
        ("Schulstr. 12", "12|schulstr"),
        ("Lindenallee", "|lindenallee"),
    ],
)
def test_streets_are_a_number_and_a_name(written: str, read: str) -> None:
    assert read_street(written) == read


@pytest.mark.parametrize(
    ("written", "read"),
    [("60601-1234", "60601"), ("SW1A 1AA", "sw1a1aa"), ("60601.0", "60601"), ("00000", "")],
)
def test_postal_codes_lose_what_is_often_left_out(written: str, read: str) -> None:
    assert read_postal_code(written) == read


@pytest.mark.parametrize(
    ("written", "month_first", "read"),
    [
        ("1984-10-09", False, "19841009"),
        ("19841009", False, "19841009"),
        ("09.10.1984", False, "19841009"),
        ("10/09/1984", True, "19841009"),
        ("23/08/1994", True, "19940823"),
        ("9 October 1984", False, "19841009"),
        ("Oct 9, 1984", False, "19841009"),
        ("1984-10-09T00:00:00Z", False, "19841009"),
        ("9.10.84", False, "19841009"),
        ("unknown", False, ""),
    ],
)
def test_dates_are_eight_digits(written: str, month_first: bool, read: str) -> None:
    assert read_date(written, month_first=month_first) == read


def test_a_column_tells_whether_months_come_first() -> None:
    assert month_comes_first(["05/31/1994", "01/02/1990"])
    assert not month_comes_first(["31/05/1994", "01/02/1990"])
    assert not month_comes_first(["1994-05-31"])


def test_forms_of_address_are_genders() -> None:
    assert [read_gender(text) for text in ("Frau", "M", "divers")] == ["f", "m", "divers"]


def test_masked_text_says_nothing() -> None:
    assert read_text("XXXX") == ""
    assert read_text("Ber**") == ""
