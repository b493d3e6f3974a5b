"""The file that is written: what was read, unchanged, then the prediction, what belongs to it, and the reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import IO, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from stages.contracts.manifest import Manifest
from stages.model.interval import add_interval

Floats = npt.NDArray[np.float64]
DECIMALS = 9
"""Of probabilities, as in data/predictions.csv."""
RENAMED_SUFFIX = "_in_source"
"""What is put behind the name of a source column that is called as one of those added."""


def list_added_columns(manifest: Manifest) -> list[str]:
    """Return the names of the columns behind those of the source."""
    task_columns = ["low", "high"] if manifest.interval else []
    if manifest.task != "regression":
        task_columns = [f"probability_{name}" for name in manifest.target.classes]
    return ["prediction", *task_columns, "warnings", "reason"]


def make_header(columns: Sequence[str], added: Sequence[str]) -> list[str]:
    """Return the names of the source's columns and of those added, each once: the source's column gives way."""
    names = list(columns)
    for place, name in enumerate(names):
        while names[place] in added or (names[place] != name and names.count(names[place]) > 1):
            names[place] += RENAMED_SUFFIX
    return [*names, *added]


def make_columns(manifest: Manifest, outputs: Floats) -> list[Any]:
    """Return the added columns but warnings and reason, of outputs [n_rows, n_outputs]: classes are texts."""
    first = outputs[:, 0]
    classes = np.array(manifest.target.classes, dtype=object)
    if manifest.task == "multiclass":
        return [classes[outputs.argmax(axis=1)], *outputs.T]
    if manifest.threshold is not None:
        positive = classes == manifest.target.positive
        labels = np.where(first >= manifest.threshold, classes[positive], classes[~positive])
        return [labels, *(first if is_positive else 1 - first for is_positive in positive)]
    return [*add_interval(first, manifest.interval).T] if manifest.interval else [first]


def format_values(values: Any, task: str) -> list[str]:
    """Return a column as it is written: probabilities with nine decimals, other numbers with twelve digits."""
    if values.dtype == object:
        return list(values)
    spec = ".12g" if task == "regression" else f".{DECIMALS}f"
    return [format(value, spec) for value in values.tolist()]


class ResultFile:
    """A CSV file being written: UTF-8, commas, LF; quotes where a cell needs them."""

    def __init__(self, file: IO[bytes], names: Sequence[str]) -> None:
        self._file = file
        self.write_rows([pa.array([name]) for name in names])

    def write_rows(self, columns: Iterable[pa.Array]) -> None:
        """Write some rows, given column by column."""
        cells = [_quote(column) for column in columns]
        lines = pc.binary_join_element_wise(*cells, ",")
        self._file.write("\n".join([*lines.to_pylist(), ""]).encode())


def _quote(cells: pa.Array) -> pa.Array:
    special = pc.match_substring_regex(cells, '[",\r\n]')
    if not pc.any(special).as_py():
        return cells
    quoted = pc.binary_join_element_wise('"', pc.replace_substring(cells, '"', '""'), '"', "")
    return pc.if_else(special, quoted, cells)


def scatter(places: npt.NDArray[np.int64], values: Sequence[str], size: int) -> pa.Array:
    """Return a column of `size` cells with the values at their places and nothing elsewhere."""
    column = np.full(size, "", dtype=object)
    column[places] = values
    return pa.array(column, pa.string())


def make_reasons(reason_by_place: Mapping[int, str], size: int) -> pa.Array:
    """Return the column of reasons."""
    return pa.array([reason_by_place.get(place, "") for place in range(size)], pa.string())
