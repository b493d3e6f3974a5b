"""Files of one table that differ from each other: another type, another unit, other categories, more missing.

Only what a careful reader would ask about is told: seasons, growing ids and rare new categories are no drift.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from stages.clean.columns import labels
from stages.clean.columns.category_drift import find_strangers
from stages.clean.columns.inference import Finding, infer_column, infer_quantity
from stages.clean.columns.parsing import is_absent, read_cells, split_kind, to_arrow
from stages.clean.columns.unit_drift import Counted, find_foreign

Counts = Mapping[str, "pd.Series[int]"]
"""For each file the rows of each distinct text of a column."""

FEWEST = 10
"""Rows with a value that a file must have to be compared."""
MISSING_JUMP = 0.25
MANY_WRONG, FEW_WRONG = 0.5, 0.05
SHOWN = 3
NUMBERS, MOMENTS = {"number", "integer"}, {"date", "time"}
TEXTS = Finding("category")


def find_differences(
    counts: Mapping[str, Counts], kinds: Mapping[str, str], missing_of: Callable[[str], Collection[str]]
) -> list[str]:
    """A sentence for each column and file that differs from the table's other files.

    counts: for each column and file its distinct texts. kinds: each column's kind (see parsing).
    """
    told: list[str] = []
    for name, files in counts.items():
        if len(files) > 1:
            told += compare_column(name, kinds[name], files, missing_of(name))
    return told


def compare_column(name: str, kind: str, files: Counts, missing: Collection[str]) -> list[str]:
    """The sentences about one column."""
    gone = ["", *missing]
    values = {file: rows[~rows.index.isin(gone)] for file, rows in files.items()}
    told = [f"{file}: column '{name}' {said}" for file, said in _emptier(files, values).items()]
    known = {file: rows for file, rows in values.items() if int(rows.sum()) >= FEWEST}
    if len(known) < 2:
        return told
    if split_kind(kind)[0] in ("category", "text"):
        retyped = _other_quantity(name, known)
    else:
        retyped, numbers = _unreadable(name, kind, known)
    alike = {file: rows for file, rows in known.items() if file not in retyped}
    other: dict[str, str] = {}
    if len(alike) > 1 and split_kind(kind)[0] in NUMBERS:
        other = find_foreign({file: numbers[file] for file in alike})
    elif len(alike) > 1 and split_kind(kind)[0] in ("category", "ordinal", "boolean"):
        other = find_strangers({file: _by_label(rows, kind) for file, rows in alike.items()})
    return told + [f"{file}: column '{name}' {said}" for file, said in {**retyped, **other}.items()]


def _by_label(rows: pd.Series[int], kind: str) -> pd.Series[int]:
    """The rows of each label, whichever its spelling, where the kind names spellings."""
    if not labels.parse_spellings(split_kind(kind)[1] if split_kind(kind)[0] == "category" else ""):
        return rows
    return rows.groupby(read_cells(to_arrow(rows.index), kind)).sum()


def _emptier(files: Counts, values: Counts) -> dict[str, str]:
    """Files in which far more cells are missing than in any other."""
    share = {file: 1 - values[file].sum() / rows.sum() for file, rows in files.items()}
    told = {}
    for file, here in share.items():
        most = max(value for other, value in share.items() if other != file)
        if here > most + MISSING_JUMP and files[file].sum() >= FEWEST:
            told[file] = f"is missing in {here:.0%} of the rows, in the other files in {most:.0%} at most"
    return told


def _other_quantity(name: str, files: Counts) -> dict[str, str]:
    """Files of a column of texts that hold numbers or dates, or no such ones, where most files do otherwise."""
    if not any(pc.any(pc.match_substring_regex(to_arrow(rows.index), "[0-9]")).as_py() for rows in files.values()):
        return {}
    findings = {
        file: infer_quantity(name, to_arrow(rows.index), rows.to_numpy().astype(np.int64)) or TEXTS
        for file, rows in files.items()
    }
    families = pd.Series({file: _family(finding) for file, finding in findings.items()})
    usual = families.value_counts().index[0]
    most = families.index[families == usual]
    if usual == _family(TEXTS) and 2 * len(most) <= len(families):
        return {}
    return {
        file: _said(findings[file], files[file], _what(findings[most[0]])) for file in families.index[families != usual]
    }


def _unreadable(name: str, kind: str, files: Counts) -> tuple[dict[str, str], dict[str, Counted]]:
    """Files most of whose texts are not of the column's kind, which those of most files are; and each file's values."""
    texts = pd.Index(pd.unique(pd.concat([rows.index.to_series() for rows in files.values()])))
    values = read_cells(to_arrow(texts), kind)
    order = np.argsort(values, kind="stable") if values.dtype != object else np.arange(len(values))
    values, texts = values[order], texts[order]
    bad = is_absent(values)
    counted = {}
    for file, counts in files.items():
        places = texts.get_indexer(counts.index)
        sequence = np.argsort(places, kind="stable")
        counted[file] = (places[sequence], counts.to_numpy().astype(np.int64)[sequence])
    wrong = {file: rows[bad[at]].sum() / rows.sum() for file, (at, rows) in counted.items()}
    told = {}
    for file, here in wrong.items():
        others = [share for other, share in wrong.items() if other != file]
        if here >= MANY_WRONG and np.median(others) <= FEW_WRONG:
            at, rows = counted[file]
            odd = pd.Series(rows[bad[at]], index=texts[at[bad[at]]])
            told[file] = _said(infer_column(name, odd, ()), odd, _what(Finding(*split_kind(kind))))
    return told, {file: (values[at[~bad[at]]], rows[~bad[at]]) for file, (at, rows) in counted.items()}


def _family(finding: Finding) -> str:
    if finding.kind in NUMBERS:
        return f"numbers {finding.format}"
    return f"{finding.kind} {finding.format}" if finding.kind in MOMENTS else "texts"


def _what(finding: Finding) -> str:
    if finding.kind in NUMBERS | MOMENTS:
        name = "numbers" if finding.kind in NUMBERS else f"{finding.kind}s"
        return name + (f" written like {finding.format}" if finding.format else "")
    return "texts"


def _said(finding: Finding, rows: pd.Series[int], usual: str) -> str:
    examples = ", ".join(f"'{text}'" for text in rows.sort_values(ascending=False, kind="stable").index[:SHOWN])
    return f"holds {_what(finding)} such as {examples} where the other files hold {usual}"
