"""Small tables for the tests of adopt: looked at as adopt does, without a repository."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Sequence
from pathlib import Path

from stages.adopt import __main__ as adopt
from stages.adopt import proposal as adoption
from stages.adopt.profile import Profile
from stages.adopt.proposal import Options, Proposal


def write(path: Path, columns: dict[str, Sequence[object]], delimiter: str = ",") -> Path:
    """The columns as a CSV file."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=delimiter, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
    return path


def look(columns: dict[str, Sequence[object]], time: str = "") -> Profile:
    """The profile of the table."""
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder) / "table.csv", columns)
        profile, _ = adopt.profile_files([path], [], time, Path(folder))
    return profile


def propose(columns: dict[str, Sequence[object]], target: str, **said: object) -> Proposal:
    """The proposal for the table."""
    options = Options(target, **said)  # type: ignore[arg-type]
    return adoption.propose("table", look(columns, options.time), options)


def roles(proposal: Proposal) -> dict[str, str]:
    """Each column's role."""
    return {one.name: one.role for one in proposal.decisions}
