"""Rules, configuration and dashboard in real Prometheus and Alertmanager, on the real service as it fails and recovers.

The copies that run here have a second where the files have 15 s, minutes or an hour, and ten seconds where a rule looks
back five minutes; nothing else is changed but addresses.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pytest
import tiny
import yaml
from daemon import running
from listener import Listener, listening
from machine import needs
from server import ROOT, Server, repository

from serve import settings
from stages.contracts.manifest import Reference
from stages.save import drift_reference
from stages.serve.server_process import free_port

OPS = ROOT / "serve" / "ops"
DASHBOARD = json.loads((OPS / "grafana.json").read_text())
EXPRESSIONS = {
    f"{panel['title']} {target['refId']}": target["expr"]
    for panel in DASHBOARD["panels"]
    for target in panel["targets"]
}
SHIFTED = ["InputShifted", "ScoreShifted"]
AFTER_A_FAILURE = ["PredictionsFail", "PredictorDown", "PredictorNotReady"]


class Story(NamedTuple):
    """What Alertmanager told, in order, and the dashboard's numbers at the end."""

    told: list[tuple[str, str]]
    labels: dict[str, dict[str, str]]
    shown: dict[str, Any]


@needs("promtool")
def test_prometheus_takes_its_configuration_and_the_rules() -> None:
    check("promtool", "check", "config", "--lint=all", "--lint-fatal", "prometheus.yml")
    check("promtool", "check", "rules", "--lint=all", "--lint-fatal", "alerts.yml")


@needs("promtool")
def test_each_rule_speaks_when_it_must_and_only_then() -> None:
    check("promtool", "test", "rules", "alerts_test.yml")
    # and no rule is without such a test
    tests = yaml.safe_load((OPS / "alerts_test.yml").read_text())["tests"]
    spoken = {case["alertname"] for test in tests for case in test["alert_rule_test"] if case["exp_alerts"]}
    assert spoken == {rule["alert"] for rule in rules()}


@needs("amtool")
def test_alertmanager_takes_its_configuration() -> None:
    check("amtool", "check-config", "alertmanager.yml")


def test_the_rule_of_failures_is_the_services_own() -> None:
    expression = next(rule["expr"] for rule in rules() if rule["alert"] == "PredictionsFail")
    rule = settings.Alert()
    assert f"> {rule.share}" in expression
    assert f">= {rule.min_requests}" in expression
    assert set(re.findall(r"\[(\w+)\]", expression)) == {f"{rule.window_s / 60:.0f}m"}


def test_what_is_scraped_is_what_is_served_by_default() -> None:
    # given the configuration, then each address is the service's own, and Alertmanager's is on this machine
    known = settings.load(ROOT)
    jobs = yaml.safe_load((OPS / "prometheus.yml").read_text())["scrape_configs"]
    addresses = {job["job_name"]: job["static_configs"][0]["targets"] for job in jobs}
    assert set(addresses) == {"predictor", "predictor-ready"}
    assert all(targets == [f"{known.host}:{known.port}"] for targets in addresses.values())


def test_the_dashboard_asks_whatever_source_is_chosen() -> None:
    [source, job] = DASHBOARD["templating"]["list"]
    assert (source["name"], source["type"], source["query"]) == ("source", "datasource", "prometheus")
    asked = [DASHBOARD["panels"], *(panel["targets"] for panel in DASHBOARD["panels"]), [job]]
    assert {part["datasource"]["uid"] for parts in asked for part in parts} == {"${source}"}
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """A service without its model is asked, ended, and started again with its model, while all of it is watched."""
    folder = tmp_path_factory.mktemp("watched")
    port, prometheus, alertmanager = free_port(), free_port(), free_port()
    root = repository(folder / "repo")
    tiny.write(root / "model", reference=training())
    model = root / "model" / "model.onnx"
    model.rename(folder / "kept")
    with ExitStack() as stack:
        listener = stack.enter_context(listening())
        (folder / "alertmanager.yml").write_text(told_to(listener))
        (folder / "alerts.yml").write_text(quick((OPS / "alerts.yml").read_text()))
        text = (OPS / "prometheus.yml").read_text()
        text = text.replace("127.0.0.1:3000", f"127.0.0.1:{port}").replace(":9093", f":{alertmanager}")
        (folder / "prometheus.yml").write_text(quick(text))
        stack.enter_context(running(
            folder / "alertmanager.txt", alertmanager, "prometheus-alertmanager",
            "--config.file=alertmanager.yml", f"--web.listen-address=127.0.0.1:{alertmanager}",
            "--cluster.listen-address=", f"--storage.path={folder}/alertmanager",
        ))  # fmt: skip
        stack.enter_context(running(
            folder / "prometheus.txt", prometheus, "prometheus",
            "--config.file=prometheus.yml", f"--web.listen-address=127.0.0.1:{prometheus}",
            f"--storage.tsdb.path={folder}/prometheus",
        ))  # fmt: skip
        with (root / "params.yaml").open("a") as params:
            params.write("  drift: {min_rows: 200}\n")
        unwell = served(root, port, stack)
        unwell.wait()
        until(lambda: {"PredictionsFail", "PredictorNotReady"} <= firing(listener), unwell, 503)
        unwell.stop()
        until(lambda: "PredictorDown" in firing(listener))
        shutil.copy(folder / "kept", model)
        well = served(root, port, stack)
        well.wait("/readyz")
        until(lambda: not firing(listener), well, 200)
        assert well.predict([tiny.ROW] * 500).status == 200
        until(lambda: set(SHIFTED) <= firing(listener), well, 200)
        later = time.monotonic() + 3
        until(lambda: time.monotonic() > later, well, 200)  # a rate needs two looks at least
        yield Story(
            [(alert["labels"]["alertname"], alert["status"]) for alert in alerts(listener)],
            {alert["labels"]["alertname"]: alert["labels"] for alert in alerts(listener)},
            {name: asked(prometheus, expression) for name, expression in EXPRESSIONS.items()},
        )


@pytest.mark.slow
@needs("prometheus", "prometheus-alertmanager")
@pytest.mark.parametrize("alert", AFTER_A_FAILURE)
def test_whoever_is_to_be_told_is_told_of_the_start_and_the_end(story: Story, alert: str) -> None:
    # given a service without its model, then ended, then well again
    told = [status for name, status in story.told if name == alert]
    # then each alert was posted as it began and as it ended
    assert (told[0], told[-1]) == ("firing", "resolved")
    assert story.labels[alert]["severity"] == "page"
    # and nothing else was said
    assert {name for name, _ in story.told} == {*AFTER_A_FAILURE, *SHIFTED}


@pytest.mark.slow
@needs("prometheus", "prometheus-alertmanager")
def test_whoever_is_to_be_told_is_told_that_the_data_has_moved(story: Story) -> None:
    # given a service that was asked for one and the same row again and again
    assert {story.labels[name]["severity"] for name in SHIFTED} == {"ticket"}
    assert story.labels["InputShifted"]["input"] == "temp"


@pytest.mark.slow
@needs("prometheus", "prometheus-alertmanager")
@pytest.mark.parametrize("panel", EXPRESSIONS)
def test_each_line_of_the_dashboard_has_numbers(story: Story, panel: str) -> None:
    shown = story.shown[panel]
    assert shown["status"] == "success", shown
    assert shown["data"]["result"], f"no data for {EXPRESSIONS[panel]}"
    assert all(series["value"][1] != "NaN" for series in shown["data"]["result"])


def rules() -> list[dict[str, Any]]:
    [group] = yaml.safe_load((OPS / "alerts.yml").read_text())["groups"]
    return list(group["rules"])


def check(*command: str) -> None:
    ended = subprocess.run(command, cwd=OPS, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 0, ended.stdout + ended.stderr


def quick(text: str) -> str:
    """The configuration with short times."""
    return re.sub(r"(interval|wait|for): \d+[smh]\b", r"\1: 1s", text).replace("[5m]", "[10s]")


def told_to(listener: Listener) -> str:
    """The configuration of Alertmanager with its one line changed."""
    text = (OPS / "alertmanager.yml").read_text()
    assert text.count("http://127.0.0.1:9095/alerts") == 1
    return quick(text).replace("http://127.0.0.1:9095/alerts", listener.url)


def training() -> dict[str, Any]:
    """What the manifest keeps of the training rows: here of one input, and of the score."""
    rows = tiny.rows(400)
    temperatures = np.array([row["temp"] for row in rows], dtype=float)
    chances = np.array([tiny.chance(row) for row in rows])
    score = msgspec.structs.replace(drift_reference.count_numbers(chances), rows=len(rows))
    reference = Reference(len(rows), {"temp": drift_reference.count_numbers(temperatures)}, score)
    return {**msgspec.to_builtins(reference)}


def served(root: Path, port: int, stack: ExitStack) -> Server:
    server = Server(root, "--port", str(port))
    server.port = port
    stack.callback(server.stop)
    return server


def until(reached: Callable[[], bool], server: Server | None = None, status: int = 200) -> None:
    """Wait, asking for predictions meanwhile; each is answered with the status."""
    end = time.monotonic() + 60
    while not reached():
        assert time.monotonic() < end, "nothing of it was told within a minute"
        if server is not None:
            assert [server.predict([tiny.ROW]).status for _ in range(5)] == [status] * 5
        time.sleep(0.1)


def alerts(listener: Listener) -> list[dict[str, Any]]:
    return [alert for told in list(listener.heard) for alert in told["alerts"]]


def firing(listener: Listener) -> set[str]:
    last = {alert["labels"]["alertname"]: alert["status"] for alert in alerts(listener)}
    return {name for name, status in last.items() if status == "firing"}


def asked(port: int, expression: str) -> Any:
    """What Prometheus answers to an expression of the dashboard, with its variables filled in as Grafana does."""
    expression = expression.replace("$job", "predictor").replace("$__rate_interval", "10s")
    query = urllib.parse.urlencode({"query": expression})
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/query?{query}", timeout=20) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        return json.load(error)
