# ruff: noqa: RUF001 (characters that look alike are the matter of these tests)
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncbridge.normalize.person import person_name


@pytest.mark.parametrize(
    ("raw", "given_name", "family_name"),
    [
        ("Anna Müller", "Anna", "Müller"),
        ("Müller, Anna", "Anna", "Müller"),
        ("Müller,Anna Maria", "Anna Maria", "Müller"),
        ("Anna", "Anna", ""),
        ("Anne-Marie O'Neill", "Anne-Marie", "O'Neill"),
        ("Ludwig van Beethoven", "Ludwig", "van Beethoven"),
        ("Ursula von der Leyen", "Ursula", "von der Leyen"),
        ("Robert De Niro", "Robert", "De Niro"),
        ("Ana Maria da Silva", "Ana Maria", "da Silva"),
        ("María de la Cruz", "María", "de la Cruz"),
        ("José Luis García", "José Luis", "García"),
        ("Mohammed bin Salman Al Saud", "Mohammed", "bin Salman Al Saud"),
        ("Mohammed Abdul Rahman", "Mohammed", "Abdul Rahman"),
        ("Abdul Rahman", "Abdul Rahman", ""),
        ("محمد بن سلمان", "محمد", "بن سلمان"),
        ("عبد الله الأحمد", "عبد الله", "الأحمد"),
        ("Nguyễn Văn An", "Văn An", "Nguyễn"),
        ("王小明", "王小明", ""),
        ("王 小明", "小明", "王"),
        ("山田　太郎", "太郎", "山田"),
        ("ジョン スミス", "ジョン", "スミス"),
        ("김 민수", "민수", "김"),
        ("अमित कुमार", "अमित", "कुमार"),
        ("Иван Петрович Сидоров", "Иван Петрович", "Сидоров"),
        ("Γιώργος Παπαδόπουλος", "Γιώργος", "Παπαδόπουλος"),
        ("สมชาย ใจดี", "สมชาย", "ใจดี"),
        ("דוד כהן", "דוד", "כהן"),
        ("Björk Guðmundsdóttir", "Björk", "Guðmundsdóttir"),
        ("Oluwaseun Adébáyò", "Oluwaseun", "Adébáyò"),
        ("Sammy Davis Jr.", "Sammy", "Davis Jr."),
        ("Dr. Anna Müller, PhD", "Dr. Anna", "Müller PhD"),
        ("Bäckerei Schmidt GmbH", "Bäckerei Schmidt GmbH", ""),
        ("van Dyke", "van", "Dyke"),
    ],
)
def test_names_of_many_cultures_are_split(raw: str, given_name: str, family_name: str) -> None:
    name = person_name(raw)
    assert (name.given, name.family) == (given_name, family_name)


@pytest.mark.parametrize(
    ("raw", "full"),
    [
        ("🌸 Anna Müller ✨", "Anna Müller"),
        ("*Anna* _Müller_", "Anna Müller"),
        ("~•Anna Müller•~", "Anna Müller"),
        ("𝓐𝓷𝓷𝓪 𝐌𝐮̈𝐥𝐥𝐞𝐫", "Anna Müller"),
        ("Ⓐⓝⓝⓐ Ｍüller", "Anna Müller"),
        ("<b>Anna</b> M&uuml;ller", "Anna Müller"),
        ("꧁Anna Müller꧂", "Anna Müller"),
        ("Anna\u200e Müller", "Anna Müller"),
    ],
)
def test_decoration_is_not_part_of_a_name(raw: str, full: str) -> None:
    name = person_name(raw)
    assert (name.full, name.given, name.family) == (full, "Anna", "Müller")


@pytest.mark.parametrize(
    "raw",
    ["Anna Müller (ACME)", "Anna Müller | Yoga", "Anna Müller - ACME", "Anna Müller [privat]"],
)
def test_a_remark_is_kept_in_the_full_name_only(raw: str) -> None:
    name = person_name(raw)
    assert (name.full, name.given, name.family) == (raw, "Anna", "Müller")


@pytest.mark.parametrize("raw", ["🔥🔥", ".", "+49 171 1234567", "", "(1)", "❤️"])
def test_where_there_is_no_name_the_value_stands_alone(raw: str) -> None:
    name = person_name(raw)
    assert (name.full, name.given, name.family) == (raw, "", "")


words = st.sampled_from(
    ["Anna", "Müller", "van", "de", "bin", "Jr.", "PhD", "GmbH", ",", "(x)", "|", "-", "🔥", "*",
     "王", "小明", "𝓐", "عبد", "<b>", "&amp;", ".", "~", "(", "٣", "\u200d", "\u202e", "Nguyễn",
     "Văn", "＜", "ｂ", "＞", "＆", "amp;"]
)  # fmt: skip
names = st.one_of(
    st.text(max_size=24), st.lists(words, max_size=7).map(" ".join), st.lists(words).map("".join)
)


@given(names)
def test_reading_a_name_twice_changes_nothing(raw: str) -> None:
    once = person_name(raw)
    assert person_name(once.full) == once


@given(names)
def test_a_name_that_has_parts_has_a_given_one(raw: str) -> None:
    name = person_name(raw)
    assert name.given or not name.family
    assert name.full or not name.given
