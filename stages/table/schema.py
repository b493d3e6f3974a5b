"""What each column is, found out once by clean and read by every later stage: `data/schema.json`."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import msgspec
import numpy as np
import numpy.typing as npt

from stages.core.errors import DataError
from stages.core.files import json_text, read_json

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = Path("data/schema.json")
ColumnType = Literal["number", "integer", "category", "ordinal", "boolean", "date", "time", "text"]
Task = Literal["binary", "multiclass", "regression"]


class Column(msgspec.Struct, frozen=True):
    """One column of data/clean.csv. `source` is the table it comes from; `reason` says how its type was found.

    `format` is how the source spells it, `levels` those of an ordinal in their order.
    """

    name: str
    type: ColumnType
    role: str
    nullable: bool
    source: str = msgspec.field(name="from")
    reason: str = ""
    format: str = ""
    levels: list[str] = []


class Target(msgspec.Struct, frozen=True):
    """The column to predict, its classes (none in regression), the positive one of two, and how it was defined."""

    name: str
    classes: list[str]
    positive: str | None
    definition: str
    type: str = "category"
    reason: str = ""

    @property
    def negative(self) -> str:
        """The class that is not the positive one, where there are two."""
        return next(label for label in self.classes if label != self.positive)


class LeftOut(msgspec.Struct, frozen=True):
    """A source column that does not reach data/clean.csv."""

    name: str
    reason: str


class SourceColumn(msgspec.Struct, frozen=True):
    """How a column of the main table's files is read: `missing` are its own spellings of a missing value."""

    type: str
    format: str = ""
    levels: list[str] = []
    missing: list[str] = []


class SourceJoin(msgspec.Struct, frozen=True):
    """Inputs taken from another table: `on` its key, `columns` its name for each → ours."""

    on: list[str]
    columns: dict[str, str]


class Reading(msgspec.Struct, frozen=True):
    """How a row of the source files becomes the model's inputs: what `rows.plan_reading` makes a plan of.

    `columns` are the main table's that an input is made from; `names` all of them, where the files have no header.
    """

    missing: list[str] = []
    columns: dict[str, SourceColumn] = {}
    dates: dict[str, list[str]] = {}
    define: dict[str, str] = {}
    joins: dict[str, SourceJoin] = {}
    names: list[str] = []


class Schema(msgspec.Struct, frozen=True):
    """The clean table: its columns in order, its target and its key; what was left out; how its sources are read."""

    table: str
    task: Task
    target: Target
    key: list[str]
    columns: list[Column]
    left_out: list[LeftOut] = []
    reading: Reading = Reading()

    @property
    def types(self) -> dict[str, str]:
        """Each column's type."""
        return {column.name: column.type for column in self.columns}

    @property
    def inputs(self) -> list[Column]:
        """The columns a model may use, in order."""
        return [column for column in self.columns if column.role == "input"]


def read(path: Path = SCHEMA) -> Schema:
    """The schema that clean wrote. Raises DataError when it is missing or no schema."""
    try:
        return msgspec.convert(read_json(path), Schema)
    except FileNotFoundError:
        raise DataError(f"{path} is missing. Run `dvc repro` to make it.") from None
    except (ValueError, msgspec.ValidationError) as error:
        raise DataError(f"{path} is damaged: {error}. Run `dvc repro` to make it again.") from None


def encode_schema(schema: Schema) -> bytes:
    """The schema as the JSON that `read` reads."""
    return json_text(msgspec.to_builtins(schema)).encode()


def to_arrays(frame: pd.DataFrame, types: dict[str, str]) -> dict[str, npt.NDArray[Any]]:
    """The frame's columns as row derivations want them: float64, datetime64[s] (times in UTC), object with None.

    A boolean is 1 or 0, NaN where missing; an ordinal is its level's text.
    """
    made: dict[str, npt.NDArray[Any]] = {}
    for name in frame.columns:
        column, kind = frame[name], types[name]
        if kind in ("number", "integer"):
            made[name] = column.to_numpy(dtype=np.float64)
        elif kind == "boolean":
            made[name] = column.astype("boolean").to_numpy(dtype=np.float64, na_value=np.nan)
        elif kind in ("date", "time"):
            naive = column.dt.tz_convert(None) if column.dt.tz is not None else column
            made[name] = naive.to_numpy().astype("datetime64[s]")
        else:
            made[name] = column.astype(object).where(column.notna(), None).to_numpy(dtype=object)
    return made


def find_free_name(name: str, taken: Collection[str]) -> str:
    """The name, with as many underscores behind it as make it none of those taken."""
    while name in taken:
        name += "_"
    return name
