"""What must hold of conversations: every message once, in order, on the right person, as it is."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from syncbridge.model.conversation import Direction, MessageStatus
from syncbridge.testing.simulation.channel import SimMessage
from syncbridge.testing.simulation.crm import CrmVendor, SimEntry
from syncbridge.testing.simulation.facts import Facts, LinkFact, Violation
from syncbridge.testing.simulation.service import ask
from syncbridge.testing.simulation.world import SimWorld

#: How far a message got, the furthest last, as an entry words it.
_WORDS = {
    MessageStatus.SENT: "Status: sent",
    MessageStatus.FAILED: "Status: not delivered",
    MessageStatus.DELIVERED: "Status: delivered",
    MessageStatus.READ: "Status: read",
}


def judge_talk(world: SimWorld, facts: Facts) -> Iterator[Violation]:
    """Answer everything that is wrong with conversations."""
    messages = [one for channel in world.channels.values() for one in channel.messages]
    for message in messages:
        if message.remote_id not in facts.messages:
            yield Violation("I5", f"{message.remote_id} was acknowledged and is nowhere")
    for crm in world.crms.values():
        if crm.traits.writes_messages:
            yield from _in_crm(world, facts, crm, messages)
    yield from _statuses_twice(world, messages)
    yield from _opt_outs(world, facts)


def _in_crm(
    world: SimWorld, facts: Facts, crm: CrmVendor, messages: list[SimMessage]
) -> Iterator[Violation]:
    name = crm.traits.name
    markers = Counter(entry.marker for entry in crm.entries.values())
    for marker, count in markers.items():
        if count > 1:
            yield Violation("I4", f"{count} entries marked {marker} in {name}")
    links = _links_of(facts, name)
    talkers: dict[str, set[str]] = defaultdict(set)
    for message in messages:
        found = links.get(message.remote_id, [])
        if len(found) != 1:
            yield Violation("I5", f"{message.remote_id} has {len(found)} entries in {name}")
            continue
        link = found[0]
        entry = crm.entries.get(link.remote_id or "")
        if link.is_given_up:
            if not (link.cause and link.advice) and link.entry == "dead":
                yield Violation("I5", f"{message.remote_id} is dead in {name} without a reason")
            continue
        if entry is None:
            yield Violation("I5", f"{message.remote_id} is not in {name}, nor says why")
            continue
        talkers[entry.contact_id].add(message.customer)
        person = facts.person_of.get((name, entry.contact_id))
        if person != facts.messages[message.remote_id][1]:
            yield Violation("I5", f"{message.remote_id} stands on somebody else's record in {name}")
        yield from _content(message, entry, name, is_session=crm.traits.logs_sessions)
    for contact_id, customers in talkers.items():
        if len(customers) > 1:
            yield Violation("I5", f"{contact_id} in {name} holds words of {sorted(customers)}")
    if crm.traits.logs_sessions:
        yield from _session_order(crm, messages)


def _links_of(facts: Facts, connection: str) -> dict[str, list[LinkFact]]:
    """Answer the links of a CRM's entries by the message they hold."""
    by_subject: dict[str, LinkFact] = {
        link.subject: link
        for link in facts.links
        if link.connection == connection and link.kind in ("message", "conversation")
    }
    at_ms = facts.sent_at_ms
    found: dict[str, list[LinkFact]] = defaultdict(list)
    for remote_id, (message_id, _) in facts.messages.items():
        if message_id in by_subject:
            found[remote_id].append(by_subject[message_id])
        for session_id, (owner, conversation, first_ms, last_ms) in facts.sessions.items():
            is_in = first_ms <= at_ms[message_id] <= last_ms
            if owner == connection and is_in and conversation == facts.conversation_of[message_id]:
                found[remote_id] += [by_subject[session_id]] if session_id in by_subject else []
    return found


def _content(
    message: SimMessage, entry: SimEntry, crm: str, *, is_session: bool
) -> Iterator[Violation]:
    text = entry.texts[-1]
    told = f"the entry of {message.remote_id} in {crm}"
    if not is_session and entry.at_ms != message.at_ms:
        yield Violation("I5", f"{told} has another time than the channel gave")
    if message.is_revoked:
        if message.text in text:
            yield Violation("I5", f"{told} still shows withdrawn words")
        return
    if not any(one in text for one in _possible_texts(message)):
        yield Violation("I5", f"{told} does not say {_possible_texts(message)}: {text!r}")
    if is_session:
        return
    if message.statuses:
        words = _WORDS[max((one for _, one in message.statuses), key=list(_WORDS).index)]
        if words not in text:
            yield Violation("I5", f"{told} does not say {words!r}: {text!r}")
    for side in Direction:
        possible = _newest([(at, emoji) for at, who, emoji in message.reactions if who is side])
        if possible and not any(_shows(text, side, emoji) for emoji in possible):
            yield Violation("I5", f"{told} does not show the {side} reaction {possible}: {text!r}")


def _possible_texts(message: SimMessage) -> list[str]:
    return _newest(message.edits) or [message.text]


def _newest(said: list[tuple[int, str]]) -> list[str]:
    """Answer what was said last; more than one when several were said in the same second."""
    newest = max((at for at, _ in said), default=0)
    return [what for at, what in said if at == newest]


def _shows(text: str, side: Direction, emoji: str) -> bool:
    line = next((one for one in text.splitlines() if one.startswith("Reactions: ")), "")
    shown = [part.strip() for part in line.removeprefix("Reactions: ").split(",") if part.strip()]
    of_side = [part for part in shown if part.endswith(" We") is (side is Direction.OUTBOUND)]
    return any(part.startswith(emoji) for part in of_side) if emoji else not of_side


def _session_order(crm: CrmVendor, messages: list[SimMessage]) -> Iterator[Violation]:
    for entry in crm.entries.values():
        text = entry.texts[-1]
        shown = [
            (text.index(one.text), one.at_ms)
            for one in messages
            if not one.is_revoked and one.text in text
        ]
        times = [at_ms for _, at_ms in sorted(shown)]
        if times != sorted(times):
            yield Violation("I5", f"session {entry.id} in {crm.traits.name} is out of order")


def _statuses_twice(world: SimWorld, messages: list[SimMessage]) -> Iterator[Violation]:
    """I4: a repeated webhook adds nothing, a lost one is not possible."""
    told = Counter(
        (one.remote_id, str(status), at_ms) for one in messages for at_ms, status in one.statuses
    )
    rows = ask(
        world,
        "select m.remote_id, s.status, s.said_at_ms from statuses s join messages m "
        "on m.id = s.message_id",
    )
    kept = Counter((str(row[0]), str(row[1]), int(str(row[2]))) for row in rows)
    for key in told.keys() | kept.keys():
        if told[key] != kept[key]:
            yield Violation("I4", f"status {key} was said {told[key]} times, kept {kept[key]}")


def _opt_outs(world: SimWorld, facts: Facts) -> Iterator[Violation]:
    for channel in world.channels.values():
        for customer in channel.customers:
            if not customer.consents:
                continue
            newest_ms = max(at_ms for at_ms, _ in customer.consents)
            last = {is_out for at_ms, is_out in customer.consents if at_ms == newest_ms}
            person = facts.holder.get(customer.user_id)
            if last == {True} and (person is None or not facts.opted_out[person]):
                yield Violation("opt-out", f"{customer.key} stopped marketing and it is forgotten")
