"""`make review BASE=main`: what the work here changes against a revision, so that a second person can decide.

Nothing is run again: both sides are what their stages wrote, from git, from DVC's cache or its remote. It prints
markdown and writes the same, its tables folded, to `reports/review.md`; with `--html` also as a page to
`reports/review.html`.
"""

from __future__ import annotations

import argparse
import contextlib
from pathlib import Path

from stages.core import run
from stages.core.files import write_bytes
from stages.leftovers import recover
from stages.review.evidence import gather
from stages.review.markdown import write_markdown, write_page
from stages.review.review import Review, review

MARKDOWN = Path("reports/review.md")
PAGE = Path("reports/review.html")


def write(found: Review, html: bool) -> None:
    """Write the review's files and print it."""
    write_bytes(MARKDOWN, write_markdown(found).encode())
    if html:
        write_bytes(PAGE, write_page(found).encode())
    written = f"The same, folded: {MARKDOWN}" + (f"; as a page: {PAGE}" if html else "")
    with contextlib.suppress(BrokenPipeError):  # who pipes it into `head` has read enough
        print(f"{write_markdown(found, folded=False)}\n{written}", flush=True)


def work(revision: str, html: bool) -> None:
    """Compare, print, write."""
    recover()
    write(review(gather(revision)), html)


def main() -> None:
    """The command line."""
    options = argparse.ArgumentParser("make review", description="Show what the work here changes.")
    options.add_argument("base", help="the revision to compare with: a branch, tag or commit")
    options.add_argument("--html", action="store_true", help="write it as a page, too")
    asked = options.parse_args()
    run.stage("review", lambda: work(asked.base, asked.html))


if __name__ == "__main__":
    main()
