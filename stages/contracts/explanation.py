"""Why an answer is what it is, as the service gives it: from what is usual to the answer, by contributions."""

from __future__ import annotations

from typing import Literal

import msgspec

MOST = 5
"""Reasons that a person is told."""
Part = Literal["", "season", "weekday", "hour"]
DATE: Part = ""
"""The whole of an input; of a date all that is no other part of it."""


class Reason(msgspec.Struct, frozen=True, omit_defaults=True):
    """An input, or a part of a date, and how far it moves the answer: a chance, or a number in the target's unit."""

    input: str
    step: float
    part: Part = DATE


class Explanation(msgspec.Struct, frozen=True):
    """From the usual answer to this one: `value` = `usual` + the reasons' steps + `rest`.

    `label` is the class whose chance it is, None of a number. `usual` is the class's share, or the mean, over the
    training rows. `reasons` come largest first; `rest` is what the inputs not looked at move, and how the inputs go
    together in training.
    """

    label: str | None
    value: float
    usual: float
    reasons: list[Reason]
    rest: float

    @property
    def main_reasons(self) -> list[Reason]:
        """The few that a person is told."""
        return self.reasons[:MOST]
