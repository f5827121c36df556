"""What became of one value when it was read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

#: The value could not be understood and stands verbatim.
UNPARSED: Final = "unparsed"


@dataclass(frozen=True, slots=True)
class Reading:
    """One value as it was understood, beside the value as it came."""

    #: The canonical value, or the value verbatim where it could not be understood; None: empty.
    value: str | None
    #: As it came.
    raw: str | None
    #: What a person should know about it, in one word; "" when there is nothing to know.
    flag: str = ""

    @property
    def is_certain(self) -> bool:
        """Say whether the value was understood without reserve."""
        return not self.flag
