"""CSV tables through Arrow: types are given, never guessed, and equal tables are equal bytes."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as arrow_csv

from stages.core.errors import DataError
from stages.core.files import write_bytes

if TYPE_CHECKING:
    import pandas as pd

ARROW: dict[str, pa.DataType] = {
    "number": pa.float64(),
    "integer": pa.float64(),  # float64 holds a missing integer as NaN, and every integer up to 2**53 exactly
    "boolean": pa.bool_(),
    "category": pa.string(),
    "ordinal": pa.string(),
    "text": pa.string(),
    "date": pa.date32(),
    "time": pa.timestamp("s", tz="UTC"),
}
"""The Arrow type of each type of schema.json."""

FILE, LINE = "(file)", "(line)"
"""Where a row stands in its source: columns beside a table's own, under names that no table gives its own."""


BLOCK = 1 << 20
"""Bytes read at a time."""


class Ragged(NamedTuple):
    """A row with another number of fields than the header."""

    line: int
    text: str
    expected: int
    found: int


def read_text(path: Path, header: bool = True) -> tuple[pa.Table, list[Ragged]]:
    """All cells as text with the line each row starts on (column LINE), and the rows of another length.

    A blank line is no row. header: whether the source has a header line; without one, each row stands a line lower in
    its normal form than in its source. Raises DataError when the file is missing, is empty, or is no UTF-8 text.
    """
    ragged: list[Ragged] = []

    def skip(row: arrow_csv.InvalidRow) -> str:
        ragged.append(Ragged(row.number, row.text, row.expected_columns, row.actual_columns))
        return "skip"

    names = _header(path)
    lines, longest = _lines(path)
    convert = arrow_csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False)
    try:
        table = arrow_csv.read_csv(
            path,
            read_options=arrow_csv.ReadOptions(use_threads=False, block_size=max(BLOCK, 2 * longest)),
            parse_options=arrow_csv.ParseOptions(newlines_in_values=True, invalid_row_handler=skip),
            convert_options=convert,
        )
    except pa.ArrowInvalid as error:
        raise DataError(f"{path} is damaged: {error}. Run `dvc repro --force ingest`.") from None
    if not header:
        lines = lines - 1
    ragged = [row._replace(line=int(lines[row.line - 1])) for row in ragged]  # Arrow counts records, the header as 1
    whole = np.setdiff1d(lines[1:], [row.line for row in ragged], assume_unique=True)
    return table.append_column(LINE, pa.array(whole)), ragged


def read(path: Path, types: Mapping[str, str], columns: Sequence[str] | None = None) -> pd.DataFrame:
    """The table's columns (all, or those named) as a DataFrame, typed by `types` (column → type of schema.json).

    Numbers are float64, booleans boolean, categories and ordinals str, dates datetime64[ms], times datetime64[s, UTC].
    A column without a type is text. Raises DataError when the file is missing, is empty, or does not hold what `types`
    says.
    """
    _require(path)
    names = _header(path)
    convert = arrow_csv.ConvertOptions(
        column_types={name: ARROW[types.get(name, "text")] for name in names},
        strings_can_be_null=True,
        null_values=[""],
        include_columns=list(columns) if columns is not None else [],
    )
    try:
        table = arrow_csv.read_csv(
            path, parse_options=arrow_csv.ParseOptions(newlines_in_values=True), convert_options=convert
        )
    except (pa.ArrowInvalid, pa.ArrowKeyError) as error:
        raise DataError(
            f"{path} does not hold the columns its schema promises: {error}. Run the stage that writes it."
        ) from None
    if not table.num_rows:
        raise DataError(f"{path} has no rows. Look at data/rejected.csv for what was set aside and why.")
    frame: pd.DataFrame = table.to_pandas(date_as_object=False)
    # Arrow gives objects where a value is missing, and bool where none is: the type must not hang on the data.
    return frame.astype({name: "boolean" for name in frame.columns if types.get(name) == "boolean"})


def encode_csv(frame: pd.DataFrame) -> bytes:
    """The frame as CSV: no index, empty where missing, quotes only in a table that needs them."""
    table = pa.Table.from_pandas(frame, preserve_index=False)
    for position, field in enumerate(table.schema):
        if pa.types.is_timestamp(field.type):
            form = "%Y-%m-%dT%H:%M:%SZ" if field.type.tz else "%Y-%m-%d"
            seconds = table.column(position).cast(pa.timestamp("s", tz=field.type.tz)).combine_chunks()
            distinct = seconds.dictionary_encode()  # few, and spelling one takes long
            texts = pa.compute.strftime(distinct.dictionary, format=form).take(distinct.indices)
            table = table.set_column(position, field.name, texts)
    table = table.replace_schema_metadata(None)
    try:
        return _written(table, arrow_csv.WriteOptions(quoting_style="none", quoting_header="none"))
    except pa.ArrowInvalid:  # a comma, a quote or a line break in some value
        return _written(table, arrow_csv.WriteOptions(quoting_style="needed"))


def write(path: Path, frame: pd.DataFrame) -> None:
    """Write the frame, as `encode_csv` makes it, atomically."""
    write_bytes(path, encode_csv(frame))


def _written(table: pa.Table, options: arrow_csv.WriteOptions) -> bytes:
    sink = pa.BufferOutputStream()
    arrow_csv.write_csv(table, sink, options)
    return bytes(sink.getvalue())


def _require(path: Path) -> None:
    if not path.exists():
        raise DataError(f"{path} is missing. Run `dvc repro` to make it.")
    if not path.stat().st_size:
        raise DataError(f"{path} is empty. Run `dvc repro` to make it again.")


def _header(path: Path) -> list[str]:
    _require(path)
    with path.open(encoding="utf-8", newline="") as file:
        return next(filter(None, csv.reader(file)), [])


def _lines(path: Path) -> tuple[npt.NDArray[np.int64], int]:
    """The line on which each record starts, the header first, and the bytes of the longest one.

    A line break between quotes ends no record; a blank line is none.
    """
    ends, numbers = [np.array([-1])], [np.array([0])]  # of lines that end a record: the place of the break, the line
    place = lines = quotes = 0
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            data = np.frombuffer(block, np.uint8)
            breaks = np.flatnonzero(data == ord("\n"))
            found = lines + 1 + np.arange(len(breaks))
            if quotes % 2 or b'"' in block:
                marks = np.flatnonzero(data == ord('"'))
                closed = (quotes + np.searchsorted(marks, breaks)) % 2 == 0
                quotes += len(marks)
                lines += len(breaks)
                breaks, found = breaks[closed], found[closed]
            else:
                lines += len(breaks)
            ends.append(place + breaks)
            numbers.append(found)
            place += len(block)
    end, number = np.concatenate(ends), np.concatenate(numbers)
    if end[-1] != place - 1:
        end, number = np.append(end, place), np.append(number, lines + 1)
    lengths = np.diff(end) - 1
    return number[:-1][lengths > 0] + 1, int(lengths.max(initial=0))
