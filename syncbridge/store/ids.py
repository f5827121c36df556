"""Ids of rows that other systems get to see."""

from __future__ import annotations

import secrets
import time


def new_id() -> str:
    """Answer 32 hex digits of a version 7 uuid (RFC 9562): unique, and ordered by time."""
    at_ms = time.time_ns() // 1_000_000
    noise = secrets.randbits(74)
    value = (at_ms & (1 << 48) - 1) << 80 | 7 << 76 | noise >> 62 << 64 | 2 << 62
    return f"{value | noise & (1 << 62) - 1:032x}"
