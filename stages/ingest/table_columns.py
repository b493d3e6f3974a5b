"""Whether the files of one table hold the same columns, and which differs from the others and how."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from stages.core.errors import DataError, did_you_mean


def check_columns(table: str, columns: Mapping[str, Sequence[str]], headless: Mapping[str, bool] | None = None) -> None:
    """Raise DataError, naming the file that differs from most others and how, unless all hold the same columns.

    columns: each file's, in any order. headless: which files have no header line.
    """
    sorts = Counter(tuple(sorted(names)) for names in columns.values())
    if len(sorts) < 2:
        return
    without = [file for file in columns if headless and headless.get(file)]
    if without and len(without) < len(columns):
        others = next(file for file in columns if file not in without)
        raise DataError(
            f"{without[0]} (table {table}, {len(columns)} files) has no header line, but {others} has one. Add the "
            f"header, or give the names in ingest.names.{table}: [{', '.join(columns[others])}]."
        )
    (usual, most), (_, next_most) = sorts.most_common(2)
    model = next(file for file, names in columns.items() if tuple(sorted(names)) == usual)
    for file, names in columns.items():
        if tuple(sorted(names)) != usual:
            against = "most" if most > next_most else model
            said = " ".join(_differences(list(names), list(usual), "the other files" if most > next_most else model))
            raise DataError(
                f"{file} (table {table}, {len(columns)} files) has other columns than {against}: {said} "
                f"Make its header like {'the others' if most > next_most else 'the other'}'s, or list it as a table of "
                "its own."
            )


def _differences(names: list[str], usual: list[str], others: str) -> list[str]:
    """A sentence for each column that is missing, new or spelled in another way."""
    missing = [name for name in usual if name not in names]
    extra = [name for name in names if name not in usual]
    same = {_loose(name): name for name in extra}
    said = []
    for name in list(missing):
        if _loose(name) in same:
            other = same[_loose(name)]
            missing.remove(name)
            extra.remove(other)
            said.append(f"'{other}' is '{name}' in {others} (only case, blanks or signs differ).")
    said += [f"'{name}' is missing.{did_you_mean(name, extra)}" for name in missing]
    return said + [f"'{name}' is not in {others}." for name in extra]


def _loose(name: str) -> str:
    """The name without what people spell in several ways."""
    return re.sub(r"[\W_]+", "", name).casefold()
