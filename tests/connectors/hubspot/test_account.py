"""What `check` says about an account, and what `prepare` makes there."""

from __future__ import annotations

import pytest

from connectors.hubspot.account import check, definition, prepare
from connectors.hubspot.api import Api
from connectors.hubspot.connector import HubSpot
from connectors.hubspot.wire import EXTERNAL_ID


def bad(findings) -> list[str]:
    return [f"{finding.what} | {finding.remedy}" for finding in findings if not finding.is_good]


def test_the_account_is_named_by_its_portal(world):
    found = world.hubspot.account()
    assert found.id == "1000001"
    assert found.time_zone == "Europe/Berlin"


def test_a_fresh_account_lacks_our_property_and_the_remedy_spells_it_out(bare):
    findings = bad(bare.hubspot.check())
    assert any(EXTERNAL_ID in line and "Require unique values" in line for line in findings)
    assert any("whatsapp_name" in line for line in findings)


def test_prepare_makes_what_is_missing_and_then_check_is_content(bare):
    assert bad(bare.hubspot.prepare()) == []
    assert bad(bare.hubspot.check()) == []
    assert bare.hubspot.prepare() == []


def test_a_token_without_the_scope_is_told_what_to_create(bare):
    findings = bad(bare.connect(access_token="sandbox-no-schema").prepare())
    assert len(findings) == 2
    assert all("crm.schemas.contacts.write" in line for line in findings)


def test_a_wrong_token_is_one_finding_with_a_remedy(bare):
    (finding,) = bad(bare.connect(access_token="wrong").check())
    assert "access_token" in finding
    assert "wrong" not in finding.partition("|")[0]


def test_the_token_of_another_account_is_noticed(world):
    assert any("not 42" in line for line in bad(world.connect(portal_id="42").check()))


def test_a_property_of_ours_without_unique_values_is_noticed(bare):
    api = Api(bare.hubspot.setup)
    api.write(api.properties("contacts"), definition(EXTERNAL_ID) | {"hasUniqueValue": False})
    assert any("does not require unique values" in line for line in bad(check(api, ())))


def test_a_name_that_hubspot_would_refuse_is_not_sent(bare):
    api = Api(bare.hubspot.setup)
    assert any("Mixed Case" in line for line in bad(prepare(api, ["Mixed Case"])))


@pytest.mark.parametrize(
    ("options", "place"),
    [
        ({"api_version": "v3"}, "api_version"),
        ({"time_zone": "Mars/Base"}, "time_zone"),
        ({"time_zone": "../etc"}, "time_zone"),
        ({"portal_id": "abc"}, "portal_id"),
    ],
)
def test_impossible_options_are_named(options, place):
    assert [problem.place for problem in HubSpot.problems(options)] == [place]


def test_the_defaults_have_no_problems():
    assert HubSpot.problems({option.name: option.default for option in HubSpot.options}) == []
