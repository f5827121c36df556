from pathlib import Path

import pytest

from syncbridge.errors import ConfigError
from syncbridge.mapping.loader import load_contact, load_mapping
from syncbridge.model.golden import Policy

CANONICAL = load_contact()

GOOD = """\
[contact]
external_id = "our_id"
required_any = ["mail"]
[contact.default]
mail = "nobody@example.com"
[contact.fields.email]
remote = "mail"
"""


def problems(tmp_path: Path, text: str) -> list[str]:
    (tmp_path / "toy.toml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_mapping("toy", [tmp_path], CANONICAL)
    return [str(problem).removeprefix(f"{tmp_path}/") for problem in caught.value.problems]


def contact_problems(tmp_path: Path, text: str) -> list[str]:
    (tmp_path / "contact.toml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_contact([tmp_path])
    return [str(problem).removeprefix(f"{tmp_path}/") for problem in caught.value.problems]


def test_the_shipped_mappings_can_be_read() -> None:
    hubspot = load_mapping("hubspot", (), CANONICAL)
    assert set(hubspot.by_canonical) == set(CANONICAL.fields)
    assert hubspot.external_id in hubspot.remote_fields
    assert [new.name for new in hubspot.to_create] == ["whatsapp_name"]
    whatsapp = load_mapping("whatsapp", (), CANONICAL)
    assert not any(field.writes for field in whatsapp.fields)
    assert whatsapp.remote_fields == ("number", "name")
    assert whatsapp.external_id == ""


def test_a_field_keeps_the_last_writing_unless_told_otherwise() -> None:
    assert {field.rule.policy for field in CANONICAL.fields.values()} == {Policy.LAST_WRITE_WINS}


def test_a_file_of_ones_own_goes_before_the_shipped_one(tmp_path: Path) -> None:
    (tmp_path / "hubspot.toml").write_text('[contact.fields.email]\nremote = "mail"\n')
    mapping = load_mapping("hubspot", [tmp_path / "none", tmp_path], CANONICAL)
    assert mapping.remote_fields == ("mail",)
    assert load_mapping("whatsapp", [tmp_path], CANONICAL).connector == "whatsapp"


def test_a_contact_file_of_ones_own_sets_policies(tmp_path: Path) -> None:
    (tmp_path / "contact.toml").write_text(
        '[fields.email]\npolicy = "source_of_truth"\nsource = "hs"\ntransform = "email"\n'
    )
    email = load_contact([tmp_path]).fields["email"]
    assert (email.rule.policy, email.rule.source) == (Policy.SOURCE_OF_TRUTH, "hs")
    assert (email.name, email.label, email.transform.name) == ("email", "Email", "email")


def test_the_version_follows_what_is_declared_and_not_how(tmp_path: Path) -> None:
    def version(text: str) -> str:
        (tmp_path / "toy.toml").write_text(text)
        return load_mapping("toy", [tmp_path], CANONICAL).version

    first = version(GOOD)
    assert first
    assert version(f"# a remark\n{GOOD}") == first
    assert version(GOOD.replace('"mail"', '"e_mail"').replace("mail =", "e_mail =")) != first
    assert version(GOOD + 'transform = "text"\n') != first


def test_a_mapping_that_does_not_exist_is_a_problem() -> None:
    with pytest.raises(ConfigError, match=r"zohoo\.toml: there is no such mapping file"):
        load_mapping("zohoo", (), CANONICAL)


def test_text_that_is_no_toml_names_its_line(tmp_path: Path) -> None:
    assert problems(tmp_path, "[contact]\nexternal_id = \n")[0].startswith("toy.toml:2")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            '[contact.fields.emial]\nremote = "mail"',
            "toy.toml:1 contact.fields.emial: unknown canonical field 'emial' "
            "(did you mean 'email'?)",
        ),
        (
            '[contact.fields.email]\nremot = "mail"\nremote = "mail"',
            "toy.toml:2 contact.fields.email.remot: unknown key 'remot' (did you mean 'remote'?)",
        ),
        (
            '[contact.fields.email]\nremote = "mail"\ntransform = "emails"',
            "toy.toml:3 contact.fields.email.transform: unknown transform 'emails' "
            "(did you mean 'email'?)",
        ),
        (
            '[contacts.fields.email]\nremote = "mail"\n[contact.fields.phone]\nremote = "tel"',
            "toy.toml:1 contacts: unknown key 'contacts' (did you mean 'contact'?)",
        ),
        (
            "[contact.fields.email]\nreads = true",
            "toy.toml:1 contact.fields.email.remote: names no remote field "
            '(write remote = "<field>")',
        ),
        (
            "[contact.fields.email]\nremote = 7",
            "toy.toml:2 contact.fields.email.remote: must be text in quotes (write text in quotes)",
        ),
        (
            '[contact.fields.email]\nremote = "mail"\nwrites = "no"',
            "toy.toml:3 contact.fields.email.writes: must be true or false (write true or false)",
        ),
        (
            '[contact.fields.given_name]\nremote = "name"\ntransform = "given_name_of"',
            "toy.toml:3 contact.fields.given_name.transform: transform 'given_name_of' only reads "
            "(add writes = false)",
        ),
        (
            '[contact.fields.email]\nremote = "mail"\nreads = false\nwrites = false',
            "toy.toml:1 contact.fields.email: is neither read nor written "
            "(remove it, or one of the two)",
        ),
        (
            '[contact.fields.email]\nremote = "x"\n[contact.fields.phone]\nremote = "x"',
            "toy.toml:4 contact.fields.phone.remote: 'x' is written by 'email' already "
            "(add writes = false to one of them)",
        ),
        (
            '[contact]\nexternal_id = "x"\n[contact.fields.email]\nremote = "x"',
            "toy.toml:4 contact.fields.email.remote: 'x' carries our external id "
            "(map another field)",
        ),
        (
            GOOD.replace('["mail"]', '["mail", "mial"]'),
            "toy.toml:3 contact.required_any[1]: 'mial' is written by no field "
            "(did you mean 'mail'?)",
        ),
        (
            GOOD.replace("mail = ", "male = "),
            "toy.toml:5 contact.default.male: 'male' is written by no field (did you mean 'mail'?)",
        ),
        (
            GOOD.replace('mail = "nobody@example.com"\n', ""),
            "toy.toml:4 contact.default: no default fills one of required_any "
            '(add mail = "new customer")',
        ),
        (
            GOOD.replace('["mail"]', "[1]"),
            'toy.toml:3 contact.required_any: must be a list of texts (write ["one", "two"])',
        ),
        (
            GOOD + 'type = "string"\n',
            "toy.toml:6 contact.fields.email: label and type describe a field to create "
            "(add create = true)",
        ),
        ("", "toy.toml contact.fields: no fields are declared (add at least one)"),
        (
            "contact = 3",
            "toy.toml:1 contact: must be a table (write a table)",
        ),
        (
            "[contact]\nfields = 3",
            "toy.toml:2 contact.fields: must be a table (write a table)",
        ),
    ],
)
def test_a_mistake_is_told_with_its_line_and_remedy(
    tmp_path: Path, text: str, expected: str
) -> None:
    assert problems(tmp_path, text) == [expected]


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    text = '[contact.fields.emial]\nremote = 1\n[contact.fields.phone]\nremote = "t"\nread = true\n'
    assert len(problems(tmp_path, text)) == 3


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            '[fields.email]\npolicy = "last_write_win"',
            "contact.toml:2 fields.email.policy: unknown policy 'last_write_win' "
            "(did you mean 'last_write_wins'?)",
        ),
        (
            '[fields.email]\npolicy = "source_of_truth"',
            'contact.toml:2 fields.email.policy: needs a source (add source = "<connection>")',
        ),
        (
            '[fields.email]\nsource = "hs"',
            "contact.toml:2 fields.email.source: means nothing with last_write_wins (remove it)",
        ),
        (
            '[fields.email]\nlable = "E-mail"',
            "contact.toml:2 fields.email.lable: unknown key 'lable' (did you mean 'label'?)",
        ),
    ],
)
def test_a_mistake_in_the_contact_is_told_too(tmp_path: Path, text: str, expected: str) -> None:
    assert contact_problems(tmp_path, text) == [expected]
