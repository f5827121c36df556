"""Files of people: CSV and Parquet, read column by column."""

from __future__ import annotations

import csv
import gzip
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Any, Final

import click
import numpy as np
from numpy.typing import NDArray

from syncbridge.match.coded import Coded, Column
from syncbridge.match.fields import Field
from syncbridge.match.headers import recognise

#: Rows that are held as text at once.
_ROWS_TOGETHER: Final = 20_000
_DELIMITERS: Final = ",;\t|"
#: How FEBRL's generator names its records: those of one person share the number.
_FEBRL = re.compile(r"rec-(\d+)-(?:org|dup-\d+)")


@dataclass(frozen=True)
class Table:
    """People as a file has them."""

    columns: Mapping[Field, Coded]
    #: Header -> field, as it was used.
    mapping: Mapping[str, Field]
    #: Per record the number of its person, negative where the file does not say; None: no truth.
    truth: NDArray[np.int64] | None
    count: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of the files."""

    truth: str | None
    chosen: Mapping[str, Field]


def read_tables(paths: Sequence[Path], wanted: Wanted) -> Table:
    """Read files one after another into one table.

    Raises:
        click.UsageError: a named column is not there, or no column is recognised.
    """
    columns: dict[Field, Column] = {}
    truth = Column()
    mapping: dict[str, Field] = {}
    count = 0
    for path in paths:
        with _opened(path) as (headers, batches):
            mapping_here = _mapping(path, headers, wanted)
            mapping |= mapping_here
            places = _places(headers, mapping_here)
            for batch in batches:
                _append(columns, places, batch, before=count)
                if wanted.truth is not None:
                    truth.extend(batch[headers.index(wanted.truth)])
                count += len(batch[0])
    for column in columns.values():
        column.pad(count)
    return Table(
        columns={field: column.coded() for field, column in columns.items()},
        mapping=mapping,
        truth=None if wanted.truth is None else _persons(truth.coded()),
        count=count,
    )


def _append(
    columns: dict[Field, Column],
    places: Mapping[Field, Sequence[int]],
    batch: Sequence[Sequence[str]],
    *,
    before: int,
) -> None:
    for field, sources in places.items():
        column = columns.setdefault(field, Column())
        column.pad(before)
        if len(sources) == 1:
            column.extend(batch[sources[0]])
        elif field is Field.STREET:
            together = zip(*(batch[at] for at in sources), strict=True)
            column.extend(" ".join(filter(None, parts)) for parts in together)
        else:
            together = zip(*(batch[at] for at in sources), strict=True)
            column.extend(next(filter(str.strip, parts), "") for parts in together)


def _mapping(path: Path, headers: Sequence[str], wanted: Wanted) -> dict[str, Field]:
    for named in (wanted.truth, *wanted.chosen):
        if named is not None and named not in headers:
            raise click.UsageError(f"{path} has no column {named!r}: {', '.join(headers)}")
    mapping = recognise(headers, truth=wanted.truth, chosen=wanted.chosen)
    if not mapping:
        raise click.UsageError(
            f"no column of {path} is recognised: say which is which with --map column=field"
        )
    return mapping


def _places(headers: Sequence[str], mapping: Mapping[str, Field]) -> dict[Field, list[int]]:
    places: dict[Field, list[int]] = {}
    for at, header in enumerate(headers):
        if header in mapping:
            places.setdefault(mapping[header], []).append(at)
    return places


def _persons(truth: Coded) -> NDArray[np.int64]:
    numbers = truth.map(lambda text: found[1] if (found := _FEBRL.fullmatch(text)) else text)
    return numbers.codes.astype(np.int64)


@dataclass
class _opened:
    """Open a file of any kind we read; answers its headers and its rows, batch by batch."""

    path: Path

    def __enter__(self) -> tuple[list[str], Iterator[Sequence[Sequence[str]]]]:
        if ".parquet" in self.path.suffixes:
            read = _parquet_reader()
            self._file: IO[Any] = self.path.open("rb")
            return _parquet(read(self._file))
        self._file = (
            gzip.open(self.path, "rt", encoding="utf-8-sig", errors="replace", newline="")
            if self.path.suffix == ".gz"
            else self.path.open(encoding="utf-8-sig", errors="replace", newline="")
        )
        return _csv(self._file)

    def __exit__(self, *exc: object) -> None:
        self._file.close()


def _csv(lines: IO[str]) -> tuple[list[str], Iterator[Sequence[Sequence[str]]]]:
    first = lines.readline()
    delimiter = max(_DELIMITERS, key=first.count)
    headers = [header.strip() for header in next(csv.reader([first], delimiter=delimiter), [])]
    if not headers:
        raise click.UsageError("the file is empty")
    # Leaving out spaces takes time: only where the header has them.
    spaced = f"{delimiter} " in first
    rows = csv.reader(lines, delimiter=delimiter, skipinitialspace=spaced)
    return headers, _batches(rows, len(headers))


def _batches(rows: Iterator[list[str]], width: int) -> Iterator[Sequence[Sequence[str]]]:
    while batch := list(islice(rows, _ROWS_TOGETHER)):
        whole = batch
        if set(map(len, batch)) != {width}:
            whole = [_fitted(row, width) for row in batch if row]
        if whole:
            yield list(zip(*whole, strict=True))


def _fitted(row: list[str], width: int) -> list[str]:
    return [*row[:width], *[""] * (width - len(row))]


def _parquet_reader() -> Callable[[IO[bytes]], Any]:
    try:
        from pyarrow.parquet import ParquetFile
    except ImportError as exc:
        raise click.ClickException(
            "Parquet files need pyarrow: pip install 'syncbridge[parquet]'"
        ) from exc
    read: Callable[[IO[bytes]], Any] = ParquetFile
    return read


def _parquet(opened: Any) -> tuple[list[str], Iterator[Sequence[Sequence[str]]]]:
    headers = list(opened.schema_arrow.names)

    def batches() -> Iterator[Sequence[Sequence[str]]]:
        for batch in opened.iter_batches(batch_size=_ROWS_TOGETHER):
            yield [_texts(column.to_pylist()) for column in batch.columns]

    return headers, batches()


def _texts(values: Iterable[object]) -> list[str]:
    return ["" if value is None else str(value) for value in values]
