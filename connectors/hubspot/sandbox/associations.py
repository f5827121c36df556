"""Which records belong together: HubSpot's association types, and the edges of an account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors.hubspot.sandbox.problems import invalid
from connectors.hubspot.sandbox.properties import ObjectType

CATEGORY = "HUBSPOT_DEFINED"


@dataclass(frozen=True)
class AssociationType:
    """One direction of a kind of edge."""

    id: int
    #: plural names of the two object types
    source: str
    target: str
    #: id of the same edge seen from the other end
    inverse: int
    label: str | None = None


def _pair(source: str, target: str, there: int, back: int) -> tuple[AssociationType, ...]:
    return (
        AssociationType(there, source, target, back),
        AssociationType(back, target, source, there),
    )


_PRIMARY = (
    AssociationType(1, "contacts", "companies", 2, "Primary"),
    AssociationType(2, "companies", "contacts", 1, "Primary"),
)

_DEFAULTS = (
    *_pair("communications", "contacts", 81, 82),
    *_pair("communications", "companies", 87, 88),
    *_pair("notes", "contacts", 202, 201),
    *_pair("notes", "companies", 190, 189),
    *_pair("contacts", "companies", 279, 280),
)

_BY_ID: Mapping[int, AssociationType] = {entry.id: entry for entry in (*_DEFAULTS, *_PRIMARY)}
_DEFAULT: Mapping[tuple[str, str], AssociationType] = {
    (entry.source, entry.target): entry for entry in _DEFAULTS
}


def default_type(source: ObjectType, target: ObjectType) -> AssociationType:
    """The unlabelled association from one object type to another.

    Raises:
        ApiProblem: 400, records of these types cannot be associated.
    """
    found = _DEFAULT.get((source.name, target.name))
    if found is None:
        raise invalid(f"No association type from {source.type_id} to {target.type_id}")
    return found


def read_spec(posted: Any, source: ObjectType) -> AssociationType:
    """The association type that {associationCategory, associationTypeId} means from `source`.

    Raises:
        ApiProblem: 400, there is none, or it starts at another object type.
    """
    spec = posted if isinstance(posted, Mapping) else {}
    found = _BY_ID.get(spec.get("associationTypeId", 0))
    if spec.get("associationCategory") != CATEGORY or found is None or found.source != source.name:
        raise invalid(
            f"{spec!r} is not an association type of {source.type_id}", code="INVALID_ASSOCIATION"
        )
    return found


class Associations:
    """The edges between all records; both ends know of each."""

    def __init__(self) -> None:
        """Start without edges."""
        #: (type, id) -> type of the other end -> id of the other end -> association type ids
        self._edges: dict[tuple[str, str], dict[str, dict[str, set[int]]]] = {}

    def connect(self, source_id: str, kind: AssociationType, target_id: str) -> None:
        """Add an edge, and with a labelled one the unlabelled edge too."""
        self._add(kind.source, source_id, kind.target, target_id, kind.id)
        self._add(kind.target, target_id, kind.source, source_id, kind.inverse)
        plain = _DEFAULT[kind.source, kind.target]
        if plain is not kind:
            self.connect(source_id, plain, target_id)

    def disconnect(self, source: str, source_id: str, target: str, target_id: str) -> None:
        """Remove all edges between two records."""
        self._edges.get((source, source_id), {}).get(target, {}).pop(target_id, None)
        self._edges.get((target, target_id), {}).get(source, {}).pop(source_id, None)

    def of(self, source: str, source_id: str, target: str) -> Mapping[str, set[int]]:
        """Records of type `target` at the other end -> association type ids, oldest edge first."""
        return self._edges.get((source, source_id), {}).get(target, {})

    def all_of(self, source: str, source_id: str) -> dict[str, list[str]]:
        """Ids at the other ends by type."""
        ends = self._edges.get((source, source_id), {})
        return {target: list(ids) for target, ids in ends.items() if ids}

    def move(self, kind: str, old_id: str, new_id: str) -> None:
        """Give all edges of one record to another."""
        for target, ends in self._edges.get((kind, old_id), {}).items():
            for target_id, type_ids in list(ends.items()):
                for type_id in type_ids:
                    self.connect(new_id, _BY_ID[type_id], target_id)
                self.disconnect(kind, old_id, target, target_id)

    def _add(self, source: str, source_id: str, target: str, target_id: str, type_id: int) -> None:
        ends = self._edges.setdefault((source, source_id), {}).setdefault(target, {})
        ends.setdefault(target_id, set()).add(type_id)


def as_v4_type(type_id: int) -> dict[str, Any]:
    """An association type as the v4 API lists it."""
    return {"category": CATEGORY, "typeId": type_id, "label": _BY_ID[type_id].label}


def as_v3_type(type_id: int) -> str:
    """An association type as reads with `associations=` name it."""
    kind = _BY_ID[type_id]
    singular = {"companies": "company"}
    source, target = (
        singular.get(name, name.removesuffix("s")) for name in (kind.source, kind.target)
    )
    return f"{source}_to_{target}" if kind.label is None else f"{source}_to_{target}_primary"
