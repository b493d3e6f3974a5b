"""The layer before BentoML's app, without a server: what happens when something breaks inside."""

from __future__ import annotations

import json
import logging
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import tiny
from bad import odd_body
from desk import ask, inner

from serve.http.active_model import ActiveModel
from serve.http.app import Gateway
from serve.scoring import loader
from serve.settings import Settings


@pytest.fixture
def gateway(tmp_path: Path) -> Gateway:
    tiny.write(tmp_path / "model")
    (tmp_path / "model" / "champion.json").write_text('{"version": null}')
    no_watch: Any = None
    return Gateway(
        inner, {"/", "/breaks", "/predict"}, Settings(), ActiveModel(loader.load(tmp_path), 1000, dict), no_watch
    )


def test_an_error_of_the_service_is_a_500_without_its_inside(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    # given a model that breaks
    def broken(_: Any) -> Any:
        raise ZeroDivisionError("the inside")

    monkeypatch.setattr(gateway.active_model.model, "answer", broken)
    # when
    with caplog.at_level(logging.ERROR):
        start, body = ask(gateway, "POST", "/predict", json.dumps({"rows": [tiny.ROW]}).encode())
    # then the caller gets a name to ask by, and the log the reason
    assert start["status"] == 500
    name = dict(start["headers"])[b"x-request-id"].decode()
    assert json.loads(body["body"]) == {"error": f"an error of the service, see its log for request {name}"}
    assert name in caplog.text
    assert "ZeroDivisionError: the inside" in caplog.text


def test_watchers_that_fail_again_and_again_are_told_of_once(
    gateway: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    # given a watcher that fails twice, is well again, and fails
    divisors = iter([1, 0, 0, 1, 0])

    def watcher() -> None:
        _ = 1 / next(divisors)

    gateway.tick_hooks.append(watcher)
    # when
    with caplog.at_level(logging.ERROR):
        for _ in range(5):
            gateway._tick()
    # then each time it began is told
    assert caplog.text.count("the watchers failed") == 2


def test_an_error_of_bentomls_app_is_a_500_in_json(gateway: Gateway) -> None:
    start, body = ask(gateway, "GET", "/breaks")
    assert start["status"] == 500
    assert "broken on purpose" not in body["body"].decode()


def test_what_bentoml_answers_is_handed_on(gateway: Gateway) -> None:
    start, body = ask(gateway, "GET", "/")
    assert (start["status"], body["body"]) == (200, b"hello")


def test_predictions_never_reach_bentoml(gateway: Gateway) -> None:
    start, _ = ask(gateway, "POST", "/predict", b'{"rows": []}')
    assert dict(start["headers"])[b"content-type"] == b"application/json"


def test_nothing_a_caller_sends_is_an_error_of_the_service(gateway: Gateway) -> None:
    # given thousands of odd requests, the same ones each time
    draw = random.Random(7)
    seen: Counter[int] = Counter()
    for _ in range(3000):
        body = odd_body(draw)
        # when one is sent
        start, said = ask(gateway, "POST", "/predict", body)
        # then it is answered or refused, in finite JSON
        assert start["status"] in (200, 400), body
        json.loads(said["body"], parse_constant=pytest.fail)
        seen[start["status"]] += 1
    assert min(seen[200], seen[400]) > 500
