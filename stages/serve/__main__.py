"""Asks the real service for a fixed sample of hold-out rows and compares it with what `evaluate` wrote.

Reads model/ (always the candidate), data/predictions.csv, data/clean.csv; writes reports/predictions.json. The service
is started for the purpose and stopped afterwards. It answers in batches and row by row; every answer must equal
data/predictions.csv within the bound of the manifest, else the stage fails. It is then asked for its reasons.
"""

from __future__ import annotations

import csv
import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from stages.contracts.explanation import Explanation
from stages.contracts.manifest import PATH as MANIFEST
from stages.contracts.manifest import Input, Manifest
from stages.contracts.served_rows import PATH as SERVED_ROWS
from stages.contracts.served_rows import ServedModel, ServedRow, ServedRows
from stages.core import files, params, run
from stages.core.errors import ModelError, ServeError
from stages.serve import cells, samples, server_process
from stages.serve.batches import split_batches
from stages.serve.params import Serve
from stages.serve.samples import Case

PREDICTIONS = Path("data/predictions.csv")
CLEAN = Path("data/clean.csv")


def work() -> None:
    """Start the service, ask it, compare, stop it, write the report's samples."""
    section = params.load("serve", Serve)
    csv.field_size_limit(sys.maxsize)
    with server_process.run_server() as service:
        manifest = _read_manifest()
        chosen = samples.choose(_cases(manifest), section.sample)
        inputs = _inputs([case.row for case in chosen], manifest.inputs)
        service.wait()
        version = service.get("/model")["version"]
        if version != manifest.version:
            raise ServeError(f"The service serves version {version}, but {MANIFEST} is {manifest.version}.")
        limits = section.max_rows, section.max_body
        answers = [answer for some in split_batches(inputs, *limits) for answer in service.predict(some)]
        alone = [service.predict([row])[0] for row in inputs]
        _compare(chosen, (answers, alone), manifest)
        why = [service.explain(row) for row in inputs]
    rows = [_describe_row(*given) for given in zip(chosen, inputs, answers, why, strict=True)]
    files.write_json(SERVED_ROWS, msgspec.to_builtins(ServedRows(ServedModel(version), rows)))
    logging.info("serve: version %s answered %d hold-out rows as %s has them", version, len(rows), PREDICTIONS)


def _compare(chosen: list[Case], answers: Sequence[list[dict[str, Any]]], manifest: Manifest) -> None:
    """Raise ServeError unless the answers, each time they were asked for, are what `evaluate` wrote."""
    wrong = [text for given in answers for pair in zip(chosen, given, strict=True)
             for text in samples.find_differences(*pair, manifest)]  # fmt: skip
    if wrong:
        raise ServeError(
            f"The service does not answer what the model said, {len(wrong)} times: {'; '.join(wrong[:5])}."
        )


def _describe_row(case: Case, inputs: dict[str, Any], answer: dict[str, Any], why: Explanation | None) -> ServedRow:
    """Return the row as the report shows it."""
    error = {} if isinstance(case.actual, str) else {"error": answer["prediction"] - case.actual}
    row = {"row": case.row, "kind": case.kind, "actual": case.actual, "inputs": inputs, **answer, **error}
    return ServedRow(**files.round_floats(row, samples.DIGITS), explanation=why)


def _read_manifest() -> Manifest:
    try:
        return files.read_struct(MANIFEST, Manifest)
    except FileNotFoundError:
        raise ModelError(f"{MANIFEST} is missing. Run the stage save first.") from None
    except ValueError as error:
        raise ModelError(f"{error}. Run the stage save again.") from None


def _cases(manifest: Manifest) -> list[Case]:
    """Every hold-out row."""
    try:
        with PREDICTIONS.open(newline="", encoding="utf-8") as file:
            return samples.read_cases(csv.DictReader(file), manifest)
    except (FileNotFoundError, KeyError, TypeError, ValueError) as error:
        raise ServeError(f"{PREDICTIONS} is missing or damaged ({error!r}). Run the stage evaluate again.") from None


def _inputs(rows: Sequence[int], columns: Sequence[Input]) -> list[dict[str, Any]]:
    """The rows of the clean table (numbered from 0) as the service takes them."""
    wanted, found = set(rows), {}
    try:
        with CLEAN.open(newline="", encoding="utf-8") as file:
            reader = csv.reader(file)
            header = next(reader)
            places = [(column.name, header.index(column.name), column.type) for column in columns]
            for number, line in enumerate(reader):
                if number in wanted:
                    found[number] = {name: cells.parse_cell(line[place], kind) for name, place, kind in places}
        return [found[row] for row in rows]
    except (FileNotFoundError, StopIteration, ValueError, IndexError, KeyError) as error:
        raise ServeError(f"{CLEAN} does not hold the model's inputs ({error!r}). Run the stage clean again.") from None


def main() -> None:
    """The stage's command."""
    run.stage("serve", work)


if __name__ == "__main__":
    main()
