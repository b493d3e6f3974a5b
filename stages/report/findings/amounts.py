"""Amounts of a regression's target: prices of millions and rates of millionths, each with the decimals it needs."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from stages.contracts.evaluation import RegressionEvaluation
from stages.report.findings.inputs import Inputs
from stages.wording.numbers import Form, decimals, exact, fixed, nothing

POWERS = {4: "trillion", 3: "billion", 2: "million", 0: "", -1: "thousandths", -2: "millionths", -3: "billionths"}
"""Names of powers of a thousand; thousands themselves are written out."""
HUGE, TINY = 1e6, 1e-3
"""Errors from the first on, and targets below the second, are told in a power of a thousand."""
BEFORE = ("$", "€", "£", "¥", "US$")
"""Units that stand before the number."""


@dataclass(frozen=True)
class Amounts:
    """How the target's values are written: divided by `factor`, its name `power`, with `digits` for errors."""

    factor: float
    power: str
    unit: str
    digits: int
    value_digits: int

    @property
    def name(self) -> str:
        """What stands in a heading after the comma: `million $`, `mg/dl`, or nothing."""
        return " ".join(part for part in (self.power, self.unit) if part)

    def form(self, error: bool = True) -> Form:
        """The form of a value in report.json; an error may need more decimals than what it is an error of."""
        return Form(self.digits if error else self.value_digits, 1 / self.factor)

    def write(self, value: float | None, error: bool = True) -> str:
        """The value in a sentence: $35,012, 3.21 mg/dl, $12.3 million."""
        digits = self.digits if error else self.value_digits
        return self._named(fixed(None if value is None else value / self.factor, digits))

    def write_least(self) -> str:
        """The smallest error that is not written as 0."""
        return self.write(10.0**-self.digits * self.factor)

    def is_zero(self, value: float | None) -> bool:
        """Whether an error is written as 0."""
        return value is not None and nothing(fixed(value / self.factor, self.digits))

    def write_bound(self, value: float) -> str:
        """A bound that somebody set, to all its figures."""
        return self._named(exact(value / self.factor))

    def _named(self, number: str) -> str:
        if self.unit in BEFORE:
            sign, digits = (number[:1], number[1:]) if not number[:1].isdigit() else ("", number)
            return " ".join(part for part in (f"{sign}{self.unit}{digits}", self.power) if part)
        glued = "" if self.unit in ("%", "°") and not self.power else " "
        return glued.join(part for part in (number, self.name) if part)


def amounts(inputs: Inputs) -> Amounts:
    """How large the target's values and the candidate's errors are decides how they are written."""
    found = inputs.evaluation
    parts = list(found.target.values()) if isinstance(found, RegressionEvaluation) else []
    spread = max((abs(part.high - part.low) for part in parts), default=0.0)
    size = _largest(value for part in parts for value in (part.mean, part.median, part.low, part.high))
    error = abs(found.candidate.get("mae") or 0.0) or spread or size
    return choose_amounts(size, spread or size, error, inputs.words.unit(inputs.schema.target.name))


def choose_amounts(size: float, spread: float, error: float, unit: str = "") -> Amounts:
    """The form for values as large as `size`, that differ by `spread`, with errors of about `error`."""
    chosen = error if error >= HUGE else size if 0 < size < TINY else 1.0
    power = max((power for power in POWERS if 1000.0**power <= chosen), default=min(POWERS))
    factor = 1000.0**power
    digits = min(decimals(error / factor), 9)
    return Amounts(factor, POWERS[power], unit, digits, min(digits, decimals(spread / factor)))


def _largest(values: Iterable[float]) -> float:
    return max((abs(value) for value in values if math.isfinite(value)), default=0.0)
