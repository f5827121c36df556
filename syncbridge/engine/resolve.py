"""Who is it? From what a channel or a CRM shows to the person it belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from syncbridge.engine.batch import Batch, phone_identities
from syncbridge.engine.context import Spoke
from syncbridge.engine.dossier import Dossier
from syncbridge.mapping.transforms import Context
from syncbridge.mapping.translate import to_canonical
from syncbridge.merge.plan import Plan
from syncbridge.merge.threeway import FieldReading
from syncbridge.model.identity import Identity, IdentityKind, Peer
from syncbridge.model.link import Link
from syncbridge.model.record import Kind, fingerprint
from syncbridge.model.stamp import Stamp
from syncbridge.model.states import LinkRole, LinkState
from syncbridge.normalize.phone import phone_keys, whatsapp_key, whatsapp_number
from syncbridge.store.ids import new_id
from syncbridge.store.review import FoundConflict


def strong_identities(peer: Peer, scope: str) -> list[Identity]:
    """Answer what a channel's peer is surely recognised by, the firmest first."""
    found = [
        Identity(IdentityKind.BSUID, user_id, scope)
        for user_id in (peer.user_id, peer.parent_user_id)
        if user_id
    ]
    if peer.number:
        found.append(Identity(IdentityKind.WHATSAPP, whatsapp_key(peer.number)[:200]))
    return found


def peer_identities(peer: Peer, scope: str) -> list[Identity]:
    """Answer everything to look a peer up by: the strong ones, then its number as CRMs keep it."""
    weak = phone_identities(whatsapp_number(peer.number).e164) if peer.number else []
    # A number that WhatsApp spells like another country variant of it may be known by that.
    aliases = (
        [
            Identity(IdentityKind.WHATSAPP, key[:200])
            for key in phone_keys(whatsapp_number(peer.number).e164)
        ]
        if peer.number
        else []
    )
    return [*strong_identities(peer, scope), *weak, *aliases]


def person_of(batch: Batch, peer: Peer, spoke: Spoke, correlation_id: str) -> Dossier:
    """Answer whose words these are, beginning a person where nobody is known.

    The peer's identities must have been looked up in the batch. A user id outranks a number, which
    may have been given to somebody else.
    """
    strong = strong_identities(peer, spoke.scope)
    for identity in strong:
        holders = batch.holders_of(identity)
        if not holders:
            continue
        dossier = batch.dossier(holders[0])
        if identity.kind is IdentityKind.WHATSAPP and _is_recycled(batch, dossier, peer, spoke):
            return _begin_beside(batch, dossier, strong, spoke, correlation_id)
        dossier.correlation_id = correlation_id
        _attach(batch, dossier, strong)
        return dossier
    dossier = _by_number(batch, peer, spoke, correlation_id) or batch.new_person(correlation_id)
    dossier.correlation_id = correlation_id
    _attach(batch, dossier, strong)
    if dossier.is_new:
        batch.note(
            dossier,
            "person_begun",
            f"nobody was known by this {strong[0].kind if strong else 'sender'}: a new person",
            correlation_id=correlation_id,
            connection=spoke.name,
        )
    return dossier


def _is_recycled(batch: Batch, dossier: Dossier, peer: Peer, spoke: Spoke) -> bool:
    """Say whether the number's holder is known by another user id than the one now given."""
    if not peer.user_id:
        return False
    known = {
        identity.value
        for identity in batch.identities_of(dossier)
        if identity.kind is IdentityKind.BSUID
        and identity.scope == spoke.scope
        and ".ENT." not in identity.value
    }
    return bool(known) and peer.user_id not in known


def _begin_beside(
    batch: Batch,
    other: Dossier,
    strong: list[Identity],
    spoke: Spoke,
    correlation_id: str,
) -> Dossier:
    dossier = batch.new_person(correlation_id)
    for identity in strong:
        if identity.kind is not IdentityKind.WHATSAPP:
            batch.give(dossier, identity)
    batch.ask(
        "recycled_number",
        dossier.id,
        other.id,
        "the number is known with another user id and no change was announced: it may have been "
        "given to somebody else",
    )
    batch.note(
        dossier,
        "person_begun",
        "the number is known with another user id: kept apart until a person decides",
        correlation_id=correlation_id,
        connection=spoke.name,
    )
    return dossier


def _attach(batch: Batch, dossier: Dossier, strong: list[Identity]) -> None:
    for identity in strong:
        if not batch.give(dossier, identity):
            holder = batch.holders_of(identity)[0]
            batch.ask(
                "identity_clash",
                dossier.id,
                holder,
                f"one sender carries identities of both: {identity.kind}",
            )


def _by_number(batch: Batch, peer: Peer, spoke: Spoke, correlation_id: str) -> Dossier | None:
    """Answer the person a CRM knows by this number: the exact spelling first, then its variants."""
    if not peer.number:
        return None
    keys = phone_keys(whatsapp_number(peer.number).e164)
    for position, key in enumerate(keys):
        holders = _holders_of_key(batch, key)
        if not holders:
            continue
        if len(holders) > 1 and position > 0:
            return None
        dossier = batch.dossier(holders[0])
        if len(holders) > 1:
            for other in holders[1:]:
                batch.ask("shared_number", holders[0], other, "both records carry this number")
        batch.note(
            dossier,
            "matched",
            _match_reason(position, len(holders)),
            correlation_id=correlation_id,
            connection=spoke.name,
        )
        return dossier
    return None


def _match_reason(position: int, count: int) -> str:
    how = "the same number" if position == 0 else "another spelling of the same number"
    if count > 1:
        return f"{count} persons carry {how}; the one known longest was taken, and a person asked"
    return f"a CRM record carries {how}"


def _holders_of_key(batch: Batch, key: str) -> list[str]:
    found: list[str] = []
    for kind in (IdentityKind.WHATSAPP, IdentityKind.PHONE):
        found += batch.holders_of(Identity(kind, key[:200]))
    return list(dict.fromkeys(found))


def hear_peer(
    batch: Batch,
    dossier: Dossier,
    spoke: Spoke,
    peer: Peer,
    *,
    at_ms: int,
    correlation_id: str,
    previous: Peer | None = None,
) -> Link:
    """Take in what a channel shows of a person (number, chosen name); answer the link it is on.

    Something older than what was heard already only tells what nothing newer spoke of: deliveries
    come in any order.

    Args:
        batch: the transaction's.
        dossier: the person.
        spoke: the channel.
        peer: as shown.
        at_ms: when the channel says it was so.
        correlation_id: of the event.
        previous: what the peer was known by, where the channel announced a change.
    """
    link = channel_link(dossier, spoke, previous or peer)
    shown = peer_values(peer)
    mark = fingerprint(shown)
    if link is None:
        link = dossier.put(_new_channel_link(dossier, spoke, peer))
    elif link.fingerprint == mark:
        if at_ms > link.seen_at_ms:
            link = dossier.put(replace(link, seen_at_ms=at_ms))
        return link
    elif at_ms < link.seen_at_ms:
        shown, mark = _untold(spoke, link, shown), link.fingerprint
        if not shown:
            return link
    elif peer.number:
        link = dossier.put(replace(link, remote_id=whatsapp_key(peer.number)[:160]))
    stamp = Stamp(at_ms, spoke.name, rank=spoke.rank)
    plan = dossier.hear(link, readings(spoke, shown, {}, stamp))
    heard = dossier.links[link.id]
    dossier.put(
        replace(
            heard,
            fingerprint=mark,
            mapping_version=spoke.mapping.version,
            seen_at_ms=max(at_ms, link.seen_at_ms),
        )
    )
    report(batch, dossier, link, plan, correlation_id)
    batch.refresh_weak(dossier)
    return dossier.links[link.id]


def _untold(spoke: Spoke, link: Link, shown: Mapping[str, str | None]) -> dict[str, str | None]:
    """Answer the fields that the link was never told of."""
    return {
        remote: value
        for remote, value in shown.items()
        if not any(name in link.base for name in spoke.canonical_of.get(remote, ()))
    }


def channel_link(dossier: Dossier, spoke: Spoke, peer: Peer) -> Link | None:
    """Answer the link of one of a person's numbers on a channel; people have several.

    A number learned later belongs to the link that was known by a user id alone. Without a number
    it is the person's first link there.
    """
    known = [link for link in dossier.links.values() if link.connection == spoke.name]
    if not peer.number:
        return dossier.primary(spoke.name)
    key = whatsapp_key(peer.number)[:160]
    for link in known:
        if link.remote_id == key:
            return link
    return next((link for link in known if not (link.remote_id or "").isdigit()), None)


def _new_channel_link(dossier: Dossier, spoke: Spoke, peer: Peer) -> Link:
    remote_id = (whatsapp_key(peer.number) if peer.number else peer.user_id)[:160]
    return Link(
        id=new_id(),
        connection=spoke.name,
        kind=Kind.CONTACT,
        subject_id=dossier.id,
        role=LinkRole.SECONDARY if dossier.primary(spoke.name) else LinkRole.PRIMARY,
        state=LinkState.LINKED,
        remote_id=remote_id or dossier.id,
    )


def peer_values(peer: Peer) -> dict[str, str | None]:
    """Answer a peer as remote values; what the payload withheld is absent, not empty."""
    shown: dict[str, str | None] = {}
    if peer.number:
        shown["number"] = peer.number
    if peer.username:
        shown["username"] = peer.username
    if peer.name is not None:
        shown["name"] = peer.name
    return shown


def readings(
    spoke: Spoke,
    shown: Mapping[str, str | None],
    stamps: Mapping[str, Stamp],
    default: Stamp,
) -> dict[str, FieldReading]:
    """Answer remote values as readings of canonical fields.

    Args:
        spoke: whose mapping is used.
        shown: remote field -> value, the carried ones only.
        stamps: remote field -> when it was last written, where that is known.
        default: the stamp of all others.
    """
    found: dict[str, FieldReading] = {}
    context = Context(region=spoke.region)
    for name, reading in to_canonical(spoke.mapping, shown, context).items():
        declared = spoke.mapping.by_canonical[name]
        remote = shown[declared.remote]
        found[name] = FieldReading(
            remote=remote or None,
            canonical=reading.value,
            stamp=stamps.get(declared.remote, default),
            raw=reading.raw,
            fills_only=declared.fills_only,
        )
    return found


def report(batch: Batch, dossier: Dossier, link: Link, plan: Plan, correlation_id: str) -> None:
    """Put what reconciling decided on record: conflicts are queued, changes noted."""
    for conflict in plan.conflicts:
        batch.clash(FoundConflict(dossier.id, link.id, link.connection, correlation_id, conflict))
    if plan.changed and not dossier.is_new:
        batch.note(
            dossier,
            "changed",
            f"{link.connection} changed {', '.join(sorted(plan.changed))}",
            correlation_id=correlation_id,
            connection=link.connection,
        )
