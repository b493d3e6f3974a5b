"""Hold-out rows as `evaluate` scored them: a sample of every kind, and whether an answer says the same, for each task.

A row's kind is what its prediction turned out to be: caught, missed, false alarm or left alone of two classes; right or
wrong of several; of a number close where it is off by no more than the median hold-out row is, else far.
"""

from __future__ import annotations

import random
import statistics
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from stages.contracts.manifest import Manifest
from stages.model.predictions import CHANCE, name_actual

SEED = 7
DIGITS = 9
"""Decimals of the numbers in data/predictions.csv and in the report."""
KINDS = {(True, True): "caught", (True, False): "missed", (False, True): "false alarm", (False, False): "left alone"}
"""By (is positive, was predicted positive)."""

Answer = Mapping[str, Any]


class Case(NamedTuple):
    """One hold-out row: what it is, what was predicted, and the numbers an answer must hold, by name.

    `group` is what the sample shall hold one of, in this order.
    """

    row: int
    kind: str
    group: tuple[int, str]
    actual: str | float
    prediction: str | float
    numbers: dict[str, float]


def read_cases(lines: Iterable[Mapping[str, str]], manifest: Manifest) -> list[Case]:
    """The cases of data/predictions.csv, in its order. Raises KeyError, TypeError or ValueError where it is damaged."""
    task: dict[str, Callable[..., list[Case]]] = {"binary": _binary, "multiclass": _multiclass}
    return task.get(manifest.task, _regression)(lines, manifest)


def choose(cases: Sequence[Case], count: int) -> list[Case]:
    """`count` of the cases, and of a few groups one of each even so; always the same ones, by row.

    One of each group comes before a second of any; of too many groups, right ones and wrong ones in turn.
    """
    draw = random.Random(SEED)
    by_group: dict[tuple[int, str], list[Case]] = {}
    for case in cases:
        by_group.setdefault(case.group, []).append(case)
    before = Counter[int]()
    turn = {}
    for group in sorted(by_group):
        turn[group] = before[group[0]]
        before[group[0]] += 1
    firsts = [draw.choice(by_group[group]) for group in sorted(by_group, key=lambda group: (turn[group], group))]
    firsts = firsts[: max(count, len(KINDS))]
    chosen = {case.row for case in firsts}
    rest = [case for case in cases if case.row not in chosen]
    return sorted([*firsts, *draw.sample(rest, max(0, min(count - len(firsts), len(rest))))], key=lambda case: case.row)


def find_differences(case: Case, answer: Answer, manifest: Manifest) -> list[str]:
    """What is wrong with the service's answer for a case: nothing, if it equals what `evaluate` wrote."""
    served = list_numbers(answer)
    if set(served) != set(case.numbers):
        return [f"row {case.row}: the answer has {', '.join(sorted(served))}, not {', '.join(sorted(case.numbers))}"]
    wrong = [
        f"row {case.row}: {name} {served[name]!r}, but data/predictions.csv has {expected!r}"
        for name, expected in case.numbers.items()
        if not abs(served[name] - expected) <= _bound(manifest, expected)
    ]
    if (
        isinstance(case.prediction, str)
        and answer["prediction"] != case.prediction
        and not _tied(case, answer, manifest)
    ):
        wrong.append(f"row {case.row}: prediction '{answer['prediction']}', but the file has '{case.prediction}'")
    return wrong


def list_numbers(answer: Answer) -> dict[str, float]:
    """The numbers of an answer, by the names they have in data/predictions.csv."""
    if "probabilities" in answer:
        return {f"{CHANCE}{name}": chance for name, chance in answer["probabilities"].items()}
    ends = dict(zip(("low", "high"), answer.get("interval", ()), strict=False))
    return {"prediction": answer["prediction"], **ends}


def _bound(manifest: Manifest, expected: float) -> float:
    """How far an answer may be from the file: the manifest's bound, of a large number a share, and its rounding."""
    assert manifest.parity is not None
    return manifest.parity.bound * max(1.0, abs(expected)) + 0.5 * 10.0**-DIGITS


def _tied(case: Case, answer: Answer, manifest: Manifest) -> bool:
    """Whether either class may be said: the score lies on the threshold, or two classes have one chance."""
    chances = answer["probabilities"]
    if manifest.task == "binary":
        chance = chances[manifest.target.positive]
        return bool(abs(chance - manifest.threshold) <= _bound(manifest, chance))
    off = abs(chances[answer["prediction"]] - chances.get(case.prediction, 2.0))
    return bool(off <= 2 * _bound(manifest, 1.0))


def _binary(lines: Iterable[Mapping[str, str]], manifest: Manifest) -> list[Case]:
    name, positive = name_actual(manifest.target.name), manifest.target.positive
    [negative] = [label for label in manifest.target.classes if label != positive]
    made = []
    for line in lines:
        kind, chance = KINDS[line[name] == positive, line["prediction"] == positive], float(line["probability"])
        chances = {f"{CHANCE}{positive}": chance, f"{CHANCE}{negative}": 1 - chance}
        group = ([*KINDS.values()].index(kind), kind)
        made.append(Case(int(line["row"]), kind, group, line[name], line["prediction"], chances))
    return made


def _multiclass(lines: Iterable[Mapping[str, str]], manifest: Manifest) -> list[Case]:
    name, columns = name_actual(manifest.target.name), [f"{CHANCE}{label}" for label in manifest.target.classes]
    made = []
    for line in lines:
        kind = "right" if line["prediction"] == line[name] else "wrong"
        chances = {column: float(line[column]) for column in columns}
        group = (kind == "wrong", line[name])  # one right of each class, then one wrong
        made.append(Case(int(line["row"]), kind, group, line[name], line["prediction"], chances))
    return made


def _regression(lines: Iterable[Mapping[str, str]], manifest: Manifest) -> list[Case]:
    name = name_actual(manifest.target.name)
    wanted = ["prediction", *["low", "high"] * (manifest.interval is not None)]
    read = [(int(line["row"]), float(line[name]), {column: float(line[column]) for column in wanted}) for line in lines]
    errors = [abs(actual - numbers["prediction"]) for _, actual, numbers in read]
    usual = statistics.median_low(errors) if errors else 0.0
    marks = [min(errors, default=0.0), usual, max(errors, default=0.0)]
    groups = dict(zip(reversed(marks), [(2, "largest"), (1, "median"), (0, "smallest")], strict=True))
    return [
        Case(
            row,
            "close" if error <= usual else "far",
            groups.get(error, (3, "")),
            actual,
            numbers["prediction"],
            numbers,
        )
        for (row, actual, numbers), error in zip(read, errors, strict=True)
    ]
