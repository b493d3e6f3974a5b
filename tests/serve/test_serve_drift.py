"""Drift: every value is counted where it belongs, by all workers together, and compared with the train rows."""

from __future__ import annotations

import datetime
import json
import math
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import tiny
from prometheus_client.parser import text_string_to_metric_families
from server import ROOT, Server

from serve.monitor import bins, drift_report
from serve.monitor.drift import DriftCounter
from serve.scoring import loader
from serve.scoring.decode import Decoder
from stages.contracts.manifest import Manifest
from stages.model.psi import psi
from stages.save.drift_reference import describe_rows

NOW = 1_700_000_000.0
"""Twenty to the hour: 2023-11-14T22:13:20Z."""


def rows_of(given: Sequence[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """Rows as the service decodes them."""
    manifest = loader._manifest(json.dumps(tiny.manifest() | {"files": {}}).encode(), Path("manifest.json"))
    return Decoder(manifest.inputs, 10**6).decode_rows(json.dumps({"rows": list(given)}).encode())


def arrays(given: Sequence[dict[str, Any]]) -> tuple[dict[str, Any], dict[str, str]]:
    """The same rows as save has them."""
    types = {str(column["name"]): str(column["type"]) for column in tiny.INPUTS}
    columns: dict[str, Any] = {}
    for name, kind in types.items():
        values = [row.get(name) for row in given]
        if kind in ("number", "integer", "boolean"):
            columns[name] = np.array(values, dtype=float)
        elif kind in ("date", "time"):
            columns[name] = np.array([value and value.rstrip("Z") for value in values], dtype="datetime64[s]")
        else:
            columns[name] = np.array([*values, None], dtype=object)[:-1]
    return columns, types


def answers(count: int, task: str, shift: float = 0.0) -> Any:
    draw = np.random.default_rng(5)
    if task == "multiclass":
        return draw.dirichlet([1.0 + shift * 9, 1.0, 1.0], size=count)
    return draw.uniform(size=(count, 1)) + shift


def manifest(task: str = "binary", rows: int = 4000, known: bool = True) -> Manifest:
    """A manifest with the reference that save would write for the tiny rows."""
    columns, types = arrays(tiny.rows(rows))
    reference = describe_rows(columns, types, answers(rows, task), task, tiny.TARGETS[task]["classes"])
    extra = {"files": {}} | ({"reference": msgspec.to_builtins(reference)} if known else {})
    return loader._manifest(json.dumps(tiny.manifest(task=task) | extra).encode(), Path("manifest.json"))


def said(drift: DriftCounter, min_rows: int = 500, now: float = NOW) -> dict[str, Any]:
    document = drift_report.build_report(drift, 24, min_rows, now)
    json.dumps(document, allow_nan=False)
    return document


def by_name(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {entry["name"]: entry for entry in document["inputs"]}


def served(drift: DriftCounter, rows: Sequence[tuple[Any, ...]], numbers: Any, now: float = NOW) -> None:
    """Rows served in requests of a hundred, counted after each."""
    for start in range(0, len(rows), 100):
        drift.add(rows[start : start + 100], numbers[start : start + 100].tolist())
        drift.flush(now)


def test_the_index_is_that_of_the_books() -> None:
    # worked by hand: (0.5-0.3) ln(0.5/0.3) + (0.5-0.7) ln(0.5/0.7), with half a row more in each bin
    assert psi([30e6, 70e6], [50e6, 50e6]) == pytest.approx(0.2 * math.log(5 / 3) - 0.2 * math.log(5 / 7))
    assert psi([30, 70], [3000, 7000]) == pytest.approx(0, abs=1e-4)
    # a bin that is empty on one side does not make it infinite, one that is empty on both adds nothing
    half, rest = 0.5 / 101, 100.5 / 101
    assert psi([0, 100], [50, 50]) == pytest.approx(
        (0.5 - half) * math.log(0.5 / half) + (0.5 - rest) * math.log(0.5 / rest)
    )
    assert psi([0, 0, 100], [0, 50, 50]) == psi([0, 100], [50, 50])


def test_the_service_and_the_report_say_the_same_of_the_same_counts(tmp_path: Path) -> None:
    # given counts of an input, as the report has them
    drift = DriftCounter(manifest(), tmp_path, 24)
    [temp] = [histogram for histogram in drift.inputs if histogram.name == "temp"]
    before = np.array(temp.expected) * temp.rows
    after = np.array([5, 0, *range(10, 10 + len(temp.bins))])
    assert temp.rows == 4000
    # when the service counts the same, then its number is the report's
    kept = [0, *range(2, len(after))]
    counts = [values[kept] for values in (before, after)]
    assert drift_report._compute_psi(temp, after.tolist()) == pytest.approx(psi(*counts))
    assert [drift_report._judge(value) for value in (0.0, 0.099, 0.1, 0.249, 0.25, 9.0)] == [
        "stable", "stable", "moderate", "moderate", "shifted", "shifted",
    ]  # fmt: skip


@pytest.mark.parametrize("task", tiny.TASKS)
def test_rows_like_those_of_training_are_stable(tmp_path: Path, task: str) -> None:
    # given a reference, when rows of the same kind are served
    drift = DriftCounter(manifest(task), tmp_path, 24)
    served(drift, rows_of(tiny.rows(2000)), answers(2000, task))
    # then every input and the score are stable, and every row was counted once
    document = said(drift)
    assert document["judgement"] == "stable"
    assert document["window"]["rows"] == document["window"]["counted"] == 2000
    assert document["score"]["judgement"] == "stable"
    judged_inputs = {name: entry["judgement"] for name, entry in by_name(document).items() if "judgement" in entry}
    assert judged_inputs == dict.fromkeys(
        ["carrier", "sched", "temp", "seats", "holiday", "kind of plane", "comfort"], "stable"
    )
    for entry in [*document["inputs"], document["score"]]:
        if entry["bins"]:
            shares = sum(part["share"] for part in entry["bins"]) + entry["missing"]["share"]
            assert shares + entry.get("unknown", {"share": 0})["share"] == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("task", tiny.TASKS)
def test_what_moves_is_named(tmp_path: Path, task: str) -> None:
    # given warmer days, a new carrier, fewer known planes, and other scores
    moved = [
        row
        | {"temp": None if row["temp"] is None else row["temp"] + 40}
        | ({"carrier": "ZZ"} if place % 3 == 0 else {})
        | ({"kind of plane": None} if place % 2 else {})
        for place, row in enumerate(tiny.rows(1000))
    ]
    drift = DriftCounter(manifest(task), tmp_path, 24)
    served(drift, rows_of(moved), answers(1000, task, shift=1.0))
    document = said(drift)
    # then these are, and nothing else
    assert document["judgement"] == "shifted"
    assert set(document["shifted"]) == {"temp", "carrier", "kind of plane"}
    assert document["score"]["judgement"] == "shifted"
    found = by_name(document)
    assert found["carrier"]["unknown"] == {"share": 0.334, "expected": 0.0}
    assert found["kind of plane"]["missing"]["share"] > 0.6
    assert found["temp"]["out_of_range"]["share"] > 0.25


def test_each_value_is_counted_where_it_belongs() -> None:
    # given one row of everything that can be unlike training
    known = {histogram.name: histogram for histogram in bins.make_input_histograms(manifest())}
    early = datetime.datetime(2012, 1, 1, tzinfo=datetime.UTC)
    cases: list[tuple[str, list[Any], int, int]] = [  # name, values, missing, unseen
        ("carrier", ["UA", "AA", "ZZ", None], 1, 1),
        ("comfort", ["low", "none such", None, None], 2, 1),
        ("holiday", [True, False, None], 1, 0),
        ("temp", [50.0, 9.9, 100.1, None, 1e308, -1e308], 1, 4),
        ("sched", [0, 1, 2359, 2**53], 0, 2),
        ("day", [datetime.date(2012, 12, 31), datetime.date(2013, 1, 1), datetime.date(2030, 1, 1)], 0, 1),
        ("seen", [early, None], 1, 1),
    ]
    for name, values, missing, unseen in cases:
        counts = known[name].count_values(values)
        assert (counts[bins.MISSING], counts[bins.UNSEEN]) == (missing, unseen), name
        assert len(counts) == known[name].width
        if known[name].bins:
            exclusive = unseen if known[name].exclusive else 0
            assert counts[bins.FIRST_BIN :].sum() == len(values) - missing - exclusive, name


def test_a_model_saved_without_a_reference_is_counted_but_not_compared(tmp_path: Path) -> None:
    # given the manifest of an older save
    drift = DriftCounter(manifest(known=False), tmp_path, 24)
    served(drift, rows_of([tiny.ROW | {"carrier": "ZZ", "temp": None}] * 600), answers(600, "binary"))
    document = said(drift)
    # then it says what it can
    assert document["judgement"] == "not compared"
    assert by_name(document)["carrier"]["unknown"] == {"share": 1.0, "expected": 0.0}
    assert by_name(document)["temp"]["missing"] == {"share": 1.0, "expected": None}
    assert not [entry for entry in document["inputs"] if "psi" in entry]


def test_what_another_model_was_asked_is_not_counted(tmp_path: Path) -> None:
    # given rows that the model before was asked, and fewer that the new one was
    other = DriftCounter(msgspec.structs.replace(manifest(), version="bbbbbbbbbbbb"), tmp_path, 24)
    served(other, rows_of(tiny.rows(30)), answers(30, "binary"))
    drift = DriftCounter(manifest(), tmp_path, 24)
    served(drift, rows_of(tiny.rows(7)), answers(7, "binary"))
    # then each knows its own
    assert [one.sum_since_start().served for one in (other, drift)] == [30, 7]


def test_few_rows_are_not_judged_and_none_are_no_error(tmp_path: Path) -> None:
    drift = DriftCounter(manifest(), tmp_path, 24)
    assert said(drift)["judgement"] == "too few rows"
    assert said(drift)["score"]["psi"] is None
    served(drift, rows_of([tiny.ROW] * 499), answers(499, "binary"))
    assert said(drift)["judgement"] == "too few rows"
    assert by_name(said(drift))["temp"]["psi"] > 1
    served(drift, rows_of([tiny.ROW]), answers(1, "binary"))
    assert said(drift)["judgement"] == "shifted"


def test_the_window_forgets_and_the_count_since_the_start_does_not(tmp_path: Path) -> None:
    drift = DriftCounter(manifest(), tmp_path, 3)
    rows, numbers = rows_of(tiny.rows(10)), answers(10, "binary")
    for hour, expected in [(0, 10), (1, 20), (2, 30), (3, 30), (5, 20), (40, 10)]:
        drift.add(rows, numbers.tolist())
        drift.flush(NOW + hour * 3600)
        assert drift.sum_recent(NOW + hour * 3600).counted == expected
    assert drift.sum_recent(NOW + 43 * 3600).counted == 0
    assert drift.sum_since_start().counted == 60


def test_more_than_is_worth_counting_is_sampled_over_all_of_it(tmp_path: Path) -> None:
    # given a sorted batch, larger than what is counted at once
    drift = DriftCounter(manifest(), tmp_path, 24)
    rows = rows_of([tiny.ROW | {"carrier": "UA"}] * 5000 + [tiny.ROW | {"carrier": "ZZ"}] * 5000)
    drift.add(rows, answers(10_000, "binary").tolist())
    drift.flush(NOW)
    # then a share of it is, from its start to its end, and both numbers are told
    window = said(drift)["window"]
    assert window["rows"] == 10_000
    assert 200 < window["counted"] < 500
    assert by_name(said(drift))["carrier"]["unknown"]["share"] == pytest.approx(0.5, abs=0.15)


def test_all_workers_are_counted_those_that_died_too(tmp_path: Path) -> None:
    # given a worker that counted and ended, and files that are none of this model
    code = (
        "import sys; from pathlib import Path\n"
        "sys.path[:0] = ['tests/serve', 'tests/support']\n"
        "import test_serve_drift as test\n"
        "drift = test.DriftCounter(test.manifest(), Path(sys.argv[1]), 24)\n"
        "test.served(drift, test.rows_of(test.tiny.rows(300)), test.answers(300, 'binary'))"
    )
    subprocess.run([sys.executable, "-c", code, tmp_path], cwd=ROOT, check=True)
    (tmp_path / f"1.{tiny.VERSION}.drift").write_bytes(b"short")
    (tmp_path / "1.another.drift").write_bytes(b"\1" * 8000)
    # when another counts
    drift = DriftCounter(manifest(), tmp_path, 24)
    served(drift, rows_of(tiny.rows(200)), answers(200, "binary"))
    # then both are there
    assert (drift.sum_recent(NOW).counted, drift.sum_since_start().counted) == (500, 500)


@pytest.mark.parametrize("task", tiny.TASKS)
def test_prometheus_reads_the_same_numbers(tmp_path: Path, task: str) -> None:
    # given counts, and names of levels that Prometheus would trip over
    drift = DriftCounter(manifest(task), tmp_path, 24)
    served(drift, rows_of([*tiny.rows(900), tiny.ROW | {"carrier": 'Z"\n\\'}]), answers(901, task))
    text = drift_report.format_metrics(drift, 500, NOW)
    # when it is parsed
    found = {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    # then
    space = "bentoml_service"
    assert found[f"{space}_drift_rows_total",] == 901
    assert found[f"{space}_input_values_total", "carrier", "unknown"] == 1
    assert found[f"{space}_input_bin_total", "UA", "carrier"] == 450
    assert found[f"{space}_drift_score_psi",] < 0.1
    assert found[f"{space}_drift_psi", "temp"] == pytest.approx(by_name(said(drift))["temp"]["psi"], abs=1e-4)
    assert len([name for name in found if name[0] == f"{space}_score_bin_total"]) == (3 if task == "multiclass" else 10)
    # and with few rows the index is not there
    assert "_psi{" not in drift_report.format_metrics(drift, 1000, NOW)


def test_a_server_of_two_workers_tells_of_all_that_was_asked(repo: Path) -> None:
    # given a model with its reference, served by two workers
    task, rows = "multiclass", tiny.rows(800)
    columns, types = arrays(tiny.rows(4000))
    reference = describe_rows(columns, types, answers(4000, task), task, tiny.TARGETS[task]["classes"])
    tiny.write(repo / "model", task=task, reference=msgspec.to_builtins(reference))
    (repo / "params.yaml").write_text("serve:\n  workers: 2\n  drift: {min_rows: 300}\n")
    server = Server(repo)
    try:
        server.wait("/readyz")
        # when rows like those of training are asked for, over a new connection each time, and some refused
        for start in range(0, 800, 20):
            assert server.predict(rows[start : start + 20]).status == 200
            assert server.predict([{}]).status == 400
        time.sleep(0.5)
        document = server.ask("GET", "/drift").json
        metrics = server.ask("GET", "/metrics").content.decode()
        page = server.ask("GET", "/docs.json").json
    finally:
        assert server.stop() == 0
    # then whichever worker is asked tells of all of them
    assert document["model"] == {"version": tiny.VERSION, "approved": False}
    window = document["window"]
    assert (window["hours"], window["rows"]) == (24, 800)
    assert 300 < window["counted"] <= 800  # the faster they come the fewer of them are counted
    assert document["shifted"] == []
    assert {entry["judgement"] for entry in document["inputs"] if "psi" in entry} == {"stable"}
    assert f"bentoml_service_drift_rows_total {window['counted']}" in metrics
    families = {family.name for family in text_string_to_metric_families(metrics)}
    assert {"bentoml_service_drift_psi", "bentoml_service_model_workers", "bentoml_service_input_bin"} <= families
    assert "/drift" in page["paths"]
