"""What to do about a write that did not succeed: a decision, carried out by others."""

from __future__ import annotations

from syncbridge.engine.context import RetryPolicy
from syncbridge.errors import (
    Duplicate,
    Moved,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    RemoteError,
    Suspended,
    Transient,
    VersionMismatch,
)
from syncbridge.model.states import EntryState
from syncbridge.store.outbox import Entry, Settlement

#: What to wait when a vendor asks us to slow down without saying how long, in seconds.
_SLOW_DOWN_S = 10.0
#: How soon a write that may be repeated without harm is repeated after an unknown outcome.
_REPEAT_S = 2.0

_ADVICE = {
    "invalid": "Correct the named field in the CRM's rules, the mapping or the person, then replay",
    "duplicate": "Merge the two records in the CRM, or correct the value they share, then replay",
    "forbidden": "Give the connection's user the right to this record, then replay",
    "not_found": "The record is gone there: replay to make it anew, or discard",
    "unavailable": "The CRM did not answer for long: see whether it does again, then replay",
    "rate_limited": "The CRM's limit was hit again and again: replay at a quieter hour",
    "transient": "The CRM failed repeatedly: see its status page, then replay",
    "outcome_unknown": "Look in the CRM whether the record is there, then replay or discard",
    "moved": "The record is merged or converted again and again: see who does it, then replay",
    "version_mismatch": "The record changes faster than it can be read: replay later",
}


def advise(cause: str) -> str:
    """Answer what a person should do about a dead letter of this cause."""
    return _ADVICE.get(cause, "Read the message, mend what it names, then replay")


def after_failure(
    entry: Entry,
    error: RemoteError,
    policy: RetryPolicy,
    *,
    now_ms: int,
    attempt: int | None,
    is_repeatable: bool,
) -> Settlement:
    """Decide what becomes of an entry whose call failed.

    Args:
        entry: as it was claimed.
        error: what came of the call.
        policy: how long we go on trying.
        now_ms: the present instant.
        attempt: the attempt that failed; None when no call left.
        is_repeatable: the same write twice does no harm.
    """
    pause_s, is_try = _pause(error, entry, policy, is_repeatable=is_repeatable)
    tries = entry.tries + 1 if is_try else entry.tries
    is_curable = isinstance(error, VersionMismatch) or (
        isinstance(error, Duplicate) and error.existing is not None
    )
    is_final = isinstance(error, Rejected) and not is_curable
    is_over = is_final or (is_try and tries > policy.compensation_tries)
    return Settlement(
        entry_id=entry.id,
        attempt=attempt,
        state=EntryState.DEAD if is_over else EntryState.DUE,
        outcome=error.cause,
        message=_describe(error),
        request_id=error.request_id,
        advice=advise(error.cause) if is_over else None,
        tries=tries,
        is_unknown=isinstance(error, OutcomeUnknown) or entry.is_unknown,
        # A call that left may have taken effect, however often an earlier one was not found.
        empty_reads=entry.empty_reads if attempt is None else 0,
        due_at_ms=now_ms + int(pause_s * 1000),
    )


def _pause(
    error: RemoteError, entry: Entry, policy: RetryPolicy, *, is_repeatable: bool
) -> tuple[float, bool]:
    """Answer how long to wait, in seconds, and whether a try is used up."""
    if isinstance(error, Suspended):
        return 0.0, False
    if isinstance(error, RateLimited):
        return error.retry_after_s or _SLOW_DOWN_S, False
    if isinstance(error, Moved | Duplicate | VersionMismatch):
        return 0.0, True
    if isinstance(error, OutcomeUnknown):
        first = _REPEAT_S if is_repeatable else policy.readback_wait_s
        return (first if entry.tries == 0 else policy.compensation_interval_s), True
    if isinstance(error, Transient) and error.retry_after_s == 0:
        # The call was refused because of another record in it: nothing is held against this one.
        return 0.0, False
    if isinstance(error, Transient) and error.retry_after_s:
        return max(error.retry_after_s, policy.compensation_interval_s), True
    return policy.compensation_interval_s, True


def _describe(error: RemoteError) -> str:
    parts = [str(error)]
    if isinstance(error, Rejected):
        parts += [str(problem) for problem in error.problems]
    return "; ".join(part for part in parts if part)[:2_000]
