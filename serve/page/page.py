"""One model as the page asks it: its form, and the answer to what was typed into it."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from serve.page import fields, form, training_profile
from serve.page.answer import Answer, Teller
from serve.page.fields import Field, Group
from serve.page.vocabulary import Language
from serve.scoring.decode import Decoder, Row
from serve.scoring.loader import Model
from serve.scoring.scorer import Scorer
from stages.contracts.manifest import Manifest
from stages.explain.attribution import Background
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
        types = {column.name: column.type for column in manifest.inputs}
        held = {
            seen.name: [(in_row(types[seen.name], value), share) for value, share in seen.background]
            for seen in self.facts.inputs
        }
        self._background = Background(held, self._names)
        self._encoded = Scorer(model).encoded
        self._typical = self._usual()

    def typical(self) -> Asked:
        """The answer the page opens with."""
        return self.ask(form.typical(self.fields))

    def ask(self, typed: Mapping[str, str]) -> Asked:
        """The answer to the form."""
        shown = {field.key: typed.get(field.key, "")[: form.LONGEST] for field in self.fields}
        row, errors = form.read(self.fields, typed, self._decoder)
        if row is None:
            return Asked(shown, None, errors)
        numbers = self._answers([row])[0]
        if not np.isfinite(numbers).all():
            return Asked(shown, None, {}, TOO_LARGE)
        said: list[float] = numbers.tolist()
        since = None if said == self._typical else self._typical
        odds = self.model.manifest.task != "regression"
        variants = self._answers(self._background.variants(row))[:, self._teller.about(said)]
        why = self._background.reasons(variants, odds)
        return Asked(shown, self._teller.tell(said, since, why, dict(zip(self._names, row, strict=True))), {})

    def _usual(self) -> list[float] | None:
        """The numbers for typical values."""
        row, _ = form.read(self.fields, form.typical(self.fields), self._decoder)
        return None if row is None else self._answers([row])[0].tolist()

    def _answers(self, rows: Sequence[Row]) -> npt.NDArray[np.float64]:
        """What the model says of the rows: float64 [rows, width]."""
        return self.model.answers(np.array([self._encoded(row) for row in rows]))


def in_row(kind: str, value: Any) -> Any:
    """A value of the manifest as a decoded row holds it."""
    if value is None:
        return None
    if kind == "date":
        return datetime.date.fromisoformat(value)
    return datetime.datetime.fromisoformat(value) if kind == "time" else value


def _joins(manifest: Manifest) -> dict[str, str]:
    """The table of each input that is joined from another one."""
    joins = manifest.reading.joins if manifest.reading else {}
    return {mine: table for table, join in joins.items() for mine in join.columns.values()}


__all__ = ["Asked", "Asking", "Row", "in_row"]
