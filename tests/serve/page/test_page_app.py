"""The app at /ui: what it lets in, what it hands out and under which headers."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import asked
import pytest
import tiny

from serve.http.active_model import ActiveModel, NoModel
from serve.monitor.watch import Window
from serve.page import app as pages
from serve.page import batch
from serve.page.health import judge_health
from serve.settings import ROOT
from stages.core.errors import ModelError
from stages.wording.params import Alert

RULE = Alert()


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return asked.client(tmp_path_factory.mktemp("page"))


def upload(client: Any, content: bytes, name: str = "rows.csv", **headers: str) -> Any:
    head = f'--b\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode()
    body = head + content + b"\r\n--b--\r\n"
    return client.post("/batch", data=body, content_type="multipart/form-data; boundary=b", headers=headers)


def test_every_answer_forbids_the_browser_what_the_page_does_not_need(client: Any) -> None:
    answers = [
        client.get("/"), client.get("/static/page.js"), client.get("/health"), client.get("/example.csv"),
        client.get("/nowhere"), client.post("/", data={}), client.post("/answer", data={}), upload(client, b""),
    ]  # fmt: skip
    for answer in answers:
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "no-store"
        policy = dict(part.strip().split(" ", 1) for part in answer.headers["Content-Security-Policy"].split(";"))
        assert policy["default-src"] == "'none'"
        assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
        assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
        assert "Set-Cookie" not in answer.headers
        answer.close()


def test_the_page_holds_no_inline_script_or_style_and_nothing_from_elsewhere(client: Any) -> None:
    text = client.get("/").get_data(as_text=True)
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", text)
    assert re.findall(r"<script[^>]*>[^<]", text) == []
    assert not re.search(r"(src|href|action)=\"(https?:)?//", text)
    sheet = (pages.STATIC / "page.css").read_text(encoding="utf-8")
    assert set(re.findall(r"url\(([^)]*)\)", sheet)) == {"regular.woff", "semibold.woff"}


@pytest.mark.parametrize("task", tiny.TASKS)
def test_names_of_any_kind_are_text(tmp_path: Path, task: str) -> None:
    text = asked.client(tmp_path, task, more=11).get("/").get_data(as_text=True)
    assert "&lt;b&gt;bold&lt;/b&gt;" in text
    assert "{{ 7 * 7 }}" in text
    assert "Late planes &amp; &lt;others&gt;" in text
    assert "<b>" not in text
    assert "alert(1)</script>" not in text


def test_without_a_script_the_page_comes_back_with_what_was_typed(client: Any) -> None:
    right = client.post("/", data={"f2": "06:00"})
    wrong = client.post("/answer", data={"f2": '"><img src=x>'})
    assert right.status_code == 422  # the other needed fields were not sent
    assert 'value="06:00"' in right.get_data(as_text=True)
    assert wrong.status_code == 422
    assert "<img" not in wrong.get_data(as_text=True)


def test_forms_that_other_sites_make_a_browser_send_are_refused(client: Any) -> None:
    for path in ("/", "/answer", "/batch"):
        for site in ("cross-site", "same-site"):
            assert client.post(path, headers={"Sec-Fetch-Site": site}).status_code == 403
        assert client.post(path, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 422


def test_forms_and_files_that_are_too_large_are_refused(client: Any) -> None:
    assert client.post("/answer", data={"f3": "1" * (pages.MAX_FORM_BYTES + 1)}).status_code == 413
    for content, said in (
        (b"a\n" + b"1" * batch.MAX_BYTES, "larger than 5 MB"),
        (b"a\n" + b"1\n" * (batch.MAX_ROWS + 1), "more than 50,000 rows"),
    ):
        answer = upload(client, content, Accept="application/json")
        assert answer.status_code == 413
        assert said in answer.json["error"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "The file is empty."),
        (b" \n\n", "The file is empty."),
        (b"PK\x03\x04x", "a workbook"),
        (b"\x1f\x8bx", "packed"),
    ],
)
def test_what_is_no_table_is_refused_with_a_reason_for_people_and_for_scripts(
    client: Any, content: bytes, said: str
) -> None:
    assert said in upload(client, content, Accept="application/json").json["error"]
    plain = upload(client, content)
    assert plain.status_code == 422
    assert said in plain.get_data(as_text=True)


def test_no_file_is_said_so(client: Any) -> None:
    assert client.post("/batch", headers={"Accept": "application/json"}).json["error"] == "Choose a CSV file first."


def test_the_paths_let_through_are_those_the_app_has(tmp_path: Path) -> None:
    served = ActiveModel(asked.model(tmp_path), 1000, dict)
    rules = {f"{pages.MOUNT}{rule.rule}" for rule in pages.make_app(asked.page(served, tmp_path)).url_map.iter_rules()}
    plain = {path for path in pages.PATHS if "/static/" not in path}
    assert plain == {pages.MOUNT} | {rule for rule in rules if "<" not in rule}
    assert pages.PATHS[f"{pages.MOUNT}/health"] == 0


def test_the_example_is_a_file_of_the_models_own_inputs(client: Any) -> None:
    text = client.get("/example.csv").get_data(as_text=True).splitlines()
    assert text[0] == ",".join(column["name"] for column in tiny.INPUTS)
    assert text[1] == "UA,2013-06-15,1315,50.25,,false,,jet,high"
    assert len(text) == 6


def test_without_a_model_the_page_says_why_and_what_to_do(tmp_path: Path) -> None:
    asked.model(tmp_path)
    unserved = NoModel(ModelError(f"{ROOT}/model.onnx <is> missing."), dict)
    client = pages.make_app(asked.page(unserved, tmp_path)).test_client()
    for answer in (client.get("/"), client.post("/answer", data={}), client.get("/example.csv")):
        assert answer.status_code == 503
        assert "model.onnx &lt;is&gt; missing." in answer.get_data(as_text=True)
        assert "make repro" in answer.get_data(as_text=True)
        assert str(ROOT) not in answer.get_data(as_text=True)
    assert client.get("/health").status_code == 200


def test_another_model_takes_over_between_two_requests(tmp_path: Path) -> None:
    now = [ActiveModel(asked.model(tmp_path / "one"), 1000, dict)]
    page = pages.Page(lambda: now[0], asked.vocabulary.report(tmp_path / "one"), lambda: None, RULE)
    client = pages.make_app(page).test_client()
    assert "25%" in client.get("/").get_data(as_text=True)
    now[0] = ActiveModel(asked.model(tmp_path / "two", "regression"), 1000, dict)
    assert "−1.1 min" in client.get("/").get_data(as_text=True)


@pytest.mark.parametrize(
    ("window", "state", "said"),
    [
        (None, "idle", "No requests yet"), (Window(0, 0, False), "idle", "No requests yet"),
        (Window(1, 1, False), "few", "Too few to judge"), (Window(19, 0, False), "few", "Too few to judge"),
        (Window(20, 0, False), "ok", "OK"), (Window(20, 1, True), "alert", "Alert"),
        (Window(5, 0, True), "alert", "Alert"), (Window(0, 0, True), "alert", "Alert"),
    ],
)  # fmt: skip
def test_health_is_judged_by_the_alerts_rule_and_only_of_enough_requests(
    window: Window | None, state: str, said: str
) -> None:
    found = judge_health(window, RULE)
    assert (found.state, found.said) == (state, said)
