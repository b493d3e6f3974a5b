"""What the model's features are, as data: from a clean row's inputs to the columns an estimator sees."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import pandas as pd

from stages.core.errors import DataError, ParamsError, did_you_mean, list_choices
from stages.table.schema import Column, find_free_name, to_arrays
from stages.transform.derivations import KINDS, Derivation, derive
from stages.transform.split_rule import SplitRule

DEFINITION = Path("data/features.json")
NUMERIC = {"number", "integer", "boolean"}
AS_IT_IS = NUMERIC | {"category", "ordinal"}
"""The types an estimator takes without a derivation."""


class Feature(msgspec.Struct, frozen=True):
    """A column of data/features.csv: `number`, `category`, or `ordinal`: the position of a value among its levels."""

    name: str
    type: str
    levels: list[str] = []


class Definition(msgspec.Struct, frozen=True):
    """All of data/features.json: how the features are derived, the feature columns in order, and the column beside
    them that holds a row's part (train, validation or test), with the rule that gave it.
    """

    derive: list[Derivation]
    columns: list[Feature]
    split: str = "split"
    rule: SplitRule | None = None

    @property
    def types(self) -> dict[str, str]:
        """Each feature's type in data/features.csv, where a position is a number."""
        return {feature.name: "category" if feature.type == "category" else "number" for feature in self.columns}


def define_features(inputs: list[Column], steps: list[Derivation], drop: list[str], target: str) -> Definition:
    """The definition whose feature columns are, in order, inputs that are not dropped, then the derived ones.

    Raises ParamsError for an unknown kind or column, a column of the wrong type, a date that is left as it is, a name
    that is the target's, or when nothing is left.
    """
    types: dict[str, str] = {column.name: column.type for column in inputs}
    for step in steps:
        _check(step, types)
        types[step.name] = "number"
    for name in drop:
        if name not in types:
            raise ParamsError(f"params.yaml: features.drop: no input '{name}'.{did_you_mean(name, types)}")
    for name, kind in types.items():
        if kind not in AS_IT_IS and name not in drop:
            raise ParamsError(
                f"params.yaml: features: '{name}' is a {kind}, which no estimator takes as it is. "
                "Derive something from it (features.derive) and list it in features.drop."
            )
    if target in types:
        raise ParamsError(f"params.yaml: '{target}' is no name for a feature: the target has it.")
    kept = {name: "number" if kind in NUMERIC else kind for name, kind in types.items() if name not in drop}
    if not kept:
        raise ParamsError(
            f"params.yaml: features.drop leaves no feature of the {len(inputs)} inputs that clean.drop, "
            "clean.drop_leaks and clean.ids leave. Keep one at least."
        )
    levels = {column.name: column.levels for column in inputs}
    features = [Feature(name, kind, levels.get(name, [])) for name, kind in kept.items()]
    return Definition(steps, features, find_free_name("split", [*kept, target]))


def build_features(rows: pd.DataFrame, types: dict[str, str], definition: Definition) -> pd.DataFrame:
    """The feature columns of any block of clean rows; same number and order of rows."""
    columns: dict[str, npt.NDArray[Any]] = to_arrays(rows, types)
    columns |= derive(columns, definition.derive)
    for feature in definition.columns:
        if feature.type == "ordinal":
            columns[feature.name] = number_levels(columns[feature.name], feature.levels)
    made = pd.DataFrame({name: columns[name] for name in definition.types}, index=rows.index)
    return made.astype({name: "str" for name, kind in definition.types.items() if kind == "category"})


def number_levels(values: npt.NDArray[Any], levels: list[str]) -> npt.NDArray[np.float64]:
    """Each text's position among the levels (float64), NaN where it is missing or none of them."""
    place = {level: float(position) for position, level in enumerate(levels)}
    return np.array([place.get(value, np.nan) for value in values.tolist()], dtype=np.float64)


def read(path: Path = DEFINITION) -> Definition:
    """The definition that the features stage wrote. Raises DataError when it is missing or damaged."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Definition)
    except (FileNotFoundError, msgspec.MsgspecError) as error:
        raise DataError(f"{path} is missing or damaged ({error}). Run `dvc repro` to make it.") from None


def _check(step: Derivation, types: dict[str, str]) -> None:
    where = f"params.yaml: features.derive: {step.name}"
    if step.kind not in KINDS:
        raise ParamsError(f"{where}: no kind '{step.kind}'.{list_choices(step.kind, KINDS)}")
    if step.name in types:
        raise ParamsError(f"{where}: a column of this name exists already. Choose another name.")
    wanted = KINDS[step.kind][1]
    if len(step.of) != len(wanted):
        raise ParamsError(f"{where}: '{step.kind}' takes {len(wanted)} columns, not {len(step.of)}.")
    for name, kind in zip(step.of, wanted, strict=True):
        if name not in types:
            raise ParamsError(f"{where}: no input '{name}'.{did_you_mean(name, types)}")
        fits = {"number": NUMERIC, "date": {"date", "time"}, "time": {"time"}}[kind]
        if types[name] not in fits:
            raise ParamsError(f"{where}: '{step.kind}' takes a {kind}, but '{name}' is a {types[name]}.")
