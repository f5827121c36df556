"""The pages for people."""

from __future__ import annotations

from flask import Flask

from syncbridge.web.console import conflicts, deadletters, overview, persons, showing, signin


def install(app: Flask) -> None:
    """Add the pages to an application."""
    showing.install(app)
    for blueprint in (
        signin.blueprint,
        overview.blueprint,
        conflicts.blueprint,
        deadletters.blueprint,
        persons.blueprint,
    ):
        app.register_blueprint(blueprint)
