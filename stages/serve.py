"""Asks the real service for a fixed sample of hold-out rows and compares it with what `evaluate` wrote.

Reads model/ (always the candidate), data/predictions.csv, data/clean.csv; writes reports/predictions.json. The service
is started for the purpose and stopped afterwards. It answers in one batch and row by row; every answer must equal
data/predictions.csv within the bound of the manifest, else the stage fails.
"""

from __future__ import annotations

import csv
import logging
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from stages import cells, files, params, run, server
from stages.errors import ModelError, ServeError

MODEL = Path("model/manifest.json")
PREDICTIONS = Path("data/predictions.csv")
CLEAN = Path("data/clean.csv")
REPORT = Path("reports/predictions.json")
DIGITS = 9
"""Decimals of the probabilities in data/predictions.csv and in the report."""
SEED = 7
KINDS = {(True, True): "caught", (True, False): "missed", (False, True): "false alarm", (False, False): "left alone"}
"""What a prediction turned out to be, by (is positive, was predicted positive)."""


class Params(params.Params, frozen=True, forbid_unknown_fields=False):
    """What this stage needs of the section; the rest is the service's own, which checks it."""

    sample: int


class Case(NamedTuple):
    """One hold-out row as `evaluate` scored it."""

    row: int
    kind: str
    actual: str
    prediction: str
    probability: float


def choose(cases: Sequence[Case], count: int) -> list[Case]:
    """`count` of the cases, at least one of each kind there is, in the order of the table; always the same ones."""
    draw = random.Random(SEED)
    chosen: list[Case] = []
    for kind in KINDS.values():
        of_kind = [case for case in cases if case.kind == kind]
        chosen += draw.sample(of_kind, min(1, len(of_kind)))
    rest = sorted(set(cases) - set(chosen))
    chosen += draw.sample(rest, max(0, min(count - len(chosen), len(rest))))
    return sorted(chosen)


def differences(case: Case, answer: dict[str, Any], manifest: dict[str, Any]) -> list[str]:
    """What is wrong with the service's answer for a case: nothing, if it equals what `evaluate` wrote."""
    bound = float(manifest["parity"]["bound"]) + 0.5 * 10**-DIGITS
    served = answer["probabilities"][manifest["target"]["positive"]]
    wrong = []
    if not abs(served - case.probability) <= bound:
        wrong.append(f"row {case.row}: probability {served!r}, but data/predictions.csv has {case.probability!r}")
    if answer["prediction"] != case.prediction and not abs(served - manifest["threshold"]) <= bound:
        wrong.append(f"row {case.row}: prediction '{answer['prediction']}', but the file has '{case.prediction}'")
    return wrong


def work() -> None:
    """Start the service, ask it, compare, stop it, write the report's samples."""
    sample = params.load("serve", Params).sample
    with server.running() as service:
        manifest = _manifest()
        cases = choose(_cases(manifest), sample)
        inputs = _inputs([case.row for case in cases], manifest["inputs"])
        service.wait()
        version = service.get("/model")["version"]
        if version != manifest["version"]:
            raise ServeError(f"The service serves version {version}, but {MODEL} is {manifest['version']}.")
        answers = service.predict(inputs)
        alone = [service.predict([row])[0] for row in inputs]
    wrong = [text for given in (answers, alone) for pair in zip(cases, given, strict=True)
             for text in differences(*pair, manifest)]  # fmt: skip
    if wrong:
        raise ServeError(
            f"The service does not answer what the model said, {len(wrong)} times: {'; '.join(wrong[:5])}."
        )
    rows = [
        {"row": case.row, "kind": case.kind, "actual": case.actual, "inputs": row, **answer}
        for case, row, answer in zip(cases, inputs, answers, strict=True)
    ]
    files.write_json(REPORT, files.rounded({"model": {"version": version}, "rows": rows}, DIGITS))
    logging.info("serve: version %s answered %d hold-out rows as %s has them", version, len(rows), PREDICTIONS)


def _manifest() -> dict[str, Any]:
    try:
        found: dict[str, Any] = files.read_json(MODEL)
    except FileNotFoundError:
        raise ModelError(f"{MODEL} is missing. Run the stage save first.") from None
    except ValueError as error:
        raise ModelError(f"{MODEL} is not JSON: {error}. Run the stage save again.") from None
    return found


def _cases(manifest: dict[str, Any]) -> list[Case]:
    """Every hold-out row."""
    name, positive = manifest["target"]["name"], manifest["target"]["positive"]
    try:
        with PREDICTIONS.open(newline="", encoding="utf-8") as file:
            return [
                Case(
                    row=int(line["row"]),
                    kind=KINDS[line[name] == positive, line["prediction"] == positive],
                    actual=line[name],
                    prediction=line["prediction"],
                    probability=float(line["probability"]),
                )
                for line in csv.DictReader(file)
            ]
    except (FileNotFoundError, KeyError, TypeError, ValueError) as error:
        raise ServeError(f"{PREDICTIONS} is missing or damaged ({error!r}). Run the stage evaluate again.") from None


def _inputs(rows: Sequence[int], columns: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows of the clean table (numbered from 0) as the service takes them."""
    wanted, found = set(rows), {}
    try:
        with CLEAN.open(newline="", encoding="utf-8") as file:
            reader = csv.reader(file)
            header = next(reader)
            places = [(column["name"], header.index(column["name"]), column["type"]) for column in columns]
            for number, line in enumerate(reader):
                if number in wanted:
                    found[number] = {name: cells.value(line[place], kind) for name, place, kind in places}
        return [found[row] for row in rows]
    except (FileNotFoundError, StopIteration, ValueError, IndexError, KeyError) as error:
        raise ServeError(f"{CLEAN} does not hold the model's inputs ({error!r}). Run the stage clean again.") from None


def main() -> None:
    """The stage's command."""
    run.stage("serve", work)


if __name__ == "__main__":
    main()
