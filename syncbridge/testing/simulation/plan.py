"""What a world consists of and what happens in it, drawn from its seed."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from syncbridge.model.golden import FieldRule, Policy

#: Fields that not every CRM has.
_OPTIONAL = ("mobile_phone", "job_title", "city", "whatsapp_name")


@dataclass(frozen=True, slots=True)
class CrmTraits:
    """How one simulated CRM behaves."""

    name: str
    rank: int = 10
    #: Its clock's precision, milliseconds.
    window_ms: int = 1
    #: How far its clock is ahead of the world's.
    skew_ms: int = 0
    has_history: bool = True
    #: Whether answers to writes carry the values as they stand.
    answers_values: bool = True
    has_unique_email: bool = False
    #: It stores phones with blanks.
    reformats: bool = False
    #: Its feed of changes lists archived records too.
    lists_archived: bool = False
    #: One bad record makes it refuse the whole batch.
    is_all_or_nothing: bool = False
    #: It sends webhooks; where it does not, polls find everything.
    has_webhooks: bool = True
    #: Webhooks claim the new value.
    tells_values: bool = True
    push_batch: int = 100
    read_batch: int = 50
    page: int = 100
    #: How late its index follows, and how late entries are found on their contact.
    lag_ms: int = 0
    #: Transactions there may commit after the stamp they carry.
    commits_late: bool = False
    writes_messages: bool = True
    logs_sessions: bool = False
    #: Canonical fields that it does not have.
    lacks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WorldPlan:
    """The cast of a world, and the weights of what may go wrong in it."""

    seed: int
    crms: tuple[CrmTraits, ...]
    channels: tuple[str, ...]
    customers: int
    #: 0: nothing goes wrong but people; 1: everything may.
    trouble: float
    #: Rules that differ from the shipped ones.
    rules: tuple[FieldRule, ...] = ()


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that happens; everything random about it follows from its salt."""

    name: str
    salt: int

    def chance(self) -> Random:
        """Answer the action's own source of randomness."""
        return Random(self.salt)  # noqa: S311 - seeded worlds, no cryptography


#: Action -> (weight, whether it is trouble).
_WEIGHTS: dict[str, tuple[int, bool]] = {
    "write_message": (14, False),
    "change_message": (6, False),
    "answer": (6, False),
    "tell_status": (6, False),
    "rename": (2, False),
    "change_number": (1, False),
    "hide_number": (1, False),
    "say_consent": (2, False),
    "write_many": (2, False),
    "create_contact": (4, False),
    "collide": (4, False),
    "edit_contact": (16, False),
    "archive_contact": (1, False),
    "restore_contact": (1, False),
    "post": (24, False),
    "work": (60, False),
    "look_anywhere": (4, False),
    "sweep": (5, False),
    "poll": (7, False),
    "resync": (1, False),
    "wait": (10, False),
    "resolve_conflict": (2, False),
    "replay_dead": (1, True),
    "discard_dead": (1, True),
    "pause": (1, True),
    "trouble_on_wire": (12, True),
    "trouble_in_database": (6, True),
    "poll_in_trouble": (5, True),
    "race": (5, True),
    "kill_token": (1, True),
    "renew_token": (1, True),
}


def plan_world(seed: int) -> WorldPlan:
    """Answer the world of a seed; the same seed gives the same world everywhere."""
    chance = Random(seed * 7919 + 1)  # noqa: S311 - seeded worlds, no cryptography
    crm_count = chance.choice((1, 2, 2, 2, 3))
    channel_count = 1 if crm_count == 3 else chance.choice((1, 1, 2))
    crms = tuple(_crm(chance, f"crm_{'abc'[number]}") for number in range(crm_count))
    rules: tuple[FieldRule, ...] = ()
    if chance.random() < 0.3:
        rules = (FieldRule("job_title", Policy.MANUAL),)
    return WorldPlan(
        seed=seed,
        crms=crms,
        channels=tuple(f"wa_{number}" for number in range(1, channel_count + 1)),
        customers=chance.choice((2, 3, 4, 6)),
        trouble=chance.choice((0.0, 0.5, 1.0, 1.0)),
        rules=rules,
    )


def _crm(chance: Random, name: str) -> CrmTraits:
    def maybe(share: float) -> bool:
        return chance.random() < share

    return CrmTraits(
        name=name,
        rank=chance.choice((5, 10, 10, 20)),
        window_ms=chance.choice((1, 1, 1000)),
        skew_ms=chance.choice((0, 0, 45_000, -45_000)),
        has_history=maybe(0.6),
        answers_values=maybe(0.7),
        has_unique_email=maybe(0.5),
        reformats=maybe(0.3),
        lists_archived=maybe(0.4),
        is_all_or_nothing=maybe(0.5),
        has_webhooks=maybe(0.75),
        tells_values=maybe(0.7),
        push_batch=chance.choice((1, 3, 100)),
        read_batch=chance.choice((2, 50)),
        page=chance.choice((2, 5, 100)),
        lag_ms=chance.choice((0, 3_000, 40_000)),
        commits_late=maybe(0.3),
        writes_messages=maybe(0.85),
        logs_sessions=maybe(0.25),
        lacks=tuple(field for field in _OPTIONAL if maybe(0.2)),
    )


def plan_actions(plan: WorldPlan, steps: int) -> list[Action]:
    """Answer what happens in a world, in order."""
    chance = Random(plan.seed * 104_729 + 2)  # noqa: S311 - seeded worlds, no cryptography
    names = list(_WEIGHTS)
    weights = [
        weight * (plan.trouble if is_trouble else 1.0) for weight, is_trouble in _WEIGHTS.values()
    ]
    # What the CRMs hold before anybody looks.
    held = ["create_contact"] * min(steps, chance.choice((0, 4, 8)))
    drawn = held + chance.choices(names, weights, k=steps - len(held))
    return [Action(name, chance.getrandbits(32)) for name in drawn]
