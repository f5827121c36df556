import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncbridge.mapping.transforms import TRANSFORMS, Context

GERMANY = Context(region="DE")


@pytest.mark.parametrize(
    ("name", "raw", "value", "flag"),
    [
        ("text", " A  B ", "A B", ""),
        ("name", "Anna <b>Müller</b> 🌸", "Anna Müller 🌸", ""),
        ("multiline", "a\r\nb", "a\nb", ""),
        ("phone", "0171 1234567", "+491711234567", ""),
        ("phone", "030 1234567 x5", "+49301234567 ext. 5", ""),
        ("phone", "call me", "call me", "unparsed"),
        ("whatsapp_id", "553187654321", "+553187654321", ""),
        ("whatsapp_id", "", None, "unparsed"),
        ("whatsapp_id", "someone", "someone", "unparsed"),
        ("whatsapp_number", "+55 31 8765-4321", "+553187654321", ""),
        ("whatsapp_number", "0171 1234567", "+491711234567", ""),
        ("whatsapp_number", "ask", "ask", "unparsed"),
        ("phone_of_whatsapp_id", "553187654321", "+5531987654321", ""),
        ("phone_of_whatsapp_id", "5215512345678", "+525512345678", ""),
        ("email", "Anna <anna@EXAMPLE.com>", "anna@example.com", ""),
        ("email", "none", "none", "unparsed"),
        ("country", "Deutschland", "DE", ""),
        ("country_name", "Germany", "DE", ""),
        ("language", "pt_BR", "pt-BR", ""),
        ("language_lower", "zh-cn", "zh-CN", ""),
        ("given_name_of", "🌸 Ana da Silva", "Ana", ""),
        ("family_name_of", "🌸 Ana da Silva", "da Silva", ""),
        ("family_name_of", "Ana", None, ""),
        ("given_name_of", "🔥", None, ""),
        ("date", "2026-03-29", "2026-03-29", ""),
        ("date", "1774742400000", "2026-03-29", ""),
        ("date", "2026-03-29T00:00:00Z", "2026-03-29", ""),
        ("date", "spring", "spring", "unparsed"),
        ("date", "2026-02-30", "2026-02-30", "unparsed"),
    ],
)
def test_a_transform_reads(name: str, raw: str, value: str | None, flag: str) -> None:
    reading = TRANSFORMS[name].read(raw, GERMANY)
    assert (reading.value, reading.raw, reading.flag) == (value, raw, flag)


@pytest.mark.parametrize(
    ("name", "value", "written"),
    [
        ("country", "DE", "DE"),
        ("country_name", "DE", "Germany"),
        ("country_name", "Middle Earth", "Middle Earth"),
        ("language", "pt-BR", "pt-BR"),
        ("language_lower", "pt-BR", "pt-br"),
        ("phone", "+491711234567", "+491711234567"),
    ],
)
def test_a_transform_writes(name: str, value: str, written: str) -> None:
    write = TRANSFORMS[name].write
    assert write is not None
    assert write(value, GERMANY) == written


def test_parts_of_a_name_cannot_be_written() -> None:
    readers = {name for name, one in TRANSFORMS.items() if not one.is_invertible}
    assert readers == {"phone_of_whatsapp_id", "given_name_of", "family_name_of"}


remote_values = st.one_of(
    st.text(max_size=20),
    st.from_regex(r"\+?[0-9]{6,15}", fullmatch=True),
    st.from_regex(r"[A-Za-z]{1,6}@[A-Z]{1,5}\.[a-z]{2,3}", fullmatch=True),
    st.dates().map(str),
    st.sampled_from(
        ["Germany", "deu", "pt_BR", "Français", "030 1234567 ext 5", "+55 31 8765 4321", "Ana Lee",
         "0171 1234567 / 030 1", "1774742400000", "zh-Hant-tw"]
    ),
)  # fmt: skip


@given(st.sampled_from(sorted(TRANSFORMS)), remote_values)
def test_what_is_written_reads_as_what_was_meant(name: str, raw: str) -> None:
    transform = TRANSFORMS[name]
    value = transform.read(raw, GERMANY).value
    if transform.write is not None and value is not None:
        assert transform.read(transform.write(value, GERMANY), GERMANY).value == value


@given(st.sampled_from(sorted(TRANSFORMS)), remote_values)
def test_a_reading_keeps_the_value_as_it_came(name: str, raw: str) -> None:
    reading = TRANSFORMS[name].read(raw, GERMANY)
    assert reading.raw == raw
    assert reading.value is None or reading.value.strip()
