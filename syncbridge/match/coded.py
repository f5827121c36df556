"""Columns as codes into their distinct values, so that every value is looked at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Codes: TypeAlias = NDArray[np.int32]
Hashes: TypeAlias = NDArray[np.uint64]
Rows: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]

#: The code of a record that has no value.
NONE: Final = -1
#: Strings hashed at once, and how much of each of them counts.
_HASHED_TOGETHER: Final = 65_536
_HASHED_CHARS: Final = 64


@dataclass(frozen=True, slots=True)
class Coded:
    """One column: per record the number of its value, `NONE` where it has none."""

    codes: Codes
    #: The distinct values, none of them empty.
    values: list[str]

    def __len__(self) -> int:
        return len(self.codes)

    def map(self, read: Callable[[str], str]) -> Coded:
        """Answer the column of `read(value)`; where that is "" there is no value."""
        return self.of_values([read(value) for value in self.values])

    def of_values(self, texts: Sequence[str]) -> Coded:
        """Answer the column that has, for each of our values, the text at its place."""
        numbers, values = _number(texts)
        return Coded(spread(numbers, self.codes, NONE), values)

    def counts(self) -> NDArray[np.int64]:
        """Answer how many records have each value."""
        return np.bincount(self.codes[self.codes >= 0], minlength=len(self.values))

    def hashes(self) -> Hashes:
        """Answer each record's value as 64 bits that are the same in every run; 0 for none."""
        return spread(hash_texts(self.values), self.codes, 0)

    def reordered(self, order: NDArray[np.int64]) -> Coded:
        """Answer the same column with its records in another order."""
        return Coded(self.codes[order], self.values)


class Column:
    """A column that is being read."""

    def __init__(self) -> None:
        self._numbers = _numbering()
        self._parts: list[Codes] = []
        self._count = 0

    def extend(self, texts: Iterable[str]) -> None:
        """Append values as they were written; one that is blank is none."""
        part = np.fromiter(map(self._numbers.__getitem__, texts), np.int32)
        self._parts.append(part)
        self._count += len(part)

    def pad(self, count: int) -> None:
        """Append records without a value until there are so many."""
        self._parts.append(np.zeros(count - self._count, np.int32))
        self._count = count

    def coded(self) -> Coded:
        """Answer what was read."""
        codes = np.concatenate(self._parts) if self._parts else np.empty(0, np.int32)
        codes -= 1
        found = Coded(codes, list(self._numbers)[1:])
        return found if all(map(str.strip, found.values)) else found.map(str.strip)


def coded(texts: Sequence[str]) -> Coded:
    """Answer the column of some texts; "" is no value."""
    return Coded(*_number(texts))


def spread(of_values: NDArray[np.generic], codes: Codes, missing: int | bool) -> NDArray[Any]:
    """Answer what each record has, given what each value has."""
    if not len(of_values):
        return np.full(len(codes), missing, of_values.dtype)
    found: NDArray[Any] = of_values[codes]
    found[codes < 0] = missing
    return found


def hash_texts(texts: Sequence[str]) -> Hashes:
    """Answer 64 bits for each text, never 0 for a text and 0 for ""."""
    hashes = np.zeros(len(texts), np.uint64)
    for start in range(0, len(texts), _HASHED_TOGETHER):
        part = np.array(texts[start : start + _HASHED_TOGETHER], dtype=f"U{_HASHED_CHARS}")
        letters = part.view(np.uint32).reshape(len(part), -1)
        mixed = np.zeros(len(part), np.uint64)
        for place in range(letters.shape[1]):
            letter = letters[:, place]
            if not letter.any():
                break
            mixed = np.where(letter > 0, (mixed ^ letter) * _PRIME, mixed)
            mixed ^= mixed >> np.uint64(29)
        hashes[start : start + len(part)] = mixed
    return hashes


def combine(*parts: Hashes) -> Hashes:
    """Answer one hash of several; 0 where one of them is missing. Their order matters."""
    mixed = np.zeros(len(parts[0]), np.uint64)
    present = np.ones(len(parts[0]), np.bool_)
    for part in parts:
        mixed = scramble(mixed + part)
        present &= part != 0
    mixed[~present] = 0
    return mixed


def scramble(hashes: Hashes) -> Hashes:
    """Answer hashes whose every bit depends on all bits of the given ones."""
    mixed = (hashes ^ (hashes >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


_PRIME: Final = np.uint64(0x9E3779B97F4A7C15)


def _number(texts: Sequence[str]) -> tuple[Codes, list[str]]:
    """Answer the number of each text and the distinct texts; "" has the number `NONE`."""
    numbers = _numbering()
    codes = np.fromiter(map(numbers.__getitem__, texts), np.int32, len(texts))
    codes -= 1
    return codes, list(numbers)[1:]


def _numbering() -> defaultdict[str, int]:
    """Answer a mapping that numbers what it is asked for, from 1 on; "" is 0."""
    numbers: defaultdict[str, int] = defaultdict(count().__next__)
    numbers[""]
    return numbers
