import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncbridge.normalize.locale import country_name, read_country, read_language


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("Germany", "DE"),
        ("DEUTSCHLAND", "DE"),
        ("de", "DE"),
        ("DEU", "DE"),
        ("UK", "GB"),
        ("U.S.A.", "US"),
        ("usa", "US"),
        ("Côte d’Ivoire", "CI"),  # noqa: RUF001
        ("cote d'ivoire", "CI"),
        ("Österreich", "AT"),
        ("中国", "CN"),
        ("台灣", "TW"),
        ("المغرب", "MA"),
        ("NO", "NO"),
        (" The  Netherlands ", "NL"),
        ("GL", "GL"),
    ],
)
def test_a_country_becomes_its_code(raw: str, code: str) -> None:
    reading = read_country(raw)
    assert (reading.value, reading.raw, reading.flag) == (code, raw, "")


def test_a_country_nobody_knows_is_kept_and_flagged() -> None:
    reading = read_country("Middle  Earth")
    assert (reading.value, reading.raw, reading.flag) == (
        "Middle Earth",
        "Middle  Earth",
        "unparsed",
    )


def test_a_country_is_shown_by_its_english_name() -> None:
    assert country_name("CI") == "Côte d'Ivoire"
    assert country_name("Middle Earth") == "Middle Earth"


@pytest.mark.parametrize(
    ("raw", "tag"),
    [
        ("de", "de"),
        ("DE", "de"),
        ("pt_BR", "pt-BR"),
        ("pt-br", "pt-BR"),
        ("en_US", "en-US"),
        ("zh-hant-tw", "zh-Hant-TW"),
        ("es-419", "es-419"),
        ("deu", "de"),
        ("German", "de"),
        ("Français", "fr"),
        ("Tiếng Việt", "vi"),
        ("العربية", "ar"),
        ("中文", "zh"),
        ("fil", "fil"),
    ],
)
def test_a_language_becomes_its_tag(raw: str, tag: str) -> None:
    reading = read_language(raw)
    assert (reading.value, reading.raw, reading.flag) == (tag, raw, "")


@pytest.mark.parametrize("raw", ["Klingon!", "xyz", "german-ish words"])
def test_a_language_nobody_knows_is_kept_and_flagged(raw: str) -> None:
    reading = read_language(raw)
    assert (reading.value, reading.flag) == (raw, "unparsed")


values = st.one_of(
    st.text(max_size=12),
    st.from_regex(r"[a-zA-Z]{2,3}([-_][a-zA-Z]{2,4})?", fullmatch=True),
    st.sampled_from(["Germany", "UK", "Deutsch", "ESP", "zh_TW"]),
)


@given(values)
def test_reading_a_place_or_a_language_twice_changes_nothing(raw: str) -> None:
    for read in (read_country, read_language):
        once = read(raw)
        again = read(once.value or "")
        assert again.value == once.value


@given(values)
def test_a_country_survives_being_shown_by_name(raw: str) -> None:
    code = read_country(raw).value
    if code:
        assert read_country(country_name(code)).value == code
