"""What the counts say: `GET /drift` for people and programs, and lines for Prometheus."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from serve.monitor.bins import FIRST_BIN, MISSING, UNSEEN, Histogram
from serve.monitor.drift import DriftCounter, DriftTotal
from stages.model.psi import MODERATE, STRONG, psi

NAMESPACE = "bentoml_service"
MAX_INPUTS = 100
"""Inputs that metrics tell of; /drift has all. Each is some fifteen series."""
UNSEEN_NAMES = {"number": "out_of_range", "integer": "out_of_range", "date": "out_of_range", "time": "out_of_range"}


def build_report(drift: DriftCounter, window_h: int, min_rows: int, now: float) -> dict[str, Any]:
    """Return the body of /drift: the window against the reference, the score first, then the inputs in their order."""
    recent, total = drift.sum_recent(now), drift.sum_since_start()
    score, *inputs = [
        _describe_histogram(histogram, counts, recent.counted, min_rows)
        for histogram, counts in _split_counts(drift, recent)
    ]
    start = time.strftime("%Y-%m-%dT%H:00:00Z", time.gmtime((now // 3600 - window_h + 1) * 3600))
    compared = [entry["judgement"] for entry in (score, *inputs) if "psi" in entry]
    return {
        "judgement": _pick_worst(compared),
        "shifted": [entry["name"] for entry in inputs if entry.get("judgement") == "shifted"],
        "window": {"from": start, "hours": window_h, "rows": recent.served, "counted": recent.counted},
        "since_start": {"rows": total.served, "counted": total.counted},
        "min_rows": min_rows,
        "score": score,
        "inputs": inputs,
    }


def format_metrics(drift: DriftCounter, min_rows: int, now: float) -> str:
    """Return the same as lines of a /metrics page: counters since the model was taken up, the index over the window."""
    recent, total = drift.sum_recent(now), drift.sum_since_start()
    lines = [
        *_format_family("drift_rows_total", "counter", "Rows counted for drift"),
        f"{NAMESPACE}_drift_rows_total {total.counted}",
        *_format_family("drift_psi", "gauge", "Population stability index of an input over the window"),
    ]
    compared = list(_split_counts(drift, recent))[: MAX_INPUTS + 1]
    if recent.counted >= min_rows:
        for histogram, counts in compared[1:]:
            if histogram.expected is not None and histogram.bins:
                name = _escape_label(histogram.name)
                lines.append(f'{NAMESPACE}_drift_psi{{input="{name}"}} {_compute_psi(histogram, counts):.6g}')
    text = "Population stability index of the model's answers over the window"
    lines += _format_family("drift_score_psi", "gauge", text)
    if recent.counted >= min_rows and drift.score.expected is not None:
        lines.append(f"{NAMESPACE}_drift_score_psi {_compute_psi(*compared[0]):.6g}")
    score, *inputs = list(_split_counts(drift, total))[: MAX_INPUTS + 1]
    text = "Values of an input that were missing or unlike all of training"
    lines += _format_family("input_values_total", "counter", text)
    for histogram, counts in inputs:
        name = _escape_label(histogram.name)
        counts_by_kind = {"missing": counts[MISSING], UNSEEN_NAMES.get(histogram.type, "unknown"): counts[UNSEEN]}
        lines += [
            f'{NAMESPACE}_input_values_total{{input="{name}",found="{kind}"}} {count}'
            for kind, count in counts_by_kind.items()
        ]
    lines += _format_family("input_bin_total", "counter", "Values of an input in each bin of its training values")
    for histogram, counts in inputs:
        name = _escape_label(histogram.name)
        bin_counts = zip(histogram.bins, counts[FIRST_BIN:], strict=True)
        lines += [
            f'{NAMESPACE}_input_bin_total{{input="{name}",bin="{_escape_label(bin_name)}"}} {count}'
            for bin_name, count in bin_counts
        ]
    lines += _format_family("score_bin_total", "counter", "Answers in each bin of those to the hold-out")
    bin_counts = zip(score[0].bins, score[1][FIRST_BIN:], strict=True)
    lines += [
        f'{NAMESPACE}_score_bin_total{{bin="{_escape_label(bin_name)}"}} {count}' for bin_name, count in bin_counts
    ]
    return "\n".join(lines) + "\n"


def _split_counts(drift: DriftCounter, total: DriftTotal) -> list[tuple[Histogram, list[int]]]:
    """Return the score's histogram, then each input's, with its counts."""
    pairs, start = [], 0
    for histogram in [*drift.inputs, drift.score]:
        pairs.append((histogram, total.counts[start : start + histogram.width].tolist()))
        start += histogram.width
    return [pairs[-1], *pairs[:-1]]


def _describe_histogram(histogram: Histogram, counts: Sequence[int], n_rows: int, min_rows: int) -> dict[str, Any]:
    """Return an input's part of the report. Shares are of the rows counted; `expected` are those of training."""
    shares = [round(count / n_rows, 6) for count in counts] if n_rows else [None for _ in counts]
    expected: Sequence[float | None] = histogram.expected or [None for _ in counts]
    entry: dict[str, Any] = {"name": histogram.name, "type": histogram.type}
    if histogram.expected is not None and histogram.bins:
        index = _compute_psi(histogram, counts) if n_rows else None
        entry["psi"] = None if index is None else round(index, 4)
        enough = index is not None and n_rows >= min_rows
        entry["judgement"] = _judge(index) if enough and index is not None else "too few rows"
    entry["missing"] = {"share": shares[MISSING], "expected": expected[MISSING]}
    entry[UNSEEN_NAMES.get(histogram.type, "unknown")] = {"share": shares[UNSEEN], "expected": 0.0}
    bin_rows = zip(histogram.bins, shares[FIRST_BIN:], expected[FIRST_BIN:], strict=True)
    entry["bins"] = [
        {"bin": name, "share": share, "expected": expected_share} for name, share, expected_share in bin_rows
    ]
    return entry


def _compute_psi(histogram: Histogram, counts: Sequence[int]) -> float:
    """Return the index over missing and the bins, and the unseen where they are in none."""
    assert histogram.expected is not None
    skipped = [] if histogram.exclusive else [UNSEEN]
    kept = [index for index in range(histogram.width) if index not in skipped]
    return psi([histogram.expected[index] * histogram.rows for index in kept], [counts[index] for index in kept])


def _judge(value: float) -> str:
    """Return the index in a word."""
    if value < MODERATE:
        return "stable"
    return "moderate" if value < STRONG else "shifted"


def _pick_worst(judgements: Sequence[str]) -> str:
    for word in ("shifted", "moderate", "stable"):
        if word in judgements:
            return word
    return "too few rows" if judgements else "not compared"


def _format_family(name: str, kind: str, text: str) -> list[str]:
    return [f"# HELP {NAMESPACE}_{name} {text}", f"# TYPE {NAMESPACE}_{name} {kind}"]


def _escape_label(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
