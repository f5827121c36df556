"""What Meta's Graph API refuses with: codes, not statuses, tell what is to be done."""

from __future__ import annotations

from collections.abc import Callable, Collection

from connectors.whatsapp.wire.content import error_line
from connectors.whatsapp.wire.value import mapping, word
from syncbridge.errors import (
    CredentialsRevoked,
    Invalid,
    NotFound,
    RateLimited,
    RemoteError,
    ScopeMissing,
    Suspended,
    Unavailable,
)
from syncbridge.remote.answer import Answer, ErrorRow, ErrorTable, Refusal

_CODES = "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/"
_GRAPH = "https://developers.facebook.com/docs/graph-api/guides/error-handling/"


def _code(refusal: Refusal) -> int:
    code = mapping(refusal.body.get("error")).get("code")
    return code if isinstance(code, int) else -1


def _is_object_missing(refusal: Refusal) -> bool:
    subcode = word(mapping(refusal.body.get("error")).get("error_subcode"))
    return _code(refusal) == 33 or (_code(refusal) == 100 and subcode == "33")


def _coded(
    codes: Collection[int], make: Callable[[Refusal], RemoteError], page: str = _CODES
) -> ErrorRow:
    # Any status: Meta lists throttles as 400 and lasting refusals as 500.
    return ErrorRow((), make, page, lambda refusal: _code(refusal) in codes)


def _describe(answer: Answer) -> str:
    return error_line(mapping(answer.object.get("error")))


#: The first row that fits decides; unknown codes are judged by their status.
ERRORS = ErrorTable(
    rows=(
        # An id that does not exist, or is not shown to this token, is refused with 400.
        ErrorRow((), lambda it: NotFound(it.message), _GRAPH, _is_object_missing),
        _coded((0, 190), lambda it: CredentialsRevoked(it.message)),
        _coded((3, 10, 131005, *range(200, 300)), lambda it: ScopeMissing(it.message)),
        _coded(
            (4, 80007, 130429, 131048, 131056, 131064),
            lambda it: RateLimited(it.message, retry_after_s=it.retry_after_s),
        ),
        _coded(
            (1, 2, 131000, 131016, 131057, 133004),
            lambda it: Unavailable(it.message, retry_after_s=it.retry_after_s),
        ),
        _coded((368, 131031, 131042, 131045), lambda it: Suspended(it.message)),
        _coded((100, 131008, 131009), lambda it: Invalid(it.message)),
    ),
    request_id_headers=("x-fb-trace-id", "x-fb-request-id"),
    describe=_describe,
)
