"""How large a source may be: bounds on its bytes, its columns and its cells, so that none runs on for ever."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO

from stages.core.errors import SourceError


@dataclass(frozen=True)
class Bounds:
    """The most bytes of a file, unpacked or downloaded; columns of a table; characters of a cell."""

    size: int = 2_000_000_000
    columns: int = 10_000
    cell: int = 1_000_000

    def check_columns(self, name: str, columns: int) -> None:
        """Raise SourceError when there are more columns."""
        if columns > self.columns:
            raise SourceError(
                f"{name} has {columns:,} columns, more than the {self.columns:,} that ingest.max_columns allows. Leave "
                "columns out, check ingest.delimiter, or raise it in params.yaml."
            )

    def check_cells(self, name: str, line: int, cells: Sequence[str]) -> None:
        """Raise SourceError when a cell of the record on the line is longer."""
        longest = max(map(len, cells), default=0)
        if longest > self.cell:
            place = next(place for place, cell in enumerate(cells, 1) if len(cell) == longest)
            raise SourceError(
                f"{name}, line {line}, column {place}: a cell of {longest:,} characters, more than the {self.cell:,} "
                "that ingest.max_cell allows. Is a quote or a line end missing? Correct it, or raise it in params.yaml."
            )

    def check_lines(self, name: str, first: int, lines: str, delimiter: str) -> None:
        """The same of whole lines without quotes, of which the first has the number `first`."""
        at = 0
        while len(lines) - at > self.cell:
            end = lines.rfind("\n", at, at + self.cell + 1)
            if end < 0:  # a line that is longer than a cell may be
                end = lines.find("\n", at) % (len(lines) + 1)
                line = first + lines.count("\n", 0, at)
                self.check_cells(name, line, lines[at:end].split(delimiter))
            at = end + 1

    def check_size(self, name: str, size: int) -> None:
        """Raise SourceError when there are more bytes."""
        if size > self.size:
            raise SourceError(
                f"{name} holds more than the {self.size:,} bytes that ingest.max_bytes allows (unpacked, if it is "
                "packed). Take a part of it, or raise it in params.yaml."
            )

    def taken(self, name: str, blocks: Iterable[bytes]) -> Iterator[bytes]:
        """The blocks, as long as they are not too many. Raises SourceError as `check_size` does."""
        total = 0
        for block in blocks:
            total += len(block)
            self.check_size(name, total)
            yield block


BOUNDS = Bounds()


class Bounded(io.BufferedIOBase):
    """A stream that ends in a SourceError where more bytes come than the bounds allow."""

    def __init__(self, stream: IO[bytes], name: str, bounds: Bounds) -> None:
        self._stream = stream
        self._name = name
        self._bounds = bounds
        self._size = 0

    def readable(self) -> bool:
        """Whether it can be read."""
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        """Read up to so many bytes, waiting for them."""
        return self._counted(self._stream.read(-1 if size is None else size))

    def read1(self, size: int = -1, /) -> bytes:
        """Read what is there, up to so many bytes."""
        return self._counted(self._stream.read1(size))  # type: ignore[attr-defined]

    def _counted(self, block: bytes) -> bytes:
        self._size += len(block)
        self._bounds.check_size(self._name, self._size)
        return block
