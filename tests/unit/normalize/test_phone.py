# ruff: noqa: RUF001 (digits of other scripts are the matter of these tests)
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncbridge.normalize.phone import (
    phone_keys,
    read_phone,
    reconciled,
    whatsapp_key,
    whatsapp_number,
)


@pytest.mark.parametrize(
    ("raw", "region", "e164"),
    [
        ("0171 1234567", "DE", "+491711234567"),
        ("+49 (0)171 / 123 45 67", "US", "+491711234567"),
        ("0049 171 1234567", "US", "+491711234567"),
        ("011 49 171 1234567", "US", "+491711234567"),
        ("(415) 555-2671", "US", "+14155552671"),
        ("+44 (0)20 7946 0958", "GB", "+442079460958"),
        ("020 7946 0958", "GB", "+442079460958"),
        ("9123 4567", "HK", "+85291234567"),
        ("+886 0912 345 678", "", "+886912345678"),
        ("0912-345-678", "TW", "+886912345678"),
        ("098765 43210", "IN", "+919876543210"),
        ("8 (912) 345-67-89", "RU", "+79123456789"),
        ("٠٥٠ ١٢٣ ٤٥٦٧", "SA", "+966501234567"),
        ("+７９１２３４５６７８９", "DE", "+79123456789"),
        ("06 12 34 56 78", "FR", "+33612345678"),
        ("02 1234 5678", "IT", "+390212345678"),
        ("0xx31 98765-4321", "BR", "+5531987654321"),
        ("+54 11 15-2345-6789", "", "+5491123456789"),
        ("tel:+49-30-1234567", "", "+49301234567"),
        ("whatsapp:+491711234567", "", "+491711234567"),
        ("Mobile: 0171 1234567", "DE", "+491711234567"),
        ("1-800-FLOWERS", "US", "+18003569377"),
        ("0171 1234567", "de", "+491711234567"),
    ],
)
def test_a_number_becomes_e164_from_any_spelling(raw: str, region: str, e164: str) -> None:
    phone = read_phone(raw, region)
    assert (phone.e164, phone.flag) == (e164, "")
    assert phone.raw == raw
    assert phone.key == e164[1:]


@pytest.mark.parametrize(
    "raw",
    ["+49 30 1234567 ext. 12", "030 1234567x12", "tel:+49-30-1234567;ext=12", "030/1234567 #12"],
)
def test_an_extension_is_kept_apart(raw: str) -> None:
    phone = read_phone(raw, "DE")
    assert (phone.e164, phone.extension) == ("+49301234567", "12")
    assert phone.text == "+49301234567 ext. 12"
    assert phone_keys(phone.text) == (phone.key,) == ("49301234567x12",)
    assert phone.is_certain


@pytest.mark.parametrize(
    ("raw", "region"),
    [
        ("unknown", "DE"),
        ("see notes", "DE"),
        ("12345 after 5", "US"),
        ("555-1234", "US"),
        ("0171 1234567", ""),
        ("+", "DE"),
        ("++--", "DE"),
        ("anna@example.com", "DE"),
        ("+999 123", ""),
        ("4" * 200, "DE"),
        ("0171 1234567", "XX"),
    ],
)
def test_what_is_no_number_is_kept_verbatim_and_flagged(raw: str, region: str) -> None:
    phone = read_phone(raw, region)
    assert (phone.e164, phone.key, phone.text, phone.flag) == ("", "", raw, "unparsed")
    assert not phone.is_certain


@pytest.mark.parametrize(
    ("raw", "e164"),
    [
        ("+1 555 0100 999", "+15550100999"),
        ("+55 31 8765-4321", "+5531987654321"),
        ("+52 1 55 1234 5678", "+525512345678"),
        ("+225 07 08 09 10", "+22507080910"),
        ("+229 90 12 34 56", "+2290190123456"),
    ],
)
def test_a_number_is_not_refused_for_being_invalid(raw: str, e164: str) -> None:
    assert read_phone(raw, "").e164 == e164


@pytest.mark.parametrize(
    ("raw", "flag"),
    [
        ("0171 1234567 / 030 7654321", "several"),
        ("0171 1234567 oder 030 7654321", "several"),
        ("0171 1234567; +1 415 555 2671", "several"),
        ("0171 1234567 (privat)", "annotated"),
        ("0171 1234567 Frau Müller", "annotated"),
    ],
)
def test_a_number_among_other_things_is_read_and_flagged(raw: str, flag: str) -> None:
    phone = read_phone(raw, "DE")
    assert (phone.e164, phone.flag, phone.raw) == ("+491711234567", flag, raw)


@pytest.mark.parametrize(
    ("wa_id", "e164"),
    [
        ("553187654321", "+5531987654321"),
        ("551177123456", "+5511977123456"),
        ("5531987654321", "+5531987654321"),
        ("553133334444", "+553133334444"),
        ("555555555555", "+555555555555"),
        ("5215512345678", "+525512345678"),
        ("525512345678", "+525512345678"),
        ("5491123456789", "+5491123456789"),
        ("541123456789", "+541123456789"),
        ("22990123456", "+2290190123456"),
        ("2290190123456", "+2290190123456"),
        ("22507080910", "+22507080910"),
        ("2250707080910", "+2250707080910"),
        ("491711234567", "+491711234567"),
        ("16505551234", "+16505551234"),
    ],
)
def test_a_whatsapp_id_becomes_the_number_one_dials(wa_id: str, e164: str) -> None:
    phone = whatsapp_number(wa_id)
    assert (phone.e164, phone.raw, phone.flag) == (e164, wa_id, "")


@pytest.mark.parametrize("wa_id", ["", "abc", "US.13491208655302741918", "12", "0" * 12, "1" * 16])
def test_a_whatsapp_id_that_is_no_number_is_its_own_key(wa_id: str) -> None:
    phone = whatsapp_number(wa_id)
    assert (phone.e164, phone.raw, phone.flag) == ("", wa_id, "unparsed")
    assert whatsapp_key(wa_id) == wa_id
    assert phone_keys(whatsapp_number(wa_id).e164) == ()


@pytest.mark.parametrize(
    "spellings",
    [
        ("553187654321", "5531987654321", "+55 31 98765-4321"),
        ("5215512345678", "525512345678", "whatsapp:+5215512345678"),
        ("22990123456", "2290190123456"),
        ("491711234567", "+491711234567"),
    ],
)
def test_all_spellings_of_one_account_have_one_key(spellings: tuple[str, ...]) -> None:
    assert len({whatsapp_key(one) for one in spellings}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("553133334444", "5531933334444"),  # a landline and somebody's mobile
        ("541123456789", "5491123456789"),  # the same in Argentina
        ("2250707080910", "2250507080910"),  # two operators
    ],
)
def test_accounts_that_may_be_two_have_two_keys(one: str, other: str) -> None:
    assert whatsapp_key(one) != whatsapp_key(other)


@pytest.mark.parametrize(
    ("e164", "keys"),
    [
        ("+491711234567", ("491711234567",)),
        ("+5531987654321", ("5531987654321",)),
        ("+553187654321", ("5531987654321",)),
        ("+553133334444", ("553133334444",)),
        ("+5215512345678", ("525512345678",)),
        ("+5491123456789", ("5491123456789", "541123456789")),
        ("+541123456789", ("541123456789", "5491123456789")),
        ("+2250707080910", ("2250707080910", "22507080910")),
        ("+2252720304050", ("2252720304050",)),
        (
            "+22507080910",
            ("22507080910", "2250707080910", "2250107080910", "2250507080910"),
        ),
        ("+22541234567", ("22541234567", "2250141234567", "2250541234567", "2250741234567")),
        ("+22545234567", ("22545234567", "2250545234567", "2250145234567", "2250745234567")),
        ("+22990123456", ("2290190123456",)),
        ("", ()),
        ("unknown", ()),
        ("0171 1234567", ()),
        ("491711234567", ()),
    ],
)
def test_a_number_is_looked_up_by_its_own_key_first(e164: str, keys: tuple[str, ...]) -> None:
    assert phone_keys(e164) == keys


@pytest.mark.parametrize(
    ("wa_id", "crm", "region"),
    [
        ("553187654321", "(31) 98765-4321", "BR"),
        ("5531987654321", "+55 31 8765-4321", ""),
        ("5215512345678", "55 1234 5678", "MX"),
        ("5491123456789", "+54 11 2345-6789", ""),
        ("5491123456789", "011 15-2345-6789", "AR"),
        ("22507080910", "+225 07 07 08 09 10", ""),
        ("2250707080910", "+225 07 08 09 10", ""),
        ("22990123456", "01 90 12 34 56", "BJ"),
        ("85291234567", "9123 4567", "HK"),
    ],
)
def test_a_whatsapp_account_meets_the_number_a_crm_keeps(wa_id: str, crm: str, region: str) -> None:
    assert whatsapp_key(wa_id) in phone_keys(read_phone(crm, region).e164)
    theirs = phone_keys(read_phone(crm, region).e164)[0]
    assert theirs in phone_keys(whatsapp_number(wa_id).e164)


regions = st.sampled_from(["", "DE", "US", "BR", "MX", "AR", "CI", "BJ", "HK", "TW", "IN"])
codes = st.sampled_from(["", "1", "49", "52", "521", "54", "549", "55", "225", "229", "852"])
digits = st.text("0123456789", min_size=4, max_size=12)
spellings = st.one_of(
    st.builds("{}{}{}".format, st.sampled_from(["", "+", "00", "0"]), codes, digits),
    st.text("0123456789+-() /x#ext.", max_size=24),
    st.text(max_size=24),
)


@given(spellings, regions)
def test_reading_a_number_twice_changes_nothing(raw: str, region: str) -> None:
    once = read_phone(raw, region)
    again = read_phone(once.text, region)
    assert again.text == once.text
    assert again.key == once.key
    if once.is_certain:
        assert phone_keys(once.text)[0] == once.key


@given(codes, digits)
def test_todays_form_of_a_number_has_no_other(code: str, rest: str) -> None:
    e164 = f"+{code}{rest}"
    assert reconciled(reconciled(e164)) == reconciled(e164)


@given(codes, digits)
def test_a_whatsapp_key_is_the_first_key_of_its_number(code: str, rest: str) -> None:
    key = whatsapp_key(code + rest)
    e164 = whatsapp_number(code + rest).e164
    assert key == whatsapp_key(key)
    assert phone_keys(e164)[:1] == ((key,) if e164 else ())


@given(codes, digits)
def test_candidates_find_each_other(code: str, rest: str) -> None:
    keys = phone_keys(f"+{code}{rest}")
    assert len(set(keys)) == len(keys)
    for key in keys:
        assert keys[0] in phone_keys(f"+{key}")
