"""A connection's own keys, checked against what its connector declares."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from syncbridge.errors import Problem
from syncbridge.settings.layers import did_you_mean
from syncbridge.settings.schema import SECTIONS
from syncbridge.settings.values import Options, Secret

Scalar = str | int | float | bool


class DeclaredOption(Protocol):
    """One key that a connector understands."""

    @property
    def name(self) -> str:
        """The key."""

    @property
    def help(self) -> str:
        """One sentence for people: what it is and where to find it."""

    @property
    def required(self) -> bool:
        """Nothing works without it."""

    @property
    def secret(self) -> bool:
        """It is held in a `Secret`."""

    @property
    def default(self) -> Scalar | None:
        """The value when the key is left out."""

    @property
    def type(self) -> type[Scalar]:
        """What the value is."""


def validate_options(
    name: str, raw: Mapping[str, object], declared: Sequence[DeclaredOption]
) -> tuple[dict[str, Scalar | Secret | None], list[Problem]]:
    """Check a connection's options: every declared one gets its value, its default or None.

    Secret ones become `Secret`, others are in clear even when they came from `env:` or `file:`.
    `raw` is best the connection's `Options`, which know their lines.
    """
    check = _Check(name, raw)
    values = {option.name: check.value(option) for option in declared}
    known = {*values, *SECTIONS["connections"].fields}
    for key in raw.keys() - values.keys():
        check.problem(key, "is not an option of this connector", did_you_mean(key, known))
    return values, check.problems


def revealed(values: Mapping[str, Scalar | Secret | None]) -> dict[str, Scalar | None]:
    """Answer options with their secrets in clear: for the connector itself, nobody else."""
    return {
        key: value.reveal() if isinstance(value, Secret) else value for key, value in values.items()
    }


class _Check:
    def __init__(self, name: str, raw: Mapping[str, object]) -> None:
        self.problems: list[Problem] = []
        self._name = name
        self._raw = raw

    def problem(self, key: str, what: str, remedy: str) -> None:
        self.problems.append(Problem(self._place(key), what, remedy))

    def _place(self, key: str) -> str:
        path = f"connections.{self._name}.{key}"
        if not isinstance(self._raw, Options):
            return path
        return self._raw.place(key) or f"{self._raw.place('')}.{key}"

    def value(self, option: DeclaredOption) -> Scalar | Secret | None:
        given = self._raw.get(option.name)
        if given is None:
            if option.required and option.name not in self._raw:
                self.problem(option.name, "is missing", option.help)
            return _kept(option, option.default)
        text = given.reveal() if isinstance(given, Secret) else given
        value = _READERS[option.type](text)
        if value is None:
            self.problem(option.name, f"is not {_NAMES[option.type]}", option.help)
        elif value == "" and option.required:
            self.problem(option.name, "is empty", option.help)
        return _kept(option, value)


def _kept(option: DeclaredOption, value: Scalar | None) -> Scalar | Secret | None:
    return Secret(str(value)) if option.secret and value is not None else value


def _text(value: object) -> str | None:
    # A phone number id written without quotes is a number to TOML.
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else None


def _whole(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    try:
        return int(value)
    except ValueError:
        return None


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        number = float(value)
    except ValueError:
        return None
    return number if abs(number) < float("inf") else None


def _truth(value: object) -> bool | None:
    if isinstance(value, bool):
        return value
    return _TRUTHS.get(value.lower()) if isinstance(value, str) else None


_TRUTHS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_READERS: dict[type[Scalar], Callable[[object], Scalar | None]] = {
    str: _text,
    int: _whole,
    float: _number,
    bool: _truth,
}
_NAMES: dict[type[Scalar], str] = {
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
}
