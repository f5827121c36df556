"""Tokens, scopes, limits and faults of the imitated HubSpot."""

from collections.abc import Iterator
from typing import Any

import pytest

from connectors.hubspot.sandbox import AccountOptions, HubSpotSandbox, Limits
from tests.sandbox.hubspot_world import EXTERNAL_ID, World, hubspot, serve
from tests.sandbox.toy import fixed_clock


@pytest.fixture
def world() -> Iterator[World]:
    with hubspot() as world:
        yield world


def listing(world: World) -> Any:
    return world.objects("GET", "")


@pytest.mark.parametrize("token", ["", "wrong"])
def test_an_unknown_token_is_refused(world: World, token: str) -> None:
    world.token = token
    refused = listing(world)
    assert (refused["code"], refused["category"]) == (401, "INVALID_AUTHENTICATION")


def test_a_token_expires_for_some_calls_or_until_renewed(world: World) -> None:
    world.control("POST", "expire-token", {"times": 2})
    answers = [listing(world) for _ in range(3)]
    assert [answer["code"] for answer in answers] == [401, 401, 200]
    assert answers[0]["category"] == "EXPIRED_AUTHENTICATION"
    world.control("POST", "expire-token")
    assert [listing(world)["code"] for _ in range(3)] == [401, 401, 401]
    world.control("POST", "renew-token")
    assert listing(world)["code"] == 200
    assert world.control("POST", "expire-token", {"times": 0})["code"] == 400


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", ""), ("PATCH", "/wa_sync_external_id"), ("DELETE", "/wa_sync_external_id")],
)
def test_a_token_without_the_scope_cannot_change_the_schema(
    world: World, method: str, path: str
) -> None:
    world.token = "sandbox-no-schema"
    refused = world.call(method, f"/crm/properties/2026-03/contacts{path}", EXTERNAL_ID)
    assert (refused["code"], refused["category"]) == (403, "MISSING_SCOPES")
    context = refused["errors"][0]["context"]
    assert context == {"requiredGranularScopes": ["crm.schemas.contacts.write"]}
    assert listing(world)["code"] == 200


def test_the_burst_is_limited_and_rolls_on() -> None:
    with hubspot(limits=Limits(burst=3)) as world:
        first = world.raw("GET", "/crm/v3/objects/contacts")
        assert first.headers["X-HubSpot-RateLimit-Max"] == "3"
        assert first.headers["X-HubSpot-RateLimit-Remaining"] == "2"
        assert first.headers["X-HubSpot-RateLimit-Interval-Milliseconds"] == "10000"
        world.sandbox.clock.advance(9)
        assert [listing(world)["code"] for _ in range(3)] == [200, 200, 429]
        refused = listing(world)
        assert refused["policyName"] == "TEN_SECONDLY_ROLLING"
        assert refused["message"] == "You have reached your ten_secondly_rolling limit."
        world.sandbox.clock.advance(1)
        assert [listing(world)["code"] for _ in range(2)] == [200, 429]


def test_the_day_is_limited_until_midnight_in_the_accounts_zone() -> None:
    options = AccountOptions(time_zone="America/New_York")
    sandbox = HubSpotSandbox(options, limits=Limits(daily=2), now=fixed_clock())
    with serve(sandbox) as world:
        answers = [listing(world) for _ in range(3)]
        assert [answer["code"] for answer in answers] == [200, 200, 429]
        assert answers[2]["policyName"] == "DAILY"
        world.control("POST", "clock", {"advance_s": 16 * 3600 - 1})
        assert listing(world)["code"] == 429
        world.control("POST", "clock", {"advance_s": 1})
        assert listing(world)["code"] == 200


def test_searches_are_limited_per_second_and_tell_no_limits(world: World) -> None:
    answers = [world.search() for _ in range(6)]
    assert [answer["code"] for answer in answers] == [200] * 5 + [429]
    assert answers[5]["policyName"] == "SECONDLY"
    world.sandbox.clock.advance(1)
    search = world.raw("POST", "/crm/v3/objects/contacts/search", {})
    assert not [name for name in search.headers if "RateLimit" in name]
    assert listing(world)["code"] == 200


@pytest.mark.parametrize(
    ("spec", "code", "key", "value"),
    [
        ("429", 429, "policyName", "TEN_SECONDLY_ROLLING"),
        ("daily-limit", 429, "policyName", "DAILY"),
        ("expired-token", 401, "category", "EXPIRED_AUTHENTICATION"),
        ("503", 503, "category", "INTERNAL_ERROR"),
    ],
)
def test_a_fault_speaks_as_hubspot_does(
    world: World, spec: str, code: int, key: str, value: str
) -> None:
    world.control("POST", "faults", {"spec": f"{spec}:times=1:retry-after=7"})
    answer = world.raw("GET", "/crm/v3/objects/contacts")
    assert (answer.status_code, answer.json()[key]) == (code, value)
    assert answer.headers["Retry-After"] == "7"
    assert listing(world)["code"] == 200


def test_calls_are_counted_by_object_type(world: World) -> None:
    contact = world.contact()
    world.objects("GET", f"/{contact}")
    world.call("GET", "/crm/v3/objects/notes")
    assert world.control("GET", "calls")["by_route"] == {
        "GET /crm/objects/2026-03/contacts/<record_id>": 1,
        "GET /crm/v3/objects/notes": 1,
        "POST /crm/objects/2026-03/contacts": 1,
    }


def test_a_reset_leaves_an_empty_account(world: World) -> None:
    world.add_external_id()
    world.contact()
    world.control("POST", "expire-token")
    world.control("POST", "reset")
    assert listing(world)["results"] == []
    assert world.call("GET", "/crm/v3/properties/contacts/wa_sync_external_id")["code"] == 404


def test_twenty_thousand_contacts_are_no_burden() -> None:
    with hubspot(limits=Limits(burst=1000)) as world:
        world.add_external_id()
        for start in range(0, 20_000, 100):
            rows = [
                {
                    "idProperty": "wa_sync_external_id",
                    "id": str(number),
                    "properties": {"firstname": "Ada", "email": f"a{number}@example.com"},
                }
                for number in range(start, start + 100)
            ]
            answer = world.objects("POST", "/batch/upsert", {"inputs": rows})
            assert answer["code"] == 200
        assert world.search()["total"] == 20_000
        found = world.objects("GET", "/a19999@example.com", idProperty="email")
        assert found["code"] == 200
