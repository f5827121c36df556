"""Candidate pairs with their levels, part by part, none compared twice while memory allows."""

from __future__ import annotations

from typing import Final, TypeAlias

from syncbridge.match.alike import Levels
from syncbridge.match.blocking import Candidates
from syncbridge.match.coded import Rows
from syncbridge.match.comparing import Comparer

Part: TypeAlias = tuple[Rows, Rows, Levels]

#: Parts whose levels are remembered between learning and judging.
_PARTS_KEPT: Final = 4


class Compared:
    """The candidates of a base as the comparer sees them."""

    def __init__(self, candidates: Candidates, comparer: Comparer) -> None:
        self.comparer = comparer
        self._candidates = candidates
        self._kept: dict[int, Part] = {}

    @property
    def parts(self) -> int:
        """How many parts there are."""
        return self._candidates.parts

    @property
    def bound(self) -> int:
        """How many pairs there are at most."""
        return self._candidates.bound

    def part(self, number: int, *, keep: bool = False) -> Part:
        """Answer the pairs of one part and their levels; the part is forgotten unless kept."""
        if number in self._kept:
            return self._kept[number] if keep else self._kept.pop(number)
        left, right = self._candidates.part(number)
        found = (left, right, self.comparer.levels(left, right))
        if keep and len(self._kept) < _PARTS_KEPT:
            self._kept[number] = found
        return found
