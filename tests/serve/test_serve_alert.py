"""The alert starts once and ends once, for the whole server, and tells a webhook."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import tiny
from listener import Listener, listening
from server import ROOT, Server

from serve.monitor.alert import AlertRule, is_failure
from serve.monitor.failure_counts import Counts, LeaderLock, SharedCounts
from serve.monitor.webhook import Webhook
from stages.wording.params import Alert

RULE = Alert(window_s=60, share=0.01, min_requests=20)


@pytest.fixture
def listener() -> Iterator[Listener]:
    with listening() as listener:
        yield listener


@pytest.mark.parametrize(
    ("status", "counts"), [(200, False), (400, False), (408, False), (413, False), (401, False), (429, False),
                           (499, False), (500, True), (503, True), (504, True)],
)  # fmt: skip
def test_only_what_the_caller_could_not_help_counts_as_failed(status: int, counts: bool) -> None:
    assert is_failure(status) is counts


def test_it_starts_once_and_ends_once() -> None:
    # given a rule that looks once a second while requests come, and some fail for a while
    rule = AlertRule(RULE)
    requests = wrong = 0
    said = []
    for second in range(300):
        requests += 10
        wrong += 1 if 50 <= second < 80 else 0
        if event := rule.update(float(second), Counts(requests, wrong)):
            said.append((second, event.alert))
    # then it starts with the 6th failure in 550 requests, and ends when 6 of a minute's 600 are left
    assert said == [(55, "started"), (133, "ended")]


@pytest.mark.parametrize(
    ("requests", "wrong", "starts"),
    [(19, 19, False), (20, 1, True), (20, 0, False), (100, 1, False), (100, 2, True), (1000, 11, True)],
)
def test_it_needs_enough_requests_and_more_than_the_share(requests: int, wrong: int, starts: bool) -> None:
    rule = AlertRule(RULE)
    rule.update(0.0, Counts(0, 0))
    assert bool(rule.update(1.0, Counts(requests, wrong))) is starts
    assert rule.active is starts


def test_it_ends_when_nobody_asks_any_more() -> None:
    # given an alert that is on
    rule = AlertRule(RULE)
    rule.update(0.0, Counts(0, 0))
    assert rule.update(1.0, Counts(30, 30))
    # when no request comes, it stays on while the failures are in the window
    assert rule.update(60.0, Counts(30, 30)) is None
    # and ends when they have left it
    ended = rule.update(62.0, Counts(30, 30))
    assert ended is not None
    assert ended == ("ended", 0, 0, 0.0)


def test_who_comes_later_does_not_end_what_it_has_not_seen() -> None:
    # given a rule that first looks when the failures were counted and another one has started the alert
    rule = AlertRule(RULE)
    rule.active = True
    assert rule.update(0.0, Counts(30, 30)) is None
    # when nothing comes, then it ends the alert as soon as it has seen a whole window without failures, not before
    assert rule.update(59.0, Counts(30, 30)) is None
    assert rule.active
    assert rule.update(60.0, Counts(30, 30)) == ("ended", 0, 0, 0.0)


def test_who_comes_later_and_sees_failures_itself_ends_the_alert_like_any_other() -> None:
    # given a rule that came later, but has since seen enough fail
    rule = AlertRule(RULE)
    rule.active = True
    rule.update(0.0, Counts(30, 30))
    assert rule.update(1.0, Counts(60, 60)) is None
    # when so many are answered that the share is small
    ended = rule.update(2.0, Counts(6060, 60))
    # then it is over at once
    assert ended is not None
    assert ended.alert == "ended"


def test_failures_of_long_ago_do_not_count() -> None:
    rule = AlertRule(RULE)
    rule.update(0.0, Counts(1000, 500))
    assert rule.update(1.0, Counts(1100, 500)) is None


def test_counts_are_those_of_all_workers_dead_or_alive(tmp_path: Path) -> None:
    # given another worker that counted two requests and is gone
    code = (
        "import sys; from pathlib import Path; from serve.monitor.failure_counts import SharedCounts\n"
        "tally = SharedCounts(Path(sys.argv[1])); tally.add(1, 1); tally.add(1, 0)"
    )
    subprocess.run([sys.executable, "-c", code, tmp_path], cwd=ROOT, check=True)
    # when this one counts
    counts = SharedCounts(tmp_path)
    counts.add(1, 1)
    # then
    assert counts.sum_all() == Counts(3, 2)
    assert SharedCounts(tmp_path).sum_all() == Counts(3, 2)


def test_one_worker_leads_and_another_takes_over(tmp_path: Path) -> None:
    # given another process that leads, has started an alert, and waits
    code = (
        "import sys; from pathlib import Path; from serve.monitor.failure_counts import LeaderLock\n"
        "lead = LeaderLock(Path(sys.argv[1])); assert lead.try_acquire(); lead.alert_on = True\n"
        "print('leads', flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, tmp_path], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"leads\n"
        # then this one does not, but knows of the alert
        mine = LeaderLock(tmp_path)
        assert not mine.try_acquire()
        assert mine.alert_on
        # when the other one is killed
        os.kill(other.pid, 9)
        other.wait()
        # then this one does
        assert mine.try_acquire()


def test_the_webhook_is_told_after_a_few_tries_and_in_order(listener: Listener) -> None:
    # given an end that refuses twice
    listener.refusing = 2
    webhook = Webhook(listener.url, delays_s=(0.0, 0.01, 0.01))
    # when two events come
    started = time.monotonic()
    webhook.post({"alert": "started"})
    webhook.post({"alert": "ended"})
    assert time.monotonic() - started < 0.5
    # then
    assert [event["alert"] for event in listener.wait(2)] == ["started", "ended"]
    webhook.close()


def test_a_webhook_that_is_not_there_is_given_up(caplog: pytest.LogCaptureFixture) -> None:
    # given an address nobody listens at
    webhook = Webhook("http://127.0.0.1:9/", delays_s=(0.0, 0.01), timeout_s=1)
    webhook.post({"alert": "started"})
    # when the service ends
    webhook.close(wait_s=10)
    # then the log tells
    assert "could not be told" in caplog.text


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_no_telling(listener: Listener, caplog: pytest.LogCaptureFixture, status: int) -> None:
    # given an end that has moved, or sends to a log-in page, which would answer 200
    listener.sends_to = (status, listener.url)
    webhook = Webhook(listener.url, delays_s=(0.0, 0.01))
    webhook.post({"alert": "started"})
    webhook.close(wait_s=10)
    # then nobody was told, nothing but the URL was asked, and the log tells
    assert listener.heard == []
    assert "could not be told to the webhook" in caplog.text
    assert f"a redirect to {listener.url}" in caplog.text


def test_no_webhook_no_thread() -> None:
    webhook = Webhook(None)
    webhook.post({"alert": "started"})
    webhook.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "webhook"]


def test_a_server_of_two_workers_tells_once_that_it_fails_and_once_that_it_no_longer_does(
    repo: Path, listener: Listener
) -> None:
    # given a server that cannot answer, as its model is not the one of the manifest, and a window of 4 s
    with (repo / "model" / "model.onnx").open("ab") as graph:
        graph.write(b"\0")
    (repo / "params.yaml").write_text(
        f"serve:\n  workers: 2\n  alert: {{window_s: 4, share: 0.01, min_requests: 20, webhook: '{listener.url}'}}\n"
    )
    server = Server(repo)
    try:
        server.wait()
        # it lives, but is not ready, and says why
        assert "is not the file its manifest names" in server.ask("GET", "/readyz").json["error"]
        # when 25 requests fail
        for _ in range(25):
            assert server.predict([tiny.ROW]).status == 503
        # then one alert starts
        assert [event["alert"] for event in listener.wait(1)] == ["started"]
        # and its end is told when the window is past
        events = listener.wait(2)
        gauge = server.ask("GET", "/metrics").content.decode()
    finally:
        code = server.stop()
    assert code == 0
    assert [(event["alert"], event["level"]) for event in events] == [("started", "ERROR"), ("ended", "INFO")]
    assert events[0]["failed"] == events[0]["requests"] >= 20
    assert "bentoml_service_alert 0.0" in gauge
    # and the log has each request and each event once
    lines = server.log()
    assert [line["alert"] for line in lines if "alert" in line] == ["started", "ended"]
    asked = [line for line in lines if line.get("path") == "/predict"]
    assert [line["status"] for line in asked] == [503] * 25
    assert len({line["id"] for line in asked}) == 25
