"""The tables behind the plots, `metrics/plots/*.csv`: each one's rows as a type of their own."""

from __future__ import annotations

import csv
import math
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args, get_type_hints

import msgspec

from stages.contracts.evaluation import Against, Part
from stages.contracts.metric_key import MetricKey

ModelName = Literal["candidate", "champion", "baseline"]
R = TypeVar("R", bound=msgspec.Struct)


class Score(msgspec.Struct, frozen=True):
    """A model's value of a metric with its interval."""

    model: ModelName | Against
    metric: MetricKey
    value: float | None
    low: float | None
    high: float | None


class Difference(msgspec.Struct, frozen=True):
    """The candidate's value less that of the model it is held against, with the paired interval."""

    against: Against
    metric: MetricKey
    value: float | None
    low: float | None
    high: float | None


class Slice(msgspec.Struct, frozen=True):
    """Rows alike in one column. `score`, `baseline` and `champion` are the models' values of the primary metric, `low`
    and `high` the interval of the candidate's; `level` is the mean target, `gap` what is predicted less it, `held` the
    share of rows inside their intervals.
    """

    column: str
    value: str
    rows: float
    level: float
    predicted: float
    gap: float
    gap_low: float | None
    gap_high: float | None
    low: float | None
    high: float | None
    score: float | None
    baseline: float | None = None
    champion: float | None = None
    held: float | None = None
    held_low: float | None = None
    held_high: float | None = None


class SensitiveGroup(msgspec.Struct, frozen=True):
    """A group of persons: the share of its rows called positive, its score (recall, accuracy or mean error) with its
    interval, and by how much that differs from the others' one.
    """

    column: str
    value: str
    rows: float
    acted: float | None
    score: float | None
    low: float | None
    high: float | None
    difference: float | None
    difference_low: float | None
    difference_high: float | None


class Importance(msgspec.Struct, frozen=True):
    """What is lost when a column is shuffled: the mean, the least and the most of some shuffles."""

    column: str
    value: float
    low: float
    high: float


class DependencePoint(msgspec.Struct, frozen=True):
    """The mean prediction with a column at a value that `share` of the rows do not exceed."""

    column: str
    value: float
    share: float
    predicted: float


class AdjustedLevel(msgspec.Struct, frozen=True):
    """What came among the rows with a value, and what is predicted were all rows like that."""

    column: str
    value: str
    rows: float
    observed: float
    predicted: float


class CorrelatedPair(msgspec.Struct, frozen=True):
    """Two columns that move together."""

    column: str
    other: str
    correlation: float


class ShiftedColumn(msgspec.Struct, frozen=True):
    """How far a column moved from train to hold-out rows, what chance makes of it, and the share missing in both."""

    column: str
    psi: float
    chance: float
    missing: float
    missing_test: float


class Period(msgspec.Struct, frozen=True):
    """The mean target of a part's rows in a period."""

    period: str
    split: Part
    rows: float
    rate: float | None


class Week(msgspec.Struct, frozen=True):
    """A week of the scored rows; `score`, `baseline` and `champion` are the models' values of the primary metric."""

    week: str
    rows: float
    observed: float
    predicted: float
    gap: float
    gap_low: float | None
    gap_high: float | None
    score: float | None
    baseline: float | None = None
    champion: float | None = None


class RocPoint(msgspec.Struct, frozen=True):
    """A point of a model's ROC curve."""

    model: ModelName
    fpr: float
    tpr: float


class PrecisionRecallPoint(msgspec.Struct, frozen=True):
    """A point of a model's curve of precision by recall."""

    model: ModelName
    recall: float
    precision: float


class BandPoint(msgspec.Struct, frozen=True):
    """The interval of the candidate's ROC curve at a false positive rate."""

    fpr: float
    low: float | None
    high: float | None


class Outcomes(msgspec.Struct, frozen=True):
    """What becomes of a thousand rows at a model's threshold, and what it costs."""

    model: ModelName
    cost: float
    caught: float
    missed: float
    needless: float
    left: float


class CostPoint(Outcomes, frozen=True, kw_only=True):
    """The same at any threshold."""

    threshold: float


class Bin(msgspec.Struct, frozen=True):
    """How many predictions lie from `low` to `high`."""

    low: float
    high: float
    rows: float


class CalibrationGroup(msgspec.Struct, frozen=True):
    """Mean prediction and observed share (of a number: of rows inside their intervals) of rows alike in prediction."""

    group: float
    predicted: float
    observed: float
    low: float | None
    high: float | None
    rows: float


class ClassScores(msgspec.Struct, frozen=True):
    """One class against the rest; the interval is the AUC's."""

    name: str = msgspec.field(name="class")
    rows: float
    share: float
    precision: float | None
    recall: float | None
    f1: float | None
    auc: float | None
    low: float | None
    high: float | None


class ConfusionCell(msgspec.Struct, frozen=True):
    """Rows of one class predicted as another, and their share of the class."""

    actual: str
    predicted: str
    rows: float
    share: float | None


class AbstainPoint(msgspec.Struct, frozen=True):
    """The share answered by a model from a confidence on, and the share of it that is right."""

    model: ModelName
    confidence: float
    answered: float
    accuracy: float


class ErrorGroup(msgspec.Struct, frozen=True):
    """Errors (predicted less actual) of a tenth of the rows alike in their prediction: three quantiles and the MAE."""

    group: float
    predicted: float
    actual: float
    p10: float
    p50: float
    p90: float
    mae: float
    rows: float


class Square(msgspec.Struct, frozen=True):
    """How many rows lie around a predicted and an actual value."""

    predicted: float
    actual: float
    rows: float


class TolerancePoint(msgspec.Struct, frozen=True):
    """The share of a model's errors that are no larger."""

    model: ModelName
    tolerance: float
    share: float


class ErrorLevel(msgspec.Struct, frozen=True):
    """The error that a share of the candidate's predictions does not exceed, and a model's share within it."""

    share: float
    error: float
    model: ModelName
    within: float


class Side(msgspec.Struct, frozen=True):
    """How often a model is too high or too low, and by how much on average."""

    model: ModelName
    side: Literal["high", "low"]
    share: float | None
    mean: float | None


class CorrectionPoint(msgspec.Struct, frozen=True):
    """What an error of a model costs with an amount added to every prediction."""

    model: ModelName
    correction: float
    cost: float


class Plots(msgspec.Struct, frozen=True, kw_only=True):
    """Every table; one that a task does not have is empty, as are those of dates where there are none."""

    scores: list[Score]
    differences: list[Difference]
    slices: list[Slice]
    sensitive: list[SensitiveGroup]
    importance: list[Importance]
    dependence: list[DependencePoint]
    adjusted: list[AdjustedLevel]
    related: list[CorrelatedPair]
    shift: list[ShiftedColumn]
    outcome: list[Period] = []
    weekly: list[Week] = []
    calibration: list[CalibrationGroup] = []
    histogram: list[Bin] = []
    roc: list[RocPoint] = []
    precision_recall: list[PrecisionRecallPoint] = []
    band: list[BandPoint] = []
    cost: list[CostPoint] = []
    outcomes: list[Outcomes] = []
    classes: list[ClassScores] = []
    confusion: list[ConfusionCell] = []
    abstain: list[AbstainPoint] = []
    errors: list[ErrorGroup] = []
    actual_predicted: list[Square] = []
    tolerance: list[TolerancePoint] = []
    levels: list[ErrorLevel] = []
    sides: list[Side] = []
    correction: list[CorrectionPoint] = []


ROWS: dict[str, type[msgspec.Struct]] = {name: get_args(kind)[0] for name, kind in get_type_hints(Plots).items()}
"""The type of each table's rows."""


def read_rows(path: Path, kind: type[R], primary: MetricKey) -> list[R]:
    """Return the rows of a table. Its columns named for the primary metric are those of the scores.

    Raises ValueError where the table is of other columns or values.
    """
    names = {primary: "score", "rate": "level", "mean": "level"}
    fields = {field.encode_name for field in msgspec.structs.fields(kind)}
    texts = {field.encode_name for field in msgspec.structs.fields(kind) if not _is_number(field.type)}
    with path.open(encoding="utf-8", newline="") as file:
        lines = list(csv.reader(file))
    head = [name if name in fields else names.get(name, name.removesuffix(f"_{primary}")) for name in lines[0]]
    rows = [
        {name: cell if name in texts else _number(cell) for name, cell in zip(head, line, strict=True)}
        for line in lines[1:]
    ]
    try:
        return msgspec.convert(rows, list[kind])  # type: ignore[valid-type]
    except msgspec.ValidationError as error:
        raise ValueError(f"{path}: {error}") from None


def _is_number(kind: Any) -> bool:
    return kind is float or float in get_args(kind)


def _number(cell: str) -> Any:
    """A finite number, None for an empty or infinite one, else the text."""
    try:
        number = float(cell)
    except ValueError:
        return cell or None
    return number if math.isfinite(number) else None
