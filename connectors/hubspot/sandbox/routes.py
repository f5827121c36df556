"""One route table for both spellings of HubSpot's paths: numbered versions and dates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint

#: Dated versions that are answered.
DATED_VERSIONS = ("2026-03", "2026-09")

View = Callable[..., Any]


def add(blueprint: Blueprint, method: str, family: str, tail: str, view: View) -> None:
    """Route a path such as (crm/objects, /<object_type>) under its old and its dated spelling.

    `family` may name the numbered version after an @ (default v3), as in crm/associations@v4.
    """
    path, _, numbered = family.partition("@")
    top, _, rest = path.partition("/")
    old = f"/{top}/{numbered or 'v3'}" + (f"/{rest}" if rest else "")
    for prefix in (old, *(f"/{path}/{version}" for version in DATED_VERSIONS)):
        rule = prefix + tail
        blueprint.add_url_rule(rule, f"{method} {rule}".replace(".", "_"), view, methods=[method])
