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

import numpy as np

from serve.predict import column_match, input_file, lookups, output
from serve.predict.column_match import ColumnMatch
from serve.predict.input_file import Block, InputFile
from serve.predict.inputs import InputReader
from serve.predict.lookups import Files
from serve.predict.output import ResultFile
from serve.predict.progress import show_progress
from serve.scoring import loader
from serve.scoring.input_warnings import InputChecker
from serve.scoring.loader import Model
from serve.settings import ROOT
from stages.contracts.manifest import Manifest
from stages.core.errors import DataError, PipelineError
from stages.core.files import replacing
from stages.model.encoding import encode_matrix
from stages.table.schema import Reading

BATCH_ROWS = 4096
"""Rows of one call of the model: a forest looks up as many answers for each as it has trees."""
WARNING_SEPARATOR = "; "
"""Between two warnings of a row."""
NOT_FINITE = "holds values too large for the model, which has no finite answer for it"


class Counts(NamedTuple):
    """How many rows were scored, and how many could not be."""

    scored: int
    refused: int


def main() -> None:
    """Run the command. Exits with 1 when nothing was written, or no row of the file could be scored."""
    arguments = _make_parser().parse_args(_join_lookup_options(sys.argv[1:]))
    try:
        model = loader.load(choice="candidate" if arguments.candidate else None)
        tables = lookups.find_files(arguments.lookup, read_reading(model), ROOT)
        counts = predict(model, arguments.source, arguments.result, tables, arguments.encoding, arguments.delimiter)
    except PipelineError as error:
        sys.exit(f"predict: {error}")
    except OSError as error:
        sys.exit(f"predict: {error}. Nothing was written.")
    except KeyboardInterrupt:
        sys.exit("predict: stopped by the keyboard. Nothing was written.")
    print(f"{counts.scored} rows scored, {counts.refused} could not be (see the column reason of {arguments.result})")
    if counts.refused and not counts.scored:
        sys.exit(1)


def predict(
    model: Model,
    path: Path,
    result_path: Path,
    tables: Files | None = None,
    encoding: str = input_file.AUTO,
    delimiter: str = input_file.AUTO,
) -> Counts:
    """Score the file, looking up joined columns in the tables' files; what is doubtful is noted on stderr.

    Raises DataError or SourceError when the file is missing or no table, or lacks a column the model cannot do without.
    """
    manifest, reading = model.manifest, read_reading(model)
    needed = [*column_match.list_sources(reading, manifest.inputs), *(column.name for column in manifest.inputs)]
    target = manifest.target.name
    with input_file.open_source(path, needed, reading.names, target, encoding, delimiter) as source:
        _print_notes(source.notes)
        try:
            match = column_match.match_columns(reading, manifest.inputs, source.columns, tables or {})
        except DataError as error:
            raise DataError(f"{path}: {error}") from None
        _print_notes(_describe_absences(match))
        added = output.list_added_columns(manifest)
        header = output.make_header(source.columns, added)
        _print_notes(f"'{old}' is '{new}' in {result_path}: the prediction's columns keep their names"
                     for old, new in zip(source.columns, header, strict=False) if old != new)  # fmt: skip
        with replacing(result_path) as temporary, temporary.open("wb") as file:
            return _score_blocks(model, match, source, tables or {}, ResultFile(file, header))


def read_reading(model: Model) -> Reading:
    """Return how the model's sources are read, as its manifest says. Raises DataError where it does not."""
    if model.manifest.reading is None:
        raise DataError("the model's manifest does not say how its sources are read. Save it again.")
    return model.manifest.reading


def _score_blocks(model: Model, match: ColumnMatch, source: InputFile, tables: Files, result: ResultFile) -> Counts:
    """Score every block and write it; note what is doubtful."""
    reader, counts, checker, n_warned = None, Counts(0, 0), InputChecker(model.manifest), 0
    for block in show_progress(source.read_blocks(), source.bytes):
        reader = reader or _make_reader(model.manifest, match, block, tables)
        n_refused, n_doubtful = _score_and_write(model, reader, checker, block, result)
        n_warned += n_doubtful
        counts = Counts(counts.scored + block.size - n_refused, counts.refused + n_refused)
    if n_warned:
        _print_notes([f"{n_warned:,} rows hold what the model has not seen in training (see the column warnings)"])
    if reader:
        _print_notes(f"{name} is none of its levels in {count:,} rows, which are scored without it"
                     for name, count in reader.unknown_level_counts.items())  # fmt: skip
        _print_notes(f"{name} is missing in {count:,} rows, but never in the training rows; they are scored without it"
                     for name, count in reader.blank_counts.items())  # fmt: skip
    return counts


def _make_reader(manifest: Manifest, match: ColumnMatch, block: Block, tables: Files) -> InputReader:
    """Return the file's reader; its first block shows how it is spelled."""
    reading = match.reading
    lookup_tables = [lookups.read_lookup(table, tables[table], reading, manifest.inputs) for table in reading.joins]
    if column_match.is_clean(reading, block.table_columns):
        note = "the file is spelled as data/clean.csv is (plain numbers, true and false, ISO dates), and read so"
        _print_notes([note])
        reading = column_match.respell_as_clean(reading)
    return InputReader(reading, manifest.inputs, lookup_tables, {*match.absent, *match.joined})


def _score_and_write(
    model: Model, reader: InputReader, checker: InputChecker, block: Block, result: ResultFile
) -> tuple[int, int]:
    """Score a block and write it. Return how many of its rows could not be scored, and how many have a warning."""
    scorable, manifest = reader.read(block), model.manifest
    outputs = np.empty((len(scorable.places), manifest.width))
    if len(scorable.places):
        x = encode_matrix(scorable.inputs, manifest.features)
        for start in range(0, len(x), BATCH_ROWS):
            outputs[start : start + BATCH_ROWS] = model.answers(x[start : start + BATCH_ROWS])
    finite = np.isfinite(outputs).all(axis=1)
    reasons = scorable.reasons | dict.fromkeys(scorable.places[~finite].tolist(), NOT_FINITE)
    columns = [output.format_values(values, manifest.task) for values in output.make_columns(manifest, outputs[finite])]
    columns.append([WARNING_SEPARATOR.join(texts) for texts in checker.find_column_warnings(scorable.sent)])
    places = [*[scorable.places[finite]] * (len(columns) - 1), scorable.places]
    scattered = [output.scatter(at, values, block.size) for at, values in zip(places, columns, strict=True)]
    result.write_rows([*block.columns.values(), *scattered, output.make_reasons(reasons, block.size)])
    return len(reasons), sum(map(bool, columns[-1]))


def _describe_absences(match: ColumnMatch) -> Iterator[str]:
    if match.joined:
        yield (
            f"{', '.join(match.joined)} come from other tables and are taken as missing; "
            "give them as columns, or those tables with --lookup"
        )
    if match.absent:
        yield f"there is no column for {', '.join(match.absent)}: taken as missing in every row"


def _print_notes(notes: Sequence[str] | Iterator[str]) -> None:
    for note in notes:
        print(f"predict: note: {note}", file=sys.stderr)


def _make_parser() -> argparse.ArgumentParser:
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


def _join_lookup_options(words: Sequence[str]) -> list[str]:
    """Return `--lookup A=a B=b` as `--lookup=A=a --lookup=B=b`, and `--lookup` alone as `--lookup=`."""
    options: list[str] = []
    in_lookup = False
    for word in words:
        if in_lookup and "=" in word and not word.startswith("-"):
            options.append(f"--lookup={word}")
        elif word == "--lookup":
            options.append("--lookup=")
        else:
            options.append(word)
        in_lookup = word == "--lookup" or (in_lookup and options[-1] == f"--lookup={word}")
    return options


if __name__ == "__main__":
    main()
