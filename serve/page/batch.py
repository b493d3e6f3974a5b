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

from serve.page.csv_injection import neutralize
from serve.scoring.loader import Model
from serve.settings import ROOT
from stages.contracts.manifest import Manifest

MAX_BYTES = 5 * 1024 * 1024
MAX_ROWS = 50_000
MAX_COLUMNS = 5_000
"""Are read in a second or two; of a hundred thousand, which 700 kB can hold, the time grows with the square."""
DELIMITERS = b",;\t|"
"""What may stand between two cells."""
TIMEOUT_S = 60.0
MAX_RESULT_BYTES = 20 * MAX_BYTES
"""Bytes the result may have: each row gets a few numbers more."""
MAX_CONCURRENT = 1
"""Files one worker has scored at a time."""
HEAD_ROWS = 5
MAX_REASONS = 20
PACKED_PREFIXES = (b"\x1f\x8b", b"PK", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd", b"7z\xbc\xaf", b"Rar!")


class FileRefused(Exception):
    """Why a file is not scored, for the person who sent it."""

    def __init__(self, reason: str, status: int = 422) -> None:
        super().__init__(reason)
        self.status = status


@dataclass
class ScoredFile:
    """The result: the file, how many rows have a prediction, what the predictions are, which rows have none and why."""

    csv: str
    rows: int = 0
    scored: int = 0
    predictions: Counter[str] = field(default_factory=Counter)
    mean: float | None = None
    bad: list[tuple[int, str]] = field(default_factory=list)
    head: list[list[str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


_slots = threading.Semaphore(MAX_CONCURRENT)


def score_file(content: bytes, name: str, model: Model) -> ScoredFile:
    """Score the file. Raises FileRefused with what is wrong with it, and when another one is being scored."""
    check_file(content)
    if not _slots.acquire(blocking=False):
        raise FileRefused("Another file is being scored. Try again in a few seconds.", 503)
    try:
        with tempfile.TemporaryDirectory(prefix="batch-") as folder:
            source_path, result_path = Path(folder) / "rows.csv", Path(folder) / "scored.csv"
            source_path.write_bytes(content)
            code, output = _run_predict(source_path, result_path, approved=model.approved)
            output = output.replace(str(source_path), name).replace(str(result_path), "the result")
            if not result_path.exists():
                raise FileRefused(_find_reason(code, output, name))
            with result_path.open(newline="", encoding="utf-8") as file:
                result = read_result(file, model.manifest)
    finally:
        _slots.release()
    result.notes = re.findall(r"^predict: note: (.+)$", output, re.MULTILINE)[:MAX_REASONS]
    return result


def check_file(content: bytes) -> None:
    """Raise FileRefused for what is no CSV file of a reasonable size, before anything reads it."""
    if not content.strip():
        raise FileRefused("The file is empty.")
    if len(content) > MAX_BYTES:
        raise FileRefused(f"The file is larger than {MAX_BYTES // 1024**2} MB. Split it, or use serve.predict.", 413)
    if content.startswith(PACKED_PREFIXES):
        raise FileRefused("The file is packed, or a workbook. Save it as CSV.")
    if content.count(b"\n") > MAX_ROWS + 1 or len(lines := content.splitlines()) > MAX_ROWS + 1:
        raise FileRefused(f"The file has more than {MAX_ROWS:,} rows. Split it, or use serve.predict.", 413)
    if max(line.count(mark) for line in lines for mark in DELIMITERS) >= MAX_COLUMNS:
        raise FileRefused(f"The file has more than {MAX_COLUMNS:,} columns. Keep those of the example file.", 413)


def count_added_columns(manifest: Manifest) -> int:
    """Return how many columns the result has behind the file's own."""
    between = len(manifest.target.classes) if manifest.task != "regression" else 2 * (manifest.interval is not None)
    return between + 3


def read_result(file: Any, manifest: Manifest) -> ScoredFile:
    """Return the result of `serve.predict`, made safe and counted."""
    lines: list[str] = []
    writer = csv.writer(_Lines(lines))  # its line end is CR LF, so that a CR in a cell is quoted and begins no row
    csv.field_size_limit(MAX_RESULT_BYTES)  # its own, 131,072 characters, is an error that a user's cell can reach
    rows = csv.reader(file)
    header = next(rows)
    writer.writerow(map(neutralize, header))
    result, prediction_place = ScoredFile(""), len(header) - count_added_columns(manifest)
    mean_place = _find_mean_column(manifest, prediction_place)
    total = 0.0
    for number, row in enumerate(rows, 2):
        writer.writerow(map(neutralize, row))
        result.rows += 1
        if row[prediction_place] == "":
            if len(result.bad) < MAX_REASONS:
                result.bad.append((number, row[-1]))
        else:
            result.scored += 1
            total += float(row[mean_place]) if mean_place is not None else 0.0
            if manifest.task != "regression":
                result.predictions[row[prediction_place]] += 1
        if len(result.head) <= HEAD_ROWS:
            result.head.append([*row[: min(3, prediction_place)], *row[prediction_place:]])
    result.head = [[*header[: min(3, prediction_place)], *header[prediction_place:]], *result.head[:HEAD_ROWS]]
    result.csv = "".join(lines)
    result.mean = total / result.scored if result.scored and mean_place is not None else None
    return result


class _Lines:
    """Where csv writes to."""

    def __init__(self, lines: list[str]) -> None:
        self.write = lines.append


def _find_mean_column(manifest: Manifest, prediction_place: int) -> int | None:
    """Return the column whose mean tells something: the positive class's chance, or the number predicted."""
    if manifest.task == "binary":
        return prediction_place + 1 + manifest.target.classes.index(str(manifest.target.positive))
    return prediction_place if manifest.task == "regression" else None


def _run_predict(source_path: Path, result_path: Path, approved: bool) -> tuple[int, str]:
    """Run `serve.predict` on the model that is served, bounded in time and in what it writes.

    Returns its exit code and what it wrote to stderr.
    """
    command = [sys.executable, "-m", "serve.predict", str(source_path), str(result_path)]
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
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (MAX_RESULT_BYTES, MAX_RESULT_BYTES))
    try:
        _, output = process.communicate(timeout=TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise FileRefused(f"The file could not be scored within {TIMEOUT_S:.0f} seconds. Split it.") from None
    return process.returncode, output


def _find_reason(code: int, output: str, name: str) -> str:
    """Return what `serve.predict` ended with, as a sentence for people."""
    for line in reversed(output.splitlines()):
        if line.startswith("predict: ") and not line.startswith("predict: note:"):
            text = line.removeprefix("predict: ").removeprefix(f"{name}: ").replace(" Nothing was written.", "")
            hint = " The example file shows the columns." if "no column" in text else ""
            return text[:1].upper() + text[1:] + hint
    return f"The file could not be scored (code {code})."
