"""The normal form of a table: UTF-8, LF, commas, each row on its line of the source."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from itertools import chain
from typing import IO

from stages.ingest.csv.dialect import Dialect
from stages.ingest.csv.fast_path import Kept, copy_plain
from stages.ingest.csv.parser import Form
from stages.ingest.csv.streams import read_records
from stages.ingest.csv.table import Record, Records


def write_table(records: Records, text: io.TextIOWrapper, out: IO[str], strays: list[int], aside: list[Record]) -> int:
    """Write the header and the rows below it; how many there are. What is no row is noted in `aside`."""
    dialect = records.dialect
    out.write("\n" * (dialect.start - 1))
    for _ in range(dialect.start - 1):
        text.readline()
    csv.writer(out, lineterminator="\n").writerow(records.columns)
    if dialect.header and _is_plain(dialect) and records.places is None and not records.units:
        header = text.readline()
        if header.rstrip("\n") == ",".join(records.columns) and '"' not in header:
            kept = _keeping(records, aside)
            rows, left, line = copy_plain(text, out, dialect.start + 1, records.columns, kept, records.check_lines)
            parsed = read_records(records.path.name, left, dialect, line, records.width, strays)
            return rows + _rewritten(records, parsed, line, out, aside)
        lines: Iterable[str] = chain([header], text)
    else:
        lines = text
    parsed = read_records(records.path.name, lines, dialect, dialect.start, records.width, strays)
    if dialect.header:
        next(parsed, None)
    return _rewritten(records, parsed, dialect.start + 1, out, aside)


def _keeping(records: Records, aside: list[Record]) -> Kept:
    """What is kept of a record: None of a blank line, a comment, or what is set aside."""

    def keep(line: int, cells: list[str]) -> list[str] | None:
        kept = records.kept(cells)
        reason = records.reason(line, kept)
        if kept is None or not reason:
            return kept
        aside.append(Record(line, kept, reason))
        return None

    return keep


def _rewritten(
    records: Records, parsed: Iterable[tuple[int, list[str]]], at: int, out: IO[str], aside: list[Record]
) -> int:
    """Write each row on its line, the next line being `at`; how many there are."""
    shift = 0 if records.dialect.header else 1
    writer = csv.writer(out, lineterminator="\n")
    write = writer.writerow
    rows, before = 0, at - 1
    last: list[str] | None = []
    for line, cells, reason in records.sifted(parsed):
        place = line + shift
        if last and place > before + 1:
            at += sum(cell.count("\n") for cell in last)
        last, before = cells, place
        if cells is None:
            continue
        if reason:
            aside.append(Record(line, cells, reason))
            last = None
            continue
        rows += 1
        if place > at:
            out.write("\n" * (place - at))
            at = place
        write(cells)
        at += 1
    if last is None:
        out.write("\n" * (before + 1 - at))  # blank lines at the end
    return rows


def _is_plain(dialect: Dialect) -> bool:
    """Whether a line without quotes is the same line in the normal form."""
    return dialect.form in (Form(), Form(quote="")) and not dialect.comment
