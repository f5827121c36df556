"""Ids, keys, sealed bytes and JSON columns: what goes in comes out again."""

from __future__ import annotations

import base64
import json
import stat
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncbridge.errors import ConfigError, InvariantBroken
from syncbridge.model.conversation import (
    Content,
    Direction,
    Media,
    MessageKind,
    MessageRef,
    MessageStatus,
)
from syncbridge.model.event import (
    Body,
    ConsentSaid,
    MediaSeen,
    MessageEdited,
    MessageRevoked,
    MessageSeen,
    Notice,
    PeerMoved,
    PeerNamed,
    ReactionSeen,
    RecordTouched,
    StatusSeen,
    Touch,
)
from syncbridge.model.golden import BaseValue, Contribution, Said
from syncbridge.model.identity import Peer
from syncbridge.model.record import Kind
from syncbridge.model.stamp import Stamp
from syncbridge.store.cipher import Cipher, key_from_file, new_key, read_key
from syncbridge.store.codec import (
    TOPICS,
    dump_base,
    dump_body,
    dump_fields,
    load_base,
    load_body,
    load_fields,
    topic_of,
)
from syncbridge.store.ids import new_id

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
#: Free-form parts of events hold what JSON holds.
jsons: st.SearchStrategy[Any] = st.dictionaries(words, st.one_of(words, st.integers(), st.none()))
refs = st.builds(MessageRef, words, words)
peers = st.builds(Peer, words, words, words, words, st.one_of(st.none(), words))
media = st.builds(Media, words, words, words, words, words, st.booleans(), st.booleans())
problems = st.lists(words, max_size=2).map(tuple)
contents = st.builds(
    Content, st.sampled_from(MessageKind), words, st.one_of(st.none(), media), jsons, problems
)
directions = st.sampled_from(Direction)
statuses = st.sampled_from(MessageStatus)
EVENTS: tuple[st.SearchStrategy[Body], ...] = (
    st.builds(
        MessageSeen, refs, peers, directions, contents, st.one_of(st.none(), refs), st.booleans(),
        jsons, st.booleans(), st.one_of(st.none(), statuses),
    ),
    st.builds(
        StatusSeen, refs, statuses, peers, words, st.one_of(st.none(), st.integers()), words, words
    ),
    st.builds(ReactionSeen, refs, words, directions, peers),
    st.builds(MessageEdited, refs, contents),
    st.builds(MessageRevoked, refs),
    st.builds(MediaSeen, refs, contents),
    st.builds(PeerMoved, peers, peers, words),
    st.builds(PeerNamed, peers, st.booleans()),
    st.builds(ConsentSaid, peers, st.booleans()),
    st.builds(
        RecordTouched, st.sampled_from(Kind), words, st.sampled_from(Touch), problems,
        st.dictionaries(words, words),
    ),
    st.builds(Notice, words, jsons),
)  # fmt: skip


@given(st.one_of(*EVENTS))
def test_an_event_comes_back_as_it_was_stored(body: Body):
    stored = json.loads(json.dumps(dump_body(body)))
    assert load_body(topic_of(body), stored) == body


def test_every_sort_of_event_has_a_topic_of_its_own():
    assert set(TOPICS) == set(get_args(Body))
    assert len(set(TOPICS.values())) == len(TOPICS) == len(EVENTS)


def test_an_unknown_topic_is_our_bug():
    with pytest.raises(InvariantBroken, match="gossip"):
        load_body("gossip", {})


def test_a_message_comes_back_with_its_defaults():
    seen = dump_body(MessageRevoked(MessageRef("wamid.1")))
    assert seen == {"target": {"remote_id": "wamid.1"}}


stamps = st.builds(
    Stamp,
    st.integers(0, 2**43),
    words,
    rank=st.integers(0, 200),
    since_ms=st.one_of(st.none(), st.integers(0, 2**43)),
    version=words,
    is_initial=st.booleans(),
)
said = st.builds(
    Said, st.one_of(st.none(), words), stamps, st.one_of(st.none(), words), st.booleans()
)


@given(st.dictionaries(words, said))
def test_a_contribution_comes_back_as_it_was_stored(fields):
    stored = json.loads(json.dumps(dump_fields(Contribution("link", "hs", fields))))
    assert load_fields(stored) == fields


@given(
    st.dictionaries(
        words, st.builds(BaseValue, st.one_of(st.none(), words), st.one_of(st.none(), words))
    )
)
def test_a_base_comes_back_as_it_was_stored(base):
    assert load_base(json.loads(json.dumps(dump_base(base)))) == base


@given(st.binary(max_size=200))
def test_what_is_sealed_opens_again_and_never_looks_the_same(plain):
    cipher = Cipher(bytes(32))
    one, two = cipher.seal(plain), cipher.seal(plain)
    assert cipher.open(one) == cipher.open(two) == plain
    assert one != two
    assert len(plain) < 8 or plain not in one


@pytest.mark.parametrize("position", [0, 13, -1])
def test_a_changed_byte_is_noticed(position):
    sealed = bytearray(Cipher(bytes(32)).seal(b"hello"))
    sealed[position] ^= 1
    with pytest.raises(InvariantBroken, match="encryption key"):
        Cipher(bytes(32)).open(bytes(sealed))


def test_another_key_opens_nothing():
    with pytest.raises(InvariantBroken):
        Cipher(b"\1" * 32).open(Cipher(bytes(32)).seal(b"hello"))


def test_a_trace_tells_persons_apart_only_with_our_key():
    one, other = Cipher(bytes(32)), Cipher(b"\1" * 32)
    assert one.trace("+491701") == one.trace("+491701") != one.trace("+491702")
    assert one.trace("+491701") != other.trace("+491701")
    assert "1701" not in one.trace("+491701")


def test_a_key_is_made_once_for_its_owner_alone(tmp_path):
    path = tmp_path / "key"
    key = key_from_file(path)
    assert key_from_file(path) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("text", ["", "short", "=" * 44, base64.b64encode(bytes(31)).decode()])
def test_what_is_no_key_is_refused_with_its_place(text):
    with pytest.raises(ConfigError, match=r"service\.encryption_key"):
        read_key(text, "service.encryption_key")


def test_a_new_key_can_be_read():
    assert len(read_key(new_key(), "here")) == 32


def test_ids_are_unique_and_ordered_by_time():
    made = [new_id() for _ in range(2_000)]
    assert len(set(made)) == len(made)
    assert {len(one) for one in made} == {32}
    assert [one[:12] for one in made] == sorted(one[:12] for one in made)
    assert {one[12] for one in made} == {"7"}
    assert {one[16] for one in made} <= set("89ab")
