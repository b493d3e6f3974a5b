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
from stages.clean.columns.parsing import is_absent, parse_cells, split_kind
from stages.clean.joins import Lookup, join
from stages.contracts.manifest import Input
from stages.table.csv_io import FILE, LINE
from stages.table.schema import Reading, to_arrays
from stages.transform.derivations import Array

MAX_SHOWN = 60
"""Characters of a cell that a reason repeats."""


class ScorableRows(NamedTuple):
    """The rows that can be scored: their places in the block, their inputs; and the reasons of the others, by place.

    `sent` is the inputs as a request would hold them: with texts that are none of a column's levels.
    """

    places: npt.NDArray[np.int64]
    inputs: dict[str, Array]
    sent: dict[str, Array]
    reasons: dict[int, str]


class InputReader:
    """Reads the blocks of one file.

    `blank_counts` has the empty cells of each input that has none in the training rows, `unknown_level_counts` the
    texts of each ordinal one that are no level.
    """

    def __init__(
        self, reading: Reading, inputs: Sequence[Input], lookups: Sequence[Lookup], absent_inputs: set[str]
    ) -> None:
        self.blank_counts: Counter[str] = Counter()
        self.unknown_level_counts: Counter[str] = Counter()
        plan = rows.plan_reading(reading)
        rule_columns = {name for rule in plan.define.values() for name in rule.columns}
        ordinals = [
            name for name, kind in plan.types.items() if split_kind(kind)[0] == "ordinal" and name not in rule_columns
        ]
        missing = {name: plan.spellings.union(plan.missing_in.get(name, ())) for name in ordinals}
        self._ordinals = {name: (plan.types[name], missing[name]) for name in ordinals}
        self._plan = replace(plan, types={name: kind for name, kind in plan.types.items() if name not in ordinals})
        self._lookups = list(lookups)
        self._names = list(reading.columns)
        self._present = [column for column in inputs if column.name not in absent_inputs]
        self._absent = [column for column in inputs if column.name in absent_inputs]
        self._types: dict[str, str] = {column.name: column.type for column in inputs}

    def read(self, block: Block) -> ScorableRows:
        """Return the block's rows, each either to be scored or with a reason."""
        texts = pa.table({name: block.columns[name] for name in self._names}).to_pandas()
        columns, broken = rows.type_inputs(texts.assign(**{FILE: "", LINE: np.arange(block.size)}), self._plan)
        parsed_levels = {name: self._parse_levels(name, texts[name]) for name in self._ordinals}
        columns |= {name: values for name, (values, _) in parsed_levels.items()}
        broken = broken[broken["reason"].notna()]
        broken_cells = zip(*(broken[name].tolist() for name in ("line", "reason", "value")), strict=True)
        reasons = {place: f"{reason}: '{str(value)[:MAX_SHOWN]}'" for place, reason, value in broken_cells}
        reasons |= block.ragged
        reasons |= {place: reason for place, reason in block.aside.items() if place in reasons}
        if self._lookups:
            columns |= self._join_lookups(columns)
        places = np.setdiff1d(np.arange(block.size), [*reasons])
        inputs = {column.name: columns[column.name][places] for column in self._present}
        inputs |= {column.name: _make_missing(column, len(places)) for column in self._absent}
        self._count_blank(inputs)
        sent = inputs | {name: values[places] for name, (_, values) in parsed_levels.items() if name in inputs}
        return ScorableRows(places, inputs, sent, reasons)

    def _parse_levels(self, name: str, texts: pd.Series[str]) -> tuple[Array, Array]:
        """Return an ordinal column, where a text that is no level is missing, as an unknown category is to the
        model; and the same with those texts.
        """
        values, unknown = parse_cells(texts, *self._ordinals[name])
        if unknown.any():
            self.unknown_level_counts[name] += int(unknown.sum())
        return values, np.where(unknown, texts.str.strip().to_numpy(dtype=object), values)

    def _join_lookups(self, columns: dict[str, Array]) -> dict[str, Array]:
        """Return the columns of the other tables."""
        keys = {name: columns[name] for lookup in self._lookups for name in lookup.on}
        joined = join(rows.make_frame(keys), self._lookups)
        return to_arrays(joined[[name for name in joined if name in self._types and name not in keys]], self._types)

    def _count_blank(self, inputs: dict[str, Array]) -> None:
        for column in self._present:
            if not column.nullable and (n_empty := int(is_absent(inputs[column.name]).sum())):
                self.blank_counts[column.name] += n_empty


def _make_missing(column: Input, count: int) -> Array:
    """Return a column of nothing, as `stages.model.encoding` takes it."""
    if column.type in ("date", "time"):
        return np.full(count, "NaT", dtype="datetime64[s]")
    if column.type in ("number", "integer", "boolean"):
        return np.full(count, np.nan)
    return np.full(count, None, dtype=object)
