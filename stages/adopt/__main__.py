"""`python -m stages.adopt CSV --target COLUMN`: looks at a table and makes this repository's problem of it.

Says what was found and decided, writes params.yaml, places the file under data/source/ and clears the old problem's
outputs; then `make repro` runs everything. Nothing is replaced before the first stages have run on the new table in a
folder aside, and never while git does not have what is replaced.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import re
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

from stages import leftovers
from stages.adopt import dry_run, fetch, params_yaml
from stages.adopt.neighbours import doubt_order, find_clock
from stages.adopt.options import format_option
from stages.adopt.params_yaml import ReadAs
from stages.adopt.profile import Profile, make_profile
from stages.adopt.proposal import Doubt, Options, Proposal, find_goal, propose
from stages.adopt.summary import summarize
from stages.adopt.target import FEWEST, Goal
from stages.clean import targets
from stages.core import params
from stages.core.errors import PipelineError
from stages.core.files import PART
from stages.ingest.bounds import BOUNDS, Bounds
from stages.ingest.csv import reader
from stages.ingest.csv.reader import Table
from stages.ingest.params import Ingest
from stages.ingest.table_columns import check_columns
from stages.transaction import aside, replacement, signals
from stages.wording.numbers import listed

AT_RANDOM = "-"
"""In place of a column to split by: none, whatever the rows say."""
RAREST = (FEWEST, 10, 20, 50)
"""Rows below which a class is set aside: the first that lets each class be in each part."""


class Parser(argparse.ArgumentParser):
    """Speaks of the options as they were typed."""

    def error(self, message: str) -> NoReturn:
        """End the command with the message."""
        typed = re.sub(r"--(\w+)", lambda found: format_option(found[1]), message)
        self.exit(2, f"adopt: {typed}\n")


def parse_arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = Parser("python -m stages.adopt", description="Make this repository's problem of a table.")
    parser.add_argument("csv", nargs="+", help="path, pattern or http(s) address of the file; several are one table")
    parser.add_argument(
        "--target", required=True, help="the column to predict: its name, or its place where there is no header line"
    )
    parser.add_argument("--task", choices=["binary", "multiclass", "regression"], help="else found from the target")
    parser.add_argument("--positive", default="", help="of two classes the one whose probability is predicted")
    parser.add_argument("--drop", default="", help="columns to leave out, with commas between")
    parser.add_argument(
        "--time", default="", help="column of dates or times to split by: the latest rows are held out; - for none"
    )
    parser.add_argument("--group", default="", help="column of groups to split by: rows of one group stay together")
    parser.add_argument("--names", default="", help="the columns' names, with commas between, of a file without header")
    parser.add_argument("--yes", action="store_true", help="ask nothing")
    return parser.parse_args()


def split_names(text: str) -> list[str]:
    """The names between the commas."""
    return [name.strip() for name in text.split(",") if name.strip()]


def name_column(text: str, table: Table) -> str:
    """The column that was said: where no header line names the columns, its place (from 1) does."""
    headless = not table.dialect.header and text.isascii() and text.isdecimal()
    if text in table.columns or not headless or not 1 <= int(text) <= len(table.columns):
        return text
    return table.columns[int(text) - 1]


def read_bounds() -> Bounds:
    """How large a source may be: as params.yaml says, which is replaced here, whatever else it holds."""
    try:
        return params.load("ingest", Ingest).bounds
    except PipelineError:
        return BOUNDS


def profile_files(
    files: Sequence[Path],
    names: Sequence[str],
    time: str,
    folder: Path,
    target: str = "",
    bounds: Bounds = BOUNDS,
) -> tuple[Profile, dict[str, Table]]:
    """The profile of all files together, and what was found of each. `target`: a column that their headers name."""
    expected = [] if target.isdecimal() or not target else [target]
    found: dict[str, Table] = {}
    normal = []
    for path in files:
        copy = folder / f"{path.name}.normal"
        found[path.name] = reader.normalize(path, copy, list(names), expected=expected, bounds=bounds)
        normal.append(copy)
    check_columns("table", {name: table.columns for name, table in found.items()})
    first = next(iter(found.values()))
    profile = make_profile(normal, first.columns, name_column(time, first))
    for path in normal:
        path.unlink()
    return profile, found


def try_split(
    folder: Path, proposal: Proposal, reading: ReadAs, goal_with: Callable[[int], Goal]
) -> tuple[Proposal, str]:
    """The proposal with a salt that splits it well, and its params.yaml, tried in the folder.

    `goal_with` gives the target's goal where classes of fewer rows are set aside. Raises what the stages raise of a
    table they cannot take.
    """
    for rarest in RAREST:
        proposal = set_goal(proposal, goal_with(rarest), rarest)
        text = params_yaml.write_params(proposal, reading)
        (folder / "params.yaml").write_text(text, encoding="utf-8")
        dry_run.run_clean(folder)
        salt = dry_run.find_salt(folder)
        if salt is not None or proposal.target.task != targets.MULTICLASS:
            break
    proposal = replace(proposal, split={**proposal.split, "salt": salt} if salt else proposal.split)
    text = params_yaml.write_params(proposal, reading)
    (folder / "params.yaml").write_text(text, encoding="utf-8")
    dry_run.run_features(folder)
    return proposal, text


def set_goal(proposal: Proposal, goal: Goal, rarest: int) -> Proposal:
    """The proposal with the goal of the classes that have at least so many rows."""
    several = goal.task == targets.MULTICLASS
    return replace(proposal, target=goal, rarest=rarest if several or goal.rare else 0)


def confirm(yes: bool) -> bool:
    """Whether the person agrees; where nobody can be asked, what was asked for is done."""
    if yes or not sys.stdin.isatty():
        return True
    answer = input("\nWrite this to params.yaml and replace the old problem's data and outputs? [Y/n] ")
    return answer.strip().lower() in ("", "y", "yes")


def adopt(asked: argparse.Namespace) -> None:
    """Look, decide, say, ask, try, replace."""
    leftovers.recover()
    signals.raise_on_stop()
    with aside.locked():
        _adopt(asked)


def _adopt(asked: argparse.Namespace) -> None:
    said = fetch.find_named(asked.csv)
    replacement.check_committed([Path(text) for text in said if not fetch.is_address(text)])
    with tempfile.TemporaryDirectory(prefix=replacement.PREFIX, suffix=PART, dir=".") as name:
        folder = Path(name)
        sources = folder / replacement.SOURCE
        sources.mkdir(parents=True)
        bounds = read_bounds()
        time = "" if asked.time == AT_RANDOM else asked.time
        files = fetch.gather(said, sources, bounds)
        profile, tables = profile_files(files, split_names(asked.names), time, folder, asked.target, bounds)
        first = next(iter(tables.values()))
        names = [] if first.dialect.header else first.columns
        hidden = any(table.dialect.start > 1 for table in tables.values()) and asked.target in first.columns
        reading = ReadAs([path.name for path in files], names, asked.target if hidden and not names else "", bounds)
        options = Options(
            name_column(asked.target, first),
            asked.task or "",
            asked.positive,
            tuple(name_column(name, first) for name in split_names(asked.drop)),
            name_column(time, first),
            name_column(asked.group, first),
            asked.time == AT_RANDOM,
        )
        table = replacement.name_table(files[0])
        proposal = propose(table, profile, options)
        clock = None if time or asked.group else find_clock(profile, proposal)
        if clock and asked.time == AT_RANDOM:
            name, why = clock
            doubt = Doubt(name, f"rows are dealt out at random on request, and yet {why}: expect less of days to come.")
            proposal = replace(proposal, doubts=[*proposal.doubts, doubt])
        elif clock:
            name, why = clock
            by_time = replace(options, time=name)
            with contextlib.suppress(PipelineError):  # too few days to split by: nobody asked for it
                dated = profile
                if not profile.tallies[name].complete:
                    dated, _ = profile_files(files, split_names(asked.names), name, folder, asked.target, bounds)
                proposal = propose(table, dated, by_time)
                profile, options = dated, by_time
                random = f"To deal them at random all the same: {format_option('time', AT_RANDOM)}."
                doubt = Doubt(name, f"rows are split by it: {why}. {random}")
                proposal = replace(proposal, doubts=[*proposal.doubts, doubt])
        elif not time and not asked.group and (order := doubt_order(profile, proposal)):
            proposal = replace(proposal, doubts=[*proposal.doubts, Doubt("order", order)])
        proposal = set_goal(proposal, proposal.target, FEWEST)
        doubts = [Doubt(file, doubt) for file, table in tables.items() for doubt in table.doubts]
        proposal = replace(proposal, doubts=[*doubts, *proposal.doubts])
        print(summarize(proposal, tables, profile.ragged))
        if not confirm(asked.yes):
            raise PipelineError("nothing was changed.")
        if sum(path.stat().st_size for path in files) <= dry_run.MOST_BYTES:
            seen = proposal.target.task
            proposal, text = try_split(folder, proposal, reading, lambda fewest: find_goal(profile, options, fewest))
            if proposal.target.task != seen:
                print(f"\nNow {proposal.target.task}: {proposal.target.doubt}")
        else:
            text = params_yaml.write_params(proposal, reading)
        origin = ", ".join(one if fetch.is_address(one) else Path(one).name for one in said)
        replacement.replace(folder, text, replacement.write_readme(files, origin))
    print(
        f"\nAdopted {proposal.rows:,} rows as the table '{proposal.table}'. Each decision is a line of params.yaml, "
        "with its reason. Next: make repro"
    )
    if large := replacement.find_large(Path()):
        print(
            f"{listed([path.name for path in large])} {'is' if len(large) == 1 else 'are'} kept by DVC: git has the "
            "pointer alone, so that a clone needs a remote to get the rows from. After the first run and its commit:\n"
            "    make remote URL=s3://bucket/folder    (or ssh://host/folder, gs://…, azure://…, a folder)\n"
            "    make push"
        )


def main() -> None:
    """The command."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    try:
        adopt(parse_arguments())
    except PipelineError as error:
        sys.exit(f"adopt: {error}")
    except KeyboardInterrupt:
        sys.exit("adopt: it was stopped; nothing was changed.")
    except MemoryError:
        sys.exit("adopt: the memory is full. Close other programs.")
    except OSError as error:
        sys.exit(f"adopt: {error}. Put that right, then run it again: what it began is ended first.")


if __name__ == "__main__":
    main()
