"""What people and programs look at: plain values for the command line, the API and the pages.

Everything here only reads, on one consistent snapshot each. Instants are ISO 8601 in UTC.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from syncbridge.clock import from_ms
from syncbridge.engine.batch import phone_identities
from syncbridge.engine.compose import display_name
from syncbridge.engine.context import Engine
from syncbridge.engine.deliver import why_not
from syncbridge.engine.dossier import Dossier
from syncbridge.errors import NotThere
from syncbridge.model.identity import Identity, IdentityKind
from syncbridge.model.record import Kind
from syncbridge.model.states import ConflictState
from syncbridge.normalize.phone import read_phone, whatsapp_key
from syncbridge.normalize.text import email_key
from syncbridge.store import conversations, inbox, letters, records, review, runs
from syncbridge.store.conversations import StoredMessage
from syncbridge.store.outbox import Entry
from syncbridge.store.review import StoredConflict
from syncbridge.store.session import Transaction

#: Workers that did not show themselves for so long are gone.
_ALIVE_MS = 15_000


def iso(at_ms: int | None) -> str | None:
    """Answer an instant as people and programs read it."""
    return None if at_ms is None else from_ms(at_ms).isoformat(timespec="milliseconds")


def status(engine: Engine) -> dict[str, Any]:
    """Answer how the service stands.

    Returns:
        `connections` (a list, see `connection_status`), `inbox` ({state: count}), `persons`,
        `conflicts`, `initial_differences`, `dead_letters`, `questions`, `workers` (alive ones).
    """

    def work(tx: Transaction) -> dict[str, Any]:
        depth = letters.depth(tx)
        states = runs.load_connections(tx)
        counters = runs.read_counters(tx)
        alive = runs.read_heartbeats(tx, since_ms=engine.now_ms() - _ALIVE_MS)
        return {
            "connections": [
                _connection_status(engine, name, states.get(name), depth, counters)
                for name in sorted(engine.spokes)
            ],
            "inbox": inbox.depth(tx),
            "persons": records.count_persons(tx),
            **review.count_conflicts(tx),
            "dead_letters": sum(counts.get("dead", 0) for counts in depth.values()),
            "questions": len(review.open_questions(tx)),
            "workers": [row.worker for row in alive],
            "at": iso(engine.now_ms()),
        }

    return engine.store.read(work)


def _connection_status(
    engine: Engine,
    name: str,
    state: runs.ConnectionState | None,
    depth: dict[str, dict[str, int]],
    counters: dict[str, dict[str, int]],
) -> dict[str, Any]:
    spoke = engine.spokes[name]
    known = state or runs.ConnectionState(name)
    writes = spoke.writes_contacts
    return {
        "name": name,
        "connector": spoke.connector.name,
        "account": known.account_id or spoke.account_id or None,
        "account_name": known.account_name,
        "is_channel": spoke.is_channel,
        "mode": "live" if spoke.mode == "live" or known.live_at_ms else "observe",
        "holds": why_not(engine, spoke, state) if writes else "",
        "is_paused": known.paused_at_ms is not None,
        "suspended": known.suspended_reason if known.suspended_at_ms else None,
        "prepared_at": iso(known.prepared_at_ms),
        "caught_up_at": iso(known.caught_up_at_ms),
        "pulled_at": iso(known.pulled_at_ms),
        "outbox": depth.get(name, {}),
        "counters": counters.get(name, {}),
    }


def conflicts(
    engine: Engine,
    *,
    is_initial: bool | None = False,
    is_open: bool = True,
    after: int = 0,
    limit: int = 100,
) -> list[dict[str, Any]]:
    """Answer conflicts in the order they were found; initial differences only when asked for."""

    def work(tx: Transaction) -> list[dict[str, Any]]:
        found = review.list_conflicts(
            tx,
            is_initial=is_initial,
            state=ConflictState.OPEN if is_open else None,
            after=after,
            limit=limit,
        )
        people = _people(engine, tx, {item.person_id for item in found})
        return [_conflict(item, people.get(item.person_id)) for item in found]

    return engine.store.read(work)


def conflict(engine: Engine, conflict_id: int) -> dict[str, Any]:
    """Answer one conflict.

    Raises:
        NotThere: no such conflict.
    """

    def work(tx: Transaction) -> dict[str, Any]:
        found = review.load_conflict(tx, conflict_id)
        if found is None:
            raise NotThere(f"there is no conflict {conflict_id}")
        return _conflict(found, _people(engine, tx, {found.person_id}).get(found.person_id))

    return engine.store.read(work)


def _conflict(item: StoredConflict, dossier: Dossier | None) -> dict[str, Any]:
    values = asdict(item.conflict)
    for name in ("ours_at_ms", "theirs_at_ms"):
        values[name.removesuffix("_ms")] = iso(values.pop(name))
    return {
        "id": item.id,
        "person": item.person_id,
        "name": display_name(dossier) if dossier else "",
        "connection": item.connection,
        **values,
        "now": dossier.values.get(item.conflict.field) if dossier else None,
        "state": item.state,
        "resolution": item.resolution,
        "resolved_by": item.resolved_by,
        "resolved_at": iso(item.resolved_at_ms),
        "found_at": iso(item.found_at_ms),
    }


def _people(engine: Engine, tx: Transaction, ids: set[str]) -> dict[str, Dossier]:
    stored = records.load_persons(tx, ids)
    return {key: Dossier(person, engine.rules) for key, person in stored.items()}


def dead_letters(
    engine: Engine, *, connection: str | None = None, after: int = 0, limit: int = 100
) -> list[dict[str, Any]]:
    """Answer dead letters, oldest first, each with its cause and what to do about it."""

    def work(tx: Transaction) -> list[dict[str, Any]]:
        found = letters.dead_letters(tx, connection=connection, after=after, limit=limit)
        return [_entry(engine, tx, entry) for entry in found]

    return engine.store.read(work)


def dead_letter(engine: Engine, entry_id: int) -> dict[str, Any]:
    """Answer one entry of the outbox with its attempts.

    Raises:
        NotThere: no such entry.
    """

    def work(tx: Transaction) -> dict[str, Any]:
        entry = letters.load_entry(tx, entry_id)
        if entry is None:
            raise NotThere(f"there is no dead letter {entry_id}")
        attempts = [
            {
                "attempt": row.attempt,
                "started_at": iso(row.started_at_ms),
                "ended_at": iso(row.ended_at_ms),
                "outcome": row.outcome,
                "message": row.message,
                "request_id": row.request_id,
            }
            for row in letters.attempts_of(tx, entry_id)
        ]
        return {**_entry(engine, tx, entry), "attempts": attempts}

    return engine.store.read(work)


def _entry(engine: Engine, tx: Transaction, entry: Entry) -> dict[str, Any]:
    person_id = records.person_of_link(tx, entry.link_id)
    dossier = _people(engine, tx, {person_id}).get(person_id) if person_id else None
    return {
        "id": entry.id,
        "connection": entry.connection,
        "kind": entry.kind,
        "verb": entry.verb,
        "state": entry.state,
        "person": person_id,
        "name": display_name(dossier) if dossier else "",
        "cause": entry.cause,
        "message": entry.message,
        "advice": entry.advice,
        "tries": entry.tries,
        "attempt": entry.attempt,
        "due_at": iso(entry.due_at_ms),
        "created_at": iso(entry.created_at_ms),
        "blocked_by": entry.needs_link_id,
        "correlation_id": entry.correlation_id,
    }


def find_person(engine: Engine, asked: str) -> str:
    """Answer the id of the person meant by an id, a phone number or an e-mail address.

    Raises:
        NotThere: nobody is known by it.
    """
    text = asked.strip()

    def work(tx: Transaction) -> str:
        if records.load_persons(tx, [text]):
            return text
        for identity in _asked_identities(engine, text):
            for holder in records.holders(tx, [identity]):
                return holder.person_id
        raise NotThere(f"nobody is known by {asked!r}: give a phone number, an e-mail or an id")

    return engine.store.read(work)


def _asked_identities(engine: Engine, text: str) -> list[Identity]:
    if "@" in text:
        return [Identity(IdentityKind.EMAIL, email_key(text))]
    region = next((spoke.region for spoke in engine.spokes.values()), "DE")
    found: list[Identity] = []
    for candidate in (text, f"+{text}" if text.isdigit() else ""):
        e164 = read_phone(candidate, region).e164 if candidate else ""
        if e164:
            found.append(Identity(IdentityKind.WHATSAPP, whatsapp_key(e164.removeprefix("+"))))
            found += phone_identities(e164)
    return [*found, Identity(IdentityKind.BSUID, text)]


@dataclass(frozen=True, slots=True)
class _Moment:
    at_ms: int
    seq: int
    value: dict[str, Any]


def person(engine: Engine, person_id: str, *, limit: int = 200) -> dict[str, Any]:
    """Answer what is known of a person, what happened, and why.

    Returns:
        `id`, `name`, `fields` ({field: {value, from, at}}), `identities`, `records` (one for each
        connection), `conflicts` (open ones), `timeline` (messages and decisions, oldest first).

    Raises:
        NotThere: no such person.
    """

    def work(tx: Transaction) -> dict[str, Any]:
        dossier = _people(engine, tx, {person_id}).get(person_id)
        if dossier is None:
            raise NotThere(f"there is no person {person_id!r}")
        messages = conversations.person_messages(tx, person_id, limit=limit)
        moments = [
            *_message_moments(tx, messages),
            *(
                _Moment(
                    row.at_ms,
                    row.id,
                    {
                        "what": row.topic,
                        "at": iso(row.at_ms),
                        "text": row.text,
                        "connection": row.connection,
                        "details": row.details,
                        "correlation_id": row.correlation_id,
                    },
                )
                for row in review.read_journal(tx, person_id=person_id, limit=limit)
            ),
        ]
        ordered = sorted(moments, key=lambda moment: (moment.at_ms, moment.seq))
        queued = review.list_conflicts(tx, person_id=person_id, is_initial=None)
        return {
            **_portrait(tx, dossier),
            "conflicts": [_conflict(item, dossier) for item in queued],
            "timeline": [moment.value for moment in ordered],
        }

    return engine.store.read(work)


def _portrait(tx: Transaction, dossier: Dossier) -> dict[str, Any]:
    links = [link for link in dossier.links.values() if link.kind is Kind.CONTACT]
    owed = {entry.link_id: entry for entry in letters.entries_of(tx, [link.id for link in links])}
    return {
        "id": dossier.id,
        "name": display_name(dossier),
        "fields": {
            name: {
                "value": field.value,
                "from": field.stamp.connection,
                "at": iso(field.stamp.at_ms),
            }
            for name, field in sorted(dossier.golden.items())
        },
        "identities": [
            {"kind": holder.identity.kind, "value": holder.identity.value}
            for holder in records.identities_of(tx, [dossier.id])
        ],
        "records": [
            {
                "connection": link.connection,
                "remote_id": link.remote_id,
                "role": link.role,
                "state": link.state,
                "is_behind": link.is_behind,
                "held": sorted(link.held),
                "entry": owed[link.id].state if link.id in owed else None,
                "cause": owed[link.id].cause if link.id in owed else None,
            }
            for link in sorted(links, key=lambda link: (link.connection, link.id))
        ],
    }


def _message_moments(tx: Transaction, messages: list[StoredMessage]) -> list[_Moment]:
    links = records.links_of(tx, [message.id for message in messages])
    states = {entry.link_id: entry for entry in letters.entries_of(tx, [one.id for one in links])}
    logged: dict[str, list[dict[str, Any]]] = {}
    for link in links:
        entry = states.get(link.id)
        logged.setdefault(link.subject_id, []).append(
            {
                "connection": link.connection,
                "remote_id": link.remote_id,
                "state": entry.state if entry else None,
                "cause": entry.cause if entry else None,
            }
        )
    return [
        _Moment(
            message.sent_at_ms,
            message.seq,
            {
                "what": "message",
                "at": iso(message.sent_at_ms),
                "received_at": iso(message.received_at_ms),
                "connection": message.connection,
                "direction": message.direction,
                "kind": message.kind,
                "text": message.text,
                "status": message.status,
                "error": message.error_text,
                "reactions": {side: put[0] for side, put in message.reactions.items() if put[0]},
                "is_edited": message.edited_at_ms is not None,
                "is_revoked": message.revoked_at_ms is not None,
                "media": message.media_state,
                "media_reason": message.media_reason,
                "logged": logged.get(message.id, []),
                "correlation_id": message.correlation_id,
            },
        )
        for message in messages
    ]


def last_runs(engine: Engine, limit: int = 50) -> list[dict[str, Any]]:
    """Answer the newest batch runs first."""

    def work(tx: Transaction) -> list[dict[str, Any]]:
        return [
            {
                "id": row.id,
                "connection": row.connection,
                "kind": row.kind,
                "state": row.state,
                "started_at": iso(row.started_at_ms),
                "ended_at": iso(row.ended_at_ms),
                "report": row.report,
            }
            for row in runs.last_runs(tx, limit)
        ]

    return engine.store.read(work)
