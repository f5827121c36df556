"""Splink on DuckDB on the same records, with the settings its documentation recommends.

Run by `tests/bench/dedupe.py` with a Python that has Splink 5; reads a CSV file whose columns are
named as our fields, and writes how it went, and the groups at several thresholds, as JSON.
"""

from __future__ import annotations

import csv
import json
import resource
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import splink.comparison_library as compare
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

THRESHOLDS = (0.5, 0.8, 0.95, 0.99, 0.999)
RULES = (
    ("email",), ("phone",), ("given_name", "family_name"), ("family_name", "postal_code"),
    ("given_name", "postal_code"), ("family_name", "birth_date"), ("given_name", "birth_date"),
    ("family_name", "street"), ("given_name", "street"), ("company", "postal_code"),
    ("given_name", "city", "company"), ("birth_date", "postal_code"), ("company",), ("street",),
)  # fmt: skip
#: Rules by which the weights are learned, each leaving its own columns out.
TRAINING = (
    ("given_name", "family_name"), ("birth_date",), ("postal_code", "street"), ("email",),
    ("company",),
)  # fmt: skip


def main(path: Path) -> None:
    """Print the result of one file."""
    started, used = time.perf_counter(), _cpu_s()
    columns = _columns(path)
    linker = _linker(path, columns)
    _train(linker, columns)
    predicted = linker.inference.predict(threshold_match_probability=min(THRESHOLDS))
    groups = {threshold: _groups(linker, predicted, threshold) for threshold in THRESHOLDS}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    result = {
        "wall_s": round(time.perf_counter() - started, 2),
        "cpu_s": round(_cpu_s() - used, 2),
        "peak_rss_mb": round(peak, 1),
        "groups": groups,
    }
    json.dump(result, sys.stdout)


def _columns(path: Path) -> set[str]:
    with path.open(encoding="utf-8", newline="") as file:
        return set(next(csv.reader(file)))


def _linker(path: Path, columns: set[str]) -> Linker:
    database = DuckDBAPI()
    # Every column as text: postal codes begin with zeros.
    read = f"read_csv('{path}', all_varchar=true)"
    database.duckdb_con.sql(f"CREATE TABLE people AS SELECT * FROM {read}")  # noqa: S608
    database.duckdb_con.sql("ALTER TABLE people ALTER unique_id TYPE BIGINT")
    table = database.register("people")
    rules = [block_on(*rule) for rule in RULES if columns.issuperset(rule)]
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[made for name, made in _comparisons().items() if name in columns],
        blocking_rules_to_generate_predictions=rules,
    )
    return Linker(table, settings, log_level=None)


def _comparisons() -> Mapping[str, Any]:
    frequent = {"term_frequency_adjustments": True}
    return {
        "given_name": compare.NameComparison("given_name").configure(**frequent),
        "family_name": compare.NameComparison("family_name").configure(**frequent),
        "birth_date": compare.DamerauLevenshteinAtThresholds("birth_date", [1, 2]),
        "email": compare.EmailComparison("email"),
        "phone": compare.DamerauLevenshteinAtThresholds("phone", [1]),
        "company": compare.JaroWinklerAtThresholds("company", [0.92, 0.8]).configure(**frequent),
        "street": compare.JaroWinklerAtThresholds("street", [0.92, 0.8]).configure(**frequent),
        "city": compare.JaroWinklerAtThresholds("city", [0.9]).configure(**frequent),
        "postal_code": compare.DamerauLevenshteinAtThresholds("postal_code", [1]),
        "region": compare.ExactMatch("region").configure(**frequent),
        "gender": compare.ExactMatch("gender"),
    }


def _train(linker: Linker, columns: set[str]) -> None:
    deterministic = [rule for rule in (("email",), ("given_name", "family_name", "street"),
                     ("given_name", "family_name", "birth_date"), ("company", "street"))
                     if columns.issuperset(rule)]  # fmt: skip
    rules: Sequence[Any] = [block_on(*rule) for rule in deterministic]
    if rules:
        linker.training.estimate_probability_two_random_records_match(rules, recall=0.7)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for rule in TRAINING:
        if columns.issuperset(rule):
            linker.training.estimate_parameters_using_expectation_maximisation(
                block_on(*rule), record_sample_proportion=1.0, max_pairs=1e6
            )


def _groups(linker: Linker, predicted: Any, threshold: float) -> list[int]:
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(
        predicted, threshold_match_probability=threshold
    )
    rows = clusters.as_duckdbpyrelation().order("unique_id").fetchall()
    names = clusters.as_duckdbpyrelation().columns
    place = names.index("cluster_id")
    return [int(row[place]) for row in rows]


def _cpu_s() -> float:
    return time.process_time()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
