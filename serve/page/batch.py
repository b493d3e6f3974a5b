"""A file of rows from the page: scored by `serve.predict` in a process of its own, then made safe and summed up.

Its own process, because reading a file takes hundreds of megabytes and seconds of a core, which no worker that answers
single rows should lack; because it can be ended after a time; and because one reader for both ways means one meaning.
"""

from __future__ import annotations

import contextlib
import csv
import os
import re
import resource
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from serve.page.csv_injection import safe
from serve.scoring.loader import Model
from serve.settings import ROOT
from stages.contracts.manifest import Manifest

MOST_BYTES = 5 * 1024 * 1024
MOST_ROWS = 50_000
MOST_COLUMNS = 5_000
"""Are read in a second or two; of a hundred thousand, which 700 kB can hold, the time grows with the square."""
MARKS = b",;\t|"
"""What may stand between two cells."""
LONGEST_S = 60.0
WRITTEN = 20 * MOST_BYTES
"""Bytes the result may have: each row gets a few numbers more."""
AT_ONCE = 1
"""Files one worker has scored at a time."""
HEAD = 5
REASONS = 20
PACKED = (b"\x1f\x8b", b"PK", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd", b"7z\xbc\xaf", b"Rar!")


class Refused(Exception):
    """Why a file is not scored, for the person who sent it."""

    def __init__(self, reason: str, status: int = 422) -> None:
        super().__init__(reason)
        self.status = status


@dataclass
class Scored:
    """The result: the file, how many rows have a prediction, what the predictions are, which rows have none and why."""

    csv: str
    rows: int = 0
    scored: int = 0
    predictions: Counter[str] = field(default_factory=Counter)
    mean: float | None = None
    bad: list[tuple[int, str]] = field(default_factory=list)
    head: list[list[str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


_turn = threading.Semaphore(AT_ONCE)


def score(content: bytes, name: str, model: Model) -> Scored:
    """Score the file. Raises Refused with what is wrong with it, and when another one is being scored."""
    check(content)
    if not _turn.acquire(blocking=False):
        raise Refused("Another file is being scored. Try again in a few seconds.", 503)
    try:
        with tempfile.TemporaryDirectory(prefix="batch-") as folder:
            given, made = Path(folder) / "rows.csv", Path(folder) / "scored.csv"
            given.write_bytes(content)
            code, said = _run(given, made, approved=model.approved)
            said = said.replace(str(given), name).replace(str(made), "the result")
            if not made.exists():
                raise Refused(_reason(code, said, name))
            with made.open(newline="", encoding="utf-8") as file:
                found = read(file, model.manifest)
    finally:
        _turn.release()
    found.notes = re.findall(r"^predict: note: (.+)$", said, re.MULTILINE)[:REASONS]
    return found


def check(content: bytes) -> None:
    """Refuse what is no CSV file of a reasonable size, before anything reads it."""
    if not content.strip():
        raise Refused("The file is empty.")
    if len(content) > MOST_BYTES:
        raise Refused(f"The file is larger than {MOST_BYTES // 1024**2} MB. Split it, or use serve.predict.", 413)
    if content.startswith(PACKED):
        raise Refused("The file is packed, or a workbook. Save it as CSV.")
    if content.count(b"\n") > MOST_ROWS + 1 or len(lines := content.splitlines()) > MOST_ROWS + 1:
        raise Refused(f"The file has more than {MOST_ROWS:,} rows. Split it, or use serve.predict.", 413)
    if max(line.count(mark) for line in lines for mark in MARKS) >= MOST_COLUMNS:
        raise Refused(f"The file has more than {MOST_COLUMNS:,} columns. Keep those of the example file.", 413)


def added(manifest: Manifest) -> int:
    """How many columns the result has behind the file's own."""
    between = len(manifest.target.classes) if manifest.task != "regression" else 2 * (manifest.interval is not None)
    return between + 3


def read(file: Any, manifest: Manifest) -> Scored:
    """The result of `serve.predict`, made safe and counted."""
    out: list[str] = []
    writer = csv.writer(_Lines(out))  # its line end is CR LF, so that a CR in a cell is quoted and begins no row
    csv.field_size_limit(WRITTEN)  # its own limit, 131,072 characters, is an error that a user's cell can reach
    rows = csv.reader(file)
    header = next(rows)
    writer.writerow(map(safe, header))
    found, place = Scored(""), len(header) - added(manifest)
    of_interest = _interest(manifest, place)
    total = 0.0
    for number, row in enumerate(rows, 2):
        writer.writerow(map(safe, row))
        found.rows += 1
        if row[place] == "":
            if len(found.bad) < REASONS:
                found.bad.append((number, row[-1]))
        else:
            found.scored += 1
            total += float(row[of_interest]) if of_interest is not None else 0.0
            if manifest.task != "regression":
                found.predictions[row[place]] += 1
        if len(found.head) <= HEAD:
            found.head.append([*row[: min(3, place)], *row[place:]])
    found.head = [[*header[: min(3, place)], *header[place:]], *found.head[:HEAD]]
    found.csv = "".join(out)
    found.mean = total / found.scored if found.scored and of_interest is not None else None
    return found


class _Lines:
    """Where csv writes to."""

    def __init__(self, lines: list[str]) -> None:
        self.write = lines.append


def _interest(manifest: Manifest, place: int) -> int | None:
    """The column whose mean tells something: the positive class's chance, or the number predicted."""
    if manifest.task == "binary":
        return place + 1 + manifest.target.classes.index(str(manifest.target.positive))
    return place if manifest.task == "regression" else None


def _run(given: Path, made: Path, approved: bool) -> tuple[int, str]:
    """`serve.predict` on the model that is served, bounded in time and in what it writes."""
    command = [sys.executable, "-m", "serve.predict", str(given), str(made)]
    process = subprocess.Popen(
        [*command, *([] if approved else ["--candidate"])],
        cwd=ROOT,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
    )
    with contextlib.suppress(ProcessLookupError, PermissionError):
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (WRITTEN, WRITTEN))
    try:
        _, said = process.communicate(timeout=LONGEST_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise Refused(f"The file could not be scored within {LONGEST_S:.0f} seconds. Split it.") from None
    return process.returncode, said


def _reason(code: int, said: str, name: str) -> str:
    """What `serve.predict` ended with, as a sentence for people."""
    for line in reversed(said.splitlines()):
        if line.startswith("predict: ") and not line.startswith("predict: note:"):
            text = line.removeprefix("predict: ").removeprefix(f"{name}: ").replace(" Nothing was written.", "")
            hint = " The example file shows the columns." if "no column" in text else ""
            return text[:1].upper() + text[1:] + hint
    return f"The file could not be scored (code {code})."
