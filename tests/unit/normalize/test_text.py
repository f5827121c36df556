# ruff: noqa: RUF001 (characters that look alike are the matter of these tests)
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from syncbridge.normalize.text import (
    clean_line,
    clean_text,
    email_key,
    fold,
    read_email,
    strip_emoji,
)


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("  Anna\t Müller\n", "Anna Müller"),
        ("Mu\u0308ller", "Müller"),
        ("Anna\u00a0\u3000Müller", "Anna Müller"),
        ("An\u200bna\ufeff \u202eMüller\u202c", "Anna Müller"),
        ("Sil\u00adben\x00trennung\x07", "Silbentrennung"),
        ("<b>Anna</b><br/>Müller", "Anna Müller"),
        ("<<b>b>Anna", "Anna"),
        ("AT&amp;T", "AT&T"),
        ("&lt;b&gt;Anna", "Anna"),
        ("&amp;amp;", "&"),
        ("R&D; 1 < 2 > 0", "R&D; 1 < 2 > 0"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("ශ\u0dca\u200dරී", "ශ\u0dca\u200dරී"),
        ("A\u200cn\u200dna", "Anna"),
        ("👩\u200d🦰 Anna", "👩\u200d🦰 Anna"),
        ("", ""),
        (" \u200b ", ""),
    ],
)
def test_a_line_is_tidied(raw: str, clean: str) -> None:
    assert clean_line(raw) == clean


def test_the_lines_and_the_markup_of_a_message_stay() -> None:
    raw = "Hello  *you*,\r\n\r\n\r\n\r\n <b>bold</b>\u200b &amp; \x00more \n"
    assert clean_text(raw) == "Hello *you*,\n\n<b>bold</b> &amp; more"


@pytest.mark.parametrize(
    ("raw", "plain"),
    [
        ("Anna 🌸", "Anna"),
        ("👩‍🦰Anna👨‍👩‍👧‍👦Müller", "Anna Müller"),
        ("🇩🇪 Anna 👍🏽", "Anna"),
        ("Anna 1️⃣ 2", "Anna 2"),
        ("★ Anna ➜ ♥️", "Anna"),
        ("🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f Anna", "Anna"),
        ("#1 Anna*", "#1 Anna*"),
        ("Größe 42", "Größe 42"),
        ("山田太郎", "山田太郎"),
        ("🔥🔥", ""),
    ],
)
def test_emoji_go_and_words_stay(raw: str, plain: str) -> None:
    assert strip_emoji(raw) == plain


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("MÜLLER", "müller"),
        ("Müller", "Muller"),
        ("Straße", "STRASSE"),
        ("Łódź", "lodz"),
        ("İstanbul", "istanbul"),
        ("Søren Kjær", "soren kjaer"),
        ("O’Neill", "o'neill"),
        ("Ａｎｎａ", "anna"),
        ("أحمد", "احمد"),
        ("مُحَمَّد", "محمد"),
        ("Nguyễn Văn", "nguyen van"),
        ("Алёна", "Алена"),
        ("Anne–Marie", "anne-marie"),
    ],
)
def test_spellings_of_one_word_fold_together(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("one", "other"), [("कमल", "कमला"), ("が", "か"), ("김", "기"), ("Anna", "Ana")]
)
def test_different_words_stay_apart(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@pytest.mark.parametrize(
    ("raw", "address"),
    [
        ("anna@example.com", "anna@example.com"),
        (" Anna.Mueller@EXAMPLE.Com. ", "Anna.Mueller@example.com"),
        ("mailto:anna@example.com", "anna@example.com"),
        ("Anna Müller <anna@Example.com>", "anna@example.com"),
        ("anna+crm@mail.example.co.uk", "anna+crm@mail.example.co.uk"),
        ("anna@MÜLLER.de", "anna@müller.de"),
        ("an\u200bna@example.com", "anna@example.com"),
        ("o'neill@example.com", "o'neill@example.com"),
    ],
)
def test_an_address_is_read_from_around_it(raw: str, address: str) -> None:
    reading = read_email(raw)
    assert (reading.value, reading.raw, reading.flag) == (address, raw, "")


@pytest.mark.parametrize(
    "raw",
    ["anna", "anna@", "@example.com", "anna@localhost", "a@b.de, c@d.de", "a b@c.de", "a@b..de"],
)
def test_what_is_no_address_is_kept_and_flagged(raw: str) -> None:
    reading = read_email(raw)
    assert (reading.value, reading.flag) == (raw, "unparsed")
    assert email_key(raw) == ""


def test_addresses_that_differ_in_case_share_a_key() -> None:
    assert email_key("Anna@Example.com") == email_key("anna@example.COM") == "anna@example.com"


fragments = st.sampled_from(
    ["<b>", "</p>", "<", ">", "b", "&amp;", "&", "lt;", "&#60;", " ", "\n", "\r", "\u200d",
     "\u200c", "\u202e", "👩", "\ufe0f", "1", "\u20e3", "#", "ب", "u", "\u0308", "İ", "ß",
     "@", ".de", "é"]
)  # fmt: skip
texts = st.one_of(st.text(max_size=30), st.lists(fragments, max_size=12).map("".join))


@given(texts)
@example("&am&amp;p;lt;b>")
def test_cleaning_folding_and_stripping_twice_changes_nothing(raw: str) -> None:
    for step in (clean_line, clean_text, strip_emoji, fold):
        assert step(step(raw)) == step(raw)


@pytest.mark.parametrize(
    "nest", ["&" + "amp;" * 20_000, "<" * 20_000 + "b>" * 20_000, "(" * 20_000]
)
def test_text_nested_on_purpose_is_cleaned_in_few_rounds(nest: str) -> None:
    assert clean_line(clean_line(nest)) == clean_line(nest)
    assert len(clean_line(nest)) <= len(nest)


@given(texts)
def test_a_clean_line_is_one_trimmed_composed_line(raw: str) -> None:
    line = clean_line(raw)
    assert line == line.strip()
    assert "\n" not in line
    assert unicodedata.is_normalized("NFC", line)


@given(texts)
def test_folding_does_not_care_for_case(raw: str) -> None:
    assert fold(clean_line(raw)) == fold(raw)
    assert fold(fold(raw).upper()) == fold(fold(raw).upper().lower())


emails = st.one_of(texts, st.from_regex(r"[A-Za-z.+]{1,9}@[A-Z]{1,5}\.[a-z]{2,4}", fullmatch=True))


@given(emails)
def test_reading_an_address_twice_changes_nothing(raw: str) -> None:
    once = read_email(raw)
    again = read_email(once.value or "")
    assert (again.value, again.flag or once.flag) == (once.value, once.flag or again.flag)
    assert email_key(once.value or "") == email_key(raw)
