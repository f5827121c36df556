"""What the next process does at once, where the last one was killed."""

from __future__ import annotations

import pytest

from syncbridge.engine import rounds, views
from syncbridge.engine.context import Table
from syncbridge.model.conversation import Content, Direction, Media, MessageKind, MessageRef
from syncbridge.model.event import MessageSeen
from syncbridge.model.identity import Peer
from syncbridge.remote.base import MediaFile
from syncbridge.testing import Crash, Step
from tests.engine.looking import golden


def be_killed():
    raise Crash("while the answer was on its way")


def test_an_edit_that_was_being_read_is_read_again_without_delay(world):
    world.say("Hallo")
    world.run_until_quiet()
    world.clock.advance(60)
    world.crm.cabinet.edit(world.crm.contacts[0].id, company="ACME")
    world.deliver_webhooks()
    rounds.work(world.engine, Table.DELIVERIES)
    world.crm.script.plan("read", Step(meanwhile=be_killed))
    with pytest.raises(Crash):
        rounds.work(world.engine, Table.RECORDS, "hs")

    world.restart()

    rounds.work(world.engine, Table.RECORDS, "hs")
    assert golden(world)["company"] == "ACME"


def test_a_file_that_was_being_fetched_is_fetched_again_without_delay(world):
    world.channel.files["media.1"] = MediaFile(b"bytes", "image/jpeg")
    picture = Content(MessageKind.IMAGE, "Look", Media("media.1", "image/jpeg"))
    anna = Peer("491701234567", name="Anna")
    body = MessageSeen(MessageRef("wamid.1"), anna, Direction.INBOUND, picture)
    world.hand_over(world.event(body, key="message:wamid.1"))
    rounds.work(world.engine, Table.DELIVERIES)
    rounds.work(world.engine, Table.EVENTS)
    world.channel.script.plan("fetch_media", Step(meanwhile=be_killed))
    with pytest.raises(Crash):
        rounds.work(world.engine, Table.MEDIA, "wa")

    world.restart()
    rounds.work(world.engine, Table.MEDIA, "wa")

    shown = views.person(world.engine, views.find_person(world.engine, "+491701234567"))
    assert [one["media"] for one in shown["timeline"] if one["what"] == "message"] == ["stored"]
