"""TOML files whose every key knows its line, so that a message can point at it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from syncbridge.errors import ConfigError, Problem

#: The way to a value: table and key names, and positions in arrays (of tables), from 0.
KeyPath = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class TomlFile:
    """What a TOML file says and where it says it."""

    #: The name used in messages.
    name: str
    data: Mapping[str, Any]
    #: Lines from 1; a table's line is its header's.
    lines: Mapping[KeyPath, int]

    def line(self, path: KeyPath) -> int | None:
        """Answer the line of a key, or of the nearest table around it that the file names."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.lines:
                return self.lines[path[:length]]
        return None

    def place(self, path: KeyPath) -> str:
        """Answer `file:line key.path`, as problems show it."""
        line = self.line(path)
        where = self.name if line is None else f"{self.name}:{line}"
        return f"{where} {dotted(path)}".rstrip()


def dotted(path: KeyPath) -> str:
    """Answer a key path as people write it: `rules[2].when`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".")


def read_toml(path: Path) -> TomlFile:
    """Read and index a file.

    Raises:
        ConfigError: the file is absent, unreadable, not UTF-8 or not TOML.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as exc:
        problem = Problem(str(path), "there is no such file", "check the path")
        raise ConfigError([problem]) from exc
    except OSError as exc:
        what = f"cannot be read: {exc.strerror}"
        raise ConfigError([Problem(str(path), what, "check its permissions")]) from exc
    except UnicodeDecodeError as exc:
        what = f"is not UTF-8 (byte {exc.start})"
        raise ConfigError([Problem(str(path), what, "save it as UTF-8")]) from exc
    return parse_toml(text, name=str(path))


def parse_toml(text: str, *, name: str) -> TomlFile:
    """Parse and index TOML text.

    Raises:
        ConfigError: the text is not TOML; the problem's place names the line.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as exc:
        what, _, at = str(exc).partition(" (at ")
        line = re.search(r"line (\d+)", at)
        place = f"{name}:{line[1] if line else len(text.splitlines())}"
        remedy = "text goes in quotes, a key stands once per table"
        raise ConfigError([Problem(place, f"is not TOML: {what}", remedy)]) from exc
    return TomlFile(name=name, data=data, lines=_Index(text.replace("\r\n", "\n")).lines)


_TOKEN = re.compile(
    r"""(?P<skip>[ \t]+|\#[^\n]*)
      | (?P<text>\"{3}(?:\\.|[^\\])*?\"{3,5}|'{3}.*?'{3,5}|"(?:\\.|[^"\\\n])*"|'[^'\n]*')
      | (?P<mark>[\n\[\]{}=,.])
      | (?P<bare>[^\s\[\]{}=,.\#"']+)""",
    re.VERBOSE | re.DOTALL,
)


def _tokens(text: str) -> Iterator[tuple[str, int]]:
    line = 1
    for match in _TOKEN.finditer(text):
        if match.lastgroup != "skip":
            yield match[0], line
        line += match[0].count("\n")
    yield "\n", line


def _name(token: str) -> str:
    if token.startswith('"'):
        return str(tomllib.loads(f"key = {token}")["key"])
    return token.strip("'")


class _Index:
    """Finds the line of every key in text that tomllib has accepted already."""

    def __init__(self, text: str) -> None:
        self.lines: dict[KeyPath, int] = {}
        self._tokens = list(_tokens(text))
        self._at = 0
        self._table: KeyPath = ()
        self._array_lengths: dict[KeyPath, int] = {}
        while self._at < len(self._tokens):
            self._statement()

    def _peek(self) -> str:
        return self._tokens[self._at][0]

    def _statement(self) -> None:
        if self._peek() == "\n":
            self._at += 1
        elif self._peek() == "[":
            self._header()
        else:
            self._pair(self._table)

    def _header(self) -> None:
        line = self._tokens[self._at][1]
        is_array = self._tokens[self._at + 1][0] == "["
        self._at += 2 if is_array else 1
        names = self._key()
        self._at += 2 if is_array else 1
        path: KeyPath = ()
        for name in names[:-1]:
            self.lines.setdefault((*path, name), line)
            path = self._latest((*path, name))
        path = (*path, names[-1])
        if is_array:
            self.lines.setdefault(path, line)
            self._array_lengths[path] = self._array_lengths.get(path, 0) + 1
            path = self._latest(path)
        self.lines[path] = line
        self._table = path

    def _latest(self, path: KeyPath) -> KeyPath:
        """Inside an array of tables a name means its newest element."""
        length = self._array_lengths.get(path)
        return path if length is None else (*path, length - 1)

    def _key(self) -> list[str]:
        names = [_name(self._peek())]
        self._at += 1
        while self._peek() == ".":
            names.append(_name(self._tokens[self._at + 1][0]))
            self._at += 2
        return names

    def _pair(self, table: KeyPath) -> None:
        line = self._tokens[self._at][1]
        path = table
        for name in self._key():
            path = (*path, name)
            self.lines.setdefault(path, line)
        self._at += 1
        self._value(path)

    def _value(self, path: KeyPath) -> None:
        opening = self._peek()
        if opening == "{":
            self._group("}", lambda _: self._pair(path))
        elif opening == "[":
            self._group("]", lambda position: self._element((*path, position)))
        else:
            while self._peek() not in {"\n", ",", "]", "}"}:
                self._at += 1

    def _element(self, path: KeyPath) -> None:
        self.lines[path] = self._tokens[self._at][1]
        self._value(path)

    def _group(self, closing: str, member: Callable[[int], None]) -> None:
        self._at += 1
        position = 0
        while self._peek() != closing:
            if self._peek() in {"\n", ","}:
                self._at += 1
            else:
                member(position)
                position += 1
        self._at += 1
