"""Every decision about this table's models, in order, as the commits of the record have it."""

from __future__ import annotations

import sys

from stages.approve.decision import RECORD, Decision, DecisionError, parse
from stages.transaction.repository import GitError, git, read_at

ROLLBACK = "rollback"
APPROVED = ("approve", "conditions")


def read_history() -> list[Decision]:
    """Return the decisions, the oldest first, also those of branches that were merged; the one that HEAD has is last.

    Those about a table that was replaced since are not among them, nor is a record that cannot be read, which is said.
    Raises DecisionError where HEAD's own cannot be.
    """
    texts: list[str] = []
    for commit in git("log", "--reverse", "--topo-order", "--full-history", "--format=%H", "--", str(RECORD)).split():
        try:
            texts.append(read_at(commit.decode(), RECORD).decode(errors="replace"))
        except GitError:  # removed: another table was adopted
            texts.clear()
    try:
        last = read_at("HEAD", RECORD).decode(errors="replace")
    except GitError:
        return []
    found = []
    for text in [*dict.fromkeys(text for text in texts if text != last)]:
        try:
            found.append(parse(text))
        except DecisionError as error:
            print(f"A record of an earlier commit is left out: {error}", file=sys.stderr)
    return [*found, parse(last)]


def find_used(history: list[Decision], version: str | None) -> Decision | None:
    """Return the decision by which the model of that version is in use."""
    return next((one for one in reversed(history) if one.decision != "reject" and one.model == version), None)


def find_former(history: list[Decision], version: str | None) -> Decision | None:
    """Return the approval of the last model that was in use, is not now, and was not taken back."""
    gone = find_taken_back(history)
    former = [one for one in history if one.decision in APPROVED and one.model not in gone]
    return next((one for one in reversed(former) if one.model != version), None)


def find_taken_back(history: list[Decision]) -> dict[str, Decision]:
    """Return the models that a rollback took out of use and nobody approved again, each with that rollback."""
    gone: dict[str, Decision] = {}
    used = None
    for one in history:
        if one.decision == ROLLBACK and used and used != one.model:
            gone[used] = one
        if one.decision != "reject":
            used = one.model
            gone.pop(used, None)
    return gone
