"""Start each contender on loopback, drive all with the same requests in turn, print the tables.

    python -m bench.serving [--only NAME …] [--rounds N] [--seconds S] [--connections N …]

Rounds are interleaved, since a machine is not equally fast all the time: believe the ratios, not the numbers. Needs
wrk, and model/ as `make repro` leaves it. The peers go into environments of their own below .bench/, made once.
"""

from __future__ import annotations

import argparse
import csv
import json
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from subprocess import CalledProcessError
from typing import Any

from bench.serving import table
from bench.serving.contenders import CONTENDERS, ROOT, Contender, Row, Started, environment, repository
from bench.serving.load import drive, write_script
from stages.serve import cells

ROWS, EVERY, COMPARED = 200, 50, 20
BOUND = 1e-6
"""How far the answers may lie apart: some peers' numbers are rounded on their way."""


def main() -> None:
    """The command."""
    options = argparse.ArgumentParser("python -m bench.serving", description="Measure the service against its peers.")
    names = [contender.name for contender in CONTENDERS]
    options.add_argument("--only", nargs="+", choices=names, default=names, metavar="NAME", help=", ".join(names))
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--seconds", type=float, default=3.0, help="of each drive")
    options.add_argument("--connections", type=int, nargs="+", default=[1, 8, 64])
    asked = options.parse_args()
    inputs, features = cases()
    chosen = [contender for contender in CONTENDERS if contender.name in asked.only]
    bodies = {one.name: [one.body(*row) for row in zip(inputs, features, strict=True)] for one in chosen}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-serving-")))
        started = _start(chosen, folder, stack, bodies)
        _compare(started, bodies)
        costs: dict[str, dict[int, list[table.Cost]]] = {
            one.contender.name: {count: [] for count in asked.connections} for one in started
        }
        for number in range(asked.rounds):
            for count in asked.connections:
                for one in started:
                    before = one.cpu_s()
                    load = drive(one.url, one.folder / "requests.lua", count, asked.seconds)
                    costs[one.contender.name][count].append(table.Cost(load, one.cpu_s() - before))
            print(f"round {number + 1} of {asked.rounds} done", flush=True)
        pss = {one.contender.name: one.pss_bytes() for one in started}
        print("", table.measured(costs, pss), sep="\n", flush=True)
        if table.OURS in costs:
            print("", table.ratios(costs), "", table.aims(costs), sep="\n", flush=True)


def cases() -> tuple[list[Row], list[Row]]:
    """Rows of data/clean.csv, spread over its beginning: their inputs as a request has them, and their features."""
    manifest = json.loads((ROOT / "model/manifest.json").read_text())
    inputs = _read(ROOT / "data/clean.csv", {column["name"]: column["type"] for column in manifest["inputs"]})
    of = {column["name"]: column["type"] for column in manifest["features"]["columns"]}
    features = _read(ROOT / "data/features.csv", of | {name: "number" for name in of if of[name] == "ordinal"})
    for row in features:  # a category that is none is as missing, and some protocols know no missing text
        row |= {name: "" for name, kind in of.items() if kind == "category" and row[name] is None}
    return inputs, features


def _read(path: Path, types: dict[str, str]) -> list[Row]:
    with path.open(newline="", encoding="utf-8") as file:
        chosen = islice(csv.DictReader(file), 0, ROWS * EVERY, EVERY)
        return [{name: cells.parse_cell(row[name], kind) for name, kind in types.items()} for row in chosen]


def _start(chosen: Sequence[Contender], folder: Path, stack: ExitStack, bodies: dict[str, list[Any]]) -> list[Started]:
    """Those that could be installed and started; the others are named."""
    serving = repository(folder / "repository")
    task = json.loads((serving / "model/manifest.json").read_text())["task"]
    started = []
    for contender in chosen:
        place = folder / contender.name.replace(" ", "-")
        place.mkdir()
        try:
            one = Started(contender, serving, task, environment(contender), place)
            stack.callback(one.stop)
            one.wait(bodies[contender.name][0])
        except (CalledProcessError, RuntimeError, OSError) as error:
            print(f"LEFT OUT: {contender.name}: {error}", flush=True)
            continue
        write_script(place / "requests.lua", [json.dumps(body).encode() for body in bodies[contender.name]])
        started.append(one)
        print(f"{contender.name} answers", flush=True)
    return started


def _compare(started: Sequence[Started], bodies: dict[str, list[Any]]) -> None:
    """Say how far the contenders' answers lie apart. The last number is that of the positive class, or the value."""
    ours = [one for one in started if one.contender.name == table.OURS]
    for one in started:
        if ours and one is not ours[0] and one.contender.name != table.STATIC:
            pairs = zip(bodies[one.contender.name][:COMPARED], bodies[table.OURS], strict=False)
            try:
                apart = max(abs(one.ask(body)[-1] - ours[0].ask(same)[-1]) for body, same in pairs)
            except (OSError, ValueError, KeyError) as error:
                print(f"{one.contender.name}: NO ANSWER to a request: {error}", flush=True)
                continue
            verdict = "the same predictions as" if apart <= BOUND else "OTHER PREDICTIONS than"
            print(f"{one.contender.name}: {verdict} this service, {apart:.1e} apart at most", flush=True)


if __name__ == "__main__":
    main()
