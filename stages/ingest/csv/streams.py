"""A file as a stream of text and of records, in a dialect that is known."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import IO

from stages.core.errors import SourceError
from stages.ingest.bounds import Bounds
from stages.ingest.csv.compression import unpack
from stages.ingest.csv.dialect import Dialect
from stages.ingest.csv.parser import LARGEST_CELL, Parser, UnclosedError

SAMPLE, LARGEST_SAMPLE, SAMPLE_LINES = 1 << 18, 1 << 22, 20
"""Bytes a file is judged by, and how far they grow until they hold so many lines."""


@contextmanager
def open_text(path: Path, dialect: Dialect, bounds: Bounds) -> Iterator[io.TextIOWrapper]:
    """The file unpacked and decoded, every line ending with a line feed."""
    with unpack(path, bounds) as stream:
        yield io.TextIOWrapper(stream, dialect.encoding, dialect.errors, newline=None)


def read_beginning(stream: IO[bytes]) -> tuple[bytes, bool]:
    """The file's beginning, and whether that is all of it."""
    found = b""
    size = SAMPLE
    while len(found) < size:
        more = stream.read(min(SAMPLE, size - len(found)))
        if not more:
            return found, True
        found += more
        if len(found) >= size and size < LARGEST_SAMPLE and found.count(b"\n") + found.count(b"\r") < SAMPLE_LINES:
            size *= 2
    return found, False


def read_records(
    name: str, lines: Iterable[str], dialect: Dialect, first: int, width: int = 0, strays: list[int] | None = None
) -> Iterator[tuple[int, list[str]]]:
    """The records from the line `first` on, which the given lines begin with; `strays` as those of the Parser."""
    rest = iter(lines)
    if dialect.comment and dialect.header and first == dialect.start:
        rest = chain([next(rest, "").lstrip().lstrip(dialect.comment).lstrip()], rest)
    parser = Parser(rest, dialect.form, first, width)
    try:
        yield from parser
    except UnclosedError as error:
        raise SourceError(
            f"{name}, line {error.line}: a quote is opened here and not closed by the end of the file, or within "
            f"{LARGEST_CELL:,} characters. Close each quote, and double each quote inside a quoted value."
        ) from None
    finally:
        if strays is not None:
            strays += parser.strays
