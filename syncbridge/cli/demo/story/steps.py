"""What can happen on stage: values, performed by somebody else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from connectors.whatsapp.sandbox.payloads import Update

HS, HS2, WA = "hs", "hs2", "wa"
CRMS = (HS, HS2)


@dataclass(frozen=True, slots=True)
class Announce:
    """Tell people who watch what comes now."""

    words: str


@dataclass(frozen=True, slots=True)
class Create:
    """A sales person adds a contact."""

    account: str
    #: Key of the person it is about.
    person: str
    properties: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Merge:
    """A sales person merges two contacts that were created under these keys."""

    account: str
    primary: str
    other: str


@dataclass(frozen=True, slots=True)
class Archive:
    """A sales person deletes the contact of a key."""

    account: str
    person: str


@dataclass(frozen=True, slots=True)
class Deliver:
    """WhatsApp posts updates in one delivery."""

    updates: tuple[Update, ...]
    #: Keys of the messages that are told here for the first time.
    messages: tuple[str, ...] = ()
    #: People who are heard here for the first time, and those whose record has to change.
    newcomers: tuple[str, ...] = ()
    renamed: tuple[str, ...] = ()
    #: Messages told before whose entries have to change.
    changed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Edit:
    """A sales person changes one property."""

    account: str
    person: str
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Contradict:
    """Two sales people change one property of one person at once, to different values."""

    one: Edit
    other: Edit


@dataclass(frozen=True, slots=True)
class Arm:
    """Something goes wrong from now on, as often as the fault says."""

    account: str
    spec: str
    #: Further calls that this costs at least.
    costs: int = 1


@dataclass(frozen=True, slots=True)
class ExpireToken:
    """The CRM refuses the token until it is renewed."""

    account: str


@dataclass(frozen=True, slots=True)
class RenewToken:
    """The CRM accepts the token again."""

    account: str


@dataclass(frozen=True, slots=True)
class Kill:
    """The service is killed (-9) while a CRM works on a call of it; the call takes effect later."""

    account: str
    #: Part of the call's path.
    match: str


@dataclass(frozen=True, slots=True)
class Start:
    """The service is started."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing happens for so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Calm:
    """Everything said so far has arrived, and nobody calls anybody any more."""

    limit_s: float = 40.0


@dataclass(frozen=True, slots=True)
class Replay:
    """Somebody looks at the dead letters, and replays them all."""


@dataclass(frozen=True, slots=True)
class Foul:
    """From here on (or not any more) faults are about: no latency is taken."""

    is_foul: bool


Step = (
    Announce
    | Create
    | Merge
    | Archive
    | Deliver
    | Edit
    | Contradict
    | Arm
    | ExpireToken
    | RenewToken
    | Kill
    | Start
    | Wait
    | Calm
    | Replay
    | Foul
)


@dataclass(slots=True)
class Told:
    """One message, and how its entry has to look in the end."""

    key: str
    person: str
    #: Unix seconds; no other message of the same person without words has the same.
    at: int
    #: Its key stands in its words.
    has_words: bool = True
    #: What has to be found in the entry, and what must not be.
    shown: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    #: Told while a fault was about.
    is_foul: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """What every CRM has to say about a person in the end."""

    person: str
    name: str
    value: str
    accounts: tuple[str, ...] = CRMS


@dataclass(frozen=True, slots=True)
class Script:
    """All that happens, and what should come of it."""

    steps: tuple[Step, ...]
    told: Mapping[str, Told]
    facts: tuple[Fact, ...]
    #: Keys of the people who write.
    people: tuple[str, ...]
    #: Key -> every profile name of theirs.
    names: Mapping[str, tuple[str, ...]]
    #: E-mail address -> key, of contacts who are nobody of the cast's.
    strangers: Mapping[str, str]
    conflicts: int
    dead_letters: int
