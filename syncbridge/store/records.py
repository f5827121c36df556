"""Persons, what was said about them, and their records in other systems."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, select, tuple_, update

from syncbridge.model.golden import Contribution, Golden
from syncbridge.model.identity import Identity, IdentityKind
from syncbridge.model.link import Link
from syncbridge.model.record import Kind
from syncbridge.model.states import LinkRole, LinkState
from syncbridge.store.codec import dump_base, dump_fields, dump_golden, load_base, load_fields
from syncbridge.store.session import fixed, insert
from syncbridge.store.tables import contributions, identities, links, messages, persons, refs

#: Rows a single IN may name; SQLite takes no more than 32,766 parameters.
_CHUNK = 5_000


@dataclass(frozen=True, slots=True)
class StoredPerson:
    """All that is held on a person but their conversations."""

    id: str
    created_at_ms: int
    rev: int = 0
    is_opted_out: bool = False
    #: Source -> what it said.
    contributions: Mapping[str, Contribution] = field(default_factory=dict)
    links: tuple[Link, ...] = ()


def load_persons(
    conn: Connection, ids: Collection[str], *, for_update: bool = False
) -> dict[str, StoredPerson]:
    """Answer persons by id; with `for_update`, locked in ascending order until we commit."""
    if not ids:
        return {}
    query = select(persons).where(persons.c.id.in_(ids)).order_by(persons.c.id)
    rows = conn.execute(query.with_for_update() if for_update else query).all()
    said: dict[str, dict[str, Contribution]] = {}
    for row in conn.execute(select(contributions).where(contributions.c.person_id.in_(ids))):
        fields = load_fields(row.fields)
        said.setdefault(row.person_id, {})[row.source] = Contribution(
            row.source, row.connection, fields
        )
    owned: dict[str, list[Link]] = {}
    for link in links_of(conn, ids, for_update=for_update):
        owned.setdefault(link.subject_id, []).append(link)
    return {
        row.id: StoredPerson(
            id=row.id,
            created_at_ms=row.created_at_ms,
            rev=row.rev,
            is_opted_out=row.is_opted_out,
            contributions=said.get(row.id, {}),
            links=tuple(owned.get(row.id, ())),
        )
        for row in rows
    }


def links_of(
    conn: Connection, subject_ids: Collection[str], *, for_update: bool = False
) -> list[Link]:
    """Answer the links of persons, messages or sessions; with `for_update`, locked in order.

    A link is stored whole, so whoever changes one has to have locked it before reading it.
    """
    query = select(links).where(links.c.subject_id.in_(subject_ids)).order_by(links.c.id)
    rows = conn.execute(query.with_for_update() if for_update else query)
    return [_link(row) for row in rows]


def load_links(
    conn: Connection, ids: Collection[str], *, for_update: bool = False
) -> dict[str, Link]:
    """Answer links by id."""
    if not ids:
        return {}
    query = select(links).where(links.c.id.in_(ids)).order_by(links.c.id)
    rows = conn.execute(query.with_for_update() if for_update else query)
    return {row.id: _link(row) for row in rows}


def person_of_link(conn: Connection, link_id: str) -> str | None:
    """Answer whose record or message a link is about; None for a session."""
    row = conn.execute(
        select(links.c.kind, links.c.subject_id).where(links.c.id == link_id)
    ).one_or_none()
    if row is None:
        return None
    if row.kind == Kind.CONTACT:
        return str(row.subject_id)
    return conn.execute(
        select(messages.c.person_id).where(messages.c.id == row.subject_id)
    ).scalar_one_or_none()


def links_by_ref(
    conn: Connection, connection: str, kind: Kind, remote_ids: Collection[str]
) -> dict[str, Link]:
    """Answer the links of records, by the id asked for; merged and converted ids count."""
    found: dict[str, Link] = {}
    wanted = list(remote_ids)
    for start in range(0, len(wanted), _CHUNK):
        query = (
            select(refs.c.remote_id.label("asked_id"), links)
            .join(links, links.c.id == refs.c.link_id)
            .where(
                refs.c.connection == connection,
                refs.c.kind == kind,
                refs.c.remote_id.in_(wanted[start : start + _CHUNK]),
            )
        )
        found.update({row.asked_id: _link(row) for row in conn.execute(query)})
    return found


def _link(row: Row[Any]) -> Link:
    return Link(
        id=row.id,
        connection=row.connection,
        kind=Kind(row.kind),
        subject_id=row.subject_id,
        role=LinkRole(row.role),
        state=LinkState(row.state),
        remote_id=row.remote_id,
        epoch=row.epoch,
        wanted_rev=row.wanted_rev,
        done_rev=row.done_rev,
        version=row.version,
        fingerprint=row.fingerprint,
        base=load_base(row.base),
        mapping_version=row.mapping_version,
        held=frozenset(row.held or ()),
        seen_at_ms=row.seen_at_ms,
    )


def _link_row(link: Link) -> dict[str, Any]:
    return {
        "connection": link.connection,
        "kind": link.kind,
        "subject_id": link.subject_id,
        "role": link.role,
        "state": link.state,
        "remote_id": link.remote_id,
        "epoch": link.epoch,
        "wanted_rev": link.wanted_rev,
        "done_rev": link.done_rev,
        "version": link.version,
        "fingerprint": link.fingerprint,
        "base": dump_base(link.base),
        "mapping_version": link.mapping_version,
        "held": sorted(link.held) or None,
        "seen_at_ms": link.seen_at_ms,
    }


def insert_links(conn: Connection, new: Sequence[Link], *, created_at_ms: int) -> None:
    """Store new links, and the refs of those whose record is known."""
    if not new:
        return
    conn.execute(
        links.insert(),
        [{"id": link.id, "created_at_ms": created_at_ms, **_link_row(link)} for link in new],
    )
    add_refs(conn, [(link, link.remote_id) for link in new if link.remote_id is not None])


_UPDATE_LINK = (
    update(links)
    .where(links.c.id == bindparam("link_id"))
    .values({name: bindparam(name) for name in _link_row(Link("", "", Kind.CONTACT, ""))})
)


def update_links(conn: Connection, changed: Sequence[Link]) -> None:
    """Store links as they are now."""
    if changed:
        conn.execute(_UPDATE_LINK, [{"link_id": link.id, **_link_row(link)} for link in changed])


def add_refs(conn: Connection, pairs: Iterable[tuple[Link, str]]) -> None:
    """Remember that these remote ids mean these links; an id that is known already stays."""
    rows = [
        {
            "connection": link.connection,
            "kind": link.kind,
            "remote_id": remote_id,
            "link_id": link.id,
        }
        for link, remote_id in pairs
    ]
    if rows:
        statement = insert(conn, refs).on_conflict_do_nothing(
            index_elements=["connection", "kind", "remote_id"]
        )
        conn.execute(statement, rows)


def insert_persons(conn: Connection, new: Sequence[tuple[StoredPerson, Golden]]) -> None:
    """Store new persons with their golden records."""
    if new:
        conn.execute(
            persons.insert(),
            [
                {
                    "id": person.id,
                    "golden": dump_golden(golden),
                    "rev": person.rev,
                    "created_at_ms": person.created_at_ms,
                    "changed_at_ms": person.created_at_ms,
                    "is_opted_out": person.is_opted_out,
                }
                for person, golden in new
            ],
        )


_UPDATE_PERSON = (
    update(persons)
    .where(persons.c.id == bindparam("person_id"))
    .values(
        golden=bindparam("golden"),
        rev=persons.c.rev + 1,
        changed_at_ms=bindparam("changed_at_ms"),
        is_opted_out=bindparam("is_opted_out"),
    )
)


def update_persons(
    conn: Connection, changed: Sequence[tuple[StoredPerson, Golden]], *, changed_at_ms: int
) -> None:
    """Store changed golden records."""
    if changed:
        conn.execute(
            _UPDATE_PERSON,
            [
                {
                    "person_id": person.id,
                    "golden": dump_golden(golden),
                    "changed_at_ms": changed_at_ms,
                    "is_opted_out": person.is_opted_out,
                }
                for person, golden in changed
            ],
        )


def save_contributions(conn: Connection, said: Sequence[tuple[str, Contribution]]) -> None:
    """Store what sources say now: (person id, contribution)."""
    if not said:
        return
    statement = insert(conn, contributions)
    statement = statement.on_conflict_do_update(
        index_elements=["source"],
        set_={"fields": statement.excluded.fields, "person_id": statement.excluded.person_id},
    )
    conn.execute(
        statement,
        [
            {
                "source": contribution.source,
                "person_id": person_id,
                "connection": contribution.connection,
                "fields": dump_fields(contribution),
            }
            for person_id, contribution in said
        ],
    )


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds an identity."""

    identity: Identity
    person_id: str


def holders(conn: Connection, wanted: Collection[Identity]) -> list[Holder]:
    """Answer who holds any of these identities, oldest first."""
    if not wanted:
        return []
    keys = [(identity.kind, identity.scope, identity.value) for identity in wanted]
    query = (
        select(identities)
        .where(tuple_(identities.c.kind, identities.c.scope, identities.c.value).in_(keys))
        .order_by(identities.c.id)
    )
    return [
        Holder(Identity(IdentityKind(row.kind), row.value, row.scope), row.person_id)
        for row in conn.execute(query)
    ]


def identities_of(conn: Connection, person_ids: Collection[str]) -> list[Holder]:
    """Answer all identities of these persons."""
    query = (
        select(identities).where(identities.c.person_id.in_(person_ids)).order_by(identities.c.id)
    )
    return [
        Holder(Identity(IdentityKind(row.kind), row.value, row.scope), row.person_id)
        for row in conn.execute(query)
    ]


def add_identities(conn: Connection, new: Collection[Holder], *, valid_from_at_ms: int) -> None:
    """Let persons hold identities; one that is held already stays where it is."""
    if new:
        conn.execute(
            insert(conn, identities).on_conflict_do_nothing(),
            [
                {
                    "kind": holder.identity.kind,
                    "scope": holder.identity.scope,
                    "value": holder.identity.value,
                    "person_id": holder.person_id,
                    "is_strong": holder.identity.kind.is_strong,
                    "valid_from_at_ms": valid_from_at_ms,
                }
                for holder in new
            ],
        )


def drop_weak_identities(conn: Connection, gone: Iterable[Holder]) -> None:
    """Take weak identities away that no record of the person carries any more."""
    for holder in gone:
        conn.execute(
            delete(identities).where(
                identities.c.kind == holder.identity.kind,
                identities.c.value == holder.identity.value,
                identities.c.person_id == holder.person_id,
                ~identities.c.is_strong,
            )
        )


def supersede(conn: Connection, old: Identity, by: Identity) -> None:
    """Record that an identity was replaced; it still leads to the person, for late deliveries."""
    conn.execute(
        update(identities)
        .where(
            identities.c.kind == old.kind,
            identities.c.scope == old.scope,
            identities.c.value == old.value,
        )
        .values(superseded_by=str(by))
    )


def count_persons(conn: Connection) -> int:
    """Answer how many persons there are, merged ones not counted."""
    return conn.execute(select(func.count()).where(persons.c.merged_into.is_(None))).scalar_one()


def unlinked_subjects(
    conn: Connection, connection: str, kind: Kind, *, after: str, limit: int
) -> list[str]:
    """Answer persons without a living link in a connection, in ascending order after an id."""
    has_link = (
        select(links.c.id)
        .where(
            links.c.subject_id == persons.c.id,
            links.c.connection == connection,
            links.c.kind == kind,
            links.c.state != fixed(LinkState.GONE),
        )
        .exists()
    )
    query = (
        select(persons.c.id)
        .where(persons.c.id > after, persons.c.merged_into.is_(None), ~has_link)
        .order_by(persons.c.id)
        .limit(limit)
    )
    return list(conn.execute(query).scalars())
