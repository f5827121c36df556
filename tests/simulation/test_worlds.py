"""Seeded worlds around the engine as it is: nothing that must hold is ever broken."""

import json

import pytest
from click.testing import CliRunner

from syncbridge.cli.simulate import simulate
from syncbridge.testing.simulation.ledger import Ledger
from syncbridge.testing.simulation.plan import Action
from syncbridge.testing.simulation.runner import run_seed
from syncbridge.testing.simulation.shrink import shrink
from syncbridge.testing.simulation.wrong import WRONG


@pytest.mark.parametrize("seed", range(20, 26))
def test_the_invariants_hold_in_a_world(seed: int) -> None:
    run = run_seed(seed, 200)
    assert [str(violation) for violation in run.violations] == []


def test_a_seed_tells_the_same_story_every_time() -> None:
    assert run_seed(4, 120).story == run_seed(4, 120).story


def test_a_story_is_shortened_to_the_actions_that_matter() -> None:
    actions = [Action(f"a{number}", number) for number in range(64)]

    def fails(some: list[Action]) -> bool:
        return {7, 40} <= {action.salt for action in some}

    assert [one.salt for one in shrink(actions, fails)] == [7, 40]


def test_who_saw_a_value_elsewhere_knew_of_it() -> None:
    ledger = Ledger()
    first = ledger.note("a", "1", "company", "Acme", at_ms=1, over=())
    same = ledger.note("b", "2", "company", "Acme", at_ms=2, over=())
    later = ledger.note("b", "2", "company", "Apex", at_ms=3, over=(same.id,))
    stranger = ledger.note("b", "3", "company", "Ajax", at_ms=4, over=())
    assert ledger.knew([later.id], first.id)
    assert not ledger.knew([stranger.id], first.id)


def test_the_command_answers_a_program_and_ends_well_when_all_is_well() -> None:
    given = ["--seeds", "3..4", "--steps", "60", "--jobs", "1", "--json"]
    result = CliRunner().invoke(simulate, given)
    report = json.loads(result.stdout)
    assert result.exit_code == 0
    assert (report["worlds"], report["steps"], report["violations"]) == (2, 120, [])
    assert "2 of 2 worlds" in result.stderr


@pytest.mark.parametrize("seeds", ["9..3", "x", "1..", ""])
def test_a_range_that_is_none_is_refused(seeds: str) -> None:
    assert CliRunner().invoke(simulate, ["--seeds", seeds]).exit_code == 2


def test_an_unknown_wrong_engine_is_refused_with_the_names_of_those_there_are() -> None:
    result = CliRunner().invoke(simulate, ["--wrong", "nonsense"])
    assert result.exit_code == 2
    assert all(name in result.stderr for name in WRONG)
