"""Counts what stands in the CRMs, by asking them, and compares it with the script."""

from __future__ import annotations

import html
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from syncbridge.cli.demo.story.steps import Fact, Script, Told

_KEY = re.compile(r"#(w\d{4})\b")
_BREAK = re.compile(r"<br\s*/?>|\n")
_BODY = "hs_communication_body"

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """A communication as it stands in a CRM."""

    id: str
    #: Contacts it is associated with.
    contacts: tuple[str, ...]
    #: Unix seconds, by its own time stamp.
    at: float
    created_at: float
    #: Its text, without what it quotes of another message.
    words: str


@dataclass(slots=True)
class Census:
    """What one account holds of the story, and what is wrong with it."""

    #: Keys of people who have a contact.
    people: set[str] = field(default_factory=set)
    #: Key of a message -> its entries.
    entries: dict[str, list[Entry]] = field(default_factory=dict)
    #: One sentence for each.
    duplicates: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    disordered: list[str] = field(default_factory=list)


def take_census(
    account: str,
    script: Script,
    *,
    contacts: Sequence[Record],
    communications: Sequence[Record],
    known: Mapping[str, str],
    last_words: Mapping[tuple[str, str], str],
) -> Census:
    """Look at one account.

    Args:
        account: its name.
        script: what was to happen.
        contacts: all that it has.
        communications: all that it has.
        known: contact id -> key, of those that sales people made there.
        last_words: (person, property) -> the value that was written last.
    """
    census = Census()
    owners = _owners(script, contacts, known)
    entries = [_entry(record) for record in communications]
    census.entries = _by_message(script, entries, owners)
    _look_at_contacts(census, account, script, owners)
    _look_at_messages(census, account, script, entries, owners)
    _look_at_order(census, account, script)
    facts = [*script.facts, *(Fact(*place, value) for place, value in last_words.items())]
    _look_at_facts(census, account, facts, contacts, owners)
    return census


def _entry(record: Record) -> Entry:
    properties = record["properties"]
    lines = _BREAK.split(properties[_BODY])
    words = "\n".join(html.unescape(line) for line in lines if not line.startswith("&gt; "))
    return Entry(
        id=str(record["id"]),
        contacts=tuple(map(str, record["associations"].get("contacts", ()))),
        at=_seconds(properties["hs_timestamp"]),
        created_at=_seconds(record["createdAt"]),
        words=words,
    )


def _seconds(text: str) -> float:
    return int(text) / 1000 if text.isdecimal() else datetime.fromisoformat(text).timestamp()


def _owners(script: Script, contacts: Iterable[Record], known: Mapping[str, str]) -> dict[str, str]:
    """Answer whose each contact is: by who made it, else by the name that WhatsApp shows.

    A contact that is nobody's is owned by "".
    """
    by_name = {name: key for key, names in script.names.items() for name in names}
    owners: dict[str, str] = {}
    for record in contacts:
        contact, properties = str(record["id"]), record["properties"]
        owners[contact] = (
            known.get(contact)
            or by_name.get(properties.get("whatsapp_name") or "")
            or script.strangers.get(properties.get("email") or "", "")
        )
    return owners


def _by_message(
    script: Script, entries: Iterable[Entry], owners: Mapping[str, str]
) -> dict[str, list[Entry]]:
    """Answer each message's entries: by the key in its words, else by person and second."""
    moments = {
        (told.person, told.at): told.key for told in script.told.values() if not told.has_words
    }
    found: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        said = _KEY.search(entry.words)
        key = said.group(1) if said else None
        for contact in entry.contacts if key is None else ():
            key = moments.get((owners.get(contact, ""), int(entry.at))) or key
        if key in script.told:
            found[str(key)].append(entry)
    return dict(found)


def _look_at_contacts(
    census: Census, account: str, script: Script, owners: Mapping[str, str]
) -> None:
    count = Counter(owner for owner in owners.values() if owner in script.people)
    for contact, owner in owners.items():
        if not owner:
            census.duplicates.append(f"{account}: contact {contact} is nobody's of the story")
    for key in script.people:
        if count[key]:
            census.people.add(key)
        else:
            census.lost.append(f"{account}: {key} has no contact")
        if count[key] > 1:
            census.duplicates.append(f"{account}: {key} has {count[key]} contacts")


def _look_at_messages(
    census: Census,
    account: str,
    script: Script,
    entries: Iterable[Entry],
    owners: Mapping[str, str],
) -> None:
    ours = {entry.id for found in census.entries.values() for entry in found}
    for entry in entries:
        if entry.id not in ours:
            words = entry.words[:80]
            census.duplicates.append(f"{account}: entry {entry.id} is no message: {words!r}")
    for told in script.told.values():
        found = census.entries.get(told.key, [])
        if len(found) > 1:
            census.duplicates.append(f"{account}: {told.key} has {len(found)} entries")
        if not found:
            census.lost.append(f"{account}: {told.key} of {told.person} has no entry")
        elif why := _what_is_wrong(told, found[0], owners):
            census.lost.append(f"{account}: {told.key} of {told.person} {why}")


def _what_is_wrong(told: Told, entry: Entry, owners: Mapping[str, str]) -> str:
    """Answer in words what an entry does not show as it should; "" when all is there."""
    if [owners.get(contact) for contact in entry.contacts] != [told.person]:
        return f"stands with {[owners.get(contact) for contact in entry.contacts]}"
    for text in told.shown:
        if text not in entry.words:
            return f"does not show {text!r}: {entry.words!r}"
    for text in told.hidden:
        if text in entry.words:
            return f"still shows {text!r}"
    return ""


def _look_at_order(census: Census, account: str, script: Script) -> None:
    """Compare how a CRM sorts a person's entries with the order in which they were said."""
    by_person: dict[str, list[Told]] = defaultdict(list)
    for told in script.told.values():
        if told.key in census.entries:
            by_person[told.person].append(told)
    for said in by_person.values():
        latest = 0.0
        for told in sorted(said, key=lambda one: (one.at, one.key)):
            at = census.entries[told.key][0].at
            if at < latest:
                census.disordered.append(f"{account}: {told.key} sorts before what came earlier")
            latest = max(latest, at)


def _look_at_facts(
    census: Census,
    account: str,
    facts: Iterable[Fact],
    contacts: Iterable[Record],
    owners: Mapping[str, str],
) -> None:
    """See that what people wrote about somebody stands in this account in the end."""
    by_owner = {owners[str(record["id"])]: record["properties"] for record in contacts}
    for fact in facts:
        shown = by_owner.get(fact.person, {}).get(fact.name)
        if account in fact.accounts and shown != fact.value:
            census.lost.append(
                f"{account}: {fact.person}.{fact.name} is {shown!r}, not {fact.value!r}"
            )
