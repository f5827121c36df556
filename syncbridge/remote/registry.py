"""Finds connectors by the names under which packages registered them."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from importlib.metadata import EntryPoint, entry_points

from syncbridge.errors import ConfigError, Problem
from syncbridge.remote.base import Connector

#: The group of entry points in which a package names its connectors.
GROUP = "syncbridge.connectors"


def connector_class(name: str, found: Iterable[EntryPoint] | None = None) -> type[Connector]:
    """Load the connector that was registered under a name.

    Args:
        name: as settings give it.
        found: entry points to choose from, those installed if None.

    Raises:
        ConfigError: there is none of that name, or it cannot be loaded.
    """
    known = {entry.name: entry for entry in found or entry_points(group=GROUP)}
    if name not in known:
        raise ConfigError([Problem(name or "connector", "no such connector", _hint(name, known))])
    try:
        loaded = known[name].load()
    except (ImportError, AttributeError) as exc:
        what = f"its code cannot be loaded: {exc}"
        raise ConfigError([Problem(name, what, "install its package again")]) from exc
    if not (isinstance(loaded, type) and issubclass(loaded, Connector)):
        raise ConfigError([Problem(name, f"{known[name].value} is not a connector", "")])
    return loaded


def _hint(name: str, known: Iterable[str]) -> str:
    names = sorted(known)
    close = get_close_matches(name, names, n=1)
    return f"did you mean {close[0]}?" if close else f"there are: {', '.join(names) or 'none'}"
