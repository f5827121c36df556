"""Every wrong engine is noticed, in a world that is clean with the right one."""

from contextlib import nullcontext
from functools import cache

import pytest

from syncbridge.testing.simulation.runner import catch, noticed
from syncbridge.testing.simulation.wrong import WRONG

_STEPS = 200
#: Wrong engine -> the world that is asked first; any of the first 200 will do.
_NOTICED_IN = {
    "absent_taken_for_empty": 1,
    "acknowledges_before_storing": 6,
    "arrival_for_vendor_time": 1,
    "blocked_for_ever": 1,
    "conflicts_unrecorded": 1,
    "default_taken_for_a_name": 1,
    "echo_taken_for_edit": 1,
    "forgets_event_keys": 3,
    "halving_loses_the_rest": 14,
    "held_fields_written": 4,
    "ignores_epochs": 27,
    "judgement_forgotten": 1,
    "leases_never_end": 2,
    "moves_base_before_outcome": 5,
    "never_wakes": 1,
    "older_edit_wins": 1,
    "profile_outranks": 11,
    "repeats_without_looking": 5,
    "rings_before_commit": 1,
    "saves_cursor_before_page": 98,
    "settles_more_than_it_sent": 24,
    "status_goes_back": 1,
    "tie_by_arrival": 6,
    "writes_unguarded": 1,
}


@cache
def _is_clean(seed: int) -> bool:
    return noticed(seed, _STEPS, nullcontext) is None


def test_each_wrong_engine_has_a_world_that_notices_it() -> None:
    assert set(_NOTICED_IN) == set(WRONG)
    assert max(_NOTICED_IN.values()) <= 200


#: Run with every suite; `syncbridge simulate --wrong all` runs each of them, for minutes.
_IN_EVERY_RUN = sorted(_NOTICED_IN)[:10]


@pytest.mark.parametrize("name", _IN_EVERY_RUN)
def test_a_wrong_engine_is_noticed(name: str) -> None:
    seed = _NOTICED_IN[name]
    if noticed(seed, _STEPS, WRONG[name]) is not None and _is_clean(seed):
        return
    # Whatever changes in the engine changes what happens in a world: then another one notices.
    assert catch(name, range(1, 201), _STEPS).seed is not None
