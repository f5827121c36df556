"""The command line."""

from __future__ import annotations

from syncbridge.cli.main import main

__all__ = ["main"]
