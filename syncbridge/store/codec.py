"""Values to JSON and back, for the columns that hold them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cattrs import Converter

from syncbridge.errors import InvariantBroken
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
)
from syncbridge.model.golden import Base, BaseValue, Contribution, Golden, Said
from syncbridge.model.stamp import Stamp

#: The topic under which each sort of event is stored.
TOPICS: dict[type[Any], str] = {
    MessageSeen: "message",
    StatusSeen: "status",
    ReactionSeen: "reaction",
    MessageEdited: "edit",
    MessageRevoked: "revoke",
    MediaSeen: "media",
    PeerMoved: "moved",
    PeerNamed: "named",
    ConsentSaid: "consent",
    RecordTouched: "touched",
    Notice: "notice",
}
_CLASSES = {topic: cls for cls, topic in TOPICS.items()}
_converter = Converter(omit_if_default=True)


def topic_of(body: Body) -> str:
    """Answer the topic an event is stored under."""
    return TOPICS[type(body)]


def dump_body(body: Body) -> dict[str, Any]:
    """Answer an event's body as JSON values."""
    dumped: dict[str, Any] = _converter.unstructure(body)
    return dumped


def load_body(topic: str, dumped: Mapping[str, Any]) -> Body:
    """Answer the event's body again.

    Raises:
        InvariantBroken: nothing is stored under that topic.
    """
    cls = _CLASSES.get(topic)
    if cls is None:
        raise InvariantBroken(f"an event of unknown topic {topic!r} is stored")
    body: Body = _converter.structure(dumped, cls)
    return body


def dump_said(said: Said) -> dict[str, Any]:
    """Answer one value with its stamp as JSON values, defaults left out."""
    stamp = said.stamp
    dumped: dict[str, Any] = {"value": said.value, "at_ms": stamp.at_ms}
    dumped["connection"] = stamp.connection
    if stamp.rank != 100:
        dumped["rank"] = stamp.rank
    if stamp.since_ms is not None:
        dumped["since_ms"] = stamp.since_ms
    if stamp.version:
        dumped["version"] = stamp.version
    if stamp.is_initial:
        dumped["is_initial"] = True
    if said.raw is not None:
        dumped["raw"] = said.raw
    if said.fills_only:
        dumped["fills_only"] = True
    return dumped


def load_said(dumped: Mapping[str, Any]) -> Said:
    """Answer one value with its stamp again."""
    stamp = Stamp(
        at_ms=dumped["at_ms"],
        connection=dumped["connection"],
        rank=dumped.get("rank", 100),
        since_ms=dumped.get("since_ms"),
        version=dumped.get("version", ""),
        is_initial=dumped.get("is_initial", False),
    )
    return Said(dumped["value"], stamp, dumped.get("raw"), dumped.get("fills_only", False))


def dump_fields(contribution: Contribution) -> dict[str, Any]:
    """Answer what a source said, field by field, as JSON values."""
    return {name: dump_said(said) for name, said in contribution.fields.items()}


def load_fields(dumped: Mapping[str, Any]) -> dict[str, Said]:
    """Answer what a source said, field by field, again."""
    return {name: load_said(said) for name, said in dumped.items()}


def dump_base(base: Base) -> dict[str, list[str | None]]:
    """Answer {field: [remote, canonical]}."""
    return {name: [value.remote, value.canonical] for name, value in base.items()}


def load_base(dumped: Mapping[str, Any]) -> dict[str, BaseValue]:
    """Answer the base again."""
    return {name: BaseValue(pair[0], pair[1]) for name, pair in dumped.items()}


def dump_golden(golden: Golden) -> dict[str, list[Any]]:
    """Answer {field: [value, connection, at_ms]}, for reading only."""
    return {
        name: [field.value, field.stamp.connection, field.stamp.at_ms]
        for name, field in golden.items()
    }
