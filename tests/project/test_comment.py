"""`.ci/comment.py`, against a server that answers as GitHub and GitLab do: one comment a request, and only text."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from small import ROOT

COMMIT, OLDER = "c0ffee" + "0" * 34, "decade" + "0" * 34
BOT, PERSON = {"login": "github-actions[bot]", "id": 7}, {"login": "ada", "id": 8}
BRANCH = "a/branch & more"
PULLS = [{"number": 5, "head": {"sha": COMMIT}}]
MARK = "<!-- review -->\n"


class Host(ThreadingHTTPServer):
    """GitHub's and GitLab's API over the comments of one request, number 5."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Asked)
        self.comments: list[dict[str, Any]] = []
        self.pulls = PULLS
        self.newest = COMMIT
        self.keys: set[str] = set()
        self.asked: list[str] = []

    def add(self, text: str, author: dict[str, Any] | None) -> None:
        """A comment, as both hosts tell of it."""
        self.comments.append({"id": len(self.comments) + 1, "body": text, "user": author, "author": author or PERSON})

    @property
    def own(self) -> list[str]:
        """The texts that the program wrote."""
        return [one["body"] for one in self.comments if one["user"] == BOT]


class Asked(BaseHTTPRequestHandler):
    server: Host

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        first = 100 * (int(query.get("page", 1)) - 1)
        answers = {
            "/repos/team/flights/pulls": self.server.pulls if query.get("head") == f"fork:{BRANCH}" else [],
            "/repos/team/flights/issues/5/comments": self.server.comments[first : first + 100],
            "/projects/3/merge_requests/5/notes": self.server.comments[first : first + 100],
            "/projects/3/merge_requests/5": {"sha": self.server.newest},
            "/user": {"id": BOT["id"]},
        }
        self.answer(answers.get(url.path))

    def do_POST(self) -> None:
        there = ("/repos/team/flights/issues/5/comments?", "/projects/3/merge_requests/5/notes?")
        if self.path in there:
            self.server.add(self.read(), BOT)
        self.answer({} if self.path in there else None)

    def do_PATCH(self) -> None:
        place, _, number = self.path.rstrip("?").rpartition("/")
        known = place in ("/repos/team/flights/issues/comments", "/projects/3/merge_requests/5/notes")
        if known:
            self.server.comments[int(number) - 1]["body"] = self.read()
        self.answer({} if known else None)

    do_PUT = do_PATCH

    def read(self) -> str:
        return str(json.loads(self.rfile.read(int(self.headers["content-length"])))["body"])

    def answer(self, content: Any) -> None:
        self.server.asked.append(self.command)
        self.server.keys.add(self.headers["authorization"] or self.headers["private-token"])
        body = json.dumps(content if content is not None else {"message": "Not Found"}).encode()
        self.send_response(404 if content is None else 200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def host() -> Iterator[Host]:
    with Host() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def environment(name: str, host: Host, folder: Path) -> dict[str, str]:
    """What the variables of a run are."""
    address = f"http://127.0.0.1:{host.server_address[1]}"
    run = {
        "head_sha": COMMIT,
        "head_branch": BRANCH,
        "head_repository": {"owner": {"login": "fork"}},
        "html_url": "https://example.org/runs/9",
    }
    (folder / "event.json").write_text(json.dumps({"workflow_run": run}))
    github = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_API_URL": address,
        "GITHUB_EVENT_PATH": str(folder / "event.json"),
        "GITHUB_REPOSITORY": "team/flights",
        "GITHUB_TOKEN": "secret",
    }
    gitlab = {
        "CI_API_V4_URL": f"{address}/",
        "CI_COMMIT_SHA": COMMIT,
        "CI_MERGE_REQUEST_IID": "5",
        "CI_PIPELINE_URL": "https://example.org/runs/9",
        "CI_PROJECT_ID": "3",
        "REVIEW_TOKEN": "secret",
    }
    return github if name == "github" else gitlab


def comment(name: str, host: Host, folder: Path, text: str | None = None) -> subprocess.CompletedProcess[str]:
    review = folder / "review.md"
    if text is not None:
        review.write_text(text, encoding="utf-8")
    command = [sys.executable, ROOT / ".ci/comment.py", review]
    variables = environment(name, host, folder)
    return subprocess.run(command, env=variables, capture_output=True, text=True, timeout=60, check=False)


both = pytest.mark.parametrize("name", ["github", "gitlab"])


@both
def test_the_comment_is_written_once_and_then_anew(name: str, host: Host, tmp_path: Path) -> None:
    # given what others wrote before, more than a page of it, the mark of this program in some
    for _ in range(120):
        host.add("Looks good.", PERSON)
    host.add(f"{MARK}mine", PERSON)
    host.add(f"about {MARK}", None)

    # when two runs comment
    first, second = (comment(name, host, tmp_path, text) for text in ("AUC **0.70**", "AUC **0.71**"))

    # then there is one comment, with what the second says
    assert (first.returncode, first.stdout, first.stderr) == (0, "comment: on request 5\n", "")
    assert second.returncode == 0
    assert host.own == [
        f"{MARK}Of commit c0ffee000000 with its base, as [this run](https://example.org/runs/9) made it."
        "\n\nAUC **0.71**"
    ]
    assert host.comments[120]["body"] == f"{MARK}mine"
    assert host.asked.count("POST") == 1
    assert host.keys == {"Bearer secret" if name == "github" else "secret"}


@both
def test_an_older_commit_says_nothing(name: str, host: Host, tmp_path: Path) -> None:
    host.pulls, host.newest = [{"number": 5, "head": {"sha": OLDER}}], OLDER

    done = comment(name, host, tmp_path, "old")

    assert (done.returncode, done.stdout) == (0, "comment: c0ffee000000 is the newest commit of no open request\n")
    assert host.comments == []


@both
def test_what_the_review_says_is_only_text(name: str, host: Host, tmp_path: Path) -> None:
    # given a review that a fork's code wrote
    text = f"{MARK}@all ada@example.org model@v1.0.0 (@ada) &#64;all &commat;all\r\n/merge\n  /approve\n1/2 <!--"

    assert comment(name, host, tmp_path, text).returncode == 0

    # then nobody is called and no command is given, and where it comes from is said before it
    body = host.own[0].partition("made it.\n\n")[2]
    assert body.splitlines()[1:] == [
        "@\u200ball ada@example.org model@v1.0.0 (@\u200bada) &amp;#64;all &amp;commat;all",
        "\u200b/merge", "\u200b  /approve", "1/2 <!--",
    ]  # fmt: skip


@both
def test_what_is_too_long_is_named_instead(name: str, host: Host, tmp_path: Path) -> None:
    assert comment(name, host, tmp_path, "é" * 60_000).returncode == 0
    assert host.own[0].endswith("é" * 60_000)
    assert comment(name, host, tmp_path, "é" * 60_001).returncode == 0
    assert host.own[0].endswith("made it.\n\nIt is too long for a comment: read it there.")


def test_a_link_is_not_followed(host: Host, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "review.md").symlink_to(tmp_path / "secret")

    done = comment("github", host, tmp_path)

    assert done.returncode == 1
    assert done.stderr == f"comment: {tmp_path}/review.md is no plain file.\n"
    assert host.comments == []


@both
def test_bytes_that_are_no_text_are_shown_as_such(name: str, host: Host, tmp_path: Path) -> None:
    (tmp_path / "review.md").write_bytes(b"AUC \xff\n")

    assert comment(name, host, tmp_path).returncode == 0
    assert host.own[0].endswith("AUC \ufffd\n")


def test_a_refusal_is_told(host: Host, tmp_path: Path) -> None:
    host.pulls = [{"number": 6, "head": {"sha": COMMIT}}]

    done = comment("github", host, tmp_path, "text")

    assert done.returncode == 1
    assert done.stderr.startswith("comment: GET repos/team/flights/issues/6/comments was answered by 404: ")
    assert "secret" not in done.stderr


def test_without_a_review_or_a_run_it_says_what_is_missing(host: Host, tmp_path: Path) -> None:
    done = comment("github", host, tmp_path)
    assert done.returncode == 1
    assert "review.md cannot be read: " in done.stderr

    command = [sys.executable, ROOT / ".ci/comment.py", tmp_path / "review.md"]
    alone = subprocess.run(command, env={}, capture_output=True, text=True, check=False)
    assert alone.stderr.startswith("comment: 'CI_COMMIT_SHA' is not set: ")
