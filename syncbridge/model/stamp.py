"""When something was said, how exactly that is known, and by which connection."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Stamp:
    """The instant of one value, with what is needed to order it against any other.

    All instants are whole milliseconds since 1970 UTC, corrected for the connection's clock skew
    once, at intake.
    """

    at_ms: int
    connection: str
    #: The connection's rank at intake: the lower wins a tie.
    rank: int = 100
    #: The change happened in (since_ms, at_ms]; None: exactly at `at_ms`.
    since_ms: int | None = None
    #: The vendor's change token of the record that carried the value.
    version: str = ""
    #: The value stood there when the record was first met: nobody is known to have chosen it over
    #: another, so rank decides between such values and any later edit beats them.
    is_initial: bool = False

    def order(self, window_ms: int, digest: str) -> tuple[int, int, str, int, str, str]:
        """Answer the key by which the last writer is the maximum, whatever the order of arrival.

        Args:
            window_ms: the coarsest clock among the connections that map the field.
            digest: hash of the value, the last tie-break.
        """
        # The connection's name is compared after its rank so that equal ranks still have one order.
        return (
            -1 if self.is_initial else self.at_ms // window_ms,
            -self.rank,
            self.connection,
            self.at_ms,
            self.version,
            digest,
        )

    def is_order_uncertain(self, other: Stamp) -> bool:
        """Say whether the two intervals overlap, so that which came last is not known."""
        if self.since_ms is None and other.since_ms is None:
            return False
        mine = self.at_ms if self.since_ms is None else self.since_ms
        theirs = other.at_ms if other.since_ms is None else other.since_ms
        return mine < other.at_ms and theirs < self.at_ms

    def after(self, earlier: Stamp, window_ms: int) -> Stamp:
        """Answer this stamp, moved past `earlier` if its clock says it came before.

        An edit made on a record that already showed the earlier value came after it, whatever a
        skewed clock says.
        """
        floor_ms = (earlier.at_ms // window_ms + 1) * window_ms
        if earlier.is_initial or self.at_ms >= floor_ms:
            return self
        return replace(self, at_ms=floor_ms)
