"""Scores a CSV file without a server: `python -m serve.predict in.csv out.csv`.

The file is spelled as the sources are, or as data/clean.csv is, and may hold any columns beside the model's inputs;
none of them, the target among them, is used. The answer holds the same columns and rows, in the same order, and
`prediction`, `probability_<class>` or `low` and `high`, `warnings` (as the service says them of what the model has not
seen) and `reason`: a row that cannot be scored has no prediction and says why. Read and written in blocks, so that its
size does not matter; written whole or not at all.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np

from serve.predict import column_match, input_file, lookups, output
from serve.predict.input_file import Block
from serve.predict.inputs import Reader
from serve.predict.lookups import Files
from serve.predict.output import Result
from serve.predict.progress import progress
from serve.scoring import loader
from serve.scoring.input_warnings import InputChecker
from serve.scoring.loader import Manifest, Model
from serve.settings import ROOT
from stages.core.errors import DataError, PipelineError
from stages.core.files import replacing
from stages.model.encoding import matrix
from stages.table.schema import Reading

ASKED_AT_ONCE = 4096
"""Rows of one call of the model: a forest looks up as many answers for each as it has trees."""
SEVERAL = "; "
"""Between two warnings of a row."""
NOT_FINITE = "holds values too large for the model, which has no finite answer for it"


class Counts(NamedTuple):
    """How many rows were scored, and how many could not be."""

    scored: int
    refused: int


def main() -> None:
    """The command. Exits with 1 when nothing was written, or no row of the file could be scored."""
    asked = _parser().parse_args(_lookups_joined(sys.argv[1:]))
    try:
        served = loader.load(choice="candidate" if asked.candidate else None)
        tables = lookups.files(asked.lookup, reading_of(served), ROOT)
        counts = predict(served, asked.source, asked.result, tables, asked.encoding, asked.delimiter)
    except PipelineError as error:
        sys.exit(f"predict: {error}")
    except OSError as error:
        sys.exit(f"predict: {error}. Nothing was written.")
    except KeyboardInterrupt:
        sys.exit("predict: stopped by the keyboard. Nothing was written.")
    print(f"{counts.scored} rows scored, {counts.refused} could not be (see the column reason of {asked.result})")
    if counts.refused and not counts.scored:
        sys.exit(1)


def predict(
    served: Model,
    path: Path,
    written: Path,
    tables: Files | None = None,
    encoding: str = input_file.AUTO,
    delimiter: str = input_file.AUTO,
) -> Counts:
    """Score the file, looking up joined columns in the tables' files; what is doubtful is noted on stderr.

    Raises DataError or SourceError when the file is missing or no table, or lacks a column the model cannot do without.
    """
    manifest, reading = served.manifest, reading_of(served)
    needed = [*column_match.sources_of(reading, manifest.inputs), *(column.name for column in manifest.inputs)]
    target = manifest.target.name
    with input_file.opened(path, needed, reading.names, target, encoding, delimiter) as opened:
        _note(opened.notes)
        try:
            found = column_match.found(reading, manifest.inputs, opened.columns, tables or {})
        except DataError as error:
            raise DataError(f"{path}: {error}") from None
        _note(_absences(found))
        ours = output.added(manifest)
        names = output.header(opened.columns, ours)
        _note(f"'{old}' is '{new}' in {written}: the prediction's columns keep their names"
              for old, new in zip(opened.columns, names, strict=False) if old != new)  # fmt: skip
        with replacing(written) as temporary, temporary.open("wb") as file:
            return _scored(served, found, opened, tables or {}, Result(file, names))


def reading_of(served: Model) -> Reading:
    """How the model's sources are read, as its manifest says. Raises DataError where it does not."""
    try:
        return msgspec.convert(served.document["reading"], Reading)
    except (KeyError, msgspec.ValidationError) as error:
        raise DataError(
            f"the model's manifest does not say how its sources are read ({error!r}). Save it again."
        ) from None


def _scored(served: Model, found: column_match.Found, opened: input_file.Source, tables: Files, out: Result) -> Counts:
    reader, counts, unseen, warned = None, Counts(0, 0), InputChecker(served.manifest), 0
    for block in progress(opened.blocks(), opened.bytes):
        reader = reader or _reader(served.manifest, found, block, tables)
        refused, doubtful = _write(served, reader, unseen, block, out)
        warned += doubtful
        counts = Counts(counts.scored + block.size - refused, counts.refused + refused)
    if warned:
        _note([f"{warned:,} rows hold what the model has not seen in training (see the column warnings)"])
    if reader:
        _note(f"{name} is none of its levels in {count:,} rows, which are scored without it"
              for name, count in reader.no_level.items())  # fmt: skip
        _note(f"{name} is missing in {count:,} rows, but never in the training rows; they are scored without it"
              for name, count in reader.blank.items())  # fmt: skip
    return counts


def _reader(manifest: Manifest, found: column_match.Found, block: Block, tables: Files) -> Reader:
    """The file's reader, by its first block."""
    reading = found.reading
    joined = [lookups.read(table, tables[table], reading, manifest.inputs) for table in reading.joins]
    if column_match.is_clean(reading, block.of_rows):
        _note(["the file is spelled as data/clean.csv is (plain numbers, true and false, ISO dates), and read so"])
        reading = column_match.as_clean(reading)
    return Reader(reading, manifest.inputs, joined, {*found.absent, *found.joined})


def _write(served: Model, reader: Reader, unseen: InputChecker, block: Block, out: Result) -> tuple[int, int]:
    """Score a block and write it; how many of its rows could not be scored, and how many have a warning."""
    read, manifest = reader.read(block), served.manifest
    numbers = np.empty((len(read.places), manifest.width))
    if len(read.places):
        columns = [(column.name, column.codes) for column in manifest.features.columns]
        x = matrix(read.inputs, manifest.features.steps, columns)
        for start in range(0, len(x), ASKED_AT_ONCE):
            numbers[start : start + ASKED_AT_ONCE] = served.answers(x[start : start + ASKED_AT_ONCE])
    fine = np.isfinite(numbers).all(axis=1)
    reasons = read.reasons | dict.fromkeys(read.places[~fine].tolist(), NOT_FINITE)
    said = [output.texts(values, manifest.task) for values in output.said(manifest, numbers[fine])]
    said.append([SEVERAL.join(texts) for texts in unseen.of_columns(read.sent)])
    places = [*[read.places[fine]] * (len(said) - 1), read.places]
    added = [output.scattered(at, values, block.size) for at, values in zip(places, said, strict=True)]
    out.write([*block.columns.values(), *added, output.reasons(reasons, block.size)])
    return len(reasons), sum(map(bool, said[-1]))


def _absences(found: column_match.Found) -> Iterator[str]:
    if found.joined:
        yield (
            f"{', '.join(found.joined)} come from other tables and are taken as missing; "
            "give them as columns, or those tables with --lookup"
        )
    if found.absent:
        yield f"there is no column for {', '.join(found.absent)}: taken as missing in every row"


def _note(notes: Sequence[str] | Iterator[str]) -> None:
    for note in notes:
        print(f"predict: note: {note}", file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        usage="python -m serve.predict SOURCE RESULT [--candidate] [--lookup [TABLE=FILE …]] [options]",
        description="Score a CSV file without a server.",
        epilog="The file is spelled as the model's source files are, or as data/clean.csv is; other columns than the "
        "inputs are passed through. Exit codes: 0 written, 1 nothing written or no row could be scored, 2 usage.",
    )
    parser.add_argument("source", type=Path, help="CSV file with the model's inputs; any dialect, packed or not")
    parser.add_argument("result", type=Path, help="CSV file to write: all columns, the prediction, warnings, reason")
    parser.add_argument("--candidate", action="store_true", help="use the model just trained, approved or not")
    parser.add_argument(
        "--lookup",
        action="append",
        metavar="[TABLE=FILE …]",
        help="take joined columns from these files; without any, from the tables of data/raw",
    )
    parser.add_argument("--encoding", default=input_file.AUTO, help="of the file, where the one found is wrong")
    parser.add_argument("--delimiter", default=input_file.AUTO, help="of the file, where the one found is wrong")
    return parser


def _lookups_joined(words: Sequence[str]) -> list[str]:
    """`--lookup A=a B=b` as `--lookup=A=a --lookup=B=b`, and `--lookup` alone as `--lookup=`."""
    made: list[str] = []
    waiting = False
    for word in words:
        if waiting and "=" in word and not word.startswith("-"):
            made.append(f"--lookup={word}")
        elif word == "--lookup":
            made.append("--lookup=")
        else:
            made.append(word)
        waiting = word == "--lookup" or (waiting and made[-1] == f"--lookup={word}")
    return made


if __name__ == "__main__":
    main()
