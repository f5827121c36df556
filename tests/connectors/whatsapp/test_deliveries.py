"""Whole deliveries: refused with a reason, or split without losing an item."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.whatsapp.sandbox import payloads
from connectors.whatsapp.wire import parse
from syncbridge.errors import WebhookRefused
from syncbridge.model.event import MessageSeen, Parsed
from tests.connectors.whatsapp.deliveries import ANA, AT, BEA, parsed

FIXTURE = Path(__file__).parents[2] / "fixtures" / "whatsapp" / "mixed_delivery.json"
#: Recorded payloads that are kept beside the checkout; the walk over them is skipped without.
RECORDED = Path(__file__).parents[4] / "shared" / "specs" / "whatsapp" / "webhooks"

DEEP = b'{"object":"whatsapp_business_account","entry":' + b"[" * 70 + b"]" * 70 + b"}"
WHOLE = payloads.encode(payloads.envelope([payloads.text(ANA, "hello", id="wamid.M", at=AT)]))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"hello",
        b"null",
        b"[]",
        b"5",
        b"{}",
        b"\xff\xfe{}",
        b'{"entry": 5}',
        b'{"object":"page","entry":[]}',
        b'{"object":"whatsapp_business_account","entry":{}}',
        b'{"object":"whatsapp_business_account","entry":[NaN]}',
        b"[" * 200_000,
        b"9" * 5_000,
        DEEP,
        WHOLE[:-1],
        WHOLE[: len(WHOLE) // 2],
        WHOLE.decode().encode("utf-16"),
    ],
)
def test_what_is_no_delivery_is_refused_with_a_reason(body: bytes) -> None:
    with pytest.raises(WebhookRefused) as caught:
        parse(body)
    assert caught.value.status == 400
    assert caught.value.reason


def test_a_mixed_delivery_keeps_every_item_in_its_place() -> None:
    found = parse(FIXTURE.read_bytes())
    assert [event.key for event in found.events if event.key[0] != "a"] == [
        "m:900100:wamid.A1",
        "m:900100:wamid.A2",
        "s:900100:wamid.O1:read::1790000003",
        "m:900100:wamid.E1",
    ]
    value = "entry[0].changes[0].value"
    assert [(leftover.reason, leftover.place) for leftover in found.leftovers] == [
        ("no_id", f"{value}.messages[2]"),
        ("malformed", f"{value}.messages[3]"),
        ("unknown_status", f"{value}.statuses[1]"),
        ("vendor_error", f"{value}.errors[0]"),
        ("unknown_field", "entry[1].changes[1]"),
    ]
    assert json.loads(found.leftovers[2].fragment)["status"] == "teleported"


def test_people_in_a_mixed_delivery_are_told_apart() -> None:
    bodies = [event.body for event in parse(FIXTURE.read_bytes()).events]
    peers = [body.peer for body in bodies if isinstance(body, MessageSeen)]
    assert [(peer.number, peer.user_id, peer.username, peer.name) for peer in peers] == [
        ("", "DE.77001", "ana.k", "Ana"),
        ("5531987650001", "", "", "João 😀"),
        ("5531987650001", "", "", None),
    ]


def test_text_that_cannot_be_stored_is_mended() -> None:
    body = WHOLE.replace(b"hello", rb"a\u0000b\ud83d c\ude00 \ud83d\ude00 \\ud83d")
    (event,) = parse(body).events
    assert isinstance(event.body, MessageSeen)
    assert event.body.content.text == "a\ufffdb\ufffd c\ufffd 😀 \\ud83d"


@pytest.mark.parametrize(
    ("entry", "reason", "place"),
    [
        (5, "malformed", "entry[0]"),
        ({"id": "1"}, "malformed", "entry[0]"),
        ({"id": "1", "changes": []}, "malformed", "entry[0]"),
        ({"id": "1", "changes": ["?"]}, "malformed", "entry[0].changes[0]"),
        ({"changes": [{"value": {}}]}, "malformed", "entry[0].changes[0]"),
        ({"changes": [{"field": "messages", "value": 5}]}, "malformed", "entry[0].changes[0]"),
        ({"changes": [{"field": "messages", "value": {}}]}, "empty", "entry[0].changes[0].value"),
        (
            {"changes": [{"field": "messages", "value": {"messages": {"id": "1"}}}]},
            "malformed",
            "entry[0].changes[0].value.messages",
        ),
        (
            {"changes": [{"field": "messages", "value": {"auras": [1]}}]},
            "unknown_part",
            "entry[0].changes[0].value.auras",
        ),
        (
            {"changes": [{"field": "security", "value": {"event": "PIN"}}]},
            "no_time",
            "entry[0].changes[0].value",
        ),
    ],
)
def test_a_part_that_is_not_as_it_should_be_is_left_over(
    entry: object, reason: str, place: str
) -> None:
    body = json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()
    found = parse(body)
    assert found.events == ()
    assert [(left.reason, left.place) for left in found.leftovers] == [(reason, place)]


def test_one_bad_update_never_stops_the_other_999() -> None:
    updates = [payloads.text(ANA, f"{n}", id=f"wamid.{n}", at=AT) for n in range(1000)]
    updates[500]["item"] = {"id": 5, "type": {"no": "type"}, "timestamp": []}
    found = parsed(*updates)
    assert (len(found.events), len(found.leftovers)) == (999, 1)


def test_a_fragment_is_cut() -> None:
    update = payloads.text(ANA, "x" * 10_000, id="", at=AT)
    (leftover,) = parsed(update).leftovers
    assert len(leftover.fragment) <= 2000


# Mutations: one item of many is broken at random.

JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from(["text", "reaction", "edit", "system", "interactive", "contacts", "wamid.1"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "type", "body", "text", "wa_id", "timestamp", "errors", "x"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=6,
)

VARIED = [
    payloads.text(ANA, "a", id="wamid.1", at=AT, context={"id": "wamid.0"}),
    payloads.image(ANA, "7", id="wamid.2", at=AT, caption="b"),
    payloads.form(BEA, {"a": 1}, id="wamid.3", at=AT),
    payloads.shared_own_number(BEA, "491511", id="wamid.4", at=AT),
    payloads.order(ANA, [{"quantity": 1}], id="wamid.5", at=AT),
    payloads.reaction(ANA, "wamid.1", "x", id="wamid.6", at=AT),
    payloads.edit(ANA, "wamid.1", "c", id="wamid.7", at=AT),
    payloads.number_changed(ANA, BEA, id="wamid.8", at=AT)
    | {"item": {"from": "1", "id": "wamid.8", "type": "system", "system": {"wa_id": "2"}}},
    payloads.unsupported(ANA, id="wamid.9", at=AT),
    payloads.location(ANA, {"latitude": 1.5, "longitude": 2}, id="wamid.10", at=AT),
    payloads.status("wamid.O", "failed", at=AT, to=ANA, errors=[{"code": 1}]),
    payloads.echo(payloads.text(ANA, "d", id="wamid.11", at=AT), ANA),
    payloads.history({ANA.number: [payloads.text(ANA, "e", id="wamid.12", at=AT)]}),
    payloads.preference(ANA, "stop", at=AT),
    payloads.named(ANA, at=AT),
    {"field": "calls", "key": "calls", "item": {"id": "wacid.1", "timestamp": str(AT)}},
]


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    found = [path] if path else []
    for key, part in inner:
        below = (*path, key)
        found += places(part, below) if isinstance(part, dict | list) else [below]
    return found


def outcome(body: bytes) -> Parsed | WebhookRefused:
    try:
        return parse(body)
    except WebhookRefused as exc:
        return exc


def replaced(value: Any, path: tuple[Any, ...], junk: Any) -> Any:
    copy = json.loads(json.dumps(value))
    *way, last = path
    holder = copy
    for step in way:
        holder = holder[step]
    holder[last] = junk
    return copy


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_a_broken_item_costs_no_other(data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(VARIED) - 1))
    item = VARIED[index]["item"]
    path = data.draw(st.sampled_from(places(item)))
    broken = {**VARIED[index], "item": replaced(item, path, data.draw(JUNK))}
    others = [update for number, update in enumerate(VARIED) if number != index]
    expected = {event.key for event in parsed(*others, at=AT).events}
    found = parsed(*VARIED[:index], broken, *VARIED[index + 1 :], at=AT)
    assert expected <= {event.key for event in found.events}
    assert len(found.events) + len(found.leftovers) >= len(VARIED) - 1


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_whatever_is_broken_nothing_but_a_refusal_is_raised(data: st.DataObject) -> None:
    payload = payloads.envelope(VARIED, at=AT)
    path = data.draw(st.sampled_from(places(payload)))
    body = json.dumps(replaced(payload, path, data.draw(JUNK))).encode()
    found = outcome(body)
    if isinstance(found, Parsed):
        assert all(event.at.tzinfo and event.key for event in found.events)
        assert all(left.reason and left.fragment.encode() for left in found.leftovers)
    else:
        assert found.status == 400


@given(st.binary(max_size=60), st.integers(0, len(WHOLE) - 1))
@settings(max_examples=200, deadline=None)
def test_bytes_that_were_damaged_are_read_or_refused(junk: bytes, at: int) -> None:
    found = outcome(WHOLE[:at] + junk + WHOLE[at + len(junk) :])
    assert isinstance(found, Parsed) or found.status == 400


def said_in(payload: dict[str, Any]) -> int:
    """Count what a delivery says, by another way than the parser's."""
    count = 0
    for entry in payload["entry"]:
        for change in entry["changes"]:
            value = change["value"]
            lists = [part for key, part in value.items() if key in ("messages", "statuses")]
            lists += [value.get("message_echoes", []), value.get("state_sync", [])]
            threads = [t for chunk in value.get("history", []) for t in chunk["threads"]]
            count += sum(map(len, lists)) + sum(len(t["messages"]) for t in threads)
    return count


@pytest.mark.skipif(not RECORDED.is_dir(), reason="the recorded payloads are not here")
def test_every_recorded_payload_is_read_without_losing_an_item() -> None:
    files = sorted(RECORDED.glob("*/*.json"))
    assert files
    for file in files:
        found = parse(file.read_bytes())
        told = said_in(json.loads(file.read_text()))
        total = len(found.events) + len(found.leftovers)
        assert total >= max(told, 1), file.name
        if {left.reason for left in found.leftovers} - {"dashboard_test"} and told:
            assert not [left for left in found.leftovers if "messages[" in left.place], file.name
