"""What must hold of contacts: they agree, nothing that a person wrote is lost, nothing is twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from syncbridge.testing.simulation.crm import CrmVendor
from syncbridge.testing.simulation.facts import ConflictFact, Facts, Violation
from syncbridge.testing.simulation.ledger import Displacement, Edit
from syncbridge.testing.simulation.world import SimWorld

#: Two edits that are further apart than this have an order that every clock agrees on.
_SURELY_MS = 3_000
#: A profile may fill these, but never outrank what was written in a CRM.
_FILLED = ("given_name", "family_name", "phone")


def judge_contacts(world: SimWorld, facts: Facts) -> Iterator[Violation]:
    """Answer everything that is wrong with contacts."""
    yield from _unmet(world, facts)
    yield from _differing(world, facts)
    yield from _lost(world, facts)
    yield from _twice(world, facts)
    yield from _overturned(world, facts)
    yield from _not_held(world, facts)
    yield from _misjudged_ties(world, facts)
    yield from _made_up(world, facts)


def _unmet(world: SimWorld, facts: Facts) -> Iterator[Violation]:
    for name, crm in world.crms.items():
        for contact in crm.live():
            if (name, contact.id) not in facts.person_of:
                yield Violation("I2", f"nobody ever met contact {contact.id} of {name}")


def _differing(world: SimWorld, facts: Facts) -> Iterator[Violation]:
    """I1: every primary record shows the golden record."""
    for link in facts.links:
        crm = world.crms.get(link.connection)
        if link.kind != "contact" or link.role != "primary" or crm is None:
            continue
        if link.entry in ("claimed", "sending", "due"):
            yield Violation("I1", f"a write to {link.connection} is still {link.entry}")
        if link.state == "creating" and not link.is_given_up:
            yield Violation("I1", f"{link.connection} never got a record of {link.subject}")
        contact = crm.contacts.get(link.remote_id or "")
        if contact is None or contact.is_archived or link.is_given_up or link.state != "linked":
            continue
        golden = facts.golden[link.subject]
        for declared in crm.mapping.fields:
            name = declared.canonical
            if not declared.writes or name in link.held:
                continue
            shown, meant = crm.shown(contact, name), golden.get(name)
            if shown != meant:
                yield Violation(
                    "I1",
                    f"{name} of {contact.id} in {link.connection} is {shown!r}, the golden record "
                    f"says {meant!r}",
                )


def _lost(world: SimWorld, facts: Facts) -> Iterator[Violation]:
    """I2: what a person wrote gives way only to a later word, or stands in a conflict."""
    for moved in world.ledger.displacements:
        person = facts.person_of.get((moved.connection, moved.record))
        for edit_id in moved.gone:
            edit = world.ledger.edits[edit_id]
            if edit.is_void or moved.is_in_window or world.ledger.knew(moved.by, edit_id):
                continue
            if _came_and_went(world, moved, edit):
                continue
            told = _telling(world, moved, edit.value)
            if not _stands_in_conflict(world, facts, person, edit):
                yield Violation("I2", f"lost without a conflict: {told}")
            elif _is_filler(world, moved) and edit.value is not None and edit.origin == "crm":
                yield Violation("I2", f"a profile outranked a CRM: {told}")
            elif (person, moved.field) not in world.decisions and _is_reversed(
                facts, person, moved, edit.value
            ):
                yield Violation("I2", f"the loser of a conflict came back: {told}")
            elif _is_older(world, moved, edit_id):
                yield Violation("I2", f"the older of two edits won: {told}")


def _came_and_went(world: SimWorld, moved: Displacement, edit: Edit) -> bool:
    """Say whether a value was set and cleared before it ever reached the record that won.

    A known anomaly: seen from there nothing changed, so an edit made there meets no conflict.
    """
    if edit.value is not None or not moved.by:
        return False
    # When two records meet for the first time, what the one has fills what the other lacks.
    if any(world.ledger.edits[one].is_first for one in moved.by):
        return True
    cleared = {world.ledger.edits[one].value for one in edit.over}
    for one in moved.by:
        won = world.ledger.edits[one]
        crm = world.crms.get(won.connection)
        ever = crm.contacts[won.record].ever if crm else set()
        if any((edit.field, value) in ever for value in cleared):
            return False
    return True


def _stands_in_conflict(world: SimWorld, facts: Facts, person: str | None, edit: Edit) -> bool:
    """Say whether a value stands in the queue, or one that took its place knowingly."""
    return facts.has_conflict(person, edit.field, edit.value) or any(
        later.field == edit.field
        and facts.has_conflict(person, edit.field, later.value)
        and world.ledger.knew([later.id], edit.id)
        for later in world.ledger.edits[edit.id + 1 :]
    )


def _telling(world: SimWorld, moved: Displacement, value: str | None) -> str:
    return (
        f"{moved.field} = {value!r} on {moved.record} in {moved.connection} gave way to "
        f"{moved.value!r}"
    )


def _is_filler(world: SimWorld, moved: Displacement) -> bool:
    said = [world.ledger.edits[one] for one in moved.by]
    only_profile = bool(said) and all(one.origin == "channel" for one in said)
    return moved.field in _FILLED and only_profile


def _is_reversed(facts: Facts, person: str | None, moved: Displacement, lost: str | None) -> bool:
    """Say whether the queue says that the value won which gave way here."""
    for row in reversed(facts.conflicts):
        is_it = (row.person, row.field) == (person, moved.field)
        if is_it and {row.ours, row.theirs} == {lost, moved.value} and row.winner:
            return lost == (row.ours if row.winner == "ours" else row.theirs)
    return False


def _is_older(world: SimWorld, moved: Displacement, edit_id: int) -> bool:
    """Say whether the loser was surely written later than the winner."""
    lost = world.ledger.edits[edit_id]
    won = [world.ledger.edits[one] for one in moved.by]
    both = [lost, *won]
    if not won or any(one.origin != "crm" or one.is_first for one in both):
        return False
    if any(not world.crms[one.connection].traits.has_history for one in both):
        return False
    rule = world.engine.rules[moved.field]
    return rule.policy == "last_write_wins" and all(
        one.at_ms < lost.at_ms - _SURELY_MS for one in won
    )


def _twice(world: SimWorld, facts: Facts) -> Iterator[Violation]:
    """I4: one record for one person in one CRM, however often it was asked for."""
    for name, crm in world.crms.items():
        ours = [one for one in crm.live() if one.is_ours and not one.was_restored]
        ids = Counter(one.external_id for one in ours)
        for external_id, count in ids.items():
            if count > 1:
                yield Violation("I4", f"{count} records of link {external_id} in {name}")
        for channel in world.channels.values():
            for customer in channel.customers:
                numbers = {f"+{number}" for number in customer.numbers}
                found = [
                    one
                    for one in ours
                    if crm.shown(one, "whatsapp_number") in numbers
                    and facts.person_of.get((name, one.id)) not in facts.asked
                ]
                if len(found) > 1:
                    listed = ", ".join(one.id for one in found)
                    yield Violation("I4", f"{customer.key} has {listed} in {name}")


def _overturned(world: SimWorld, facts: Facts) -> Iterator[Violation]:
    """A decision of a person gives way only to a later word of a person."""
    for (person, name), edit_id in world.decisions.items():
        decision = world.ledger.edits[edit_id]
        value = facts.golden[person].get(name)
        if value == decision.value:
            continue
        later = [world.ledger.edits[one] for one in world.ledger.origins(name, value)]
        if any(one.at_ms >= decision.at_ms - _SURELY_MS for one in later):
            continue
        # A channel says with every message what somebody's number and profile name are.
        if name not in _FILLED and any(one.origin == "channel" for one in later):
            continue
        if any(not _has_history(world.crms.get(one.connection)) for one in later):
            continue
        yield Violation(
            "judgement", f"{name} was decided to be {decision.value!r} and became {value!r}"
        )


def _has_history(crm: CrmVendor | None) -> bool:
    return crm is None or crm.traits.has_history


def _not_held(world: SimWorld, facts: Facts) -> Iterator[Violation]:
    """A field that waits for a person is written nowhere until somebody decided."""
    for row in facts.conflicts:
        if row.winner or (row.person, row.field) in world.decisions:
            continue
        for moved in world.ledger.displacements:
            person = facts.person_of.get((moved.connection, moved.record))
            is_it = (person, moved.field) == (row.person, row.field)
            if is_it and moved.gone and moved.at_ms > row.found_at_ms:
                yield Violation("held", f"{row.field} was written while it waits for a person")


def _misjudged_ties(world: SimWorld, facts: Facts) -> Iterator[Violation]:
    """Two edits of one instant are decided by rank, not by which of them arrived first."""
    for row in facts.conflicts:
        if row.is_initial or not row.winner or not _is_tie(world, row):
            continue
        ours, theirs = (_strength(world, row.ours_from), _strength(world, row.theirs_from))
        if row.winner != ("ours" if ours > theirs else "theirs"):
            yield Violation("tie", f"{row.field}: {row.winner} won a tie against a better rank")


def _is_tie(world: SimWorld, row: ConflictFact) -> bool:
    sides = (row.ours_from, row.theirs_from)
    if row.ours_from == row.theirs_from or any(side not in world.crms for side in sides):
        return False
    rule = world.engine.rules[row.field]
    first = any(
        world.ledger.edits[one].is_first
        for value in (row.ours, row.theirs)
        for one in world.ledger.origins(row.field, value)
    )
    is_same = row.ours_at_ms // rule.window_ms == row.theirs_at_ms // rule.window_ms
    return is_same and not first and rule.policy == "last_write_wins"


def _strength(world: SimWorld, name: str) -> tuple[int, str]:
    return -world.crms[name].traits.rank, name


def _made_up(world: SimWorld, facts: Facts) -> Iterator[Violation]:
    """Nothing is in a golden record that nobody ever said."""
    for person, values in facts.golden.items():
        for name, value in values.items():
            if name.startswith("consent on "):
                continue
            if value is not None and not world.ledger.origins(name, value):
                yield Violation("made up", f"{name} of {person} is {value!r}: nobody said so")
