"""Events other than plain messages, their keys and their times."""

from datetime import UTC, datetime

import pytest

from connectors.whatsapp.sandbox import payloads
from connectors.whatsapp.sandbox.payloads import Person, Update
from syncbridge.model.conversation import Direction, MessageKind, MessageRef, MessageStatus
from syncbridge.model.event import (
    ConsentSaid,
    MediaSeen,
    MessageEdited,
    MessageRevoked,
    MessageSeen,
    Notice,
    PeerNamed,
    ReactionSeen,
    StatusSeen,
)
from syncbridge.model.identity import Peer
from tests.connectors.whatsapp.deliveries import (
    ANA,
    AT,
    AT_UTC,
    BEA,
    only_body,
    only_event,
    parsed,
    reasons,
    seen,
)

ANA_PEER = Peer(ANA.number, name=ANA.name)
WAMID = payloads.wamid(ANA.number, 7)
TOKEN = "3A000000000000000007"


def hello(**about: object) -> Update:
    return payloads.text(ANA, "hello", id="wamid.M", at=AT, **about)


def test_a_message_is_an_event_of_its_number_at_its_own_time() -> None:
    event = only_event(hello(), account="42")
    assert (event.key, event.at, event.account, event.scope) == (
        "m:42:wamid.M", AT_UTC, "42", "",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("wamid", "token"),
    [
        (WAMID, TOKEN),
        (WAMID.rstrip("="), TOKEN),
        (payloads.wamid("1", 7), TOKEN),
        ("wamid.HBgLMTY1MDM4Nzk0MzkVAgARGA9wcm9kdWN0X2lucXVpcnkA", ""),
        ("wamid.HBgLMTk4MzU1NTE5NzQVAgASGAoxMTgyMDg2MjY3AA==", ""),
        ("wamid.short", ""),
        ("wamid.é", ""),
        ("ABGGFlA5Fpa", ""),
    ],
)
def test_two_spellings_of_a_message_id_share_their_inner_key(wamid: str, token: str) -> None:
    update = payloads.text(ANA, "hello", id=wamid, at=AT)
    assert seen(update).message == MessageRef(wamid, token)


@pytest.mark.parametrize(
    ("context", "reply_to"),
    [
        ({"id": WAMID}, MessageRef(WAMID, TOKEN)),
        ({"forwarded": True}, None),
        ({"id": "M0"}, None),
        ({"id": "w" * 600}, None),
        ("?", None),
    ],
)
def test_a_reply_names_its_message(context: object, reply_to: MessageRef | None) -> None:
    assert seen(hello(context=context)).reply_to == reply_to


def test_where_a_person_came_from_is_kept() -> None:
    referral = {"source_type": "ad", "ctwa_clid": "Aff-1"}
    assert seen(hello(referral=referral)).referral == referral


@pytest.mark.parametrize(("emoji", "read"), [("😮", "😮"), ("", ""), (None, "")])
def test_a_reaction_is_put_or_taken_away(emoji: str | None, read: str) -> None:
    update = payloads.reaction(ANA, WAMID, emoji, id="wamid.R", at=AT)
    expected = ReactionSeen(MessageRef(WAMID, TOKEN), read, Direction.INBOUND, ANA_PEER)
    assert only_body(update) == expected


def test_an_edit_carries_the_new_words() -> None:
    body = only_body(payloads.edit(ANA, WAMID, "better", id="wamid.X", at=AT))
    assert isinstance(body, MessageEdited)
    assert (body.target.token, body.content.text) == (TOKEN, "better")


def test_an_edit_without_new_content_wipes_nothing() -> None:
    update = payloads.message(ANA, "edit", {"original_message_id": WAMID}, id="wamid.X", at=AT)
    assert reasons(update) == ["malformed"]


def test_a_withdrawal_names_its_message() -> None:
    update = payloads.revoke(ANA, WAMID, id="wamid.X", at=AT)
    assert only_body(update) == MessageRevoked(MessageRef(WAMID, TOKEN))


@pytest.mark.parametrize("kind", ["reaction", "edit", "revoke"])
def test_what_refers_to_no_message_is_left_over(kind: str) -> None:
    assert reasons(payloads.message(ANA, kind, {}, id="wamid.X", at=AT)) == ["no_id"]


@pytest.mark.parametrize("status", list(MessageStatus))
def test_each_status_is_read(status: MessageStatus) -> None:
    event = only_event(payloads.status("wamid.O", status.value, at=AT, to=ANA), account="42")
    assert event.body == StatusSeen(MessageRef("wamid.O"), status, Peer(ANA.number))
    assert event.key == f"s:42:wamid.O:{status.value}::{AT}"


def test_a_failure_tells_why_and_whose_it_was() -> None:
    error = {"code": 131047, "title": "Re-engagement message", "error_data": {"details": "24 h"}}
    update = payloads.status(
        "wamid.O", "failed", at=AT, errors=[error], biz_opaque_callback_data="our-id"
    )
    body = only_body(update)
    assert isinstance(body, StatusSeen)
    assert (body.error_code, body.error_text, body.callback_data) == (
        131047, "131047 Re-engagement message: 24 h", "our-id",
    )  # fmt: skip


@pytest.mark.parametrize("key", ["recipient_parent_user_id", "parent_recipient_user_id"])
def test_a_status_may_name_a_person_by_user_id_only(key: str) -> None:
    update = payloads.status("wamid.O", "read", at=AT, to=BEA, **{key: "DE.ENT.1"})
    body = only_body(update)
    assert isinstance(body, StatusSeen)
    assert body.peer == Peer(user_id=BEA.user_id, parent_user_id="DE.ENT.1")


def test_a_groups_status_is_its_participants() -> None:
    update = payloads.status(
        "wamid.O", "read", at=AT, to=Person("120363"),
        recipient_type="group", recipient_participant_id=ANA.number,
    )  # fmt: skip
    event = only_event(update)
    assert isinstance(event.body, StatusSeen)
    assert (event.body.peer, event.body.participant) == (Peer(ANA.number), ANA.number)
    assert f":{ANA.number}:" in event.key


def test_an_unknown_status_is_left_over() -> None:
    assert reasons(payloads.status("wamid.O", "teleported", at=AT)) == ["unknown_status"]


def test_an_echo_is_outbound_to_its_person() -> None:
    body = only_body(payloads.echo(hello(), BEA))
    assert isinstance(body, MessageSeen)
    assert (body.direction, body.peer) == (Direction.OUTBOUND, Peer(user_id=BEA.user_id))


@pytest.mark.parametrize(
    ("update", "kind"),
    [
        (payloads.edit(ANA, WAMID, "x", id="wamid.X", at=AT), MessageEdited),
        (payloads.revoke(ANA, WAMID, id="wamid.X", at=AT), MessageRevoked),
        (payloads.reaction(ANA, WAMID, "x", id="wamid.X", at=AT), ReactionSeen),
    ],
)
def test_the_business_edits_and_withdraws_as_well(update: Update, kind: type) -> None:
    assert isinstance(only_body(payloads.echo(update, ANA)), kind)


def test_history_tells_both_sides_of_a_thread() -> None:
    ours = payloads.echo(payloads.text(ANA, "offer", id="wamid.1", at=AT), ANA)
    late = payloads.message(ANA, "media_placeholder", None, id="wamid.2", at=AT + 1)
    events = parsed(payloads.history({ANA.number: [ours, late]})).events
    bodies = [event.body for event in events if isinstance(event.body, MessageSeen)]
    assert [(body.direction, body.status, body.is_history) for body in bodies] == [
        (Direction.OUTBOUND, MessageStatus.READ, True),
        (Direction.INBOUND, None, True),
    ]
    assert {body.peer.number for body in bodies} == {ANA.number}
    assert [event.key for event in events] == [
        f"m:{payloads.ACCOUNT}:wamid.1",
        f"m:{payloads.ACCOUNT}:wamid.2",
    ]


def test_a_file_of_history_follows_its_placeholder_under_a_key_of_its_own() -> None:
    update = payloads.late_file(payloads.image(ANA, "77", id="wamid.2", at=AT, caption="roof"))
    event = only_event(update, account="42")
    assert isinstance(event.body, MediaSeen)
    assert (event.key, event.body.content.kind) == ("f:42:wamid.2", MessageKind.IMAGE)


def test_declined_history_leaves_the_reason() -> None:
    errors = [{"code": 2593109, "message": "History is turned off"}]
    update = {"field": "history", "key": "history", "item": {"errors": errors}}
    assert reasons(update) == ["vendor_error"]
    assert isinstance(only_body(update, at=AT), Notice)


@pytest.mark.parametrize(("action", "is_removed"), [("add", False), ("remove", True)])
def test_the_address_book_names_people(action: str, is_removed: bool) -> None:
    body = only_body(payloads.named(ANA, at=AT, action=action))
    assert body == PeerNamed(ANA_PEER, is_removed)


@pytest.mark.parametrize(("word", "is_opted_out"), [("stop", True), ("resume", False)])
def test_marketing_is_stopped_and_resumed(word: str, is_opted_out: bool) -> None:
    event = only_event(payloads.preference(ANA, word, at=AT))
    assert event.body == ConsentSaid(ANA_PEER, is_opted_out)
    assert event.at == AT_UTC


def test_another_wish_is_left_over_and_changes_nothing() -> None:
    assert reasons(payloads.preference(ANA, "perhaps", at=AT)) == ["unknown_preference"]


def test_messages_are_heard_under_standby_and_under_a_field_yet_unknown() -> None:
    for field in ("standby", "brand_new"):
        assert seen({**hello(), "field": field}).content.text == "hello"


def test_an_account_field_is_a_notice_once_however_often_it_comes() -> None:
    update = payloads.account_update("account_update", event="ACCOUNT_RESTRICTION")
    first, again = (only_event(update, at=AT) for _ in range(2))
    assert first.body == Notice(
        "account_update", {"waba_id": payloads.WABA, "event": "ACCOUNT_RESTRICTION"}
    )
    assert first.key == again.key != only_event(update, at=AT + 1).key
    assert only_event(update, at=AT, waba="7").key != first.key


def test_sayings_about_a_number_have_the_same_keys_however_they_are_batched() -> None:
    calls = [
        {"field": "calls", "key": "calls", "item": {"id": f"wacid.{n}", "timestamp": str(AT + n)}}
        for n in range(3)
    ]
    together = [event.key for event in parsed(*calls).events]
    alone = [parsed(call, at=AT + 99).events[0].key for call in calls]
    assert together == alone
    assert len(set(together)) == 3


def test_the_withdrawn_field_about_user_ids_changes_nobody() -> None:
    item = {"wa_id": "1", "user_id": {"previous": "a", "current": "b"}, "timestamp": str(AT)}
    update = {"field": "user_id_update", "key": "user_id_update", "item": item}
    assert isinstance(only_body(update), Notice)


@pytest.mark.parametrize(
    ("written", "entry_at", "read"),
    [
        (str(AT), None, AT),
        (AT + 1, None, AT + 1),
        (AT * 1000, None, AT),
        (float(AT), None, AT),
        ("TIMESTAMP", AT + 5, AT + 5),
        (None, AT + 5, AT + 5),
        ("-1", AT + 5, AT + 5),
        ("9" * 12, AT + 5, AT + 5),
        (True, AT + 5, AT + 5),
        ([], AT + 5, AT + 5),
        ("0", str(AT + 5), AT + 5),
    ],
)
def test_a_time_is_the_messages_own_or_else_the_entrys(
    written: object, entry_at: object, read: int
) -> None:
    update = hello()
    update["item"]["timestamp"] = written
    event = only_event(update, at=entry_at)
    assert event.at == datetime.fromtimestamp(read, UTC)


def test_a_message_without_any_time_is_left_over() -> None:
    update = hello()
    del update["item"]["timestamp"]
    assert reasons(update) == ["no_time"]


@pytest.mark.parametrize(
    ("update", "about"),
    [
        (hello(), {"waba": "0"}),
        (hello(), {"account": "123456123"}),
        (payloads.text(Person("16315551181"), "this is a text", id="ABGG", at=AT), {}),
        (payloads.account_update("account_update", event="X"), {"waba": "0"}),
    ],
)
def test_the_dashboards_test_button_makes_no_person(update: Update, about: dict) -> None:
    found = parsed(update, **about)
    assert found.events == ()
    assert [leftover.reason for leftover in found.leftovers] == ["dashboard_test"]
