"""The exact rules by which a record that comes from a CRM is recognised."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from syncbridge.normalize.text import email_key, fold


@dataclass(frozen=True, slots=True)
class Known:
    """A person who shares an e-mail address or a number with the record."""

    person_id: str
    #: Canonical field -> golden value.
    values: Mapping[str, str | None]
    #: The connection already has a record of the person.
    has_record: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whose record it is, and why."""

    #: None: nobody's; a new person begins.
    person_id: str | None
    reason: str
    #: Persons of whom a human should say whether they are the same.
    doubtful: tuple[str, ...] = ()


def match(record: Mapping[str, str | None], known: Sequence[Known]) -> Verdict:
    """Answer whose record this is among those who share an identity with it.

    The same e-mail address is the same person unless the given names contradict (family names
    change). The same number is the same person unless the names contradict in either part:
    households and switchboards share numbers.
    """
    agreeing = [person for person in known if not contradict(record, person.values)]
    by_email = [
        person
        for person in known
        if _shares_email(record, person.values)
        and not _differ(_words(record.get("given_name")), _words(person.values.get("given_name")))
    ]
    # A person whom the connection does not have yet is preferred to making a duplicate's owner.
    for candidates, what in ((by_email, "the same e-mail address"), (agreeing, "the same number")):
        if candidates:
            ordered = sorted(candidates, key=lambda person: person.has_record)
            chosen, others = ordered[0], ordered[1:]
            return Verdict(
                chosen.person_id,
                f"{what}, and the names do not contradict",
                tuple(person.person_id for person in others),
            )
    if known:
        return Verdict(
            None,
            "shares a number or an e-mail address with somebody of another name: kept apart",
            tuple(person.person_id for person in known),
        )
    return Verdict(None, "nobody is known by this number or e-mail address: a new person")


def _shares_email(record: Mapping[str, str | None], other: Mapping[str, str | None]) -> bool:
    key = email_key(record.get("email") or "")
    return bool(key) and key == email_key(other.get("email") or "")


def contradict(record: Mapping[str, str | None], other: Mapping[str, str | None]) -> bool:
    """Say whether two names cannot be one person's.

    Two given names without a common beginning contradict, and so do two family names; a name that
    is missing contradicts nothing, and neither do the two parts changed over.
    """
    given = _words(record.get("given_name")), _words(other.get("given_name"))
    family = _words(record.get("family_name")), _words(other.get("family_name"))
    if given[0] | family[0] == given[1] | family[1]:
        return False
    return _differ(*given) or _differ(*family)


def _differ(one: set[str], two: set[str]) -> bool:
    return bool(one and two) and not any(_begins_one(word, two) for word in one)


def _words(name: str | None) -> set[str]:
    return set(fold(name).replace(".", " ").split()) if name else set()


def _begins_one(word: str, words: set[str]) -> bool:
    return any(other.startswith(word) or word.startswith(other) for other in words)
