"""Signatures, ages and JSON from strangers."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from syncbridge.errors import WebhookRefused
from syncbridge.remote.webhook import hmac_sha256, is_same, json_document, require_recent

T = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


def test_the_hmac_is_that_of_rfc_4231():
    expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert hmac_sha256("Jefe", b"what do ya want for nothing?").hex() == expected


@pytest.mark.parametrize("theirs", ["", "abd", "ab", "äöü", "\udc80"])
def test_other_signatures_are_not_the_same(theirs):
    assert not is_same("abc", theirs)


def test_the_same_signature_is_the_same():
    assert is_same("abc", "abc")


@pytest.mark.parametrize("off_s", [-300, 0, 300])
def test_recent_signatures_pass(off_s):
    require_recent(T + timedelta(seconds=off_s), T, timedelta(seconds=300))


@pytest.mark.parametrize(("off_s", "why"), [(-301, "too old"), (301, "future")])
def test_old_and_future_signatures_do_not(off_s, why):
    with pytest.raises(WebhookRefused, match=why) as caught:
        require_recent(T + timedelta(seconds=off_s), T, timedelta(seconds=300))
    assert caught.value.status == 401


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[" * 100_000,
        b"[" * 65 + b"1" + b"]" * 65,
        b'{"a":' * 70 + b"1" + b"}" * 70,
        b'"\x00"',
    ],
)
def test_what_is_no_readable_json_is_refused(body):
    with pytest.raises(WebhookRefused) as caught:
        json_document(body)
    assert caught.value.status == 400


def test_what_is_nested_a_little_is_read():
    assert json_document(b"[" * 60 + b"1" + b"]" * 60)


def test_characters_that_no_store_takes_are_replaced():
    read = json_document(b'{"a\\u0000": ["\\ud800x", "\\ud83d\\ude00", {"b": "\\uDfff"}]}')
    assert read == {"a\ufffd": ["\ufffdx", "\U0001f600", {"b": "\ufffd"}]}
    assert json.dumps(read, ensure_ascii=False).encode()
