"""A long story made short: actions are left out as long as the same thing goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from syncbridge.testing.simulation.plan import Action

#: A world takes about a second: a story is shortened for a few minutes at most.
MOST_TRIES = 150


def shrink(
    actions: Sequence[Action],
    fails: Callable[[Sequence[Action]], bool],
    *,
    most_tries: int = MOST_TRIES,
) -> list[Action]:
    """Answer as few of the actions as still fail, by delta debugging (Zeller, Hildebrandt 2002).

    Args:
        actions: that fail.
        fails: runs a world and says whether the same invariant breaks.
        most_tries: how many worlds may be run.
    """
    kept, size, tries = list(actions), max(1, len(actions) // 2), 0
    while size >= 1 and tries < most_tries:
        position, is_shorter = 0, False
        while position < len(kept) and tries < most_tries:
            without = kept[:position] + kept[position + size :]
            tries += 1
            if without and fails(without):
                kept, is_shorter = without, True
            else:
                position += size
        if size == 1 and not is_shorter:
            break
        size = max(1, size // 2) if size > 1 else (1 if is_shorter else 0)
    return kept
