"""The outcome in the data: its level in each part, over time, and how it is distributed."""

from __future__ import annotations

from stages.report.findings.amounts import amounts
from stages.report.findings.inputs import Inputs, Row
from stages.wording.numbers import count, fixed, month, percent
from stages.wording.vocabulary import apart, inside, sentence

SPLITS = {"train": "Train", "validation": "Validate", "test": "Hold-out"}
CLASSES = 8
"""Classes listed one by one; more are told together."""
SHARE = {"digits": 0, "scale": 100, "unit": "%"}


def outcome(inputs: Inputs) -> Row:
    """What page 2 says of the target."""
    periods = [dict(row, name=month(row["period"])) for row in inputs.plots["outcome"] if row["rate"] is not None]
    return {
        "splits": [
            {
                "split": split,
                "name": name,
                "rows": inputs.evaluation["rows"][split],
                "level": _level(inputs, split),
                "when": _when(periods, split),
            }
            for split, name in SPLITS.items()
        ],
        "outcome": periods,
        "outcome_form": _form(inputs),
        "outcome_title": _title(inputs, periods),
        "outcome_about": f"{_what(inputs)} per period. Dashed: {_dashed(inputs)} of each part.",
        "classes": _classes(inputs),
        "distribution": _distribution(inputs),
        "period": _period(periods),
    }


def told(inputs: Inputs) -> str:
    """The outcome's level in the three parts, as a sentence."""
    many, (train, validation, test) = inputs.words.many, [_said(inputs, _level(inputs, split)) for split in SPLITS]
    return (
        f"{_subject(inputs)} is {train} in the {many} it was trained on, {validation} in those its settings were "
        f"chosen on and {test} in the hold-out."
    )


def _subject(inputs: Inputs) -> str:
    """The level that is followed from part to part, and over time."""
    if inputs.evaluation["task"] == "regression":
        return f"The mean {inside(inputs.words.target)}"
    if inputs.evaluation["task"] == "multiclass":
        return f"The share of {_followed(inputs)}"
    return f"The share {inputs.words.positive}"


def _said(inputs: Inputs, value: float | None) -> str:
    if inputs.evaluation["task"] == "regression":
        return amounts(inputs).said(value, error=False)
    return percent(value)


def _form(inputs: Inputs) -> Row:
    return amounts(inputs).form(error=False) if inputs.evaluation["task"] == "regression" else SHARE


def _level(inputs: Inputs, split: str) -> float | None:
    """The positive rate, the most frequent class's share, or the mean."""
    found = inputs.evaluation
    if found["task"] == "regression":
        value = found["target"].get(split, {}).get("mean")
    elif found["task"] == "multiclass":
        value = found["share"].get(split, {}).get(followed(inputs), 0.0)
    else:
        value = found["rate"][split]
    return None if value is None else float(value)


def followed(inputs: Inputs) -> str:
    """The class that is followed: the one most rows of training have."""
    if inputs.evaluation.get("most_frequent") is not None:
        return str(inputs.evaluation["most_frequent"])
    shares = inputs.evaluation["share"]["train"]
    return max(map(str, inputs.schema["target"]["classes"]), key=lambda name: float(shares.get(name, 0.0)))


def followed_shortly(inputs: Inputs, longest: int = 24) -> str:
    """Its name, cut so that it is not taken for another class."""
    return apart(inputs.schema["target"]["classes"], longest)[followed(inputs)]


def _followed(inputs: Inputs) -> str:
    """The class that is followed, short enough for a sentence."""
    return apart(inputs.schema["target"]["classes"])[followed(inputs)]


def _what(inputs: Inputs) -> str:
    words, task = inputs.words, inputs.evaluation["task"]
    if task == "regression":
        name = amounts(inputs).name
        return f"Mean {inside(words.target)}" + (f", {name}," if name else "")
    if task == "multiclass":
        return f"Share of {words.many} that are {_followed(inputs)}"
    return f"Share {words.positive}"


def _dashed(inputs: Inputs) -> str:
    return "share" if inputs.evaluation["task"] == "multiclass" else "mean"


def _title(inputs: Inputs, periods: list[Row]) -> str:
    if not periods:
        return ""
    least, most = (pick(periods, key=lambda row: float(row["rate"])) for pick in (min, max))
    low, high = (_said(inputs, row["rate"]) for row in (least, most))
    return f"{_subject(inputs)} lies between {low} ({least['name']}) and {high} ({most['name']})"


def _classes(inputs: Inputs) -> Row:
    """The share of each class in each part, the most frequent first."""
    if inputs.evaluation["task"] != "multiclass":
        return {}
    shares = inputs.evaluation["share"]
    names = sorted(
        inputs.schema["target"]["classes"],
        key=lambda name: (-shares["train"].get(name, 0.0), -shares["test"].get(name, 0.0)),
    )
    rows = [{"name": name, **{split: shares[split].get(name, 0.0) for split in SPLITS}} for name in names]
    first, rest = (rows, []) if len(rows) <= CLASSES else (rows[: CLASSES - 1], rows[CLASSES - 1 :])
    if rest:
        other = {split: sum(row[split] for row in rest) for split in SPLITS}
        first = [*first, {"name": f"Other ({count(len(rest))})", **other}]
    moved = max((abs(row["test"] - row["train"]) for row in rows), default=0.0)
    return {
        "title": f"No class's share moves by more than {fixed(moved * 100, 1)} points",
        "rows": first,
        "all": len(rows),
        "moved": moved,
    }


def _distribution(inputs: Inputs) -> Row:
    """Mean, median and the middle 80% of the target in each part."""
    if inputs.evaluation["task"] != "regression":
        return {}
    found, form = inputs.evaluation["target"], amounts(inputs)
    rows = [
        {"name": name, "rows": inputs.evaluation["rows"][split], **found[split]}
        for split, name in SPLITS.items()
        if found.get(split) and found[split]["mean"] is not None
    ]
    if not rows:
        return {}
    last = rows[-1]
    return {
        "title": (
            f"Four in five {inputs.words.many} of the {last['name'].lower()} lie between "
            f"{form.said(last['low'], error=False)} and {form.said(last['high'], error=False)}"
        ),
        "about": f"{sentence(inputs.words.target)}" + (f", {form.name}." if form.name else "."),
        "form": form.form(error=False),
        "quantiles": {"low": 0.1, "high": 0.9},
        "rows": rows,
    }


def _when(periods: list[Row], split: str) -> str:
    names = [row["name"] for row in sorted(periods, key=lambda row: str(row["period"])) if row["split"] == split]
    return "" if not names else names[0] if names[0] == names[-1] else f"{names[0]} to {names[-1]}"


def _period(periods: list[Row]) -> str:
    names = [row["name"] for row in sorted(periods, key=lambda row: str(row["period"]))]
    return "" if not names else names[0] if names[0] == names[-1] else f"{names[0]} to {names[-1]}"
