"""What people did, and what our writes put in the place of it: all the oracle believes in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Edit:
    """One value that a person wrote somewhere."""

    id: int
    connection: str
    #: The record's id there; the customer on a channel; "" in the console.
    record: str
    #: The canonical field.
    field: str
    #: None: it was cleared.
    value: str | None
    #: The world's time, which no vendor's clock shows.
    at_ms: int
    #: What stood there when it was written: the writer knew of it.
    over: frozenset[int]
    #: Written before we ever saw the record.
    is_first: bool
    #: "crm", "channel" or "console".
    origin: str
    #: It took back a change that we never saw, so that nothing changed as far as we could know.
    is_void: bool = False


@dataclass(frozen=True, slots=True)
class Displacement:
    """One of our writes put something in the place of what stood in a record."""

    connection: str
    record: str
    field: str
    gone: frozenset[int]
    by: frozenset[int]
    value: str | None
    at_ms: int
    #: What stood there was written between our guarding read and this write.
    is_in_window: bool


@dataclass(slots=True)
class Ledger:
    """Everything of a world that only the world knows."""

    edits: list[Edit] = field(default_factory=list)
    displacements: list[Displacement] = field(default_factory=list)
    #: Our successful writes of contacts that changed nothing: (connection, record, at_ms).
    vain: list[tuple[str, str, int]] = field(default_factory=list)
    #: Our successful writes of any kind.
    writes: int = 0
    _by_value: dict[tuple[str, str | None], set[int]] = field(default_factory=dict)

    def note(
        self,
        connection: str,
        record: str,
        name: str,
        value: str | None,
        *,
        at_ms: int,
        over: Iterable[int],
        is_first: bool = False,
        origin: str = "crm",
        is_void: bool = False,
    ) -> Edit:
        """Remember what a person wrote."""
        edit = Edit(
            len(self.edits),
            connection,
            record,
            name,
            value,
            at_ms,
            frozenset(over),
            is_first,
            origin,
            is_void,
        )
        self.edits.append(edit)
        self._by_value.setdefault((name, value), set()).add(edit.id)
        return edit

    def origins(self, name: str, value: str | None) -> frozenset[int]:
        """Answer which edits a value comes from; values are never written twice by people."""
        return frozenset(self._by_value.get((name, value), ()))

    def knew(self, later: Iterable[int], earlier: int) -> bool:
        """Say whether any of the later edits was made in knowledge of the earlier one.

        Who saw the same value somewhere else knew of it.
        """
        meant = self.edits[earlier]
        waiting, seen = list(later), set[int]()
        while waiting:
            current = waiting.pop()
            edit = self.edits[current]
            if (edit.field, edit.value) == (meant.field, meant.value):
                return True
            if current not in seen:
                seen.add(current)
                waiting += edit.over
        return False
