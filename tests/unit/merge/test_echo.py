"""Our own writes, told back to us."""

from __future__ import annotations

import pytest

from syncbridge.merge.echo import is_echo
from syncbridge.model.golden import BaseValue

CANONICAL_OF = {"phone": ("phone",), "name": ("given_name", "family_name"), "city": ("city",)}
BASE = {
    "phone": BaseValue("+49 170 1", "+491701"),
    "given_name": BaseValue("Anna Berg", "Anna"),
    "family_name": BaseValue("Anna Berg", "Berg"),
    "city": BaseValue(None, None),
}


@pytest.mark.parametrize(
    ("hints", "answer"),
    [
        ({"phone": "+49 170 1"}, True),
        ({"phone": "+491701"}, False),
        ({"name": "Anna Berg"}, True),
        ({"name": "Anna Ott"}, False),
        ({"city": ""}, True),
        ({"city": "Bonn"}, False),
        ({"phone": "+49 170 1", "city": "Bonn"}, False),
        ({"not_ours": "x"}, True),
        ({}, False),
    ],
)
def test_only_what_both_agree_on_is_an_echo(hints, answer):
    assert is_echo(hints, BASE, CANONICAL_OF) is answer


def test_a_field_never_agreed_on_is_no_echo():
    assert not is_echo({"phone": ""}, {}, CANONICAL_OF)
