"""`make report-diff BASE=main`: what changed in the report since a revision, as text and as a page.

It reads `reports/report.json` and `params.yaml` of both, and how they compare on the same rows (`make review`). It
makes nothing again.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from stages.core import run
from stages.core.errors import PipelineError
from stages.core.files import replacing
from stages.core.params import PARAMS, parse
from stages.report_diff.changes import SECTIONS, Change, compare
from stages.report_diff.page import write
from stages.review.evidence import find_differences
from stages.transaction.repository import GitError, find_commit, read_at
from stages.wording.numbers import count, plural

REPORT = Path("reports/report.json")
PAGE = Path("reports/report_diff.pdf")
NOW = "now"
VERDICT = ("Decision · title", "Advice")


class DiffError(PipelineError):
    """There are no two reports to compare."""


def read_revision(base: str) -> tuple[Any, Any]:
    """Report and params of a revision. Raises DiffError where there is no such revision or it has no report."""
    commit = find_commit(base)
    try:
        report = json.loads(read_at(commit, REPORT))
    except GitError:
        raise DiffError(f"{base} has no {REPORT}: nothing was reported there.") from None
    except ValueError:
        raise DiffError(f"{REPORT} of {base} is damaged.") from None
    try:
        params = parse(read_at(commit, PARAMS))
    except GitError:
        params = {}
    return report, params


def read_today() -> tuple[Any, Any]:
    """Report and params as they lie here."""
    try:
        return json.loads(REPORT.read_text(encoding="utf-8")), parse(PARAMS.read_bytes())
    except FileNotFoundError as error:
        raise DiffError(f"{error.filename} is missing. Run make repro.") from None
    except ValueError:
        raise DiffError(f"{REPORT} is damaged. Run make repro.") from None


def summarize(changes: list[Change]) -> str:
    """The comparison in a sentence."""
    if not changes:
        return "Nothing changed in the report"
    clear = sum(change.clear for change in changes)
    verdict = "another" if any(change.what in VERDICT for change in changes) else "the same"
    told = plural(len(changes), "change", "changes")
    found = f"{count(clear)} beyond chance" if clear else "none beyond chance"
    return f"{told[:1].upper()}{told[1:]}, {found}; the verdict is {verdict}"


def write_markdown(changes: list[Change], base: str) -> str:
    """The comparison as tables."""
    lines = [f"## {summarize(changes)}"]
    for section in SECTIONS:
        rows = [change for change in changes if change.section == section]
        if rows:
            lines += ["", f"### {section}", "", f"| what | {_cell(base)} | {NOW} | reading |", "|---|---|---|---|"]
            lines += [f"| {' | '.join(map(_cell, (row.what, row.before, row.now, row.reading)))} |" for row in rows]
    return "\n".join(lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")


def work(base: str) -> None:
    """Print the comparison and write it to `reports/report_diff.pdf`."""
    (before, params_before), (now, params_now) = read_revision(base), read_today()
    try:
        changes = compare(before, now, params_before, params_now, find_differences(base))
        with replacing(PAGE) as temporary:
            write(temporary, changes, summarize(changes), (base, NOW), now["about"])
    except KeyError as error:
        raise DiffError(f"the two reports cannot be compared: one of them has no {error}.") from None
    print(write_markdown(changes, base))
    print(f"\nAs a page: {PAGE}")


def main() -> None:
    """The command line."""
    options = argparse.ArgumentParser("make report-diff", description="Show what changed in the report.")
    options.add_argument("base", help="the revision to compare with: a branch, tag or commit")
    base = options.parse_args().base
    run.stage("report-diff", lambda: work(base))


if __name__ == "__main__":
    main()
