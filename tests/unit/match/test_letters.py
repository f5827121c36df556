import pytest

from syncbridge.match.letters import plain, skeleton, sound, words_only


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("  Anna ", "anna"),
        ("MÜLLER", "muller"),
        ("Straße", "strasse"),
        ("Łukasz", "lukasz"),
        ("Аnnа", "anna"),  # noqa: RUF001 (the first and the last letter are Cyrillic)
        ("Дмитрий", "dmitrii"),
        ("Παπαδόπουλος", "papadopoulos"),
        ("محمد", "mhmd"),
        ("An\u200bna", "anna"),
        ("Ａｎｎａ", "anna"),  # noqa: RUF001 (wide letters)
        ("李", "李"),
    ],
)
def test_text_is_read_as_plain_latin_letters(written: str, read: str) -> None:
    assert plain(written) == read


def test_signs_between_words_are_spaces() -> None:
    assert words_only("Smith-Jones,  (Bob)") == "smith jones bob"


@pytest.mark.parametrize(
    ("one", "other"),
    [("gruen", "grun"), ("moeller", "moler"), ("philipp", "filip"), ("meyer", "meier")],
)
def test_careful_spellings_of_one_name_share_a_skeleton(one: str, other: str) -> None:
    assert skeleton(one) == skeleton(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("schmidt", "schmitt"), ("catherine", "katharine"), ("sara", "sarah"), ("wolf", "volf")],
)
def test_names_that_sound_alike_share_a_sound(one: str, other: str) -> None:
    assert sound(one) == sound(other)


def test_names_that_sound_different_do_not_share_a_sound() -> None:
    assert sound("weber") != sound("bauer")
