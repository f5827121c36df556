"""Values from a system's words to canonical ones, and back."""

from __future__ import annotations

from collections.abc import Mapping

from syncbridge.mapping.declaration import ContactMapping, FieldMapping
from syncbridge.mapping.transforms import Context
from syncbridge.normalize.reading import Reading

_NO_CONTEXT = Context()


def to_canonical(
    mapping: ContactMapping, values: Mapping[str, str | None], context: Context
) -> dict[str, Reading]:
    """Answer what remote values mean, for the canonical fields whose remote field is carried.

    A field that `values` does not carry is absent from the answer: it has not changed. One that
    is None, empty or blank there was cleared, and reads as `Reading(None, …)`; so does one that
    shows the mapping's default, which we put there ourselves because nothing was known.
    """
    readings = {}
    for field in mapping.fields:
        if field.reads and field.remote in values:
            value = values[field.remote]
            is_default = value is not None and value == mapping.default.get(field.remote)
            readings[field.canonical] = (
                Reading(None, value) if is_default else _read(field, value, context)
            )
    return readings


def to_remote(
    mapping: ContactMapping,
    values: Mapping[str, str | None],
    *,
    full: Mapping[str, str | None] | None = None,
    context: Context = _NO_CONTEXT,
) -> dict[str, str | None]:
    """Answer the remote values of canonical ones; None clears.

    Canonical fields that the mapping does not know or does not write are left out.

    Args:
        mapping: the connector's.
        values: canonical field -> value, as many as are to be written.
        full: the whole golden record. When it fills none of the remote fields of which one is
            required, the mapping's default is put in. Not given: no default.
        context: what was given when reading.
    """
    written = _render(mapping, values, context)
    if full is not None and _needs_default(mapping, _render(mapping, full, context)):
        written.update(mapping.default)
    return written


def _read(field: FieldMapping, value: str | None, context: Context) -> Reading:
    if value is None or not value.strip():
        return Reading(None, value)
    return field.transform.read(value, context)


def _render(
    mapping: ContactMapping, values: Mapping[str, str | None], context: Context
) -> dict[str, str | None]:
    rendered: dict[str, str | None] = {}
    for name, value in values.items():
        field = mapping.by_canonical.get(name)
        if field is None or not field.writes or field.transform.write is None:
            continue
        rendered[field.remote] = field.transform.write(value, context) if value else None
    return rendered


def _needs_default(mapping: ContactMapping, rendered: Mapping[str, str | None]) -> bool:
    return bool(mapping.required_any) and not any(
        rendered.get(name) for name in mapping.required_any
    )
