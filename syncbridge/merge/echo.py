"""Our own writes, seen again as changes."""

from __future__ import annotations

from collections.abc import Mapping

from syncbridge.model.golden import Base


def is_echo(
    hints: Mapping[str, str], base: Base, canonical_of: Mapping[str, tuple[str, ...]]
) -> bool:
    """Say whether a doorbell only repeats what both sides already agree on.

    Args:
        hints: remote field -> value as the doorbell claims it.
        base: the link's last agreement.
        canonical_of: remote field -> canonical fields mapped from it; a remote field that is not in
            it is none of ours, so its change is nothing to us.
    """
    if not hints:
        return False
    for remote, claimed in hints.items():
        for name in canonical_of.get(remote, ()):
            agreed = base.get(name)
            if agreed is None or (agreed.remote or "") != claimed:
                return False
    return True
