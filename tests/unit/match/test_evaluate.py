"""The command that judges quality on any file."""

from __future__ import annotations

import csv
import gzip
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from syncbridge.cli.dedupe import dedupe
from syncbridge.testing.people import COLUMNS, make_people, write_people


def run(*args: str | Path) -> Result:
    return CliRunner().invoke(dedupe, ["evaluate", *map(str, args)])


def evaluate(*args: str | Path) -> dict[str, Any]:
    result = run(*args, "--json")
    assert result.exit_code == 0, result.output
    answered: dict[str, Any] = json.loads(result.stdout)
    return answered


@pytest.fixture
def people(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    write_people(path, 1500, seed=21)
    return path


def test_a_file_is_measured_against_its_truth(people: Path) -> None:
    found = evaluate(people, "--truth", "cluster")
    assert found["records"] == 1500
    assert found["clusters"] < 1500
    assert found["f1"] >= 0.94
    assert {"precision", "recall", "candidate_pairs", "wall_s", "cpu_s", "peak_rss_mb"} <= set(
        found
    )


def test_the_mapping_is_reported_and_the_truth_is_not_in_it(people: Path) -> None:
    mapping = evaluate(people, "--truth", "cluster")["mapping"]
    assert mapping == {column: column for column in COLUMNS[1:]}


def test_without_a_truth_there_are_no_figures(people: Path) -> None:
    assert "f1" not in evaluate(people)


def test_compressed_files_and_other_delimiters_are_read(people: Path, tmp_path: Path) -> None:
    packed = tmp_path / "people.csv.gz"
    with people.open(encoding="utf-8") as file, gzip.open(packed, "wt", encoding="utf-8") as out:
        csv.writer(out, delimiter=";").writerows(csv.reader(file))
    plain = evaluate(people, "--truth", "cluster")
    assert evaluate(packed, "--truth", "cluster")["f1"] == plain["f1"]


def test_two_files_are_matched_with_each_other(tmp_path: Path) -> None:
    made = make_people(800, seed=4)
    paths = [tmp_path / "one.csv", tmp_path / "other.csv"]
    for path, half in zip(paths, (made[:400], made[400:]), strict=True):
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([COLUMNS, *(record.row() for record in half)])
    found = evaluate(*paths, "--truth", "cluster")
    assert found["records"] == 800
    assert found["f1"] > 0.9


def test_a_column_can_be_named(tmp_path: Path) -> None:
    path = tmp_path / "odd.csv"
    path.write_text("a,b\nann@example.com,x\nann@example.com,y\n", encoding="utf-8")
    assert evaluate(path, "--map", "a=email")["mapping"] == {"a": "email"}


def test_records_named_as_febrl_names_them_are_told_by_their_number(tmp_path: Path) -> None:
    path = tmp_path / "febrl.csv"
    path.write_text(
        "rec_id, given_name, surname\nrec-7-org, ann, kern\nrec-7-dup-0, ann, kern\n",
        encoding="utf-8",
    )
    found = evaluate(path, "--truth", "rec_id")
    assert found["mapping"] == {"given_name": "given_name", "surname": "family_name"}
    assert found["recall"] in (0.0, 1.0)


def test_a_person_reads_a_table(people: Path) -> None:
    result = run(people, "--truth", "cluster")
    assert result.exit_code == 0
    assert "f1" in result.stdout
    assert "family_name" in result.stdout


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--truth", "nothing"), "no column 'nothing'"),
        (("--map", "given_name=shoe_size"), "FIELD one of"),
        (("--map", "nothing=email"), "no column 'nothing'"),
    ],
)
def test_wrong_usage_is_told(people: Path, args: tuple[str, str], said: str) -> None:
    result = run(people, *args)
    assert result.exit_code == 2
    assert said in result.stderr


def test_a_file_in_which_nothing_is_recognised_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "shoes.csv"
    path.write_text("size,colour\n42,red\n", encoding="utf-8")
    result = run(path)
    assert result.exit_code == 2
    assert "--map" in result.stderr


def test_parquet_files_are_read_where_pyarrow_is(people: Path, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    from pyarrow import csv as arrow_csv
    from pyarrow import parquet

    path = tmp_path / "people.parquet"
    parquet.write_table(arrow_csv.read_csv(people), path)
    found = evaluate(path, "--truth", "cluster")
    assert found["f1"] == pytest.approx(evaluate(people, "--truth", "cluster")["f1"], abs=0.01)


def test_without_pyarrow_it_is_told_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    path = tmp_path / "people.parquet"
    path.write_bytes(b"PAR1")
    result = run(path)
    assert result.exit_code == 1
    assert "pip install 'syncbridge[parquet]'" in result.stderr
