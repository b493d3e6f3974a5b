"""The target in the data: its level in each part, over time, and how it is distributed."""

from __future__ import annotations

import msgspec

from stages.contracts.evaluation import MulticlassEvaluation, Part, RegressionEvaluation
from stages.report.findings.amounts import amounts
from stages.report.findings.comparison import SHARE
from stages.report.findings.inputs import Inputs
from stages.wording.numbers import Form, count, fixed, month, percent
from stages.wording.vocabulary import LONGEST, apart, inside, sentence

SPLITS: dict[Part, str] = {"train": "Train", "validation": "Validate", "test": "Hold-out"}
CLASSES = 8
"""Classes listed one by one; more are told together."""


class Split(msgspec.Struct, frozen=True):
    """A part: its rows, the target's level in them, and the periods they are of."""

    split: Part
    name: str
    rows: int
    level: float
    when: str


class NamedPeriod(msgspec.Struct, frozen=True):
    """The target's level in a period of a part."""

    period: str
    split: Part
    rows: float
    rate: float
    name: str


class ClassShare(msgspec.Struct, frozen=True):
    """A class's share in each part."""

    name: str
    train: float
    validation: float
    test: float


class Classes(msgspec.Struct, frozen=True):
    """The share of each class in each part, the most frequent first; of `all`, so many are told as one."""

    title: str
    rows: list[ClassShare]
    all: int
    moved: float


class PartSpread(msgspec.Struct, frozen=True):
    """Mean, median, 10th and 90th percentile of the target in a part."""

    name: str
    rows: int
    mean: float
    median: float
    low: float
    high: float


class Quantiles(msgspec.Struct, frozen=True):
    """Which quantiles those are."""

    low: float = 0.1
    high: float = 0.9


class Distribution(msgspec.Struct, frozen=True):
    """Mean, median and the middle 80% of the target in each part."""

    title: str
    about: str
    form: Form
    quantiles: Quantiles
    rows: list[PartSpread]


class TargetSummary(msgspec.Struct, frozen=True):
    """What section 2 says of the target; classes or a distribution where it has them."""

    splits: list[Split]
    outcome: list[NamedPeriod]
    outcome_form: Form
    outcome_title: str
    outcome_about: str
    classes: Classes | None
    distribution: Distribution | None
    period: str


def target_summary(inputs: Inputs) -> TargetSummary:
    """Return what section 2 says of the target."""
    periods = [
        NamedPeriod(row.period, row.split, row.rows, row.rate, month(row.period))
        for row in inputs.plots.outcome
        if row.rate is not None
    ]
    return TargetSummary(
        splits=[
            Split(
                split,
                name,
                inputs.evaluation.rows[split],
                level(inputs, split),
                _when([row for row in periods if row.split == split]),
            )
            for split, name in SPLITS.items()
        ],
        outcome=periods,
        outcome_form=level_form(inputs),
        outcome_title=_title(inputs, periods),
        outcome_about=f"{_what(inputs)} per period. Dashed: {_dashed(inputs)} of each part.",
        classes=_classes(inputs),
        distribution=_distribution(inputs),
        period=_when(periods),
    )


def describe_levels(inputs: Inputs) -> str:
    """The target's level in the three parts, as a sentence."""
    many, (train, validation, test) = inputs.words.many, [write_level(inputs, level(inputs, split)) for split in SPLITS]
    return (
        f"{_subject(inputs)} is {train} in the {many} it was trained on, {validation} in those its settings were "
        f"chosen on and {test} in the hold-out."
    )


def level(inputs: Inputs, split: Part) -> float:
    """The positive rate, the most frequent class's share, or the mean."""
    found = inputs.evaluation
    if isinstance(found, RegressionEvaluation):
        return found.target[split].mean
    if isinstance(found, MulticlassEvaluation):
        return found.share[split].get(found.most_frequent, 0.0)
    return found.rate[split]


def level_form(inputs: Inputs) -> Form:
    """How a level is written."""
    return amounts(inputs).form(error=False) if inputs.evaluation.task == "regression" else SHARE


def write_level(inputs: Inputs, value: float, digits: int = 0) -> str:
    """Return a level as a sentence says it, a share with so many decimals."""
    if inputs.evaluation.task == "regression":
        return amounts(inputs).write(value, error=False)
    return percent(value, digits)


def followed_shortly(inputs: Inputs, longest: int = 24) -> str:
    """The class that is followed, the one most rows of training have: cut so that it is not taken for another."""
    return apart(inputs.schema.target.classes, longest)[inputs.multiclass.most_frequent]


def _subject(inputs: Inputs) -> str:
    """The level that is followed from part to part, and over time."""
    if inputs.evaluation.task == "regression":
        return f"The mean {inside(inputs.words.target)}"
    if inputs.evaluation.task == "multiclass":
        return f"The share of {followed_shortly(inputs, LONGEST)}"
    return f"The share {inputs.words.positive}"


def _what(inputs: Inputs) -> str:
    words, task = inputs.words, inputs.evaluation.task
    if task == "regression":
        name = amounts(inputs).name
        return f"Mean {inside(words.target)}" + (f", {name}," if name else "")
    if task == "multiclass":
        return f"Share of {words.many} that are {followed_shortly(inputs, LONGEST)}"
    return f"Share {words.positive}"


def _dashed(inputs: Inputs) -> str:
    return "share" if inputs.evaluation.task == "multiclass" else "mean"


def _title(inputs: Inputs, periods: list[NamedPeriod]) -> str:
    if not periods:
        return ""
    least, most = (pick(periods, key=lambda row: row.rate) for pick in (min, max))
    low, high = (write_level(inputs, row.rate) for row in (least, most))
    return f"{_subject(inputs)} lies between {low} ({least.name}) and {high} ({most.name})"


def _classes(inputs: Inputs) -> Classes | None:
    if inputs.evaluation.task != "multiclass":
        return None
    train, validation, test = (inputs.multiclass.share[split] for split in SPLITS)
    names = sorted(inputs.schema.target.classes, key=lambda name: (-train.get(name, 0.0), -test.get(name, 0.0)))
    rows = [ClassShare(name, *(part.get(name, 0.0) for part in (train, validation, test))) for name in names]
    first, rest = (rows, []) if len(rows) <= CLASSES else (rows[: CLASSES - 1], rows[CLASSES - 1 :])
    if rest:
        sums = (sum(part) for part in zip(*((row.train, row.validation, row.test) for row in rest), strict=True))
        first = [*first, ClassShare(f"Other ({count(len(rest))})", *sums)]
    moved = max(
        (max(shares) - min(shares) for row in rows for shares in [(row.train, row.validation, row.test)]), default=0.0
    )
    title = f"From part to part no class's share differs by more than {fixed(moved * 100, 1)} points"
    return Classes(title, first, len(rows), moved)


def _distribution(inputs: Inputs) -> Distribution | None:
    found = inputs.evaluation
    if not isinstance(found, RegressionEvaluation):
        return None
    rows = [
        PartSpread(name, found.rows[split], part.mean, part.median, part.low, part.high)
        for split, name in SPLITS.items()
        for part in [found.target[split]]
    ]
    form, last = amounts(inputs), rows[-1]
    return Distribution(
        title=(
            f"Four in five {inputs.words.many} of the {last.name.lower()} lie between "
            f"{form.write(last.low, error=False)} and {form.write(last.high, error=False)}"
        ),
        about=f"{sentence(inputs.words.target)}" + (f", {form.name}." if form.name else "."),
        form=form.form(error=False),
        quantiles=Quantiles(),
        rows=rows,
    )


def _when(periods: list[NamedPeriod]) -> str:
    names = [row.name for row in sorted(periods, key=lambda row: row.period)]
    return "" if not names else names[0] if names[0] == names[-1] else f"{names[0]} to {names[-1]}"
