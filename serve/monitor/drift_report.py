"""What the counts say: `GET /drift` for people and programs, and lines for Prometheus."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from serve.monitor.bins import BINS, MISSING, STRANGE, Place
from serve.monitor.drift import Drift, Total
from stages.model.psi import MODERATE, STRONG, psi

SPACE = "bentoml_service"
SHOWN = 100
"""Inputs that metrics tell of; /drift has all. Each is some fifteen series."""
STRANGE_IS = {"number": "out_of_range", "integer": "out_of_range", "date": "out_of_range", "time": "out_of_range"}


def document(drift: Drift, window_h: int, min_rows: int, now: float) -> dict[str, Any]:
    """The body of /drift: the window against the reference, the score first, then the inputs in their order."""
    recent, ever = drift.recent(now), drift.since_start()
    score, *inputs = [_entry(place, counts, recent.counted, min_rows) for place, counts in _stretches(drift, recent)]
    start = time.strftime("%Y-%m-%dT%H:00:00Z", time.gmtime((now // 3600 - window_h + 1) * 3600))
    compared = [entry["judgement"] for entry in (score, *inputs) if "psi" in entry]
    return {
        "judgement": _worst(compared),
        "shifted": [entry["name"] for entry in inputs if entry.get("judgement") == "shifted"],
        "window": {"from": start, "hours": window_h, "rows": recent.served, "counted": recent.counted},
        "since_start": {"rows": ever.served, "counted": ever.counted},
        "min_rows": min_rows,
        "score": score,
        "inputs": inputs,
    }


def metrics(drift: Drift, min_rows: int, now: float) -> str:
    """The same as lines of a /metrics page: counters since the model was taken up, the index over the window."""
    recent, ever = drift.recent(now), drift.since_start()
    lines = [
        *_family("drift_rows_total", "counter", "Rows counted for drift"),
        f"{SPACE}_drift_rows_total {ever.counted}",
        *_family("drift_psi", "gauge", "Population stability index of an input over the window"),
    ]
    compared = list(_stretches(drift, recent))[: SHOWN + 1]
    if recent.counted >= min_rows:
        for place, counts in compared[1:]:
            if place.expected is not None and place.bins:
                lines.append(f'{SPACE}_drift_psi{{input="{_label(place.name)}"}} {_psi(place, counts):.6g}')
    lines += _family("drift_score_psi", "gauge", "Population stability index of the model's answers over the window")
    if recent.counted >= min_rows and drift.score.expected is not None:
        lines.append(f"{SPACE}_drift_score_psi {_psi(*compared[0]):.6g}")
    score, *inputs = list(_stretches(drift, ever))[: SHOWN + 1]
    lines += _family("input_values_total", "counter", "Values of an input that were missing or unlike all of training")
    for place, counts in inputs:
        found = {"missing": counts[MISSING], STRANGE_IS.get(place.type, "unknown"): counts[STRANGE]}
        lines += [
            f'{SPACE}_input_values_total{{input="{_label(place.name)}",found="{what}"}} {count}'
            for what, count in found.items()
        ]
    lines += _family("input_bin_total", "counter", "Values of an input in each bin of its training values")
    for place, counts in inputs:
        named = zip(place.bins, counts[BINS:], strict=True)
        lines += [
            f'{SPACE}_input_bin_total{{input="{_label(place.name)}",bin="{_label(name)}"}} {count}'
            for name, count in named
        ]
    lines += _family("score_bin_total", "counter", "Answers in each bin of those to the hold-out")
    named = zip(score[0].bins, score[1][BINS:], strict=True)
    lines += [f'{SPACE}_score_bin_total{{bin="{_label(name)}"}} {count}' for name, count in named]
    return "\n".join(lines) + "\n"


def _stretches(drift: Drift, total: Total) -> list[tuple[Place, list[int]]]:
    """The score, then each input, with its counts."""
    found, at = [], 0
    for place in [*drift.inputs, drift.score]:
        found.append((place, total.counts[at : at + place.width].tolist()))
        at += place.width
    return [found[-1], *found[:-1]]


def _entry(place: Place, counts: Sequence[int], rows: int, min_rows: int) -> dict[str, Any]:
    """An input's part of the document. Shares are of the rows counted; `expected` are those of training."""
    share = [round(count / rows, 6) for count in counts] if rows else [None for _ in counts]
    expected: Sequence[float | None] = place.expected or [None for _ in counts]
    entry: dict[str, Any] = {"name": place.name, "type": place.type}
    if place.expected is not None and place.bins:
        value = _psi(place, counts) if rows else None
        entry["psi"] = None if value is None else round(value, 4)
        enough = value is not None and rows >= min_rows
        entry["judgement"] = _judge(value) if enough and value is not None else "too few rows"
    entry["missing"] = {"share": share[MISSING], "expected": expected[MISSING]}
    entry[STRANGE_IS.get(place.type, "unknown")] = {"share": share[STRANGE], "expected": 0.0}
    bins = zip(place.bins, share[BINS:], expected[BINS:], strict=True)
    entry["bins"] = [{"bin": name, "share": found, "expected": had} for name, found, had in bins]
    return entry


def _psi(place: Place, counts: Sequence[int]) -> float:
    """Over missing and the bins, and the unknown where they are in none."""
    assert place.expected is not None
    skip = [] if place.exclusive else [STRANGE]
    kept = [at for at in range(place.width) if at not in skip]
    return psi([place.expected[at] * place.rows for at in kept], [counts[at] for at in kept])


def _judge(value: float) -> str:
    """Return the index in a word."""
    if value < MODERATE:
        return "stable"
    return "moderate" if value < STRONG else "shifted"


def _worst(judgements: Sequence[str]) -> str:
    for word in ("shifted", "moderate", "stable"):
        if word in judgements:
            return word
    return "too few rows" if judgements else "not compared"


def _family(name: str, kind: str, text: str) -> list[str]:
    return [f"# HELP {SPACE}_{name} {text}", f"# TYPE {SPACE}_{name} {kind}"]


def _label(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
