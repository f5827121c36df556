"""Reads mapping files, and tells every mistake in one go, each with its line and remedy."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from syncbridge.errors import ConfigError, Problem
from syncbridge.mapping.declaration import (
    CanonicalContact,
    CanonicalField,
    ContactMapping,
    FieldMapping,
    NewField,
)
from syncbridge.mapping.transforms import TRANSFORMS, Transform
from syncbridge.model.golden import FieldRule, Policy
from syncbridge.model.record import fingerprint
from syncbridge.toml import KeyPath, TomlFile, read_toml


def load_contact(dirs: Sequence[Path] = ()) -> CanonicalContact:
    """Read the canonical contact from the first `contact.toml` found.

    Args:
        dirs: where to look before the files that SyncBridge brings along.

    Raises:
        ConfigError: the file cannot be used; its problems name every line at fault.
    """
    check = _Check(_find("contact", dirs))
    check.keys((), {"fields"})
    fields = {name: _canonical_field(check, name) for name in check.tables(("fields",))}
    check.finish()
    return CanonicalContact({name: one for name, one in fields.items() if one})


def load_mapping(
    connector: str, dirs: Sequence[Path], canonical: CanonicalContact
) -> ContactMapping:
    """Read a connector's contact mapping from the first `<connector>.toml` found.

    Args:
        connector: the connector's name.
        dirs: where to look before the files that SyncBridge brings along.
        canonical: the fields that may be mapped.

    Raises:
        ConfigError: the file cannot be used; its problems name every line at fault.
    """
    check = _Check(_find(connector, dirs))
    check.keys((), {"contact"})
    check.keys(("contact",), _CONTACT_KEYS)
    fields = [
        _field(check, name, table, canonical)
        for name, table in check.tables(("contact", "fields")).items()
    ]
    mapping = ContactMapping(
        connector=connector,
        version="",
        fields=tuple(one for one in fields if one),
        external_id=check.text(("contact", "external_id")),
        required_any=check.texts(("contact", "required_any")),
        default=_default(check),
    )
    _check_together(check, mapping)
    check.finish()
    return replace(mapping, version=_version(mapping))


_CONTACT_KEYS: Final = ("external_id", "required_any", "default", "fields")
_CANONICAL_KEYS: Final = ("label", "transform", "policy", "source")
_FIELD_KEYS: Final = (
    "remote", "transform", "reads", "writes", "fills_only", "create", "label", "type"
)  # fmt: skip


def _find(name: str, dirs: Iterable[Path]) -> TomlFile:
    for directory in dirs:
        path = directory / f"{name}.toml"
        if path.is_file():
            return read_toml(path)
    for path in (directory / f"{name}.toml" for directory in _shipped()):
        if path.is_file():
            return replace(read_toml(path), name=path.name)
    what = "there is no such mapping file"
    raise ConfigError([Problem(f"{name}.toml", what, "put it in the mappings directory")])


def _shipped() -> list[Path]:
    """Answer where the package `mappings` lies.

    An editable install may add places to a package's path that are no directories, at which
    importlib.resources gives up.
    """
    package = find_spec("mappings")
    places = (package.submodule_search_locations if package else None) or ()
    return [Path(place) for place in places]


@dataclass(slots=True)
class _Check:
    """Takes values out of a file and notes what is wrong with them."""

    file: TomlFile
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, path: KeyPath, what: str, remedy: str) -> None:
        self.problems.append(Problem(self.file.place(path), what, remedy))

    def finish(self) -> None:
        if self.problems:
            # A value that is asked for twice is wrong once.
            raise ConfigError(list(dict.fromkeys(self.problems)))

    def keys(self, path: KeyPath, known: Collection[str]) -> None:
        """Refuse keys that nobody would read."""
        for key in self.table(path):
            if key not in known:
                self.refuse((*path, key), f"unknown key {key!r}", did_you_mean(key, known))

    def value(self, path: KeyPath, expected: type, word: str) -> Any:
        """Answer the value of a path, or None where it is absent or of another type."""
        found: Any = self.file.data
        for part in path:
            found = found.get(part) if isinstance(found, Mapping) else None
        if found is None or isinstance(found, expected):
            return found
        self.refuse(path, f"must be {word}", f"write {word}")
        return None

    def table(self, path: KeyPath) -> Mapping[str, Any]:
        return self.value(path, Mapping, "a table") or {}

    def tables(self, path: KeyPath) -> Mapping[str, Mapping[str, Any]]:
        """Answer the tables of a table, of which there has to be one."""
        names = self.table(path)
        if not names and not self.problems:
            self.refuse(path, "no fields are declared", "add at least one")
        return {name: self.table((*path, name)) for name in names}

    def text(self, path: KeyPath, default: str = "") -> str:
        found = self.value(path, str, "text in quotes")
        return default if found is None else str(found)

    def flag(self, path: KeyPath, default: bool) -> bool:
        found = self.value(path, bool, "true or false")
        return default if found is None else bool(found)

    def texts(self, path: KeyPath) -> tuple[str, ...]:
        found = self.value(path, list, "a list of texts") or []
        if all(isinstance(one, str) for one in found):
            return tuple(found)
        self.refuse(path, "must be a list of texts", 'write ["one", "two"]')
        return ()

    def transform(self, path: KeyPath, default: str) -> Transform:
        name = self.text(path, default)
        if name not in TRANSFORMS:
            self.refuse(path, f"unknown transform {name!r}", did_you_mean(name, TRANSFORMS))
        return TRANSFORMS.get(name, TRANSFORMS["text"])


def did_you_mean(name: str, known: Collection[str]) -> str:
    """Answer a remedy for a misspelled name: the nearest known one, or all of them."""
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    return f"did you mean {near[0]!r}?" if near else f"known: {', '.join(sorted(known))}"


def _canonical_field(check: _Check, name: str) -> CanonicalField | None:
    path = ("fields", name)
    check.keys(path, _CANONICAL_KEYS)
    source = check.text((*path, "source"))
    policy = _policy(check, path)
    if policy is None:
        return None
    if policy is Policy.SOURCE_OF_TRUTH and not source:
        check.refuse((*path, "policy"), "needs a source", 'add source = "<connection>"')
    if source and policy is not Policy.SOURCE_OF_TRUTH:
        check.refuse((*path, "source"), f"means nothing with {policy}", "remove it")
    return CanonicalField(
        rule=FieldRule(name=name, policy=policy, source=source),
        label=check.text((*path, "label"), name.replace("_", " ").capitalize()),
        transform=check.transform((*path, "transform"), "text"),
    )


def _policy(check: _Check, path: KeyPath) -> Policy | None:
    name = check.text((*path, "policy"), Policy.LAST_WRITE_WINS)
    if name in list(Policy):
        return Policy(name)
    check.refuse(
        (*path, "policy"), f"unknown policy {name!r}", did_you_mean(name, [*map(str, Policy)])
    )
    return None


def _field(
    check: _Check, name: str, table: Mapping[str, Any], canonical: CanonicalContact
) -> FieldMapping | None:
    path = ("contact", "fields", name)
    check.keys(path, _FIELD_KEYS)
    known = canonical.fields.get(name)
    if known is None:
        what = f"unknown canonical field {name!r}"
        check.refuse(path, what, did_you_mean(name, canonical.fields))
    remote = check.text((*path, "remote"))
    if not remote and not table.get("remote"):
        check.refuse((*path, "remote"), "names no remote field", 'write remote = "<field>"')
    transform = check.transform((*path, "transform"), known.transform.name if known else "text")
    writes = check.flag((*path, "writes"), default=True)
    if writes and not transform.is_invertible:
        what = f"transform {transform.name!r} only reads"
        check.refuse((*path, "transform"), what, "add writes = false")
    label = check.text((*path, "label"), known.label if known else name)
    is_new = check.flag((*path, "create"), default=False)
    new = NewField(remote, label, check.text((*path, "type"), "string"))
    if not is_new and {"label", "type"} & table.keys():
        check.refuse(path, "label and type describe a field to create", "add create = true")
    return FieldMapping(
        canonical=name,
        remote=remote,
        transform=transform,
        reads=check.flag((*path, "reads"), default=True),
        writes=writes,
        fills_only=check.flag((*path, "fills_only"), default=False),
        create=new if is_new else None,
    )


def _default(check: _Check) -> dict[str, str]:
    path = ("contact", "default")
    return {name: check.text((*path, name)) for name in check.table(path)}


def _check_together(check: _Check, mapping: ContactMapping) -> None:
    """Refuse what is wrong between keys that are each right by themselves."""
    writers: dict[str, str] = {}
    for one in mapping.fields:
        path = ("contact", "fields", one.canonical)
        if not one.reads and not one.writes:
            check.refuse(path, "is neither read nor written", "remove it, or one of the two")
        if not one.writes or not one.remote:
            continue
        if one.remote in writers:
            what = f"{one.remote!r} is written by {writers[one.remote]!r} already"
            check.refuse((*path, "remote"), what, "add writes = false to one of them")
        elif one.remote == mapping.external_id:
            what = f"{one.remote!r} carries our external id"
            check.refuse((*path, "remote"), what, "map another field")
        writers.setdefault(one.remote, one.canonical)
    _check_required(check, mapping, writers)


def _check_required(check: _Check, mapping: ContactMapping, writers: Mapping[str, str]) -> None:
    path: KeyPath
    for position, name in enumerate(mapping.required_any):
        if name not in writers:
            path = ("contact", "required_any", position)
            check.refuse(path, f"{name!r} is written by no field", did_you_mean(name, writers))
    strays = [name for name in mapping.default if name not in writers]
    for name in strays:
        path = ("contact", "default", name)
        check.refuse(path, f"{name!r} is written by no field", did_you_mean(name, writers))
    fills = set(mapping.default) & set(mapping.required_any)
    if mapping.required_any and not fills and not strays:
        what = "no default fills one of required_any"
        remedy = f'add {mapping.required_any[0]} = "new customer"'
        check.refuse(("contact", "default"), what, remedy)


def _version(mapping: ContactMapping) -> str:
    """Hash what is declared: comments and the order of keys do not matter."""
    return fingerprint(
        {
            "fields": [
                [one.canonical, one.remote, one.transform.name, one.reads, one.writes,
                 one.fills_only]
                for one in sorted(mapping.fields, key=lambda one: one.canonical)
            ],
            "external_id": mapping.external_id,
            "required_any": list(mapping.required_any),
            "default": dict(mapping.default),
        }
    )  # fmt: skip
