"""The whole story, and a short one of the same acts."""

from __future__ import annotations

from collections.abc import Mapping

from syncbridge.cli.demo.story import acts, trouble
from syncbridge.cli.demo.story.cast import cast
from syncbridge.cli.demo.story.pen import Pen
from syncbridge.cli.demo.story.steps import Script

#: Files that people send: media type -> (MIME type, a few bytes of it).
FILES: Mapping[str, tuple[str, bytes]] = {
    "image": ("image/jpeg", b"\xff\xd8\xff\xe0 a picture"),
    "video": ("video/mp4", b"\x00\x00\x00\x18ftyp a film"),
    "audio": ("audio/ogg; codecs=opus", b"OggS a voice"),
    "document": ("application/pdf", b"%PDF-1.4 an offer"),
    "sticker": ("image/webp", b"RIFF a sticker"),
}


def whole_story(files: Mapping[str, str], now_s: int) -> Script:
    """Answer the story that proves the service.

    Args:
        files: media type -> the id of a file that can be fetched.
        now_s: the present, Unix seconds; everything was said in the hours before.
    """
    pen = Pen(cast(), now_s)
    acts.beforehand(pen)
    acts.everybody_writes(pen)
    acts.all_types(pen, files)
    acts.disorder(pen)
    acts.new_numbers(pen)
    acts.sales_people_edit(pen)
    trouble.crowd(pen)
    trouble.faults(pen)
    trouble.kills(pen)
    trouble.dead_letters(pen)
    return pen.script()


def short_story(files: Mapping[str, str], now_s: int) -> Script:
    """Answer the acts in fair weather alone: what a visitor is shown."""
    pen = Pen(cast(), now_s)
    acts.beforehand(pen)
    acts.everybody_writes(pen)
    acts.all_types(pen, files)
    acts.disorder(pen)
    acts.new_numbers(pen)
    acts.sales_people_edit(pen)
    return pen.script()
