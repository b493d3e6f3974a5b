"""The section `evaluate` of params.yaml."""

from __future__ import annotations

from typing import Annotated

import msgspec

from stages.contracts.evaluation import Costs, UnitCosts
from stages.core.errors import ParamsError, did_you_mean
from stages.core.params import Params
from stages.evaluate import gates
from stages.evaluate.gates import Gate
from stages.evaluate.intervals import Tails
from stages.table.schema import Schema, Task

Positive = Annotated[int, msgspec.Meta(ge=1)]
Above = Annotated[float, msgspec.Meta(gt=0)]
Share = Annotated[float, msgspec.Meta(gt=0, lt=1)]


class Evaluate(Params, frozen=True):
    """The section `evaluate` of params.yaml."""

    baseline: list[str]
    gates: dict[str, Gate]
    block: str = ""
    folds: Annotated[int, msgspec.Meta(ge=0, le=100)] = 0
    repeats: Annotated[int, msgspec.Meta(ge=1, le=100)] = 5
    draws: Annotated[int, msgspec.Meta(ge=100)] = 500
    confidence: Share = 0.95
    cost_of_miss: Above | None = None
    cost_of_false_alarm: Above | None = None
    cost_of_over: Above | None = None
    cost_of_under: Above | None = None
    tolerance: Above | None = None
    slices: list[str] = []
    sensitive: list[str] = []
    min_slice: Positive = 500
    slice_confidence: Share = 0.99
    random_split_rows: Annotated[int, msgspec.Meta(ge=0)] = 100_000
    importance_rows: Positive = 20_000
    importance_repeats: Positive = 5
    seed: int = 7

    @property
    def costs(self) -> Costs:
        """What wrong calls of two classes cost: the same, while nobody set it."""
        if self.cost_of_miss is None or self.cost_of_false_alarm is None:
            return Costs(1.0, 1.0, assumed=True)
        return Costs(self.cost_of_miss, self.cost_of_false_alarm)

    @property
    def unit_costs(self) -> UnitCosts | None:
        """What a number predicted too high and too low costs, where that is set."""
        if self.cost_of_over is None or self.cost_of_under is None:
            return None
        return UnitCosts(self.cost_of_over, self.cost_of_under)

    def list_needs(self, task: Task) -> dict[str, str]:
        """Return the metrics that cannot be judged yet, with what must be set for them."""
        needs: dict[str, str] = {}
        if task == "binary" and self.costs.assumed:
            needs["cost"] = "evaluate.cost_of_miss and evaluate.cost_of_false_alarm"
        if task != "regression":
            return needs
        if self.tolerance is None:
            needs["within"] = "evaluate.tolerance, the error that counts as right"
        if self.unit_costs is None:
            needs["cost"] = "evaluate.cost_of_over and evaluate.cost_of_under"
        return needs

    @property
    def tails(self) -> Tails:
        """The two quantiles between which the interval lies."""
        return (1 - self.confidence) / 2, (1 + self.confidence) / 2

    @property
    def slice_tails(self) -> Tails:
        """The same for one slice: among many of them, some lie far out by chance."""
        return (1 - self.slice_confidence) / 2, (1 + self.slice_confidence) / 2


def check(section: Evaluate, columns: Schema) -> None:
    """Raise ParamsError for a gate that cannot be judged, or a column that the clean table does not have."""
    for one, other in (("cost_of_over", "cost_of_under"), ("cost_of_miss", "cost_of_false_alarm")):
        if (getattr(section, one) is None) != (getattr(section, other) is None):
            raise ParamsError(f"params.yaml: evaluate: {one} and {other} belong together: give both, or neither.")
    gates.check(section.gates, columns.task, section.list_needs(columns.task))
    if section.folds == 1:
        raise ParamsError("params.yaml: evaluate.folds: 1 fold leaves no row to fit on. Give 0 (none), or 2 or more.")
    named = {
        "baseline": section.baseline,
        "slices": section.slices,
        "sensitive": section.sensitive,
        "block": [section.block] if section.block else [],
    }
    for key, names in named.items():
        for name in names:
            if name not in columns.types:
                near = did_you_mean(name, columns.types)
                raise ParamsError(f"params.yaml: evaluate.{key}: data/clean.csv has no column '{name}'.{near}")
