from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from syncbridge.mapping.transcript import MAX_CHARS, Line, render_message, render_session
from syncbridge.model.conversation import Direction, MessageKind, MessageStatus

AT = datetime(2026, 11, 3, 9, 5, 7, tzinfo=UTC)
HELLO = Line(at=AT, direction=Direction.INBOUND, sender_name="Anna Müller", text="Hello")
HEAD = "Anna Müller, received 3 Nov 2026 09:05:07 UTC"


def body(line: Line) -> str:
    head, _, rest = render_message(line).partition("\n")
    assert head == HEAD
    return rest


def test_a_text_message_is_its_words_under_who_and_when() -> None:
    assert render_message(HELLO) == f"{HEAD}\nHello"


def test_the_time_is_shown_in_utc_whatever_zone_it_came_in() -> None:
    there = AT.astimezone(timezone(timedelta(hours=8)))
    assert render_message(replace(HELLO, at=there)) == render_message(HELLO)


def test_an_unnamed_sender_is_called_by_the_side_they_are_on() -> None:
    ours = replace(HELLO, sender_name="", direction=Direction.OUTBOUND)
    assert render_message(ours).startswith("Our side, sent 3 Nov")
    assert render_message(replace(HELLO, sender_name="")).startswith("Customer, received 3 Nov")


def test_a_withdrawn_message_shows_nothing_of_what_it_said() -> None:
    said = replace(
        HELLO,
        is_revoked=True,
        is_edited=True,
        kind=MessageKind.IMAGE,
        media_line="secret.jpg",
        reply_excerpt="secret",
        reactions=(("👍", "Tom"),),
        status=MessageStatus.READ,
    )
    assert body(said) == "This message was withdrawn"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"is_edited": True}, "Hello (edited)"),
        ({"is_forwarded": True}, "(forwarded)\nHello"),
        ({"reply_excerpt": "When\ndo you open?"}, "> When do you open?\nHello"),
        ({"text": "Line 1\r\nLine 2 *bold*"}, "Line 1\nLine 2 *bold*"),
        ({"text": ""}, "(no text)"),
        ({"status": MessageStatus.READ}, "Hello\nStatus: read"),
        (
            {"status": MessageStatus.FAILED, "error": "131047 Re-engagement message"},
            "Hello\nStatus: not delivered: 131047 Re-engagement message",
        ),
        ({"status": MessageStatus.DELIVERED, "error": "old"}, "Hello\nStatus: delivered"),
        (
            {"reactions": (("👍", "Anna"), ("❤️", ""))},
            "Hello\nReactions: 👍 Anna, ❤️",
        ),
        (
            {"referral": {"headline": "Summer sale", "source_url": "https://fb.me/1"}},
            "Came from an advertisement: Summer sale, https://fb.me/1\nHello",
        ),
        ({"referral": {"ctwa_clid": "x"}}, "Came from an advertisement\nHello"),
        (
            {"kind": MessageKind.IMAGE, "media_line": "cat.jpg", "is_edited": True},
            "[image] cat.jpg\nHello (edited)",
        ),
        ({"kind": MessageKind.AUDIO, "text": ""}, "[audio]"),
        (
            {"kind": MessageKind.DOCUMENT, "text": "", "media_missing": "link expired"},
            "[document]\nfile missing: link expired",
        ),
        ({"kind": MessageKind.LOCATION, "text": "Pier 3, Oslo"}, "[location] Pier 3, Oslo"),
        (
            {"kind": MessageKind.UNSUPPORTED, "text": "", "problems": ("131051 not supported",)},
            "[unsupported message]\nincomplete: 131051 not supported",
        ),
        ({"kind": MessageKind.BUTTON, "text": "Yes"}, "Yes"),
    ],
)
def test_what_happened_to_a_message_is_told_in_words(
    changes: dict[str, object], expected: str
) -> None:
    assert body(replace(HELLO, **changes)) == expected


def test_every_kind_and_status_can_be_shown() -> None:
    for kind in MessageKind:
        assert body(replace(HELLO, kind=kind)).endswith("Hello")
    for status in MessageStatus:
        assert "Status: " in body(replace(HELLO, status=status))


def test_a_message_too_long_is_cut_and_says_by_how_much() -> None:
    shown = render_message(replace(HELLO, text="x" * 70_000, status=MessageStatus.READ))
    assert len(shown) <= MAX_CHARS
    assert shown.count("x") + 20_080 == 70_000
    assert "(20,080 more characters are not shown here)" in shown
    assert shown.endswith("Status: read")


def test_a_session_lists_its_messages_by_time() -> None:
    later = replace(HELLO, at=AT + timedelta(minutes=1), text="Later")
    assert render_session([later, HELLO]) == f"{render_message(HELLO)}\n\n{render_message(later)}"


def test_messages_of_one_instant_keep_the_order_they_are_given_in() -> None:
    second = replace(HELLO, text="second")
    assert render_session([HELLO, second]).index("Hello") < render_session([HELLO, second]).index(
        "second"
    )


def test_a_session_too_long_loses_its_oldest_messages_and_says_how_many() -> None:
    lines = [
        replace(HELLO, at=AT + timedelta(seconds=number), text=f"No. {number} " + "x" * 1000)
        for number in range(100)
    ]
    shown = render_session(lines)
    assert len(shown) <= MAX_CHARS
    assert "No. 99 " in shown
    note, _, rest = shown.partition("\n\n")
    left_out = 100 - rest.count("No. ")
    assert note == f"({left_out} earlier messages are not shown here)"
    assert left_out < 50


def test_a_session_whose_last_message_fills_it_keeps_that_one() -> None:
    lines = [HELLO, replace(HELLO, at=AT + timedelta(1), text="x", problems=("y" * 80_000,))]
    shown = render_session(lines)
    assert len(shown) <= MAX_CHARS
    assert shown.startswith("(1 earlier message is not shown here)")


def test_an_empty_session_is_empty() -> None:
    assert render_session([]) == ""
