"""The file that is written: what was read, unchanged, then the prediction, what belongs to it, and the reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import IO, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from stages.contracts.manifest import Manifest

Floats = npt.NDArray[np.float64]
DECIMALS = 9
"""Of probabilities, as in data/predictions.csv."""
AGAIN = "_in_source"
"""What is put behind the name of a source column that is called as one of ours."""


def added(manifest: Manifest) -> list[str]:
    """The columns behind those of the source."""
    between = ["low", "high"] if manifest.interval else []
    if manifest.task != "regression":
        between = [f"probability_{name}" for name in manifest.target.classes]
    return ["prediction", *between, "warnings", "reason"]


def header(columns: Sequence[str], ours: Sequence[str]) -> list[str]:
    """The columns of the source and ours, each name once: the source's column gives way."""
    names = list(columns)
    for place, name in enumerate(names):
        while names[place] in ours or (names[place] != name and names.count(names[place]) > 1):
            names[place] += AGAIN
    return [*names, *ours]


def said(manifest: Manifest, numbers: Floats) -> list[Any]:
    """Our columns but warnings and reason, for what `Model.answers` has: classes as texts, numbers as they are."""
    first = numbers[:, 0]
    classes = np.array(manifest.target.classes, dtype=object)
    if manifest.task == "multiclass":
        return [classes[numbers.argmax(axis=1)], *numbers.T]
    if manifest.threshold is not None:
        positive = classes == manifest.target.positive
        chosen = np.where(first >= manifest.threshold, classes[positive], classes[~positive])
        return [chosen, *(first if yes else 1 - first for yes in positive)]
    ends = manifest.interval
    return [first, *([first - ends.below, first + ends.above] if ends else [])]


def texts(values: Any, task: str) -> list[str]:
    """A column of `said` as it is written: probabilities with nine decimals, other numbers with twelve digits."""
    if values.dtype == object:
        return list(values)
    form = ".12g" if task == "regression" else f".{DECIMALS}f"
    return [format(value, form) for value in values.tolist()]


class Result:
    """A CSV file being written: UTF-8, commas, LF; quotes where a cell needs them."""

    def __init__(self, file: IO[bytes], names: Sequence[str]) -> None:
        self._file = file
        self.write([pa.array([name]) for name in names])

    def write(self, columns: Iterable[pa.Array]) -> None:
        """Some rows, column by column."""
        cells = [_quoted(column) for column in columns]
        lines = pc.binary_join_element_wise(*cells, ",")
        self._file.write("\n".join([*lines.to_pylist(), ""]).encode())


def _quoted(cells: pa.Array) -> pa.Array:
    special = pc.match_substring_regex(cells, '[",\r\n]')
    if not pc.any(special).as_py():
        return cells
    quoted = pc.binary_join_element_wise('"', pc.replace_substring(cells, '"', '""'), '"', "")
    return pc.if_else(special, quoted, cells)


def scattered(places: npt.NDArray[np.int64], values: Sequence[str], size: int) -> pa.Array:
    """A column with the values at their places and nothing elsewhere."""
    made = np.full(size, "", dtype=object)
    made[places] = values
    return pa.array(made, pa.string())


def reasons(known: Mapping[int, str], size: int) -> pa.Array:
    """The column of reasons."""
    return pa.array([known.get(place, "") for place in range(size)], pa.string())
