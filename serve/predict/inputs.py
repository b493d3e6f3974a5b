"""From a block of text to what a request would hold: the model's inputs as arrays, and why a row has none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from serve.predict.input_file import Block
from stages.clean import rows
from stages.clean.columns.parsing import absent, parsed, split
from stages.clean.joins import Lookup, join
from stages.contracts.manifest import Input
from stages.table.csv_io import FILE, LINE
from stages.table.schema import Reading, arrays
from stages.transform.derivations import Array

SHOWN = 60
"""Characters of a cell that a reason repeats."""


class Read(NamedTuple):
    """The rows that can be scored: their places in the block, their inputs; and the reasons of the others, by place.

    `sent` is the inputs as a request would hold them: with texts that are none of a column's levels.
    """

    places: npt.NDArray[np.int64]
    inputs: dict[str, Array]
    sent: dict[str, Array]
    reasons: dict[int, str]


class Reader:
    """Reads the blocks of one file.

    `blank` counts empty cells of inputs that have none in the training rows, `no_level` texts that are no level.
    """

    def __init__(self, reading: Reading, inputs: Sequence[Input], lookups: Sequence[Lookup], lacking: set[str]) -> None:
        self.blank: Counter[str] = Counter()
        self.no_level: Counter[str] = Counter()
        plan = rows.plan_of(reading)
        ruled = {name for rule in plan.define.values() for name in rule.columns}
        ordinals = [name for name, kind in plan.types.items() if split(kind)[0] == "ordinal" and name not in ruled]
        missing = {name: plan.spellings.union(plan.missing_in.get(name, ())) for name in ordinals}
        self._ordinals = {name: (plan.types[name], missing[name]) for name in ordinals}
        self._plan = replace(plan, types={name: kind for name, kind in plan.types.items() if name not in ordinals})
        self._lookups = list(lookups)
        self._names = list(reading.columns)
        self._there = [column for column in inputs if column.name not in lacking]
        self._lacking = [column for column in inputs if column.name in lacking]
        self._types: dict[str, str] = {column.name: column.type for column in inputs}

    def read(self, block: Block) -> Read:
        """The block's rows, each either to be scored or with a reason."""
        texts = pa.table({name: block.columns[name] for name in self._names}).to_pandas()
        columns, broken = rows.inputs(texts.assign(**{FILE: "", LINE: np.arange(block.size)}), self._plan)
        levels = {name: self._levels(name, texts[name]) for name in self._ordinals}
        columns |= {name: values for name, (values, _) in levels.items()}
        broken = broken[broken["reason"].notna()]
        said = zip(*(broken[name].tolist() for name in ("line", "reason", "value")), strict=True)
        reasons = {place: f"{reason}: '{str(value)[:SHOWN]}'" for place, reason, value in said}
        reasons |= block.ragged
        reasons |= {place: reason for place, reason in block.aside.items() if place in reasons}
        if self._lookups:
            columns |= self._joined(columns)
        places = np.setdiff1d(np.arange(block.size), [*reasons])
        made = {column.name: columns[column.name][places] for column in self._there}
        made |= {column.name: _missing(column, len(places)) for column in self._lacking}
        self._count_blank(made)
        sent = made | {name: values[places] for name, (_, values) in levels.items() if name in made}
        return Read(places, made, sent, reasons)

    def _levels(self, name: str, texts: pd.Series[str]) -> tuple[Array, Array]:
        """An ordinal column; a text that is none of its levels is missing, as an unknown category is to the model. And
        the same with those texts.
        """
        values, unknown = parsed(texts, *self._ordinals[name])
        if unknown.any():
            self.no_level[name] += int(unknown.sum())
        return values, np.where(unknown, texts.str.strip().to_numpy(dtype=object), values)

    def _joined(self, columns: dict[str, Array]) -> dict[str, Array]:
        """The columns of the other tables."""
        keys = {name: columns[name] for other in self._lookups for name in other.on}
        found = join(rows.frame(keys), self._lookups)
        return arrays(found[[name for name in found if name in self._types and name not in keys]], self._types)

    def _count_blank(self, made: dict[str, Array]) -> None:
        for column in self._there:
            if not column.nullable and (empty := int(absent(made[column.name]).sum())):
                self.blank[column.name] += empty


def _missing(column: Input, count: int) -> Array:
    """A column of nothing, as `stages.model.encoding` takes it."""
    if column.type in ("date", "time"):
        return np.full(count, "NaT", dtype="datetime64[s]")
    if column.type in ("number", "integer", "boolean"):
        return np.full(count, np.nan)
    return np.full(count, None, dtype=object)
