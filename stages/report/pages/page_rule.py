"""Page 4: what is done with an answer, for each task."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reportlab.platypus import Flowable

from stages.pdf.flowables import Gap
from stages.pdf.layout import Sheet
from stages.report.pages import figures as shared
from stages.report.pages import figures_abstain, figures_cost, figures_tolerance

Facts = dict[str, Any]
OWN: dict[str, Callable[[Sheet, Facts, Facts], list[list[Flowable]]]] = {
    "binary": figures_cost.exhibits,
    "multiclass": figures_abstain.exhibits,
    "regression": figures_tolerance.exhibits,
}
"""Each task's curve and tables."""


def page(sheet: Sheet, facts: Facts, curves: Facts) -> list[Flowable]:
    """The flowables of page 4."""
    found = facts["rule"]
    parts = sheet.head(found["title"], found["lead"])
    exhibits = []
    if found["thousand"]:
        bars = found["thousand"]
        note = shared.unlabelled(bars)
        exhibits.append(sheet.exhibit(bars["title"], shared.thousand(bars), bars["about"], note))
    for exhibit in [*exhibits, *OWN[facts["about"]["task"]](sheet, facts, curves)]:
        parts += [*exhibit, Gap(12, 40)]
    return parts[:-1]
