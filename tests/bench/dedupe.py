"""How well and how cheaply duplicates are found, beside Splink where it is installed.

    python tests/bench/dedupe.py [--data DIRECTORY] [--splink-python PYTHON] [--made 20000 …]

Prints JSON: per file our figures at the default threshold and Splink's at its best one of five.
Public files are measured where DIRECTORY has them; made-up people of any number always can be.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from syncbridge.cli.tabular import Table, Wanted, read_tables
from syncbridge.match.batch import find_duplicates
from syncbridge.match.fields import Field
from syncbridge.match.measuring import measure
from syncbridge.match.people import read_people
from syncbridge.testing.people import write_people

_SIDE = Path(__file__).with_name("splink_side.py")
_SAFE_PRECISION = 0.99


@dataclass(frozen=True)
class Subject:
    """One set of records whose truth is known."""

    name: str
    files: tuple[str, ...]
    truth: str


SUBJECTS = (
    Subject("febrl3", ("febrl/dataset3.csv",), "rec_id"),
    Subject("febrl4", ("febrl/dataset4a.csv", "febrl/dataset4b.csv"), "rec_id"),
    Subject("fake_1000", ("splink/fake_1000.csv",), "cluster"),
    Subject("pseudopeople", ("pseudopeople/census_2020_2030_noised.csv.gz",), "simulant_id"),
    Subject("earlychild", ("earlychild/csv_example_input_with_true_ids.csv",), "True Id"),
    Subject("crm_like", ("crm_like/gen_20k.csv.gz",), "cluster"),
)


def main() -> None:
    """Measure and print."""
    asked = _arguments()
    results = {}
    with tempfile.TemporaryDirectory() as scratch:
        for name, paths, truth in _subjects(asked, Path(scratch)):
            results[name] = {
                "ours": _ours(paths, truth),
                "splink": _splink(asked.splink_python, paths, truth, Path(scratch)),
            }
            print(name, json.dumps(results[name]), file=sys.stderr)
    json.dump(results, sys.stdout, indent=2)
    print()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data/dedupe"))
    parser.add_argument("--splink-python", default=sys.executable)
    parser.add_argument("--only", nargs="*", help="Names of public files; all by default.")
    parser.add_argument("--made", type=int, nargs="*", default=[20_000])
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def _subjects(
    asked: argparse.Namespace, scratch: Path
) -> Sequence[tuple[str, tuple[Path, ...], str]]:
    found: list[tuple[str, tuple[Path, ...], str]] = []
    for subject in SUBJECTS:
        paths = tuple(asked.data / file for file in subject.files)
        if all(path.exists() for path in paths) and (
            asked.only is None or subject.name in asked.only
        ):
            found.append((subject.name, paths, subject.truth))
    for count in asked.made:
        path = scratch / f"made_{count}.csv"
        write_people(path, count, asked.seed)
        found.append((path.stem, (path,), "cluster"))
    return found


def _ours(paths: Sequence[Path], truth: str) -> dict[str, Any]:
    """Run the command as a person would, each time in a process of its own."""
    command = [sys.executable, "-m", "syncbridge", "dedupe", "evaluate", "--json", "--truth", truth]
    done = subprocess.run([*command, *map(str, paths)], check=True, capture_output=True, text=True)
    result: dict[str, Any] = json.loads(done.stdout)
    table = read_tables(paths, Wanted(truth, {}))
    result["recall_at_safe_precision"] = round(_recall_at(_SAFE_PRECISION, table), 4)
    return result


def _recall_at(precision: float, table: Table) -> float:
    """Answer how many true pairs stand above the lowest score that is still so precise."""
    people = read_people(table.columns)
    assert table.truth is not None
    truth = table.truth[people.rows]
    edges = find_duplicates(people).edges
    order = np.argsort(-edges.scores, kind="stable")
    right = np.cumsum((truth[edges.left] == truth[edges.right])[order])
    precise = np.flatnonzero(right / np.arange(1, len(right) + 1) >= precision)
    sizes = np.bincount(truth).astype(np.float64)
    return float(right[precise[-1]] / (sizes * (sizes - 1) / 2).sum()) if len(precise) else 0.0


def _splink(python: str, paths: Sequence[Path], truth: str, scratch: Path) -> dict[str, Any] | None:
    if subprocess.run([python, "-c", "import splink"], capture_output=True).returncode:
        return None
    table = read_tables(paths, Wanted(truth, {}))
    assert table.truth is not None
    file = scratch / "splink.csv"
    _write_fields(file, table)
    done = subprocess.run([python, str(_SIDE), str(file)], capture_output=True, text=True)
    if done.returncode:
        return {"failed": done.stderr.strip().splitlines()[-1:]}
    result: dict[str, Any] = json.loads(done.stdout)
    measured = {
        threshold: measure(np.array(groups), table.truth)
        for threshold, groups in result.pop("groups").items()
    }
    best = max(measured, key=lambda threshold: measured[threshold].f1)
    quality = measured[best]
    return result | {
        "threshold": float(best),
        "precision": round(quality.precision, 4),
        "recall": round(quality.recall, 4),
        "f1": round(quality.f1, 4),
    }


def _write_fields(file: Path, table: Table) -> None:
    """Write what we read, in lower case and without signs in numbers: Splink's own advice."""
    columns = [
        [_tidy(field, column.values[code]) if code >= 0 else "" for code in column.codes.tolist()]
        for field, column in table.columns.items()
    ]
    with file.open("w", encoding="utf-8", newline="") as opened:
        out = csv.writer(opened)
        out.writerow(["unique_id", *map(str, table.columns)])
        out.writerows(zip(range(table.count), *columns, strict=True))


def _tidy(field: Field, text: str) -> str:
    if field is Field.PHONE:
        return "".join(filter(str.isdigit, text))[-9:]
    return text.strip().lower()


if __name__ == "__main__":
    main()
