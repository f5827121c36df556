"""The fewest calls that HubSpot's API allows for the story's work, from script and arrival times.

What arrives within one second is a burst, and everything of one sort in a burst shares a call up
to HubSpot's batch sizes. `docs/demo.md` tells the rules in full.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from math import ceil

from syncbridge.cli.demo.story.steps import CRMS, Arm, Create, Deliver, Edit, ExpireToken, Script

#: HubSpot's batch sizes: writes, and reads with the history of properties.
_WRITES, _READS = 100, 50
#: A page of the list of all contacts.
_PAGE = 100
#: Whose account it is, the list of properties, and the two that have to be made.
_PREPARING = 4
#: Both resyncs, in which every contact is listed once.
_RESYNCS = 2


def least_calls(
    script: Script,
    *,
    deliveries: Mapping[int, Deliver],
    sent_at: Mapping[int, float],
    edits: Iterable[tuple[float, Edit]],
    polls: int,
) -> int:
    """Answer the fewest calls for both accounts together.

    Args:
        script: the story.
        deliveries: number of a delivery -> what it told.
        sent_at: number of a delivery -> when it was sent, Unix seconds.
        edits: what sales people changed, and when.
        polls: looks for edits whose webhook was lost, for each account.
    """
    bursts = _bursts(deliveries, sent_at)
    calls = _beginning(script)
    calls += len(CRMS) * sum(_of_burst(burst) for burst in bursts)
    calls += _of_edits(edits)
    calls += sum(step.costs * times_of(step.spec) for step in script.steps if isinstance(step, Arm))
    calls += sum(isinstance(step, ExpireToken) for step in script.steps)
    pages = ceil(len(script.people) / _PAGE)
    return calls + len(CRMS) * (polls + _RESYNCS * pages)


def _bursts(deliveries: Mapping[int, Deliver], sent_at: Mapping[int, float]) -> list[list[Deliver]]:
    by_second: dict[int, list[Deliver]] = defaultdict(list)
    for number, delivery in deliveries.items():
        by_second[int(sent_at[number])].append(delivery)
    return list(by_second.values())


def _beginning(script: Script) -> int:
    """Preparing each account, listing what it holds and reading that with its history."""
    held = Counter(step.account for step in script.steps if isinstance(step, Create))
    calls = sum(
        _PREPARING + ceil(held[account] / _PAGE) + ceil(held[account] / _READS) for account in CRMS
    )
    # What one account held and the other lacked, or both held in part, is written there.
    return calls + sum(ceil(held[account] / _WRITES) for account in CRMS)


def _of_burst(burst: Iterable[Deliver]) -> int:
    """The calls to one account for all that arrived within one second."""
    told = list(burst)
    newcomers = {key for one in told for key in one.newcomers}
    changed_people = {key for one in told for key in one.renamed} - newcomers
    messages = {key for one in told for key in one.messages}
    changed = {key for one in told for key in one.changed} - messages
    return (
        ceil(len(newcomers) / _WRITES)
        + _guarded(len(changed_people))
        + ceil(len(messages) / _WRITES)
        + ceil(len(changed) / _WRITES)
    )


def _guarded(contacts: int) -> int:
    """Changing contacts: a read that guards what nobody has seen yet, then the write."""
    return ceil(contacts / _READS) + ceil(contacts / _WRITES)


def _of_edits(edits: Iterable[tuple[float, Edit]]) -> int:
    """Edits: read where they were made, then written under guard on the other side."""
    by_second: Counter[tuple[int, str]] = Counter()
    for at, edit in edits:
        by_second[int(at), edit.account] += 1
    return sum(ceil(count / _READS) + _guarded(count) for count in by_second.values())


def times_of(spec: str) -> int:
    """Answer how often a fault hits."""
    options = dict(part.partition("=")[::2] for part in spec.split(":")[1:])
    return int(options.get("times", 1))
