"""What a mapping file declares, as frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from syncbridge.mapping.transforms import Transform
from syncbridge.model.golden import FieldRule


@dataclass(frozen=True, slots=True)
class CanonicalField:
    """One field of the canonical contact."""

    #: Its survivorship; `window_ms` is for the engine to fill in, from its connections.
    rule: FieldRule
    #: For people.
    label: str
    #: What brings a value said by a person (in the console, through the API) to its one form.
    transform: Transform

    @property
    def name(self) -> str:
        """The canonical name."""
        return self.rule.name


@dataclass(frozen=True, slots=True)
class CanonicalContact:
    """The fields a contact has here, in the order in which people see them."""

    fields: Mapping[str, CanonicalField]


@dataclass(frozen=True, slots=True)
class NewField:
    """How the remote field is made where the other system does not have it yet."""

    name: str
    label: str
    #: The vendor's word for its type.
    type: str = "string"


@dataclass(frozen=True, slots=True)
class FieldMapping:
    """One canonical field and the remote field it corresponds to."""

    canonical: str
    remote: str
    transform: Transform
    reads: bool = True
    writes: bool = True
    #: True: what is read here only fills an empty field and outranks nothing.
    fills_only: bool = False
    #: None: the other system has the field by itself.
    create: NewField | None = None


@dataclass(frozen=True)
class ContactMapping:
    """A connector's contact fields, as its mapping file declares them."""

    connector: str
    #: Short hash of the file's text: values translated under another version are not comparable.
    version: str
    fields: tuple[FieldMapping, ...]
    #: The remote field that carries our link's uuid; "" where nothing is written.
    external_id: str = ""
    #: Remote fields of which the other system wants at least one filled.
    required_any: tuple[str, ...] = ()
    #: Remote field -> value, put in when none of `required_any` would be filled.
    default: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def remote_fields(self) -> tuple[str, ...]:
        """The remote fields to ask for, each once, the external id included."""
        names = [one.remote for one in self.fields]
        if self.external_id:
            names.append(self.external_id)
        return tuple(dict.fromkeys(names))

    @cached_property
    def by_canonical(self) -> Mapping[str, FieldMapping]:
        """Canonical name -> its mapping."""
        return {one.canonical: one for one in self.fields}

    @cached_property
    def to_create(self) -> tuple[NewField, ...]:
        """The remote fields this mapping brings along."""
        return tuple(one.create for one in self.fields if one.create)
