"""The words of the page: those of the report (params.yaml), so that people read the same names in both."""

from __future__ import annotations

import logging
from pathlib import Path

from serve.settings import ROOT
from stages.contracts.manifest import Target
from stages.core import params
from stages.core.errors import ParamsError
from stages.wording.params import Report
from stages.wording.vocabulary import Words, sentence

logger = logging.getLogger(__name__)


class Language:
    """The report's words for one target, its title and its limits."""

    def __init__(self, report: Report, target: Target) -> None:
        self.words = Words(report, target.name, target.positive)
        self.title = report.title or f"{self.words.target} of {self.words.many}"
        self.one, self.many = self.words.one, self.words.many
        self.warning, self.warnings = self.words.warning.one, self.words.warning.many
        self.limits = [(limit.limit, limit.means) for limit in report.limits]
        self.lang = report.language

    def label(self, name: str) -> str:
        """The column's name for people."""
        return self.words.label(name) or "(no name)"

    def unit(self, name: str) -> str:
        """The column's unit, or nothing."""
        return self.words.unit(name)

    def is_clock(self, name: str) -> bool:
        """Whether 515 means 5:15."""
        return name in self.words.columns and self.words.columns[name].clock

    def meaning(self, task: str) -> str:
        """What the answer is, in one line."""
        if task == "binary":
            return f"{sentence(self.words.speech.risk)} that a {self.one} {self.words.phrase}."
        likeliest = ": the likeliest of its classes" if task == "multiclass" else ""
        return f"{self.words.target} of a {self.one}{likeliest}."


def report(root: Path = ROOT) -> Report:
    """The section `report`, else the words that stand in for it: for the sake of a label no service stays down."""
    path = root / params.PARAMS.name
    try:
        return params.load("report", Report, path) if "report" in params.read(path) else Report()
    except ParamsError as error:
        logger.error("the page shows the columns' own names: %s", error)
        return Report()


__all__ = ["Language", "report", "sentence"]
