"""Commands that find people who are there twice."""

from __future__ import annotations

import gc
import resource
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import click
import numpy as np

from syncbridge.cli.console import answer, json_option, show_pairs, show_table
from syncbridge.cli.tabular import Table, Wanted, read_tables
from syncbridge.match.batch import Found, find_duplicates
from syncbridge.match.fields import Field
from syncbridge.match.measuring import measure
from syncbridge.match.model import DEFAULT_THRESHOLD
from syncbridge.match.people import read_people

_DIGITS: Final = 4


@click.group()
def dedupe() -> None:
    """Find people who are there twice."""


@dedupe.command()
@click.argument(
    "files",
    nargs=-1,
    required=True,
    metavar="FILE [FILE2]",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
)
@click.option("--truth", metavar="COLUMN", help="The column that tells who is who.")
@click.option("--map", "chosen", multiple=True, metavar="COLUMN=FIELD", help="Repeatable.")
@click.option("--region", metavar="XX", help="Country of numbers without a country code.")
@click.option(
    "--threshold",
    type=click.FloatRange(0.01, 0.9999),
    default=DEFAULT_THRESHOLD,
    show_default=True,
    help="Join records from this probability on.",
)
@json_option
def evaluate(
    files: Sequence[Path],
    truth: str | None,
    chosen: Sequence[str],
    region: str | None,
    threshold: float,
    as_json: bool,
) -> None:
    """Look for duplicates in CSV or Parquet files, and measure how well they were found.

    Needs no settings and no database. Columns are recognised by their headers; say with --map what
    is not. With --truth, precision, recall and F1 are of all pairs of the final groups.
    """
    started, used = time.perf_counter(), time.process_time()
    with _no_search_for_cycles():
        table = read_tables(files, Wanted(truth, _fields(chosen)))
        people = read_people(table.columns, region=region or "")
        result = _result(table, find_duplicates(people, threshold=threshold))
    result["wall_s"] = round(time.perf_counter() - started, 2)
    result["cpu_s"] = round(time.process_time() - used, 2)
    result["peak_rss_mb"] = _peak_rss_mb()
    answer(result, as_json=as_json, show=lambda: _show(result))


def _fields(chosen: Sequence[str]) -> Mapping[str, Field]:
    fields = {}
    for text in chosen:
        column, sign, name = text.rpartition("=")
        if not sign or name not in set(Field):
            raise click.UsageError(
                f"--map {text}: say COLUMN=FIELD, FIELD one of {', '.join(Field)}"
            )
        fields[column] = Field(name)
    return fields


def _result(table: Table, found: Found) -> dict[str, Any]:
    result: dict[str, Any] = {
        "records": table.count,
        "candidate_pairs": found.candidate_pairs,
        "clusters": len(np.unique(found.groups)),
    }
    if table.truth is not None:
        quality = measure(found.groups, table.truth)
        result["precision"] = round(quality.precision, _DIGITS)
        result["recall"] = round(quality.recall, _DIGITS)
        result["f1"] = round(quality.f1, _DIGITS)
    result["mapping"] = {header: str(field) for header, field in table.mapping.items()}
    result["learned"] = found.model.is_learned
    result["blocks_cut"] = [
        {"key": cut.key, "blocks": cut.blocks, "pairs": cut.pairs} for cut in found.cuts
    ]
    return result


def _show(result: Mapping[str, Any]) -> None:
    show_pairs(
        (name, value) for name, value in result.items() if not isinstance(value, dict | list)
    )
    show_table(("column", "field"), result["mapping"].items())
    if result["blocks_cut"]:
        show_table(
            ("key cut", "blocks", "pairs not looked at"),
            ((cut["key"], cut["blocks"], cut["pairs"]) for cut in result["blocks_cut"]),
        )


@contextmanager
def _no_search_for_cycles() -> Iterator[None]:
    """Spare the interpreter going through millions of texts again and again: none are in cycles."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _peak_rss_mb() -> float:
    """Answer the most memory the process ever had, in megabytes."""
    with suppress(OSError):
        # Other than the call below, this does not count what a parent had before it started us.
        for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return round(int(line.split()[1]) / 1024, 1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1024 if sys.platform != "darwin" else 1024 * 1024), 1)
