"""`metrics/evaluation.json`: how good the candidate is, against whom, and by which gates.

What every task has stands in `Evaluation`; what one alone has, in its own kind. Which one a file holds, its key `task`
says.
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Literal

import msgspec

from stages.contracts.metric_key import MetricKey
from stages.core.files import read_struct
from stages.table.schema import Task

PATH = Path("metrics/evaluation.json")
Part = Literal["train", "validation", "test"]
Against = Literal["baseline", "constant", "champion"]
"""What a candidate is held against: the rule without a model, the usual answer given to all rows, the model in use."""
Scores = dict[MetricKey, float | None]
"""A model's value of each metric; None where the rows do not define it."""


class Bounds(msgspec.Struct, frozen=True):
    """The ends of an interval; None where no resample defines the metric."""

    low: float | None
    high: float | None


class GateResult(msgspec.Struct, frozen=True, omit_defaults=True):
    """A gate and how the candidate did by it. Without `measured` values it was not applicable."""

    level: Literal["must", "should"]
    rule: str
    metric: MetricKey
    against: Against | Literal[""]
    result: Literal["met", "not met", "undecided", "not applicable"]
    value: float | None = None
    low: float | None = None
    high: float | None = None


class ChampionState(msgspec.Struct, frozen=True, omit_defaults=True):
    """The model in use: its version, None while there is none; whether it is this candidate; why the two cannot be
    compared, where they cannot.

    Where they are compared on other rows than the scores come from, `rows` is how many of the hold-out that are, which
    neither has learnt from, and `candidate` its scores there.
    """

    version: str | None = None
    same: bool = False
    incomparable: str = ""
    rows: int = 0
    candidate: Scores = {}


class HoldOut(msgspec.Struct, frozen=True):
    """The candidate on the hold-out alone, where the scores are those of cross-validation."""

    rows: int
    candidate: Scores


class Estimate(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where the scores come from; of cross-validation its folds, repeats and rows, and what the hold-out says."""

    by: Literal["hold-out", "cross-validation"]
    folds: int = 0
    repeats: int = 1
    rows: int = 0
    hold_out: HoldOut | None = None


class RandomSplit(msgspec.Struct, frozen=True):
    """The primary metric where rows are split at random: how many were fitted and scored."""

    fitted: int
    scored: int
    score: float


class Evaluation(msgspec.Struct, frozen=True, tag_field="task", kw_only=True):
    """What every task has. `version` is the candidate's, `block` the column whose values are resampled together, or
    `row`; `baseline_tenths` are those of its keys whose values stand for the tenth of the train rows they lie in;
    `interval` are the bounds of the candidate's scores.
    """

    task: ClassVar[Task]

    primary: MetricKey
    version: str
    estimate: Estimate
    rows: dict[Part, int]
    block: str
    blocks: int
    confidence: float
    slice_confidence: float
    candidate: Scores
    interval: dict[MetricKey, Bounds]
    baseline: Scores
    baseline_keys: list[str]
    baseline_tenths: list[str]
    champion: Scores
    champion_state: ChampionState
    random_split: RandomSplit | None
    worst_group: WorstGroup | None
    gates: dict[str, GateResult]
    passed: bool


class WorstGroup(msgspec.Struct, frozen=True):
    """Of `searched` groups by one or two columns the one predicted furthest off, on rows that the search did not see.

    gap: predicted less observed, with its interval. confirmed: whether it is clearly further off than all rows are, and
    to the side that the search found.
    """

    columns: list[str]
    values: list[str]
    searched: int
    rows: int
    gap: float
    low: float | None
    high: float | None
    confirmed: bool


class Confusion(msgspec.Struct, frozen=True):
    """Rows called positive rightly and wrongly, and negative likewise, at the threshold."""

    tp: int
    fp: int
    fn: int
    tn: int


class Costs(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a missed positive row and a false alarm cost; `assumed` while nobody has said it."""

    miss: float
    false_alarm: float
    assumed: bool = False

    @property
    def threshold(self) -> float:
        """Warn from this probability on, where both errors cost the same in expectation: p × miss ≥ (1 − p) × false
        alarm (Elkan, 2001).
        """
        return self.false_alarm / (self.false_alarm + self.miss)


class BinaryEvaluation(Evaluation, frozen=True, tag="binary", kw_only=True):
    """Of two classes: each part's positive rate, and the calls at the threshold that the costs set."""

    task = "binary"

    rate: dict[Part, float]
    threshold: float
    costs: Costs
    confusion: Confusion


class MulticlassEvaluation(Evaluation, frozen=True, tag="multiclass", kw_only=True):
    """Of several classes: each part's shares, and the class that most train rows have."""

    task = "multiclass"

    most_frequent: str
    share: dict[Part, dict[str, float]]


class Spread(msgspec.Struct, frozen=True):
    """A part's target: its mean, median, 10th and 90th percentile."""

    mean: float
    median: float
    low: float
    high: float


class RelativeError(msgspec.Struct, frozen=True):
    """Errors as shares of the value, of values above 0: the median, and the share of rows within a tolerance."""

    median: float
    within: float
    tolerance: float


class UnitCosts(msgspec.Struct, frozen=True):
    """What a unit predicted too much and one too little cost."""

    over: float
    under: float


class RegressionEvaluation(Evaluation, frozen=True, tag="regression", kw_only=True):
    """Of a number: each part's target, the share its intervals promise, the error that counts as right, and the costs,
    where they are set.
    """

    task = "regression"

    target: dict[Part, Spread]
    relative: RelativeError | None
    interval_share: float | None
    tolerance: float | None
    unit_costs: UnitCosts | None


AnyEvaluation = BinaryEvaluation | MulticlassEvaluation | RegressionEvaluation


def read_evaluation(path: Path = PATH) -> AnyEvaluation:
    """Return the file's value, of the kind its task says. Raises ValueError where it is none."""
    evaluation: AnyEvaluation = read_struct(path, AnyEvaluation)  # type: ignore[arg-type]  # a union is no type
    return evaluation
