import numpy as np
import pytest

from syncbridge.match.measuring import measure


def test_groups_are_measured_pair_by_pair() -> None:
    quality = measure(np.array([0, 0, 0, 3, 3]), np.array([7, 7, 8, 8, 8]))
    assert quality.precision == pytest.approx(2 / 4)
    assert quality.recall == pytest.approx(2 / 4)
    assert quality.f1 == pytest.approx(0.5)


def test_the_truth_itself_is_perfect() -> None:
    truth = np.array([3, 3, 1, 1, 1, 2])
    assert measure(truth, truth).f1 == 1


def test_where_nothing_is_joined_nothing_is_wrong_and_nothing_found() -> None:
    quality = measure(np.arange(4), np.array([0, 0, 1, 1]))
    assert (quality.precision, quality.recall, quality.f1) == (1.0, 0.0, 0.0)


def test_records_of_which_nobody_knows_do_not_count() -> None:
    assert measure(np.array([0, 0, 0]), np.array([4, 4, -1])).precision == 1
