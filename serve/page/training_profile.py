"""What the page knows of the training rows: the part `page` of the manifest, and what stands in where it has none."""

from __future__ import annotations

from typing import Any

import msgspec

from serve.scoring.loader import Manifest
from stages.core.errors import ModelError
from stages.explain.input_profile import MIDDLE, Seen


class Usual(msgspec.Struct, frozen=True):
    """What is to be expected of a row that nothing is known of: the share of each class, or the target's quantiles."""

    shares: dict[str, float] = {}
    quantiles: list[float] = []


class Facts(msgspec.Struct, frozen=True):
    """All of it, the inputs in the order of their importance."""

    rows: int = 0
    usual: Usual = Usual()
    inputs: list[Seen] = []


def of(document: dict[str, Any], manifest: Manifest) -> Facts:
    """The manifest's facts; of a model saved without them, what its ranges and codes tell.

    Raises ModelError when they are no facts about this model.
    """
    try:
        facts = msgspec.convert(document.get("page", {}), Facts)
    except msgspec.ValidationError as error:
        raise ModelError(f"the manifest's part 'page' cannot be read: {error}. Save the model again.") from None
    known = {seen.name: seen for seen in facts.inputs}
    names = [column.name for column in manifest.inputs]
    if not known:
        return Facts(inputs=[_guess(manifest, name) for name in names])
    if set(known) != set(names):
        raise ModelError("the manifest's part 'page' does not tell of the model's inputs. Save the model again.")
    return facts


def _guess(manifest: Manifest, name: str) -> Seen:
    """A value of the input, so that the form is never empty; no share of it is known."""
    column = next(column for column in manifest.inputs if column.name == name)
    codes = manifest.features.codes.get(name, {})
    if codes or column.levels:
        return Seen(name, shares=[((column.levels or sorted(codes))[0], 1.0)])
    if column.type == "boolean":
        return Seen(name, shares=[(False, 1.0)])
    if isinstance(column.low, float) and isinstance(column.high, float):
        middle, wide = (column.low + column.high) / 2, column.high - column.low >= 1000
        if column.type == "integer":
            middle = float(round(middle, -2 if wide else 0))  # whole hundreds are times of day, too
        return Seen(name, quantiles=[middle] * (2 * MIDDLE + 1))
    return Seen(name, quantiles=[column.low] * (2 * MIDDLE + 1)) if column.low is not None else Seen(name)
