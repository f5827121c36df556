"""Loads the file of a message: an id leads to an address that lives five minutes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from urllib.parse import quote

from connectors.whatsapp.wire.value import sha256_hex, word
from syncbridge.errors import Invalid, NotFound, Unavailable
from syncbridge.remote.answer import Answer
from syncbridge.remote.base import MediaFile
from syncbridge.remote.http import HttpClient

#: WhatsApp delivers no larger file.
LARGEST_BYTES = 100 * 2**20


@dataclass(frozen=True, slots=True)
class _Place:
    url: str
    mime_type: str
    #: Hex; "" when Meta gave none.
    sha256: str


def load_media(http: HttpClient, media_id: str, *, version: str, phone_number_id: str) -> MediaFile:
    """Load a file by its id, whole and unharmed.

    An id from a webhook is good for seven days. The address it leads to asks for the access token,
    which goes to Meta's own hosts and the base URL's only.

    Raises:
        NotFound: there is no such id any more.
        Invalid: the file is larger than 100 MB, or lies on a host that is not Meta's.
        Unavailable: what came is not the file that was announced.
        RemoteError: any other refusal of the two calls.
    """
    path = f"/{version}/{quote(media_id, safe='')}"
    place = _place(http, path, phone_number_id)
    try:
        answer = http.load(place.url, max_bytes=LARGEST_BYTES)
    except NotFound:
        # The address died between the two calls; the id may well lead to another.
        place = _place(http, path, phone_number_id)
        answer = http.load(place.url, max_bytes=LARGEST_BYTES)
    return _file(http, place, answer)


def _place(http: HttpClient, path: str, phone_number_id: str) -> _Place:
    told = http.send(
        "GET", path, is_write=False, params={"phone_number_id": phone_number_id}
    ).object
    size = told.get("file_size")
    if isinstance(size, int) and size > LARGEST_BYTES:
        raise Invalid(f"the file has {size} bytes", connection=http.connection)
    url = word(told.get("url"))
    if not url:
        raise NotFound("Meta gave no address for the file", connection=http.connection)
    return _Place(url, word(told.get("mime_type")), sha256_hex(told.get("sha256")))


def _file(http: HttpClient, place: _Place, answer: Answer) -> MediaFile:
    if place.sha256 and hashlib.sha256(answer.content).hexdigest() != place.sha256:
        raise Unavailable("the file does not have its hash", connection=http.connection)
    mime_type = place.mime_type or answer.headers.get("content-type", "")
    return MediaFile(answer.content, mime_type)
