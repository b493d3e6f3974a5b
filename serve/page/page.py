"""One model as the page asks it: its form, and the answer to what was typed into it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from serve.explain.explainer import Explainer
from serve.page import fields, form, training_profile
from serve.page.answer import Answer, Teller
from serve.page.fields import Field, Group
from serve.page.vocabulary import Language
from serve.scoring.decode import Decoder, Row
from serve.scoring.loader import Model
from serve.scoring.scorer import Scorer
from stages.contracts.manifest import Manifest
from stages.wording.params import Report

TOO_LARGE = "These values are too large for the model, which has no finite answer for them."


@dataclass(frozen=True)
class Asked:
    """What was typed, and the answer to it, or the errors by the fields' keys, or why there is neither."""

    typed: dict[str, str]
    answer: Answer | None
    errors: dict[str, str]
    failure: str = ""


class Asking:
    """Made once for a model; answers any number of times, from several threads."""

    def __init__(self, model: Model, report: Report) -> None:
        manifest = model.manifest
        self.model = model
        self.facts = training_profile.profile_of(manifest)
        self.language = Language(report, manifest.target)
        self.fields: list[Field] = fields.fields(manifest, self.facts, self.language, _joins(manifest))
        self.groups: tuple[list[Group], list[Group]] = fields.grouped(self.fields)
        self._decoder = Decoder(manifest.inputs, max_rows=1)
        self._teller = Teller(manifest, self.facts, self.language, self.fields)
        self._names = [column.name for column in manifest.inputs]
        self._explain = Explainer(model).explain
        self._encoded = Scorer(model).encoded
        self._typical = self._usual()

    @property
    def spread(self) -> float:
        """How far the usual values of a number lie apart; 0 of classes."""
        quantiles = self.facts.usual.quantiles
        return quantiles[-1] - quantiles[0] if quantiles else 0.0

    def typical(self) -> Asked:
        """The answer the page opens with."""
        return self.ask(form.typical(self.fields))

    def ask(self, typed: Mapping[str, str]) -> Asked:
        """The answer to the form."""
        shown = {field.key: typed.get(field.key, "")[: form.LONGEST] for field in self.fields}
        row, errors = form.read(self.fields, typed, self._decoder)
        if row is None:
            return Asked(shown, None, errors)
        said = self._answer(row)
        if not np.isfinite(said).all():
            return Asked(shown, None, {}, TOO_LARGE)
        since = None if said == self._typical else self._typical
        values = dict(zip(self._names, row, strict=True))
        return Asked(shown, self._teller.tell(said, since, self._explain(row), values), {})

    def _usual(self) -> list[float] | None:
        """The numbers for typical values."""
        row, _ = form.read(self.fields, form.typical(self.fields), self._decoder)
        return None if row is None else self._answer(row)

    def _answer(self, row: Row) -> list[float]:
        """The model's numbers for the row."""
        numbers: list[float] = self.model.answers(np.array([self._encoded(row)]))[0].tolist()
        return numbers


def _joins(manifest: Manifest) -> dict[str, str]:
    """The table of each input that is joined from another one."""
    joins = manifest.reading.joins if manifest.reading else {}
    return {mine: table for table, join in joins.items() for mine in join.columns.values()}


__all__ = ["Asked", "Asking", "Row"]
