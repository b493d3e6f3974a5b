"""POST /explain over HTTP and before it: what it answers and refuses, and that predictions go on meanwhile."""

from __future__ import annotations

import asyncio
import json
import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asked
import numpy as np
import paged
import pytest
import tiny
from bad import odd_body
from desk import ask, inner
from server import Server

from serve.explain.explainer import MAX_EXPLAINED
from serve.http.active_model import ActiveModel, NoModel
from serve.http.app import MAX_EXPLAINING, Gateway
from serve.settings import Settings
from stages.core.errors import ModelError


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with paged.serving(tmp_path_factory.mktemp("explain"), "binary") as running:
        running.wait("/readyz")
        yield running


@pytest.fixture
def gateway(tmp_path: Path) -> Gateway:
    no_watch: Any = None
    return Gateway(inner, {"/", "/explain"}, Settings(), ActiveModel(asked.model(tmp_path), 1000, dict), no_watch)


def explain(server: Server, rows: list[dict[str, Any]]) -> Any:
    return server.ask("POST", "/explain", json.dumps({"rows": rows}).encode(), content_type="application/json")


def test_each_row_gets_its_explanation_which_adds_up_to_the_prediction(server: Server) -> None:
    rows = tiny.rows(MAX_EXPLAINED)
    answer, predictions = explain(server, rows), server.predict(rows).json["predictions"]
    assert answer.status == 200
    assert answer.json["model"] == {"version": tiny.VERSION, "approved": False}
    for found, prediction in zip(answer.json["explanations"], predictions, strict=True):
        parts = [found["usual"], *(reason["step"] for reason in found["reasons"]), found["rest"]]
        assert sum(parts) == pytest.approx(prediction["probabilities"]["yes"], abs=1e-8)


@pytest.mark.parametrize(
    ("rows", "status", "error"),
    [
        ([tiny.ROW] * (MAX_EXPLAINED + 1), 400, "field 'rows': holds 11 rows, and a request for reasons may hold 10"),
        ([tiny.ROW | {"carier": "AA"}], 400, "row 0, field 'carier': is not known. Did you mean 'carrier'?"),
    ],
)
def test_what_it_does_not_take_is_said_as_of_predictions(
    server: Server, rows: list[dict[str, Any]], status: int, error: str
) -> None:
    answer = explain(server, rows)
    assert (answer.status, answer.json["error"]) == (status, error)


def test_it_stands_in_the_log_and_is_no_part_of_the_alert(server: Server) -> None:
    # given predictions that the health window has counted
    for _ in range(3):
        server.predict([tiny.ROW])
    before = wait_until_still(server)
    assert before["requests"] != "0"
    # when reasons are asked for, and refused
    for body in ([tiny.ROW], [{}], [tiny.ROW], [{}]):
        explain(server, body)
    # then the log has them once it is written, and the window has counted none of them
    assert wait_until_still(server) == before
    assert [line["status"] for line in server.log() if line["path"] == "/explain"][-4:] == [200, 400, 200, 400]


def wait_until_still(server: Server) -> Any:
    """Return the health, once two looks farther apart than those of the service find the same."""
    seen, now = None, server.ask("GET", "/ui/health").json
    while seen != now:
        time.sleep(1.5)
        seen, now = now, server.ask("GET", "/ui/health").json
    return now


def test_a_row_that_has_no_finite_answer_is_named(gateway: Gateway) -> None:
    model: Any = gateway.active_model
    answers = model.model.answers
    model.model.answers = lambda matrix: np.where(matrix[:, 2:3] > 1e6, np.inf, answers(matrix))
    body = json.dumps({"rows": [tiny.ROW, tiny.ROW | {"temp": 1e7}]}).encode()
    start, said = ask(gateway, "POST", "/explain", body)
    assert (start["status"], json.loads(said["body"])["row"]) == (400, 1)


def test_nothing_a_caller_sends_is_an_error_of_the_service(gateway: Gateway) -> None:
    draw = random.Random(11)
    statuses = []
    for _ in range(150):
        body = odd_body(draw)
        start, said = ask(gateway, "POST", "/explain", body)
        assert start["status"] in (200, 400), (body, said)
        json.loads(said["body"], parse_constant=pytest.fail)
        statuses.append(start["status"])
    assert min(statuses.count(200), statuses.count(400)) > 25


def test_while_reasons_are_looked_for_predictions_are_answered_and_more_reasons_refused(gateway: Gateway) -> None:
    # given as many requests for reasons as are answered at once, which do not end yet
    going_on = threading.Event()
    model: Any = gateway.active_model
    model.explain = lambda body: going_on.wait(20) and b"{}"
    body = json.dumps({"rows": [tiny.ROW]}).encode()

    async def run() -> list[int]:
        waiting = [asyncio.create_task(_status(gateway, "/explain", body)) for _ in range(MAX_EXPLAINING)]
        await asyncio.sleep(0.05)
        # when a prediction and one more are asked for
        others = [await _status(gateway, "/predict", body), await _status(gateway, "/explain", body)]
        going_on.set()
        return [*others, *(await asyncio.gather(*waiting)), await _status(gateway, "/explain", body)]

    # then the one is answered, the other sent away, and after the first ones there is room again
    assert asyncio.run(run()) == [200, 503, *[200] * MAX_EXPLAINING, 200]


def test_without_a_model_it_says_why(gateway: Gateway) -> None:
    gateway.active_model = NoModel(ModelError("model/model.onnx is missing."), dict)
    start, said = ask(gateway, "POST", "/explain", b'{"rows": []}')
    assert (start["status"], b"model.onnx is missing" in said["body"]) == (503, True)


async def _status(gateway: Gateway, path: str, body: bytes) -> int:
    """Return the status of an answer."""
    statuses = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body}

    async def send(message: Any) -> None:
        statuses.append(message.get("status"))

    headers = [(b"host", b"x"), (b"content-type", b"application/json")]
    scope = {"type": "http", "http_version": "1.1", "method": "POST", "path": path, "headers": headers}
    await gateway(scope, receive, send)
    return int(statuses[0])
