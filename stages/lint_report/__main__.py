"""`python -m stages.lint_report reports/final_report.pdf`: what is wrong with a report that a program can find.

It looks at the file alone, as its readers get it. What is said in it, and whether it looks good, is for a person.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from stages.core.files import read_json
from stages.lint_report import curves, fonts, geometry, links, rendering, structure, wording
from stages.lint_report.document import Finding, LintError, Paper

SCHEMA, PLOTS = Path("data/schema.json"), Path("metrics/plots")
"""What the repository's own report calls its columns and values by."""
OWN_WORDS = {"value", "class", "actual", "predicted"}
"""Columns of plots that hold the data's own words; a number among them is none that a page shows."""
LARGEST = 1_000_000
"""Bytes of a report that can be mailed and opened anywhere."""
SHOWN = 5
"""Findings of one kind that are listed; the rest is counted."""


def _size(paper: Paper) -> Iterator[Finding]:
    """A file too large to pass on."""
    size = paper.path.stat().st_size
    if size > LARGEST:
        yield Finding(0, "too large", f"{size:,} bytes, more than {LARGEST:,}")


CHECKS: tuple[Callable[[Paper], Iterator[Finding]], ...] = (
    _size,
    geometry.check,
    curves.check,
    rendering.check,
    fonts.check,
    structure.check,
    links.check,
    wording.check,
)


def lint(path: Path, names: Iterable[str] = ()) -> list[Finding]:
    """Everything the checks find, page by page. Raises LintError for what is no PDF."""
    paper = Paper(path, frozenset(names))
    paper.reader.pages[0]
    return sorted((finding for check in CHECKS for finding in check(paper)), key=lambda finding: finding.page)


def list_data_names(schema: Any) -> set[str]:
    """Every word of the names and values of `data/schema.json`: what the data calls things is no placeholder."""
    if isinstance(schema, dict):
        return list_data_names([*schema, *schema.values()])
    if isinstance(schema, list):
        return set().union(*map(list_data_names, schema))
    return {schema, *schema.split()} if isinstance(schema, str) else set()


def list_plotted_values(folder: Path) -> set[str]:
    """Every word of the groups and classes that plots are of, which may be called anything."""
    cells: set[str] = set()
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            cells.update(row[name] for row in csv.DictReader(file) for name in OWN_WORDS & row.keys())
    return cells.union(*(cell.split() for cell in cells))


def describe(findings: list[Finding]) -> Iterator[str]:
    """The findings as lines, at most `SHOWN` of one kind on one page."""
    seen: Counter[tuple[int, str]] = Counter()
    for finding in findings:
        seen[finding.page, finding.check] += 1
        if seen[finding.page, finding.check] <= SHOWN:
            yield str(finding)
    for (page, check), count in seen.items():
        if count > SHOWN:
            yield str(Finding(page, check, f"and {count - SHOWN} more"))


def main() -> None:
    """The command line. Exits 0 where nothing was found, 1 where something was, 2 where a file cannot be checked."""
    options = argparse.ArgumentParser(description="Find what is wrong with a finished report.")
    options.add_argument("pdf", nargs="+", type=Path)
    options.add_argument(
        "--names", type=Path, default=SCHEMA, help=f"names and values in it are no placeholders ({SCHEMA})"
    )
    given = options.parse_args()
    worst = 0
    for path in given.pdf:
        try:
            known = given.names.is_file() or given.names != SCHEMA
            names = list_data_names(read_json(given.names)) if known else set()
            names |= list_plotted_values(PLOTS) if given.names == SCHEMA else set()
            findings = lint(path, names)
        except (LintError, OSError, ValueError) as error:
            print(error, file=sys.stderr)
            worst = 2
            continue
        print(*describe(findings), sep="\n", end="\n" if findings else "")
        print(f"{path}: {len(findings) or 'nothing'} found")
        worst = max(worst, int(bool(findings)))
    raise SystemExit(worst)


if __name__ == "__main__":
    main()
