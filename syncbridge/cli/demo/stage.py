"""Performs a story: each step through a public door, noting when what happened."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from syncbridge.cli.demo.doors import Crm, Operator, Phones, Refused
from syncbridge.cli.demo.least import times_of
from syncbridge.cli.demo.processes import House
from syncbridge.cli.demo.story.steps import (
    CRMS,
    WA,
    Announce,
    Archive,
    Arm,
    Calm,
    Contradict,
    Create,
    Deliver,
    Edit,
    ExpireToken,
    Foul,
    Kill,
    Merge,
    RenewToken,
    Replay,
    Script,
    Start,
    Step,
    Wait,
)

_LOOK_S = 0.2
_GLANCE_S = 0.02
#: How long the call lasts in whose middle the service is killed, and how long it is waited for.
_SLOW_MS = 800
_KILL_S = 5.0
#: So often in a row nobody may be at work for it to be calm: an account tells its webhooks late.
_QUIET_LOOKS = 3
_AT_WORK = frozenset({"due", "claimed", "sending", "blocked"})


@dataclass(slots=True)
class Course:
    """How a performance went, as seen from outside."""

    #: Number of a delivery at WhatsApp -> what it told, and when (Unix seconds).
    deliveries: dict[int, Deliver] = field(default_factory=dict)
    sent_at: dict[int, float] = field(default_factory=dict)
    #: Number of a delivery -> when it was first answered with 200.
    acknowledged_at: dict[int, float] = field(default_factory=dict)
    #: When each edit was made, and by whom.
    edits: list[tuple[float, Edit]] = field(default_factory=list)
    #: (person, property) -> the value that was written last, of those against each other.
    last_words: dict[tuple[str, str], str] = field(default_factory=dict)
    #: (account, key) -> the contact's id.
    contacts: dict[tuple[str, str], str] = field(default_factory=dict)
    dead_letters: int | None = None
    replayed: int | None = None
    #: Steps that could not be performed.
    problems: list[str] = field(default_factory=list)


class Stage:
    """The accounts, the service and the operator, and a script that is played with them."""

    def __init__(self, house: House, script: Script, *, say: Callable[[str], None]) -> None:
        self.house = house
        self.script = script
        self.course = Course()
        self.crms = {name: Crm(house.urls[name]) for name in CRMS}
        self.phones = Phones(house.urls[WA])
        self.operator = Operator(house.config)
        self.say = say

    def play(self) -> Course:
        """Perform every step; one that fails is noted, and the story goes on where it can."""
        for step in self.script.steps:
            self._note_acknowledgements()
            try:
                self._perform(step)
            except (Refused, TimeoutError, LookupError) as exc:
                problem = f"{type(step).__name__}: {type(exc).__name__}: {exc}"
                self.course.problems.append(problem)
                self.say(f"  ! {problem}")
                if isinstance(step, Start):
                    break
        return self.course

    def _perform(self, step: Step) -> None:
        """Do one thing; the doors that only need a word are opened right here."""
        match step:
            case Announce():
                self.say(step.words)
            case Deliver():
                self._deliver(step)
            case Wait():
                time.sleep(step.seconds)
            case Calm():
                self.calm(step.limit_s)
            case Edit():
                self._edit(step)
            case Contradict():
                self._contradict(step)
            case Create() | Merge() | Archive():
                self._keep_books(step)
            case Arm():
                door = self.phones if step.account == WA else self.crms[step.account]
                door.arm(step.spec)
            case ExpireToken():
                self.crms[step.account].expire_token()
            case RenewToken():
                self.crms[step.account].renew_token()
            case Kill():
                self._kill(step)
            case Start():
                self.house.start()
            case Replay():
                self._replay()
            case Foul():
                # It was heeded when the story was written: no latency is taken of what follows.
                pass

    def _deliver(self, step: Deliver) -> None:
        number = len(self.course.deliveries) + 1
        self.phones.deliver(step.updates)
        self.course.deliveries[number] = step
        self.course.sent_at[number] = time.time()

    def _keep_books(self, step: Create | Merge | Archive) -> None:
        contacts, crm = self.course.contacts, self.crms[step.account]
        match step:
            case Create():
                contacts[step.account, step.person] = crm.create(step.properties)
            case Merge():
                both = contacts[step.account, step.primary], contacts[step.account, step.other]
                contacts[step.account, step.primary] = crm.merge(*both)
                del contacts[step.account, step.other]
            case Archive():
                crm.archive(self._contact(step.account, step.person))

    def _kill(self, step: Kill) -> None:
        """Wait for a call that takes its time, and kill who made it.

        Raises:
            TimeoutError: no such call came; the service is killed all the same.
        """
        crm = self.crms[step.account]
        spec = f"slow:ms={_SLOW_MS}:match={step.match}:times=1"
        crm.arm(spec)
        deadline_s = time.monotonic() + _KILL_S
        while not any(one["fired"] for one in crm.faults()[-1:]):
            if time.monotonic() > deadline_s:
                self.house.kill()
                raise TimeoutError(f"no call of {step.match} to be killed in")
            time.sleep(_GLANCE_S)
        self.house.kill()

    def _contradict(self, step: Contradict) -> None:
        for edit in (step.one, step.other):
            self._contact(edit.account, edit.person)
        with ThreadPoolExecutor(2) as pool:
            both = list(pool.map(self._edit, (step.one, step.other)))
        # Of the same instant, that of the account with the better rank, which is the first.
        late = max(both, key=lambda one: (one[0], one[1].account == step.one.account))
        self.course.last_words[late[1].person, late[1].name] = late[1].value

    def _replay(self) -> None:
        found = _rows(self.operator.run("deadletters", "list"), "dead_letters")
        self.course.dead_letters = len(found)
        for letter in found:
            words = f"{letter.get('connection')}: {letter.get('cause')}: {letter.get('message')}"
            self.say(f"  dead letter: {words}")
        if found:
            self.operator.run("deadletters", "replay", *(str(one["id"]) for one in found))
        self.course.replayed = len(found)

    def look_at_faults(self) -> None:
        """A fault that hit nobody proves nothing: see that each came as often as it was to."""
        for name, door in (*self.crms.items(), (WA, self.phones)):
            for fault in door.faults():
                if fault["fired"] < times_of(fault["spec"]):
                    problem = f"{name}: {fault['spec']} hit only {fault['fired']} times"
                    self.course.problems.append(problem)

    def _edit(self, step: Edit) -> tuple[datetime, Edit]:
        contact = self._contact(step.account, step.person)
        changed = self.crms[step.account].edit(contact, step.name, step.value)
        self.course.edits.append((time.time(), step))
        newest = max(one["timestamp"] for one in changed["propertiesWithHistory"][step.name])
        return datetime.fromisoformat(newest), step

    def _contact(self, account: str, key: str) -> str:
        """Answer the contact of somebody, found as a sales person would: by its WhatsApp name."""
        known = self.course.contacts.get((account, key))
        if known is not None:
            return known
        for record in self.crms[account].records("contacts"):
            name = record["properties"].get("whatsapp_name")
            for person, names in self.script.names.items():
                if name in names:
                    self.course.contacts.setdefault((account, person), str(record["id"]))
        return self.course.contacts[account, key]

    # Waiting.

    def calm(self, limit_s: float) -> None:
        """Wait until everything has arrived and nobody owes anybody anything.

        Raises:
            TimeoutError: it does not become calm.
        """
        deadline_s = time.monotonic() + limit_s
        looks = 0
        while looks < _QUIET_LOOKS:
            self._note_acknowledgements()
            looks = looks + 1 if not (why := self._why_busy()) else 0
            if time.monotonic() > deadline_s:
                raise TimeoutError(f"not calm after {limit_s:.0f} s: {why or 'just now it is'}")
            time.sleep(_LOOK_S)

    def _why_busy(self) -> str:
        """Answer in words what is still under way; "" when nothing is."""
        for name, door in (*self.crms.items(), (WA, self.phones)):
            if pending := door.webhooks()["pending"]:
                return f"{pending} webhooks of {name}"
        status = self.house.status()
        return busy_in(status) if isinstance(status, Mapping) else "no status"

    def _note_acknowledgements(self) -> None:
        """Take over what WhatsApp's account tells of its last deliveries."""
        for attempt in self.phones.webhooks()["attempts"]:
            if attempt["status"] == 200:
                at = datetime.fromisoformat(attempt["at"]).timestamp()
                self.course.acknowledged_at.setdefault(attempt["delivery"], at)


def busy_in(status: Mapping[str, Any]) -> str:
    """Answer what the service still has to do, by its own status; "" when nothing."""
    inbox = status["inbox"]
    if waiting := inbox.get("deliveries", 0) + inbox.get("due", 0):
        return f"{waiting} deliveries or events"
    for connection in status["connections"]:
        if connection["holds"]:
            return f"{connection['name']}: {connection['holds']}"
        owed = sum(n for state, n in connection["outbox"].items() if state in _AT_WORK)
        if owed:
            return f"{owed} writes owed to {connection['name']}"
    return ""


def _rows(found: Any, key: str) -> list[Mapping[str, Any]]:
    """Answer the rows of a list, whether it stands alone or under a name."""
    return list(found[key] if isinstance(found, Mapping) else found)
