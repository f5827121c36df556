"""Settings before they are checked: the file, the variables over it, where each key stands."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from syncbridge.errors import Problem
from syncbridge.settings.schema import SECTIONS
from syncbridge.settings.values import Secret
from syncbridge.toml import KeyPath, TomlFile, dotted, read_toml

_PREFIX = "SYNCBRIDGE_"
#: Names the settings file; not a setting itself.
CONFIG_VARIABLE = "SYNCBRIDGE_CONFIG"
_DEFAULT_FILE = Path("syncbridge.toml")


class Layers:
    """What the operator wrote, as one tree, with the problems seen on the way."""

    def __init__(self, path: Path | None, environ: Mapping[str, str]) -> None:
        self._noted: list[tuple[int, Problem]] = []
        #: The file that was read, or None.
        self.source = _source(path, environ)
        self._environ = environ
        self._file = self._read()
        self._variables: dict[KeyPath, str] = {}
        self.tree: dict[str, Any] = _copied(self._file.data)
        self._overlay()

    @property
    def problems(self) -> list[Problem]:
        """Those noted so far: first the file's from top to bottom, then the variables'."""
        return [problem for _, problem in sorted(self._noted, key=lambda noted: noted[0])]

    def problem(self, path: KeyPath, what: str, remedy: str) -> None:
        """Note a problem at a key."""
        line = None if path in self._variables else self._file.line(path)
        self._noted.append((line or sys.maxsize, Problem(self.place(path), what, remedy)))

    def place(self, path: KeyPath) -> str:
        """Answer the variable that sets the key, else its line in the file, else its path."""
        variable = self._variables.get(path)
        return self._file.place(path) if variable is None else variable

    def table(self, *path: str) -> dict[str, Any] | None:
        """Answer a table, `{}` when it is absent; None, and a problem, when it is none."""
        value: Any = self.tree
        for name in path:
            value = value.get(name, {})
            if not isinstance(value, dict):
                self.problem(path, "is not a table", f"write [{dotted(path)}] and its keys below")
                return None
        return dict(value)

    def resolved(self, path: KeyPath, value: object) -> object:
        """Fetch what `env:NAME` or `file:PATH` means, as a `Secret`; other values stay.

        A reference that leads nowhere is a problem, and answers None.
        """
        kind, separator, target = value.partition(":") if isinstance(value, str) else ("", "", "")
        if not separator or kind not in {"env", "file"}:
            return value
        text = self._from_variable(path, target) if kind == "env" else self._from_file(path, target)
        return Secret(text) if text else None

    def _from_variable(self, path: KeyPath, name: str) -> str:
        text = self._environ.get(name, "")
        if not text:
            state = "is empty" if name in self._environ else "is not set"
            self.problem(path, f"the variable {name} {state}", f"set {name}, or name another")
        return text

    def _from_file(self, path: KeyPath, name: str) -> str:
        place = self.beside(name)
        try:
            text = place.read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as exc:
            why = exc.strerror if isinstance(exc, OSError) else "not UTF-8"
            self.problem(path, f"the file {place} cannot be read: {why}", "check the path")
            return ""
        if not text:
            self.problem(path, f"the file {place} is empty", "write the value into it")
        return text

    def beside(self, name: str) -> Path:
        """Answer a path of the settings, which is relative to their file."""
        base = Path() if self.source is None else self.source.parent
        return base / Path(name).expanduser()

    def _read(self) -> TomlFile:
        if self.source is None:
            return TomlFile(name="", data={}, lines={})
        return read_toml(self.source)

    def _overlay(self) -> None:
        for variable in sorted(self._environ):
            if not variable.startswith(_PREFIX) or variable == CONFIG_VARIABLE:
                continue
            names = variable.removeprefix(_PREFIX).lower().split("__")
            if len(names) > 1:
                self._set(variable, names)
            else:
                self._suspect(variable)

    def _set(self, variable: str, names: list[str]) -> None:
        if len(names) > 2 and names[0] == "connections":
            names[1] = self._connection(names[1])
        table = self.tree
        for name in names[:-1]:
            inner = table.setdefault(name, {})
            if not isinstance(inner, dict):
                return  # the file's value is no table: noted when it is read
            table = inner
        table[names[-1]] = self._environ[variable]
        for length in range(1, len(names) + 1):
            path = tuple(names[:length])
            if self._file.line(path) is None or length == len(names):
                self._variables.setdefault(path, variable)

    def _connection(self, name: str) -> str:
        """A variable's name cannot hold the dash that a connection's may."""
        known = self._file.data.get("connections", {})
        same = [other for other in known if other.replace("-", "_").lower() == name]
        return same[0] if same else name

    def _suspect(self, variable: str) -> None:
        """Only a near miss is refused: platforms make variables of our name themselves."""
        for path in known_keys():
            meant = _PREFIX + "__".join(path).upper()
            if variable == meant.replace("__", "_"):
                what, remedy = "sets nothing", f"did you mean {meant}? Levels are parted by __"
                self._noted.append((sys.maxsize, Problem(variable, what, remedy)))


def known_keys() -> list[tuple[str, str]]:
    """Answer (table, key) of every setting outside of connections."""
    return [
        (section, key)
        for section, schema in SECTIONS.items()
        if section != "connections"
        for key in schema.fields
    ]


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Answer the remedy for an unknown key."""
    choices = sorted(known)
    close = get_close_matches(name.lower(), choices, n=1, cutoff=0.6)
    return f"did you mean {close[0]}?" if close else f"known here: {', '.join(choices)}"


def _source(path: Path | None, environ: Mapping[str, str]) -> Path | None:
    named = environ.get(CONFIG_VARIABLE)
    if path is not None:
        return path
    if named:
        return Path(named)
    return _DEFAULT_FILE if _DEFAULT_FILE.is_file() else None


def _copied(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _copied(inner) for key, inner in value.items()}
    return value
