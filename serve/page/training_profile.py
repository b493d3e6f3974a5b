"""What the page knows of the training rows: the part `page` of the manifest, and what stands in where it has none."""

from __future__ import annotations

from stages.contracts.manifest import MIDDLE, InputProfile, Manifest, TrainingProfile
from stages.core.errors import ModelError


def profile_of(manifest: Manifest) -> TrainingProfile:
    """Return the manifest's profile; of a model saved without one, what its ranges and codes tell.

    Raises ModelError when it is not that of this model's inputs.
    """
    names = [column.name for column in manifest.inputs]
    if manifest.page is None or not manifest.page.inputs:
        return TrainingProfile(inputs=[_guess(manifest, name) for name in names])
    if {column.name for column in manifest.page.inputs} != set(names):
        raise ModelError("the manifest's part 'page' does not tell of the model's inputs. Save the model again.")
    return manifest.page


def _guess(manifest: Manifest, name: str) -> InputProfile:
    """A value of the input, so that the form is never empty; no share of it is known."""
    column = next(column for column in manifest.inputs if column.name == name)
    codes = manifest.features.codes.get(name, {})
    if codes or column.levels:
        return InputProfile(name, shares=[((column.levels or sorted(codes))[0], 1.0)])
    if column.type == "boolean":
        return InputProfile(name, shares=[(False, 1.0)])
    if isinstance(column.low, float) and isinstance(column.high, float):
        middle, wide = (column.low + column.high) / 2, column.high - column.low >= 1000
        if column.type == "integer":
            middle = float(round(middle, -2 if wide else 0))  # whole hundreds are times of day, too
        return InputProfile(name, quantiles=[middle] * (2 * MIDDLE + 1))
    return (
        InputProfile(name, quantiles=[column.low] * (2 * MIDDLE + 1)) if column.low is not None else InputProfile(name)
    )
