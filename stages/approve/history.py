"""Every decision about this table's models, in order, as the commits of the record have it."""

from __future__ import annotations

from stages.approve.decision import RECORD, Decision, parse
from stages.transaction.repository import GitError, git, read_at

ROLLBACK = "rollback"
APPROVED = ("approve", "conditions")


def read_history() -> list[Decision]:
    """Return the decisions, the oldest first; those about a table that was replaced since are not among them."""
    found: list[Decision] = []
    for commit in git("log", "--reverse", "--format=%H", "--", str(RECORD)).decode().split():
        try:
            text = read_at(commit, RECORD).decode()
        except GitError:  # removed: another table was adopted
            found.clear()
            continue
        found.append(parse(text, f"{RECORD} of {commit[:12]}"))
    return found


def find_used(history: list[Decision]) -> Decision | None:
    """Return the decision by which the model in use is in use."""
    return next((one for one in reversed(history) if one.decision != "reject"), None)


def find_former(history: list[Decision]) -> Decision | None:
    """Return the approval of the last model that was in use, is not now, and was not taken back."""
    used, gone = find_used(history), find_taken_back(history)
    former = [one for one in history if one.decision in APPROVED and one.model not in gone]
    return next((one for one in reversed(former) if used and one.model != used.model), None)


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
