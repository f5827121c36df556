"""The properties of imitated object types: what HubSpot defines, and what an app may add."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from connectors.hubspot.sandbox.problems import ApiProblem, invalid, not_found

#: Most unique properties that an account may add to an object type.
MAX_UNIQUE = 10

#: type -> field types that go with it
_FIELD_TYPES: Mapping[str, frozenset[str]] = {
    "string": frozenset({"text", "textarea", "phonenumber", "html", "file"}),
    "number": frozenset({"number"}),
    "date": frozenset({"date"}),
    "datetime": frozenset({"date"}),
    "enumeration": frozenset({"select", "radio", "checkbox", "booleancheckbox"}),
    "bool": frozenset({"booleancheckbox"}),
}

_NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")


@dataclass(frozen=True)
class Property:
    """One property of an object type."""

    name: str
    label: str
    type: str = "string"
    field_type: str = "text"
    group: str = ""
    description: str = ""
    #: (internal value, label) of an enumeration
    options: tuple[tuple[str, str], ...] = ()
    read_only: bool = False
    calculated: bool = False
    unique: bool = False
    #: OWNER for hubspot_owner_id, else None
    references: str | None = None
    #: None for what HubSpot defines itself
    created_at: datetime | None = None

    @property
    def allowed_values(self) -> frozenset[str]:
        """Internal values of an enumeration."""
        return frozenset(value for value, _ in self.options)

    @property
    def multiple(self) -> bool:
        """Whether several options can be chosen, joined by semicolons."""
        return self.field_type == "checkbox"

    def as_json(self) -> dict[str, Any]:
        """The property as the properties API shows it."""
        hubspot_defined = self.created_at is None
        body: dict[str, Any] = {
            "name": self.name,
            "label": self.label,
            "type": self.type,
            "fieldType": self.field_type,
            "description": self.description,
            "groupName": self.group,
            "options": [
                {"value": value, "label": label, "displayOrder": index, "hidden": False}
                for index, (value, label) in enumerate(self.options)
            ],
            "displayOrder": -1,
            "calculated": self.calculated,
            "externalOptions": self.references is not None,
            "hasUniqueValue": self.unique,
            "hidden": False,
            "hubspotDefined": hubspot_defined,
            "formField": not self.read_only,
            "archived": False,
            "modificationMetadata": {
                "archivable": not hubspot_defined,
                "readOnlyDefinition": hubspot_defined,
                "readOnlyOptions": hubspot_defined,
                "readOnlyValue": self.read_only,
            },
        }
        if self.references:
            body["referencedObjectType"] = self.references
        if self.created_at:
            body["createdAt"] = body["updatedAt"] = self.created_at.isoformat()
        return body


@dataclass(frozen=True)
class ObjectType:
    """An object type as HubSpot ships it."""

    #: plural name, as in paths
    name: str
    type_id: str
    singular: str
    properties: tuple[Property, ...]
    #: shown when a read names no properties
    shown_by_default: tuple[str, ...]
    created_property: str = "hs_createdate"
    modified_property: str = "hs_lastmodifieddate"
    #: all of these must have a value on creation
    required: tuple[str, ...] = ()
    #: at least one of these must have a value on creation
    required_any: tuple[str, ...] = ()
    #: searched by the `query` of a search
    searched: tuple[str, ...] = ()
    #: named in webhook types, as in contact.creation; None sends none
    webhook_name: str | None = None
    mergeable: bool = False


class PropertySet:
    """The properties that an object type has at the moment."""

    def __init__(self, object_type: ObjectType) -> None:
        """Start with what HubSpot defines: no account has custom properties at first."""
        self._type = object_type
        self._by_name = {entry.name: entry for entry in object_type.properties}
        self._find_unique()

    def __contains__(self, name: str) -> bool:
        """Whether a property of that name exists."""
        return name in self._by_name

    def get(self, name: str) -> Property | None:
        """The property, or None."""
        return self._by_name.get(name)

    def named(self, name: str) -> Property:
        """The property.

        Raises:
            ApiProblem: 404, there is none.
        """
        if name not in self._by_name:
            raise not_found(f"No property named {name!r} on {self._type.name}", name=[name])
        return self._by_name[name]

    def among(self, names: Iterable[str]) -> list[str]:
        """Those of the names that exist; reads silently leave the others out."""
        return [name for name in names if name in self._by_name]

    def all(self) -> list[Property]:
        """All properties, HubSpot's first."""
        return list(self._by_name.values())

    @property
    def unique_names(self) -> frozenset[str]:
        """Properties by which a record can be addressed."""
        return self._unique_names

    def add(self, posted: Mapping[str, Any], now: datetime) -> Property:
        """Create a custom property from the body of a POST.

        Raises:
            ApiProblem: 400 for a bad definition or an eleventh unique one, 409 when it exists.
        """
        created = replace(_definition(posted), created_at=now)
        if created.name in self._by_name:
            raise ApiProblem(
                409,
                "OBJECT_ALREADY_EXISTS",
                f"A property named '{created.name}' already exists.",
                sub_category="Properties.PROPERTY_EXISTS",
            )
        if created.unique and len(self._custom_unique()) >= MAX_UNIQUE:
            raise invalid(f"No more than {MAX_UNIQUE} unique properties are allowed per object.")
        self._by_name[created.name] = created
        self._find_unique()
        return created

    def update(self, name: str, posted: Mapping[str, Any]) -> Property:
        """Change label, description or options of a custom property.

        Raises:
            ApiProblem: 404 for an unknown one; 400 for one of HubSpot's, or another key.
        """
        former = self.named(name)
        fixed = sorted(set(posted) - {"label", "description", "options", "groupName"})
        if former.created_at is None or fixed:
            raise invalid(f"The definition of '{name}' cannot be changed: {', '.join(fixed)}")
        changed = replace(
            former,
            label=str(posted.get("label", former.label)),
            description=str(posted.get("description", former.description)),
            group=str(posted.get("groupName", former.group)),
            options=_options(posted["options"]) if "options" in posted else former.options,
        )
        self._by_name[name] = changed
        return changed

    def remove(self, name: str) -> None:
        """Archive a custom property; its values are no longer shown.

        Raises:
            ApiProblem: 404 for an unknown one, 400 for one of HubSpot's.
        """
        if self.named(name).created_at is None:
            raise invalid(f"'{name}' is defined by HubSpot and cannot be archived")
        del self._by_name[name]
        self._find_unique()

    def _find_unique(self) -> None:
        self._unique_names = frozenset(
            entry.name for entry in self._by_name.values() if entry.unique
        )

    def _custom_unique(self) -> list[str]:
        return [entry.name for entry in self._by_name.values() if entry.unique and entry.created_at]


def _definition(posted: Mapping[str, Any]) -> Property:
    missing = [
        key for key in ("name", "label", "type", "fieldType", "groupName") if not posted.get(key)
    ]
    if missing:
        raise invalid(f"Some required fields were not set: {missing}")
    name, kind, field_type = posted["name"], posted["type"], posted["fieldType"]
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise invalid("Property names must be lowercase, start with a letter, and have a-z, 0-9, _")
    if field_type not in _FIELD_TYPES.get(kind, ()):
        raise invalid(f"fieldType {field_type!r} does not go with type {kind!r}")
    options = _options(posted.get("options", []))
    if kind == "enumeration" and not options:
        raise invalid("An enumeration needs options")
    unique = posted.get("hasUniqueValue", False) is True
    if unique and kind not in {"string", "number"}:
        raise invalid("Only text and number properties can have unique values")
    return Property(
        name=name,
        label=str(posted["label"]),
        type=kind,
        field_type=field_type,
        group=str(posted["groupName"]),
        description=str(posted.get("description", "")),
        options=options,
        unique=unique,
    )


def _options(posted: Sequence[Mapping[str, Any]]) -> tuple[tuple[str, str], ...]:
    try:
        return tuple((str(option["value"]), str(option["label"])) for option in posted)
    except (KeyError, TypeError) as exc:
        raise invalid("Each option needs a value and a label") from exc
