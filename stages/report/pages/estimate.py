"""The small table that says how scores were estimated, where that is not simply the hold-out."""

from __future__ import annotations

from reportlab.platypus import Flowable, Spacer

from stages.pdf.layout import say, table
from stages.pdf.style import HALF
from stages.report.findings.estimate import CrossValidation


def estimate(found: CrossValidation | None) -> list[Flowable]:
    """Rows, folds and why; nothing where there is nothing to say."""
    if not found:
        return []
    rows = [[row.item, row.value] for row in found.table]
    body = table(["What", "How"], rows, [62, HALF - 62], padding=1.6, strong=False)
    return [Spacer(0, 10), say(found.title, "heading"), body]
