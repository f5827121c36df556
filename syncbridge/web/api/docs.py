"""The description of the API as a page of our own: no script, nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flask import Blueprint, current_app, render_template

blueprint = Blueprint("docs", __name__)

_REFERENCE = "#/components/schemas/"


@blueprint.get("/api/docs")
def page() -> str:
    """Show every call: what it takes, what it gives."""
    spec: dict[str, Any] = current_app.extensions["syncbridge-openapi"]
    return render_template(
        "docs.html",
        about=spec["info"]["description"],
        groups=_groups(spec),
        schemas=spec["components"]["schemas"],
        shape=shape,
    )


def _groups(spec: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Answer the calls by tag, in the order of their definition."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, item in spec["paths"].items():
        for method, call in item.items():
            if method == "parameters":
                continue
            groups.setdefault(call["tags"][0], []).append(
                {
                    "method": method.upper(),
                    "path": path,
                    "summary": call.get("summary", ""),
                    "parameters": [*item.get("parameters", []), *call.get("parameters", [])],
                    "takes": next(_schemas(call.get("requestBody", {})), None),
                    "gives": {
                        status: next(_schemas(answer), None)
                        for status, answer in call["responses"].items()
                        if status.startswith("2")
                    },
                }
            )
    return groups


def _schemas(body: Mapping[str, Any]) -> Iterator[str]:
    for content in body.get("content", {}).values():
        yield shape(content["schema"])


def shape(schema: Mapping[str, Any]) -> str:
    """Answer the type of a value in a word or two; a schema by its name."""
    if "$ref" in schema:
        return str(schema["$ref"]).removeprefix(_REFERENCE)
    if "allOf" in schema:
        return shape(schema["allOf"][0])
    if schema.get("type") == "array":
        return f"list of {shape(schema['items'])}"
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    return str(schema.get("type", "any"))
