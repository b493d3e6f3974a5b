"""Scores a CSV file without a server: `python -m serve.predict in.csv out.csv`.

The file holds the model's inputs by name, spelled as in data/clean.csv (empty where missing), and any other columns.
The answer holds the same columns and rows, in the same order, and `prediction`, `probability_<class>` and `reason`:
a row that cannot be scored has an empty prediction and says why. Read and written in blocks, so that its size does
not matter; written whole or not at all.
"""

from __future__ import annotations

import argparse
import csv
import itertools
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from serve import model
from serve.decode import Decoder, Row
from serve.model import Model
from serve.refusal import Refusal
from serve.score import Scorer
from stages import cells
from stages.errors import DataError, PipelineError, did_you_mean
from stages.files import replacing

BLOCK = 1000
"""Rows in memory at a time."""


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser("python -m serve.predict", description="Score a CSV file without a server.")
    parser.add_argument("source", type=Path, help="CSV file with the model's inputs")
    parser.add_argument("result", type=Path, help="CSV file to write")
    parser.add_argument("--candidate", action="store_true", help="use the model just trained, approved or not")
    asked = parser.parse_args()
    try:
        served = model.load(choice="candidate" if asked.candidate else None)
        scored, refused = predict(served, asked.source, asked.result)
    except PipelineError as error:
        sys.exit(f"predict: {error}")
    except OSError as error:
        sys.exit(f"predict: {error}. Nothing was written.")
    print(f"{scored} rows scored, {refused} could not be (see the column reason of {asked.result})")


def predict(served: Model, source: Path, result: Path) -> tuple[int, int]:
    """Score the file; how many rows were scored and how many could not be.

    Raises DataError when the file is missing or no table, or its header lacks an input the model cannot do without.
    """
    decoder, scorer = Decoder(served.manifest.inputs, max_rows=BLOCK), Scorer(served)
    classes = served.manifest.target.classes
    made = ["prediction", *(f"probability_{name}" for name in classes), "reason"]
    counts = [0, 0]
    try:
        with source.open(newline="", encoding="utf-8-sig") as read, replacing(result) as temporary:
            table = csv.reader(read)
            header = next(table, [])
            _check(header, served, made, source)
            with temporary.open("w", newline="", encoding="utf-8") as write:
                writer = csv.writer(write, lineterminator="\n")
                writer.writerow([*header, *made])
                for lines in _blocks(table):
                    for line, told in zip(lines, _scored(served, decoder, scorer, header, lines), strict=True):
                        counts[bool(told[-1])] += 1
                        writer.writerow([*line[: len(header)], *[""] * (len(header) - len(line)), *told])
    except FileNotFoundError as error:
        raise DataError(f"{error.filename} is missing.") from None
    except UnicodeDecodeError as error:
        raise DataError(f"{source} is not UTF-8 ({error.reason} at byte {error.start}). Save it as UTF-8.") from None
    except csv.Error as error:
        raise DataError(f"{source} is no table after {sum(counts)} rows: {error}.") from None
    return counts[0], counts[1]


def _check(header: Sequence[str], served: Model, made: Sequence[str], source: Path) -> None:
    """The header names every input that must be there, none twice, and no column that is about to be written."""
    for name in header:
        if header.count(name) > 1:
            raise DataError(f"{source} has the column '{name}' twice.")
        if name in made:
            raise DataError(f"{source} already has a column '{name}', which is what is about to be written. Rename it.")
    for column in served.manifest.inputs:
        if column.name not in header and not column.nullable:
            raise DataError(f"{source} has no column '{column.name}'.{did_you_mean(column.name, header)}")


def _blocks(table: Iterable[list[str]]) -> Iterator[list[list[str]]]:
    rows = iter(table)
    while block := list(itertools.islice(rows, BLOCK)):
        yield block


def _scored(
    served: Model, decoder: Decoder, scorer: Scorer, header: list[str], lines: list[list[str]]
) -> list[list[str]]:
    """For each line the cells to be added: prediction, a probability for each class, reason."""
    read = [_row(served, decoder, header, line) for line in lines]
    good = [row for row in read if not isinstance(row, str)]
    answers = iter(scorer.predictions(good))
    told = []
    for row in read:
        if isinstance(row, str):
            told.append(["", *[""] * len(served.manifest.target.classes), row])
        else:
            answer = next(answers)
            told.append([answer["prediction"], *(f"{p:.9f}" for p in answer["probabilities"].values()), ""])
    return told


def _row(served: Model, decoder: Decoder, header: list[str], line: list[str]) -> Row | str:
    """The line's inputs, or why they cannot be scored."""
    if len(line) != len(header):
        return f"has {len(line)} cells, but the header has {len(header)}"
    texts = dict(zip(header, line, strict=True))
    known = {c.name: cells.value(texts[c.name], c.type) for c in served.manifest.inputs if c.name in texts}
    try:
        return decoder.row(known)
    except Refusal as refusal:
        return f"{refusal.field}: {refusal.reason}"


if __name__ == "__main__":
    main()
