"""`make publish`: the signed report with its decision on it, as `reports/published/<version>.pdf`.

Nothing is built again: the report is found by the hash that the record holds, read once, and those bytes are stamped.
Refused is whatever the record does not vouch for: another report or model, an edited record, a rejection.
"""

from __future__ import annotations

import argparse
import io
import logging
from pathlib import Path

from pypdf import PdfReader

from stages import leftovers
from stages.approve.decision import RECORD, Decision, DecisionError, parse, signed_report
from stages.core import run
from stages.core.files import write_bytes
from stages.model import champion
from stages.publish.stamp import stamp
from stages.transaction.repository import GitError, git, read_at

PUBLISHED = Path("reports/published")


def read_committed() -> Decision:
    """The record as git has it. Raises DecisionError where the working tree has none or another one."""
    try:
        text = RECORD.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise DecisionError('no decision is recorded. Read the report, then make approve BY="your name".') from None
    except UnicodeDecodeError:
        raise DecisionError(f"{RECORD} is damaged. Restore it: git restore {RECORD}") from None
    if git("status", "--porcelain", "--", str(RECORD)).strip():
        raise DecisionError(
            f"{RECORD} is not what was committed: only make approve writes it. git restore {RECORD}, or decide again."
        )
    return parse(text)


def check(decision: Decision) -> None:
    """Raise DecisionError unless it is an approval, as it was recorded then, of the model in use."""
    if decision.version is None:
        raise DecisionError(
            f"{decision.by} rejected model {decision.model}: only an approved report is published. "
            f"The record stays in git."
        )
    if decision.decision == "rollback":
        raise DecisionError(
            f"{decision.version} is in use again by a rollback, of which there is no report. Its own is "
            f"{PUBLISHED}/{decision.version}.pdf, if it was published; git show model@{decision.version}:{RECORD} has "
            "the decision."
        )
    tag = f"model@{decision.version}"
    try:
        then = read_at(f"refs/tags/{tag}", RECORD)
    except GitError:
        raise DecisionError(
            f"there is no tag {tag} that holds the record. Get the tags: git fetch --tags. If there are none, the "
            f"record was not made by make approve."
        ) from None
    if then != RECORD.read_bytes():
        raise DecisionError(f"{RECORD} was edited after the decision: the tag {tag} holds another one.")
    used = champion.read_pointer().version
    if used != decision.model:
        raise DecisionError(f"the record is about model {decision.model}, but the model in use is {used}.")
    if champion.read_verified().version != decision.model:
        raise DecisionError(f"{champion.FOLDER} holds another model than {champion.POINTER} names.")


def check_names_model(report: bytes, decision: Decision) -> None:
    """Raise DecisionError unless the signed report itself is about that model."""
    if decision.model not in PdfReader(io.BytesIO(report)).pages[0].extract_text():
        raise DecisionError(f"the signed report is not about model {decision.model}, which the record names.")


def publish() -> Path:
    """Write the stamped copy; the same record gives the same file. Raises DecisionError and writes nothing."""
    leftovers.recover()
    decision = read_committed()
    check(decision)
    report = signed_report(decision)
    check_names_model(report, decision)
    target = PUBLISHED / f"{decision.version}.pdf"
    content = stamp(report, decision)
    if target.is_file() and target.read_bytes() == content:
        logging.info("publish: %s is there already, byte for byte", target)
        return target
    write_bytes(target, content)
    logging.info("publish: %s. Keep it: git add %s && git commit", target, target)
    return target


def main() -> None:
    """The command line."""
    argparse.ArgumentParser("make publish", description="Stamp the signed report with its decision.").parse_args()
    run.stage("publish", lambda: print(publish()))


if __name__ == "__main__":
    main()
