"""The stage serve: the real service is asked, compared with the table, and nothing of it is left."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
import tiny
from examples import shortly

from serve.settings import Settings
from stages.serve.params import Serve


@pytest.fixture
def ready(repo: Path) -> Path:
    """A repository in which the stage can run."""
    tiny.write_hold_out(repo / "data")
    with (repo / "params.yaml").open("a") as params:
        params.write("  sample: 6\n")
    return repo


def run(root: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "stages.serve"], cwd=root, capture_output=True, text=True, timeout=120)


def left(root: Path) -> list[str]:
    """Processes that still work in the repository."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").resolve().is_relative_to(root):
                found.append((process / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue
    return found


def gone(root: Path, seconds: float = 30) -> bool:
    end = time.monotonic() + seconds
    while left(root) and time.monotonic() < end:
        time.sleep(0.1)
    return not left(root)


def test_the_service_answers_what_evaluate_wrote(ready: Path) -> None:
    # given a service that asks others for keys, which the stage has none of, and others to wait
    with (ready / "params.yaml").open("a") as params:
        params.write("  keys_file: elsewhere\n  rate_per_key: 1\n  rate_per_address: 0.01\n")
    # when the stage runs twice
    assert run(ready).returncode == 0, (ready / "logs" / "serve.log").read_text()
    first = (ready / "reports" / "predictions.json").read_bytes()
    assert run(ready).returncode == 0
    # then it writes the same bytes, and nothing that is of this run or this machine
    assert (ready / "reports" / "predictions.json").read_bytes() == first
    report = json.loads(first)
    assert report["model"] == {"version": tiny.VERSION}
    assert len(report["rows"]) == 6
    assert {row["kind"] for row in report["rows"]} == {"caught", "missed", "false alarm", "left alone"}
    table = tiny.rows(60)
    for row in report["rows"]:
        assert set(row) == {"row", "kind", "inputs", "actual", "prediction", "probabilities", "warnings"}
        assert row["inputs"] == table[row["row"]]
        assert row["probabilities"]["yes"] == round(tiny.chance(table[row["row"]]), 9)
    # and the service has logged each request and is gone
    lines = [json.loads(line) for line in (ready / "logs" / "api.log").read_text().splitlines()]
    asked = Counter(line.get("rows") for line in lines if line["path"] == "/predict")
    assert asked == {6: 2, 1: 12}
    assert gone(ready)


@pytest.mark.parametrize(
    ("task", "kinds"),
    [("regression", {"close", "far"}), pytest.param("multiclass", {"right", "wrong"}, marks=pytest.mark.slow)],
)
def test_every_task_is_asked_and_compared(ready: Path, task: str, kinds: set[str]) -> None:
    # given a model of the task
    tiny.write(ready / "model", task=task)
    tiny.write_hold_out(ready / "data", task=task)
    # when
    assert run(ready).returncode == 0, (ready / "logs" / "serve.log").read_text()
    # then the report has rows of each kind, as the service says them
    rows = json.loads((ready / "reports" / "predictions.json").read_text())["rows"]
    assert len(rows) == 6
    assert {row["kind"] for row in rows} == kinds
    said = {"multiclass": "probabilities", "regression": "interval"}[task]
    for row in rows:
        expected = tiny.answer(row["inputs"], task)
        assert set(row) == {"row", "kind", "inputs", "actual", "prediction", said, "warnings"} | (
            {"error"} if task == "regression" else set()
        )
        assert row[said] == pytest.approx(expected[said], abs=1e-9)
        if task == "regression":
            assert row["error"] == pytest.approx(expected["prediction"] - row["actual"], abs=1e-9)
    # and a table that some other model wrote fails the stage
    table = ready / "data" / "predictions.csv"
    table.write_text(table.read_text().replace("0.", "0.9"))
    ended = run(ready)
    assert ended.returncode == 1
    assert "does not answer what the model said" in ended.stderr


def test_each_answer_has_the_services_explanation(ready: Path) -> None:
    # given a model that tells what its inputs were like in training, and a service that takes few rows at a time
    seen = [{"name": "carrier", "shares": [["UA", 0.5], ["AA", 0.5]]}, {"name": "seats", "quantiles": [10.0, 200.0]}]
    tiny.write(ready / "model", task="regression", page={"inputs": seen, "usual": {"mean": 2.0}})
    tiny.write_hold_out(ready / "data", task="regression")
    with (ready / "params.yaml").open("a") as params:
        params.write("  max_rows: 4\n")
    # when the stage runs twice
    assert run(ready).returncode == 0, (ready / "logs" / "serve.log").read_text()
    first = (ready / "reports" / "predictions.json").read_bytes()
    assert run(ready).returncode == 0
    # then half the carrier's difference is the one reason there is, to the same bytes
    assert (ready / "reports" / "predictions.json").read_bytes() == first
    for row in json.loads(first)["rows"]:
        other = {"UA": "AA", "AA": "UA"}[row["inputs"]["carrier"]]
        step = (tiny.number(row["inputs"]) - tiny.number(row["inputs"] | {"carrier": other})) / 2
        found = row["explanation"]
        assert found["reasons"] == [{"input": "carrier", "step": pytest.approx(step, abs=0.01)}]
        assert (found["label"], found["usual"]) == (None, 2.0)
        assert found["value"] == pytest.approx(row["prediction"], abs=1e-6)


def test_the_stage_knows_the_services_own_limits() -> None:
    own = Settings()
    assert (Serve(sample=1).max_rows, Serve(sample=1).max_body) == (own.max_rows, own.max_body)


def test_a_service_that_says_something_else_fails_the_stage(ready: Path) -> None:
    # given a table that was written by another model, and the last good report
    table = ready / "data" / "predictions.csv"
    lines = table.read_text().splitlines()
    table.write_text("\n".join([lines[0], *[line.replace("0.", "0.9", 1) for line in lines[1:]]]) + "\n")
    report = ready / "reports" / "predictions.json"
    report.parent.mkdir()
    report.write_text("the last good one")
    # when
    ended = run(ready)
    # then
    assert ended.returncode == 1
    assert "does not answer what the model said" in ended.stderr
    assert "but data/predictions.csv has 0.9" in ended.stderr
    assert report.read_text() == "the last good one"
    assert gone(ready)


@pytest.mark.parametrize(
    ("path", "content", "said"),
    [
        ("model/manifest.json", None, "model/manifest.json is missing"),
        pytest.param("model/model.onnx", None, "model.onnx is missing", marks=pytest.mark.slow),
        ("model/model.onnx", b"\0", "is not the file its manifest names"),
        ("data/predictions.csv", None, "data/predictions.csv is missing or damaged"),
        ("data/clean.csv", b"carrier\nUA\n", "data/clean.csv does not hold the model's inputs"),
        ("params.yaml", b"serve:\n  sample: 6\n  wrokers: 1\n", "Did you mean 'workers'?"),
        ("params.yaml", b"serve:\n  sample: none\n", "sample"),
        pytest.param(
            "serve/service.py",
            b"raise RuntimeError('broken on purpose')\n",
            "broken on purpose",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_what_is_wrong_is_said_in_one_message(ready: Path, path: str, content: bytes | None, said: str) -> None:
    # given one thing that is wrong
    if content is None:
        (ready / path).unlink()
    else:
        (ready / path).write_bytes(content)
    # when
    ended = run(ready)
    # then
    assert ended.returncode == 1
    assert said in ended.stderr
    assert "serve failed:" in ended.stderr
    assert gone(ready)


@pytest.mark.parametrize("number", shortly([signal.SIGTERM, signal.SIGINT, signal.SIGKILL], signal.SIGKILL))
def test_nothing_is_left_when_the_stage_is_ended(ready: Path, number: signal.Signals) -> None:
    # given a stage whose service has started
    stage = subprocess.Popen(
        [sys.executable, "-m", "stages.serve"], cwd=ready, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    end = time.monotonic() + 60
    while len(left(ready)) < 2 and time.monotonic() < end:
        time.sleep(0.02)
    assert len(left(ready)) >= 2
    # when it is ended
    os.kill(stage.pid, number)
    stage.wait(60)
    # then so is the service
    assert stage.returncode != 0
    assert gone(ready), left(ready)
