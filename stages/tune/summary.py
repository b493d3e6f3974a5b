"""What came of it: a table of the best trials, what their scores are worth, and how one is taken over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from stages.contracts.metric_key import MetricKey
from stages.tune.judge import Result, Trial
from stages.tune.params import Value
from stages.wording.numbers import decimals, fixed, plural, signed

SHOWN = 10
"""Trials in the table."""
FIGURES = 6
"""Of a metric: validation rows are many, and good trials differ little."""
NOW = "params.yaml"


class Outcome(NamedTuple):
    """All trials and, to compare them with, what is in params.yaml: the values of the keys that are searched, and what
    they are worth. The experiments are named by `prefix` and number.
    """

    loss: MetricKey
    current: dict[str, Value]
    now: Result
    trials: list[Trial]
    prefix: str

    @property
    def ranked(self) -> list[Trial]:
        """The trials that did not fail, the lowest loss first; of those that came to the same the first."""
        found = {tuple(one.result.validation.items()): one for one in reversed(self.trials) if not one.result.failed}
        return sorted(found.values(), key=lambda one: (one.result.validation[self.loss], one.number))

    @property
    def better(self) -> Trial | None:
        """The best of them, if its loss is below that of params.yaml."""
        best = next(iter(self.ranked), None)
        return best if best and best.result.validation[self.loss] < self.now.validation[self.loss] else None


def name_trial(prefix: str, number: int) -> str:
    """Return the name of a trial's experiment."""
    return f"{prefix}-{number:03d}"


def write_table(outcome: Outcome) -> str:
    """Return params.yaml and the best trials, a line each: metrics of the validation rows, and the values."""
    keys, ranked = sorted(outcome.current), outcome.ranked
    metrics = [outcome.loss, *(key for key in outcome.now.validation if key != outcome.loss)]
    digits = {key: decimals(abs(outcome.now.validation[key]), FIGURES) for key in metrics}
    least = outcome.now.validation[outcome.loss]
    chosen = [] if "estimator" in keys else ["estimator"]

    def write_line(name: str, result: Result, values: dict[str, Value]) -> list[str]:
        loss, *others = [fixed(result.validation[key], digits[key]) for key in metrics]
        difference = signed(result.validation[outcome.loss] - least, digits[outcome.loss])
        told = {"estimator": result.estimator, **values}
        return [name, loss, difference, *others, *(str(told[key]) for key in (*chosen, *keys))]

    lines = [write_line(NOW, outcome.now, outcome.current)]
    lines += [write_line(name_trial(outcome.prefix, one.number), one.result, one.values) for one in ranked[:SHOWN]]
    return _align([["", metrics[0], "difference", *metrics[1:], *chosen, *keys], *lines])


def write_advice(outcome: Outcome) -> str:
    """Return what failed, which trial is the best and what that is worth, and what to type to take it over."""
    failed = [one for one in outcome.trials if one.result.failed]
    count = plural(len(outcome.trials), "trial", "trials")
    told = [f"Failed: {len(failed)} of {count}; trial {failed[0].number}: {failed[0].result.failed}"] if failed else []
    if not outcome.better:
        told.append(f"Of {count} none has a lower {outcome.loss} than {NOW} has: nothing is to be taken over.")
        return "\n".join(told)
    told += [
        f"The lowest {outcome.loss} of {count} on the same validation rows is partly luck: expect less on new rows.",
        "The hold-out, which no trial saw, judges what you take over once, in evaluate.",
        f"Take the best over: make tune TAKE={name_trial(outcome.prefix, outcome.better.number)}",
    ]
    return "\n".join(told)


def _align(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]) for row in rows)
