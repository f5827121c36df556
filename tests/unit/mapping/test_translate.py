from hypothesis import given
from hypothesis import strategies as st

from syncbridge.mapping.loader import load_contact, load_mapping
from syncbridge.mapping.transforms import Context
from syncbridge.mapping.translate import to_canonical, to_remote
from syncbridge.normalize.reading import Reading

CANONICAL = load_contact()
HUBSPOT = load_mapping("hubspot", (), CANONICAL)
WHATSAPP = load_mapping("whatsapp", (), CANONICAL)
GERMANY = Context(region="DE")


def test_a_whatsapp_sender_reads_as_a_contact() -> None:
    sender = {"number": "553187654321", "name": "🌸 Ana da Silva", "username": "ana"}
    assert to_canonical(WHATSAPP, sender, GERMANY) == {
        "whatsapp_number": Reading("+553187654321", "553187654321"),
        "phone": Reading("+5531987654321", "553187654321"),
        "whatsapp_name": Reading("🌸 Ana da Silva", "🌸 Ana da Silva"),
        "given_name": Reading("Ana", "🌸 Ana da Silva"),
        "family_name": Reading("da Silva", "🌸 Ana da Silva"),
    }


def test_a_profile_name_only_fills_empty_names() -> None:
    fills = {one.canonical for one in WHATSAPP.fields if one.fills_only}
    assert fills == {"phone", "given_name", "family_name"}


def test_nothing_is_ever_written_to_a_whatsapp_profile() -> None:
    assert to_remote(WHATSAPP, {"given_name": "Ana", "whatsapp_name": "Ana"}) == {}


def test_a_field_that_is_not_carried_is_not_read() -> None:
    assert to_canonical(HUBSPOT, {"city": "Oslo"}, GERMANY) == {"city": Reading("Oslo", "Oslo")}


def test_a_field_that_is_carried_empty_was_cleared() -> None:
    readings = to_canonical(HUBSPOT, {"city": None, "phone": "", "email": " "}, GERMANY)
    assert readings == {
        "email": Reading(None, " "),
        "phone": Reading(None, ""),
        "city": Reading(None, None),
    }


def test_what_cannot_be_read_is_kept_and_flagged() -> None:
    readings = to_canonical(HUBSPOT, {"phone": "ask Tom", "country": "Narnia"}, GERMANY)
    assert readings["phone"] == Reading("ask Tom", "ask Tom", "unparsed")
    assert readings["country"] == Reading("Narnia", "Narnia", "unparsed")


def test_only_the_given_fields_are_written_and_none_clears() -> None:
    values = {"country": "DE", "language": "pt-BR", "city": None, "shoe_size": "42"}
    assert to_remote(HUBSPOT, values) == {
        "country": "Germany",
        "hs_language": "pt-br",
        "city": None,
    }


def test_a_record_without_a_required_field_gets_the_default() -> None:
    golden = {"phone": "+491711234567", "given_name": None}
    assert to_remote(HUBSPOT, {"phone": "+491711234567"}, full=golden) == {
        "phone": "+491711234567",
        "firstname": "new customer",
    }
    assert to_remote(HUBSPOT, golden, full=golden)["firstname"] == "new customer"


def test_one_required_field_is_enough_to_need_no_default() -> None:
    golden = {"email": "anna@example.com", "given_name": None}
    assert to_remote(HUBSPOT, {"given_name": None}, full=golden) == {"firstname": None}


def test_without_the_whole_record_no_default_is_guessed() -> None:
    assert to_remote(HUBSPOT, {"city": "Oslo"}) == {"city": "Oslo"}


remote_texts = st.one_of(
    st.none(),
    st.text(max_size=12),
    st.sampled_from(
        ["Anna", "0171 1234567", "+55 31 8765-4321", "Germany", "pt-br", "a@EXAMPLE.com", " "]
    ),
)
records = st.dictionaries(st.sampled_from(HUBSPOT.remote_fields), remote_texts)


@given(records)
def test_map_then_unmap_restores(record: dict[str, str | None]) -> None:
    meant = {name: one.value for name, one in to_canonical(HUBSPOT, record, GERMANY).items()}
    written = to_remote(HUBSPOT, meant, context=GERMANY)
    again = {name: one.value for name, one in to_canonical(HUBSPOT, written, GERMANY).items()}
    assert again == meant
    assert set(written) == set(record) - {HUBSPOT.external_id}


@given(records)
def test_a_whole_record_always_fills_a_required_field(record: dict[str, str | None]) -> None:
    golden = {name: one.value for name, one in to_canonical(HUBSPOT, record, GERMANY).items()}
    written = to_remote(HUBSPOT, golden, full=golden)
    assert any(written.get(name) for name in HUBSPOT.required_any)


@given(records, st.sets(st.sampled_from(HUBSPOT.remote_fields)))
def test_fields_are_read_independently_of_each_other(
    record: dict[str, str | None], names: set[str]
) -> None:
    part = {name: value for name, value in record.items() if name in names}
    whole = to_canonical(HUBSPOT, record, GERMANY)
    for name, reading in to_canonical(HUBSPOT, part, GERMANY).items():
        assert whole[name] == reading
