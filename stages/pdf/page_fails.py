"""Page 5: groups and weeks in which the candidate does worse than on the whole."""

from __future__ import annotations

from typing import Any

from reportlab.platypus import Flowable

from stages.pdf import figures_weeks
from stages.pdf.figures_groups import groups
from stages.pdf.flowables import Gap
from stages.pdf.layout import Sheet, columns

Facts = dict[str, Any]


def page(sheet: Sheet, facts: Facts, _curves: Facts) -> list[Flowable]:
    """The flowables of page 5."""
    found = facts["fails"]
    parts = sheet.head(found["title"], found["lead"])
    if found["groups"]:
        parts += sheet.exhibit(found["groups_title"], groups(found), found["groups_about"], found["groups_note"])
    weeks = found["weekly"]
    if weeks:
        least, most = figures_weeks.HEIGHT
        height = max(least, most - 4.5 * len(found["groups"]))
        parts += [
            Gap(10, 24),
            columns(
                sheet.exhibit(weeks["score_title"], figures_weeks.score(weeks, height), weeks["score_about"]),
                sheet.exhibit(weeks["level_title"], figures_weeks.level(weeks, height), weeks["level_about"]),
            ),
        ]
    return parts
