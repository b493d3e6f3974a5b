"""`python -m stages.adopt CSV --target COLUMN`: looks at a table and makes this repository's problem of it.

Says what was found and decided, writes params.yaml, places the file under data/source/ and clears the old problem's
outputs; then `make repro` runs everything. Nothing is replaced before the first stages have run on the new table in a
folder aside, and never while git does not have what is replaced.
"""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from stages import aside
from stages.adoption import fetch, params_text, place, trial
from stages.adoption.profile import Profile, profiled
from stages.adoption.proposal import Options, Proposal, proposed
from stages.adoption.shown import shown
from stages.errors import PipelineError
from stages.files import PART
from stages.source import records
from stages.source.headings import check_columns
from stages.source.records import Table

RAREST = (5, 10, 20, 50)
"""Rows below which a class is set aside: the first that lets each class be in each part."""


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser("python -m stages.adopt", description="Make this repository's problem of a table.")
    parser.add_argument("csv", nargs="+", help="path, pattern or http(s) address of the file; several are one table")
    parser.add_argument(
        "--target", required=True, help="the column to predict: its name, or its place where there is no header line"
    )
    parser.add_argument("--task", choices=["binary", "multiclass", "regression"], help="else found from the target")
    parser.add_argument("--positive", default="", help="of two classes the one whose probability is predicted")
    parser.add_argument("--drop", default="", help="columns to leave out, with commas between")
    parser.add_argument("--time", default="", help="column of dates or times to split by: the latest rows are held out")
    parser.add_argument("--group", default="", help="column of groups to split by: rows of one group stay together")
    parser.add_argument("--names", default="", help="the columns' names, with commas between, of a file without header")
    parser.add_argument("--yes", action="store_true", help="ask nothing")
    return parser.parse_args()


def listed(text: str) -> list[str]:
    """The names between the commas."""
    return [name.strip() for name in text.split(",") if name.strip()]


def named(text: str, table: Table) -> str:
    """The column that was said: where no header line names the columns, its place (from 1) does."""
    headless = not table.dialect.header and text.isascii() and text.isdecimal()
    if text in table.columns or not headless or not 1 <= int(text) <= len(table.columns):
        return text
    return table.columns[int(text) - 1]


def looked_at(files: Sequence[Path], names: Sequence[str], time: str, folder: Path) -> tuple[Profile, dict[str, Table]]:
    """The profile of all files together, and what was found of each."""
    found: dict[str, Table] = {}
    normal = []
    for path in files:
        target = folder / f"{path.name}.normal"
        found[path.name] = records.normal(path, target, list(names))
        normal.append(target)
    check_columns("table", {name: table.columns for name, table in found.items()})
    first = next(iter(found.values()))
    profile = profiled(normal, first.columns, named(time, first))
    for path in normal:
        path.unlink()
    return profile, found


def tried(folder: Path, proposal: Proposal, sources: list[str], names: list[str]) -> tuple[Proposal, str]:
    """The proposal with a salt that splits it well, and its params.yaml, tried in the folder.

    Raises what the stages raise of a table they cannot take.
    """
    for rarest in RAREST:
        proposal = replace(proposal, rarest=rarest if proposal.target.task == "multiclass" else 0)
        text = params_text.text(proposal, sources, names)
        (folder / "params.yaml").write_text(text, encoding="utf-8")
        trial.cleaned(folder)
        salt = trial.salt(folder)
        if salt is not None or not proposal.rarest:
            break
    proposal = replace(proposal, split={**proposal.split, "salt": salt} if salt else proposal.split)
    text = params_text.text(proposal, sources, names)
    (folder / "params.yaml").write_text(text, encoding="utf-8")
    trial.check(folder)
    return proposal, text


def agreed(yes: bool) -> bool:
    """Whether the person agrees; where nobody can be asked, what was asked for is done."""
    if yes or not sys.stdin.isatty():
        return True
    answer = input("\nWrite this to params.yaml and replace the old problem's data and outputs? [Y/n] ")
    return answer.strip().lower() in ("", "y", "yes")


def adopt(asked: argparse.Namespace) -> None:
    """Look, decide, say, ask, try, replace."""
    aside.recover()
    place.recover()
    said = fetch.named(asked.csv)
    place.check_committed([Path(text) for text in said if not fetch.is_address(text)])
    with tempfile.TemporaryDirectory(prefix=".adopt-", suffix=PART, dir=".") as name:
        folder = Path(name)
        sources = folder / place.SOURCE
        sources.mkdir(parents=True)
        files = fetch.gathered(said, sources)
        profile, tables = looked_at(files, listed(asked.names), asked.time, folder)
        first = next(iter(tables.values()))
        names = [] if first.dialect.header else first.columns
        options = Options(
            named(asked.target, first),
            asked.task or "",
            asked.positive,
            tuple(named(name, first) for name in listed(asked.drop)),
            named(asked.time, first),
            named(asked.group, first),
        )
        proposal = proposed(place.table_name(files[0]), profile, options)
        dialects: dict[str, Any] = {file: table.dialect.as_dict() for file, table in tables.items()}
        print(shown(proposal, dialects, profile.ragged))
        if not agreed(asked.yes):
            raise PipelineError("nothing was changed.")
        file_names = [path.name for path in files]
        if sum(path.stat().st_size for path in files) <= trial.MOST_BYTES:
            proposal, text = tried(folder, proposal, file_names, names)
        else:
            text = params_text.text(proposal, file_names, names)
        origin = ", ".join(one if fetch.is_address(one) else Path(one).name for one in said)
        place.replace(folder, text, place.readme(files, origin))
    print(
        f"\nAdopted {proposal.rows:,} rows as the table '{proposal.table}'. Each decision is a line of params.yaml, "
        "with its reason. Next: make repro"
    )


def main() -> None:
    """The command."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    try:
        adopt(arguments())
    except PipelineError as error:
        sys.exit(f"adopt: {error}")
    except MemoryError:
        sys.exit("adopt: the memory is full. Close other programs.")
    except OSError as error:
        sys.exit(f"adopt: {error}. Put that right, then run it again: what it began is ended first.")


if __name__ == "__main__":
    main()
