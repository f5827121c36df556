"""What the next process does at once, where the last one was killed."""

from __future__ import annotations

import pytest

from syncbridge.engine import rounds
from syncbridge.engine.context import Table
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
