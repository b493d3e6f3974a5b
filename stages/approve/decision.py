"""The record of a decision, `reports/approval.yaml`, and the very report it was about, found again by its hash."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import yaml
from semver import Version

from stages.core.errors import PipelineError
from stages.storage.outputs import find_cache, place
from stages.transaction.repository import read_at

RECORD = Path("reports/approval.yaml")
REPORT = Path("reports/final_report.pdf")
FORMS = {
    "decision": r"approve|conditions|reject|rollback",
    "by": r".*\S.*",
    "when": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",
    "model": r"[0-9a-f]{12,64}",
    "commit": r"[0-9a-f]{40,64}",
    "report_sha256": r"[0-9a-f]{64}",
}
"""What the record's entries look like; `note` and `conditions` are any text."""


class DecisionError(PipelineError):
    """There is no decision that can be relied on."""


@dataclass(frozen=True)
class Decision:
    """Who decided what, when, and about which model and report. `commit` holds all that was looked at."""

    decision: str
    by: str
    when: str
    note: str
    conditions: str
    model: str
    version: str | None
    commit: str
    report_sha256: str

    def text(self) -> str:
        """The record as it is written."""
        return yaml.safe_dump(vars(self), sort_keys=False, allow_unicode=True)


def is_version(text: str) -> bool:
    """Whether it is a semantic version with a v before it, as GTO's tags have it: v1.2.3, v1.3.0-rc.1."""
    return text.isascii() and text.startswith("v") and Version.is_valid(text[1:])


def parse(text: str, name: str = str(RECORD)) -> Decision:
    """The record of such a text. Raises DecisionError where it is not one that `make approve` writes."""
    try:
        found: Any = yaml.load(text, Loader=yaml.BaseLoader)  # every value a text: the record holds nothing else
    except yaml.YAMLError:
        found = None
    keys = [field.name for field in fields(Decision)]
    if (
        not isinstance(found, dict)
        or list(found) != keys
        or not all(isinstance(value, str) for value in found.values())
    ):
        raise DecisionError(f"{name} is no record of `make approve`: it must hold {', '.join(keys)}, and no more.")
    wrong = [key for key, form in FORMS.items() if not re.fullmatch(form, found[key], re.DOTALL)]
    rejected = found["decision"] == "reject"
    if not (found["version"] == "null" if rejected else is_version(found["version"])):
        wrong.append("version")
    if wrong:
        raise DecisionError(f"{name} is no record of `make approve`: {wrong[0]} is {found[wrong[0]]!r}.")
    return Decision(**{**found, "version": None if rejected else found["version"]})


def signed_report(decision: Decision) -> bytes:
    """The bytes of the report that was signed, from the working tree or DVC's cache; found by their hash alone.

    Raises DecisionError where they are nowhere: another report is never taken in their place.
    """
    for path in (REPORT, *_cached(decision.commit)):
        try:
            content = path.read_bytes()
        except OSError:
            continue
        if hashlib.sha256(content).hexdigest() == decision.report_sha256:
            return content
    raise DecisionError(
        f"the signed report (SHA-256 {decision.report_sha256}) is neither {REPORT} nor in DVC's cache: it was changed "
        f"after it was signed, or never fetched here. `dvc fetch --all-commits` gets it from a remote."
    )


def _cached(commit: str) -> Iterator[Path]:
    """Where DVC keeps the report of that commit."""
    md5 = report_md5(read_at(commit, Path("dvc.lock")).decode())
    if md5:
        yield find_cache() / place(md5)


def report_md5(lock: str) -> str:
    """The report's address in DVC's cache, as dvc.lock has it; empty where it has none."""
    outs = (yaml.safe_load(lock) or {}).get("stages", {}).get("report", {}).get("outs", [])
    return next((out["md5"] for out in outs if out["path"] == str(REPORT)), "")
