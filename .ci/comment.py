"""Post what `make review` wrote as a comment on its pull request (GitHub) or merge request (GitLab).

    python3 .ci/comment.py reports/review.md

There is one such comment, found by a mark that nobody sees, and written anew each time. Which request it is for is
asked of the host, never taken from the file: that a fork's code may have written. It is text to be shown, of limited
length, that calls nobody and gives no command. Needs Python alone, and GITHUB_TOKEN, or REVIEW_TOKEN on GitLab.
"""

from __future__ import annotations

import json
import os
import re
import stat
import sys
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.error import HTTPError

MARK = "<!-- review -->"
LONGEST = 60_000
"""Characters: GitHub takes 65,536 in a comment."""
PER_PAGE = 100
PATIENCE_S = 30
ACTIONS = "github-actions[bot]"
"""Who comments with the token that GitHub gives a run; by that token it cannot be asked."""
NOTHING = "\u200b"
"""A space without width: between @ and a name, or before a slash, it keeps text from being more than text."""


class CommentError(Exception):
    """The comment cannot be posted."""


class Run(NamedTuple):
    """The run that made the review: the commit it ran for, and its page."""

    commit: str
    page: str


class Api:
    """A host's API at an address, spoken to with these headers."""

    def __init__(self, address: str, headers: Mapping[str, str]) -> None:
        self.address = address.rstrip("/")
        self.headers = headers

    def call(self, method: str, path: str, content: Mapping[str, str] | None = None, **query: Any) -> Any:
        """Return the decoded answer. Raises CommentError where there is none, or it is a refusal."""
        url = f"{self.address}/{path}?{urllib.parse.urlencode(query)}"
        request = urllib.request.Request(url, json.dumps(content).encode() if content else None, method=method)
        request.add_header("content-type", "application/json")
        for name, value in self.headers.items():
            request.add_unredirected_header(name, value)  # a key goes to no other host
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
                return json.load(answer)
        except HTTPError as error:
            told = error.read(500).decode(errors="replace")
            raise CommentError(f"{method} {path} was answered by {error.code}: {told}") from None
        except (OSError, ValueError) as error:
            raise CommentError(f"{method} {path} failed: {error}") from None

    def list(self, path: str, **query: Any) -> Iterator[Any]:
        """Yield the items of all pages of a list."""
        page, count = 1, PER_PAGE
        while count == PER_PAGE:
            items = self.call("GET", path, per_page=PER_PAGE, page=page, **query)
            yield from items
            page, count = page + 1, len(items)


class GitHub:
    """The pull requests whose newest commit is the one that the finished workflow ran for."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        event = json.loads(Path(environment["GITHUB_EVENT_PATH"]).read_text(encoding="utf-8"))["workflow_run"]
        self.run = Run(event["head_sha"], event["html_url"])
        fork = event["head_repository"]  # none where it was deleted since
        self._head = f"{fork['owner']['login']}:{event['head_branch']}" if fork else ""
        self._repository = f"repos/{environment['GITHUB_REPOSITORY']}"
        headers = {"authorization": f"Bearer {environment['GITHUB_TOKEN']}", "accept": "application/vnd.github+json"}
        self._api = Api(environment["GITHUB_API_URL"], headers)

    def find_requests(self) -> list[int]:
        """Return their numbers. A run of a fork's branch is not told them, so they are found by the branch."""
        if not self._head:
            return []
        pulls = self._api.list(f"{self._repository}/pulls", state="open", head=self._head)
        return [pull["number"] for pull in pulls if pull["head"]["sha"] == self.run.commit]

    def find_own(self, request: int) -> int | None:
        """Return the comment's number; None where there is none yet."""
        listed = self._api.list(f"{self._repository}/issues/{request}/comments")
        written = (one for one in listed if one["user"] and one["user"]["login"] == ACTIONS)
        return next((one["id"] for one in written if one["body"].startswith(MARK)), None)

    def write(self, request: int, comment: int | None, text: str) -> None:
        """Write a new comment, or one anew."""
        if comment is None:
            self._api.call("POST", f"{self._repository}/issues/{request}/comments", {"body": text})
        else:
            self._api.call("PATCH", f"{self._repository}/issues/comments/{comment}", {"body": text})


class GitLab:
    """The merge request that this pipeline runs for."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        commit = environment.get("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA") or environment["CI_COMMIT_SHA"]
        self.run = Run(commit, environment["CI_PIPELINE_URL"])
        self._number = int(environment["CI_MERGE_REQUEST_IID"])
        self._requests = f"projects/{environment['CI_PROJECT_ID']}/merge_requests"
        self._api = Api(environment["CI_API_V4_URL"], {"private-token": environment["REVIEW_TOKEN"]})

    def find_requests(self) -> list[int]:
        """Return its number, unless it has a newer commit."""
        newest = self._api.call("GET", f"{self._requests}/{self._number}")["sha"]
        return [self._number] if newest == self.run.commit else []

    def find_own(self, request: int) -> int | None:
        """Return the comment's number; None where there is none yet."""
        own = self._api.call("GET", "user")["id"]
        listed = self._api.list(f"{self._requests}/{request}/notes")
        written = (one for one in listed if one["author"]["id"] == own)
        return next((one["id"] for one in written if one["body"].startswith(MARK)), None)

    def write(self, request: int, comment: int | None, text: str) -> None:
        """Write a new comment, or one anew."""
        if comment is None:
            self._api.call("POST", f"{self._requests}/{request}/notes", {"body": text})
        else:
            self._api.call("PUT", f"{self._requests}/{request}/notes/{comment}", {"body": text})


def read_review(path: Path) -> str:
    """Return the text, at most one character more than may be posted. Raises CommentError where it is no plain file."""
    try:
        if not stat.S_ISREG(path.lstat().st_mode):  # a link could name what only this run can read
            raise CommentError(f"{path} is no plain file.")
        with path.open(encoding="utf-8", errors="replace") as file:
            return file.read(LONGEST + 1)
    except OSError as error:
        raise CommentError(f"{path} cannot be read: {error}") from None


def compose(review: str, run: Run) -> str:
    """Return the comment: what it is of stands first, so that nothing in the review can hide or replace it."""
    spelled = re.sub(r"&(?=#0*64;|#x0*40;|commat;)", "&amp;", review, flags=re.IGNORECASE)  # an @ by its number or name
    calm = re.sub(r"(?<!\w)@(?=\w)", f"@{NOTHING}", spelled)
    plain = re.sub(r"^(?=[ \t]*/)", NOTHING, calm, flags=re.MULTILINE)
    if len(plain) > LONGEST:
        plain = "It is too long for a comment: read it there."
    return f"{MARK}\nOf commit {run.commit[:12]} with its base, as [this run]({run.page}) made it.\n\n{plain}"


def post(host: GitHub | GitLab, review: str) -> str:
    """Post the review, and return what was done in a sentence. Raises CommentError where the host refuses."""
    requests = host.find_requests()
    for request in requests:
        host.write(request, host.find_own(request), compose(review, host.run))
    told = ", ".join(f"request {request}" for request in requests)
    return f"comment: on {told}" if told else f"comment: {host.run.commit[:12]} is the newest commit of no open request"


def main() -> None:
    """The command."""
    try:
        host = GitHub(os.environ) if "GITHUB_ACTIONS" in os.environ else GitLab(os.environ)
        print(post(host, read_review(Path(sys.argv[1]))))
    except KeyError as error:
        sys.exit(f"comment: {error} is not set: this is for a run of GitHub's or GitLab's about a request.")
    except CommentError as error:
        sys.exit(f"comment: {error}")


if __name__ == "__main__":
    main()
