"""Whose account it is, whether it has what we need there, and making what is missing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from connectors.hubspot.api import COMMUNICATIONS, CONTACTS, Api
from connectors.hubspot.wire import EXTERNAL_ID, Row
from syncbridge.errors import CredentialsRevoked, RemoteError, ScopeMissing, Unavailable
from syncbridge.remote.base import Account, Finding

_SCHEMA_SCOPE = "crm.schemas.contacts.write"
#: https://developers.hubspot.com/docs/api-reference/crm-properties-v3/guide
_NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")


def account(api: Api) -> Account:
    """Ask whose account the token opens."""
    details = api.get(api.details).object
    portal_id = str(details.get("portalId") or "")
    name = str(details.get("uiDomain") or "")
    return Account(portal_id, f"{name} {portal_id}".strip(), str(details.get("timeZone") or "UTC"))


def check(api: Api, fields: Sequence[str]) -> list[Finding]:
    """Look whether token, scopes and properties are as the connection needs them.

    Scopes to write show only when something is written: HubSpot does not list the scopes of a
    token of this kind.
    """
    try:
        whose = account(api)
    except RemoteError as exc:
        return [Finding(False, f"HubSpot does not answer us: {exc}", _remedy(exc))]
    findings = [_whose(api, whose.id)]
    findings += _probed(api)
    try:
        known = _schema(api)
    except RemoteError as exc:
        return [*findings, Finding(False, f"properties cannot be read: {exc}", _remedy(exc))]
    return [*findings, _unique_property(known), *_missing_properties(known, fields)]


def prepare(api: Api, fields: Sequence[str]) -> list[Finding]:
    """Create our unique property and the mapped properties that are missing; may be repeated."""
    try:
        known = _schema(api)
    except RemoteError as exc:
        return [Finding(False, f"properties cannot be read: {exc}", _remedy(exc))]
    wanted = [name for name in (EXTERNAL_ID, *fields) if name not in known]
    return [_created(api, name) for name in dict.fromkeys(wanted)]


def definition(name: str) -> dict[str, Any]:
    """Answer how a contact property of ours is defined: one line of text."""
    is_ours = name == EXTERNAL_ID
    return {
        "name": name,
        "label": "SyncBridge id" if is_ours else name.replace("_", " ").capitalize(),
        "description": "Written by SyncBridge; do not edit." if is_ours else "",
        "groupName": "contactinformation",
        "type": "string",
        "fieldType": "text",
        "hasUniqueValue": is_ours,
    }


def _whose(api: Api, portal_id: str) -> Finding:
    expected = api.setup.text("portal_id")
    if expected and expected != portal_id:
        what = f"the token opens account {portal_id}, not {expected}"
        return Finding(False, what, "set portal_id or access_token to those of one account")
    return Finding(True, f"the token opens account {portal_id}")


def _probed(api: Api) -> Iterator[Finding]:
    probes: Sequence[tuple[str, str]] = (
        ("contacts", api.objects(CONTACTS)),
        ("communications", api.objects(COMMUNICATIONS)),
    )
    for what, path in probes:
        try:
            api.get(path, {"limit": 1})
        except RemoteError as exc:
            yield Finding(False, f"{what} cannot be read: {exc}", _remedy(exc))
        else:
            yield Finding(True, f"{what} can be read")


def _unique_property(known: Mapping[str, Row]) -> Finding:
    ours = known.get(EXTERNAL_ID)
    if ours is None:
        return Finding(False, f"the property {EXTERNAL_ID} is missing", _recipe(EXTERNAL_ID))
    if ours.get("hasUniqueValue") is not True:
        return Finding(
            False,
            f"the property {EXTERNAL_ID} does not require unique values",
            f"that cannot be changed later: delete it, then {_recipe(EXTERNAL_ID)}",
        )
    return Finding(True, f"the unique property {EXTERNAL_ID} is there")


def _missing_properties(known: Mapping[str, Row], fields: Sequence[str]) -> list[Finding]:
    missing = [name for name in fields if name not in known and name != EXTERNAL_ID]
    if not missing:
        return [Finding(True, f"all {len(fields)} mapped properties are there")]
    return [
        Finding(False, f"the mapped property {name} is missing", _recipe(name)) for name in missing
    ]


def _recipe(name: str) -> str:
    wanted = definition(name)
    unique = ", with 'Require unique values' on" if wanted["hasUniqueValue"] else ""
    return (
        f"create a contact property with the internal name {name}, label {wanted['label']!r}, "
        f"type single-line text{unique}, or give the token the scope {_SCHEMA_SCOPE}"
    )


def _created(api: Api, name: str) -> Finding:
    if not _NAME.fullmatch(name):
        what = f"{name!r} cannot be the name of a property"
        return Finding(False, what, "use small letters, digits and _ in the mapping")
    try:
        answer = api.write(api.properties(CONTACTS), definition(name), accept=(409,))
    except RemoteError as exc:
        return Finding(False, f"the property {name} could not be made: {exc}", _recipe(name))
    was_there = answer.status == 409
    return Finding(True, f"the property {name} {'is there' if was_there else 'was made'}")


def _schema(api: Api) -> dict[str, Row]:
    rows = api.results(api.get(api.properties(CONTACTS)))
    return {str(row.get("name")): row for row in rows}


#: Cause of an error -> what a person can do.
_REMEDIES: Mapping[str, str] = MappingProxyType(
    {
        CredentialsRevoked.cause: "put a valid token into access_token",
        ScopeMissing.cause: "add the scope to the app or service key, then renew the token",
        Unavailable.cause: "try again; look at base_url and at HubSpot's status page",
    }
)


def _remedy(exc: RemoteError) -> str:
    return _REMEDIES.get(exc.cause, "try again later")
