"""What all pages show alike: instants, names of fields, what waits."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from flask import Flask, g

from syncbridge import __version__
from syncbridge.engine import views
from syncbridge.web.current import engine, service

_STEPS = (
    (timedelta(days=2), timedelta(days=1), "days"),
    (timedelta(hours=2), timedelta(hours=1), "h"),
    (timedelta(minutes=2), timedelta(minutes=1), "min"),
)


_JUST_NOW_S = 5


def install(app: Flask) -> None:
    """Give the templates their words."""
    app.jinja_env.filters |= {
        "at": at,
        "ago": ago,
        "label": label,
        "words": words,
        "in_order": in_order,
    }
    app.jinja_env.globals |= {"stands": stands, "version": __version__}
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True


def stands() -> dict[str, Any]:
    """Answer how the service stands, read once for a page."""
    if "stands" not in g:
        g.stands = views.status(engine())
    found: dict[str, Any] = g.stands
    return found


def at(iso: str | None) -> str:
    """Show an instant to the second, in UTC."""
    return datetime.fromisoformat(iso).strftime("%Y-%m-%d %H:%M:%S") if iso else "never"


def ago(iso: str | None) -> str:
    """Show how long ago an instant was."""
    if iso is None:
        return "never"
    passed = engine().now() - datetime.fromisoformat(iso)
    for least, unit, word in _STEPS:
        if passed >= least:
            return f"{passed // unit} {word} ago"
    seconds = int(passed.total_seconds())
    return f"{seconds} s ago" if seconds >= _JUST_NOW_S else "just now"


def label(field: str) -> str:
    """Show a field by the name people know it by."""
    declared = service().canonical.fields.get(field)
    return declared.label if declared else words(field)


def in_order(fields: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Answer a person's fields in the order in which the mapping declares them."""
    places = {name: place for place, name in enumerate(service().canonical.fields)}
    return sorted(fields.items(), key=lambda field: places.get(field[0], len(places)))


def words(name: object) -> str:
    """Show one of our names as words."""
    text = str(name).replace("_", " ")
    return text[:1].upper() + text[1:]
