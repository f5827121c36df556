"""The model as a value, and verdicts by it."""

from __future__ import annotations

import json
from collections.abc import Mapping

import numpy as np
import pytest

from syncbridge.match.batch import find_duplicates
from syncbridge.match.comparing import Comparer
from syncbridge.match.explaining import explain
from syncbridge.match.fields import COMPARISONS, GIVEN, SAME, Relation
from syncbridge.match.frequencies import Frequencies, count_values
from syncbridge.match.model import Model
from syncbridge.match.people import People
from syncbridge.match.scoring import Scorer
from syncbridge.testing.people import make_people
from tests.unit.match.bases import base, base_of

MADE = make_people(1500, seed=11)
PEOPLE = base_of(MADE)
MODEL = find_duplicates(PEOPLE).model


def scorer_of(people: People, model: Model = MODEL) -> Scorer:
    return Scorer(model, people, Comparer(people))


def score(one: Mapping[str, str], other: Mapping[str, str]) -> float:
    """Answer the log odds of two records among others that are as usual as can be."""
    crowd = [{"given_name": f"g{n}", "family_name": f"f{n}"} for n in range(100)]
    people = base(one, other, *crowd)
    places = np.argsort(people.rows)[:2]
    scores = scorer_of(people).pairs(places[:1], places[1:])
    return float(scores[0])


def test_a_model_survives_json() -> None:
    assert Model.from_json(json.loads(json.dumps(MODEL.to_json()))) == MODEL


def test_frequencies_survive_json() -> None:
    frequencies = count_values(PEOPLE)
    again = Frequencies.from_json(json.loads(json.dumps(frequencies.to_json())))
    assert again == frequencies


def test_a_record_among_its_candidates_is_judged_as_in_the_whole_base() -> None:
    left, right = (
        find_duplicates(PEOPLE).edges.left[:200],
        find_duplicates(PEOPLE).edges.right[:200],
    )
    in_base = scorer_of(PEOPLE).pairs(left, right)
    few = sorted({*left.tolist(), *right.tolist()})
    people = base_of([MADE[row] for row in PEOPLE.rows[few]])
    place = dict(zip(few, np.argsort(people.rows).tolist(), strict=True))
    alone = Scorer(MODEL, people, Comparer(people), count_values(PEOPLE)).pairs(
        np.array([place[one] for one in left.tolist()]),
        np.array([place[other] for other in right.tolist()]),
    )
    assert alone == pytest.approx(in_base)


def test_what_was_learned_is_rates() -> None:
    for rates in (MODEL.match_rates, MODEL.random_rates, *MODEL.related_rates):
        for comparison, levels in zip(COMPARISONS, rates, strict=True):
            assert len(levels) == comparison.count - 1
            assert all(0 < rate <= 1 for rate in levels)


def test_the_expected_number_of_matches_is_about_right() -> None:
    sizes = np.bincount([record.cluster for record in MADE])
    assert MODEL.matches == pytest.approx((sizes * (sizes - 1) / 2).sum(), rel=0.25)


def test_a_rare_name_says_more_than_a_frequent_one() -> None:
    counts = PEOPLE.names.given[PEOPLE.names.given >= 0]
    frequent = int(np.bincount(counts).argmax())
    rare = int(np.flatnonzero(np.bincount(counts) == 1)[0])
    scorer = scorer_of(PEOPLE)
    rows = np.array(
        [int(np.flatnonzero(PEOPLE.names.given == name)[0]) for name in (frequent, rare)]
    )
    assert scorer.rarity(GIVEN, rows)[1] > scorer.rarity(GIVEN, rows)[0] + 1


def test_evidence_against_counts() -> None:
    anna = {"given_name": "Anna", "family_name": "Kern", "birth_date": "1980-01-01"}
    assert score(anna, anna) > 0 > score(anna, anna | {"birth_date": "1951-12-24"})


def test_an_address_made_of_the_name_says_less_than_one_of_its_own() -> None:
    anna = {"given_name": "Anna", "family_name": "Kern"}
    made, own = {"email": "anna.kern@gmail.com"}, {"email": "sunflower3@gmail.com"}
    assert score(anna | own, anna | own) > score(anna | made, anna | made) > score(anna, anna)


def test_relatives_share_a_home_whole_and_a_given_name_by_chance() -> None:
    home = MODEL.weights(Relation.HOME)
    assert home[GIVEN][SAME] > 3
    assert MODEL.weights(None)[GIVEN][SAME] == pytest.approx(home[GIVEN][SAME])


def test_the_steps_of_an_explanation_add_up() -> None:
    scorer = scorer_of(PEOPLE)
    found = find_duplicates(PEOPLE).edges
    for one, other in list(zip(found.left.tolist(), found.right.tolist(), strict=True))[:50]:
        told = explain(scorer, one, other)
        against_rival = told.start + sum(step.weight for step in told.steps)
        # All rivals together are at most as likely as four times the nearest.
        assert against_rival - np.log(4) <= told.score <= against_rival + 1e-9


def test_an_explanation_speaks_of_what_was_seen() -> None:
    people = base(
        {"given_name": "Karen", "family_name": "Preston", "city": "Bath"},
        {"given_name": "Preston", "family_name": "Karen", "city": "Bath"},
    )
    told = explain(scorer_of(people), 0, 1)
    said = {(step.field, step.level) for step in told.steps}
    assert ("given name", "changed places") in said
    assert ("city", "the same") in said
    assert 0 < told.probability < 1
    assert told.lines()[0].startswith("one person against ")
