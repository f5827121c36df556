"""From what the operator wrote to `Settings`, or to every problem at once."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from marshmallow import Schema, ValidationError

from syncbridge.errors import ConfigError
from syncbridge.settings.layers import Layers, did_you_mean
from syncbridge.settings.schema import SECTIONS
from syncbridge.settings.values import (
    ConnectionSettings,
    Options,
    RetrySettings,
    Secret,
    ServiceSettings,
    Settings,
)
from syncbridge.toml import KeyPath

_KEY_FILE = "syncbridge.key"
#: A connection's name stands in webhook addresses and in the names of variables.
_CONNECTION_NAME = re.compile(r"[a-z][a-z0-9]*([-_][a-z0-9]+)*")


def load_settings(path: Path | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """Read and check the settings; nothing else in SyncBridge reads the environment.

    Args:
        path: The file; if None, the one that `SYNCBRIDGE_CONFIG` names, else `./syncbridge.toml`
            if it is there, else defaults and variables alone.
        environ: The variables; if None, those of this process.

    Raises:
        ConfigError: with every problem, each at its line or its variable.
    """
    layers = Layers(path, os.environ if environ is None else environ)
    for name in layers.tree.keys() - SECTIONS.keys():
        layers.problem((name,), "is not a table of the settings", did_you_mean(name, SECTIONS))
    service = _table(layers, "service")
    retry = _table(layers, "retry")
    connections = {
        name: _connection(layers, name, service.get("default_region"))
        for name in layers.table("connections") or {}
    }
    _check_directory(layers, service)
    if layers.problems:
        raise ConfigError(layers.problems)
    return Settings(
        service=_service(layers, service),
        retry=RetrySettings(**retry),
        connections=MappingProxyType(
            {name: ConnectionSettings(name=name, **values) for name, values in connections.items()}
        ),
        source=layers.source,
    )


def _table(layers: Layers, name: str) -> dict[str, Any]:
    return _checked(layers, (name,), SECTIONS[name], _resolved(layers, (name,)) or {})


def _connection(layers: Layers, name: str, region: str | None) -> dict[str, Any]:
    path = ("connections", name)
    if not _CONNECTION_NAME.fullmatch(name):
        what = "is not a name for a connection"
        layers.problem(path, what, "small letters and digits, parted by single - or _")
    schema = SECTIONS["connections"]
    resolved = _resolved(layers, path)
    if resolved is None:
        return {}
    values = _checked(layers, path, schema, resolved)
    own = {key: value for key, value in resolved.items() if key not in schema.fields}
    places = {key: layers.place((*path, key)) for key in own} | {"": layers.place(path)}
    values["options"] = Options(own, places)
    values["default_region"] = values.get("default_region") or region
    return values


def _resolved(layers: Layers, path: tuple[str, ...]) -> dict[str, object] | None:
    table = layers.table(*path)
    if table is None:
        return None
    return {key: layers.resolved((*path, key), value) for key, value in table.items()}


def _checked(
    layers: Layers, path: KeyPath, schema: Schema, resolved: Mapping[str, object]
) -> dict[str, Any]:
    """Check the keys that a schema knows; {} when there are problems, which the layers note."""
    plain = {
        key: value.reveal() if isinstance(value, Secret) else value
        for key, value in resolved.items()
    }
    # A reference that led nowhere has been noted where it was followed.
    lost = {key for key, value in plain.items() if value is None}
    try:
        return dict(schema.load({key: plain[key] for key in plain.keys() - lost}))
    except ValidationError as exc:
        for key, messages in exc.messages_dict.items():
            if key not in lost:
                _note(layers, (*path, key), schema, messages)
    return {}


def _note(layers: Layers, path: KeyPath, schema: Schema, messages: list[str]) -> None:
    key = str(path[-1])
    if key not in schema.fields:
        layers.problem(path, "is not a setting", did_you_mean(key, schema.fields))
    else:
        layers.problem(path, " and ".join(messages), schema.fields[key].metadata["remedy"])


def _check_directory(layers: Layers, service: Mapping[str, Any]) -> None:
    name = service.get("mappings_dir")
    if name is not None and not layers.beside(name).is_dir():
        layers.problem(
            ("service", "mappings_dir"), "is not a directory", "make it, or leave it out"
        )


def _service(layers: Layers, values: Mapping[str, Any]) -> ServiceSettings:
    mappings_dir = values["mappings_dir"]
    paths = {
        "encryption_key_file": _key_file(layers, values),
        "mappings_dir": None if mappings_dir is None else layers.beside(mappings_dir),
    }
    return ServiceSettings(**{**values, **paths})


def _key_file(layers: Layers, service: Mapping[str, Any]) -> Path:
    named = service["encryption_key_file"]
    if named is not None:
        return layers.beside(named)
    database = service["database_url"].partition("?")[0]
    if database.startswith("sqlite") and not database.endswith(("/", ":memory:")):
        return Path(database.partition(":///")[2]).parent / _KEY_FILE
    return layers.beside(_KEY_FILE)
