"""Section 4: what is done with an answer, for each task."""

from __future__ import annotations

from reportlab.platypus import Flowable

from stages.pdf.flowables import Gap
from stages.pdf.layout import Sheet
from stages.report.findings.decision_rule_binary import BinaryRule
from stages.report.findings.decision_rule_multiclass import MulticlassRule
from stages.report.findings.plots import Plots
from stages.report.findings.report import ReportFacts
from stages.report.pages import figures as shared
from stages.report.pages import figures_abstain, figures_cost, figures_tolerance


def page(sheet: Sheet, facts: ReportFacts, plots: Plots) -> list[Flowable]:
    """The flowables of section 4."""
    found = facts.rule
    parts = sheet.head(found.title, found.lead)
    exhibits = []
    if bars := found.thousand:
        exhibits.append(sheet.exhibit(bars.title, shared.thousand(bars), bars.about, shared.unlabelled(bars)))
    for exhibit in [*exhibits, *_own(sheet, facts, plots)]:
        parts += [*exhibit, Gap(12, 40)]
    return parts[:-1]


def _own(sheet: Sheet, facts: ReportFacts, plots: Plots) -> list[list[Flowable]]:
    """The task's curve and tables."""
    found = facts.rule
    if isinstance(found, BinaryRule):
        return figures_cost.exhibits(sheet, facts.about, found, plots)
    if isinstance(found, MulticlassRule):
        return figures_abstain.exhibits(sheet, found, plots)
    assert facts.about.forms is not None
    return figures_tolerance.exhibits(sheet, facts.about.forms, found, plots)
