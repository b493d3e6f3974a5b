"""The first rows of a scored file as people read them: the outcome's words in place of the file's column names."""

from __future__ import annotations

from collections.abc import Sequence

from serve.page import number_format
from serve.page.batch import count_added_columns
from serve.page.vocabulary import Language, sentence
from stages.contracts.manifest import Manifest


def make_preview(
    head: Sequence[Sequence[str]], manifest: Manifest, language: Language, spread: float
) -> list[list[str]]:
    """Return a header and the rows; `head` are the first lines of the file, its header first.

    A row's own first columns, what is predicted, its chance or its interval, and a note: a warning, or why there is no
    prediction.
    """
    own = len(head[0]) - count_added_columns(manifest)
    unit = language.unit(manifest.target.name) if manifest.task == "regression" else ""
    target = f"{language.words.target}, {unit}" if unit else language.words.target
    chance = sentence(language.words.speech.risk) if manifest.task == "binary" else "Its chance"
    share = manifest.interval.share if manifest.interval else None
    between = [f"{share:.0%} interval"] if share else [] if manifest.task == "regression" else [chance]
    rows = [
        [*row[:own], *(_describe(row[own:], manifest, language, spread) if row[own] else [""] * (1 + len(between))),
         "; ".join(filter(None, row[-2:]))]
        for row in head[1:]
    ]  # fmt: skip
    return [[*head[0][:own], target, *between, "Note"], *rows]


def _describe(cells: Sequence[str], manifest: Manifest, language: Language, spread: float) -> list[str]:
    """Return what stands for a row's prediction and what belongs to it."""
    classes = manifest.target.classes
    if classes:
        place = classes.index(manifest.target.positive or cells[0])
        words = language.words
        said = f"{'' if cells[0] == manifest.target.positive else 'not '}{words.positive}" if words.said else cells[0]
        return [said, number_format.chance(float(cells[1 + place]))]
    ends = [number_format.number(float(cell), spread) for cell in (cells[1:3] if manifest.interval else [])]
    return [number_format.number(float(cells[0]), spread), *([" to ".join(ends)] if ends else [])]
