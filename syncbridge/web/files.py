"""Files of messages, for whoever was given their link in the CRM."""

from __future__ import annotations

from flask import Blueprint, Response

from syncbridge.engine import media
from syncbridge.errors import NotThere
from syncbridge.web import current

blueprint = Blueprint("files", __name__)

#: Shown in the browser; everything else is only handed over, so that no sender's page or script
#: is ever run on our address.
_SHOWN = ("image/jpeg", "image/png", "image/webp", "audio/", "video/")


@blueprint.get("/files/<message_id>/<signature>")
def open_file(message_id: str, signature: str) -> Response:
    """Hand over the file of a message."""
    file = media.open_file(current.engine(), message_id, signature)
    answer = Response(file.content, mimetype=file.mime_type.partition(";")[0])
    is_shown = file.mime_type.startswith(_SHOWN)
    answer.headers["Content-Disposition"] = "inline" if is_shown else "attachment"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@blueprint.errorhandler(NotThere)
def not_there(error: NotThere) -> Response:
    """Say that there is nothing behind the link."""
    return Response(str(error), status=404, mimetype="text/plain")
