"""`make rollback`: a former champion is the model in use again, recorded, committed and tagged, without a stage run.

Its files come from the commit that its tag names. The candidate stays as it is: the next `make repro` compares it with
the model in use then.
"""

from __future__ import annotations

import argparse
import datetime

from stages import leftovers
from stages.approve.__main__ import ApproveError, carry_out, check_can_commit, check_unchanged
from stages.approve.decision import RECORD, Decision, is_version, parse
from stages.approve.history import ROLLBACK, find_former, read_history
from stages.core import run
from stages.core.files import write_bytes
from stages.model.champion import FOLDER, POINTER, read_pointer, read_verified
from stages.transaction import aside
from stages.transaction.repository import GitError, git, read_at


def choose(version: str) -> Decision:
    """Return the approval of the version, or of the former model where none is given. Raises ApproveError."""
    history = read_history()
    used = read_pointer().version
    if used is None:
        raise ApproveError("there is no model in use that could be taken back.")
    if not version:
        former = find_former(history, used)
        if former is None:
            raise ApproveError("there is no former model that was not taken back. Name one of make history: TO=….")
        return former
    try:
        approved = parse(read_at(f"refs/tags/model@{version}", RECORD).decode())
    except GitError:
        known = ", ".join(one.version for one in history if one.version)
        raise ApproveError(
            f"there is no version {version}; there are {known} (git fetch --tags gets others')."
        ) from None
    if approved.model == used:
        raise ApproveError(f"{version} is the model in use already.")
    return approved


def commit(approved: Decision, signed: Decision) -> str:
    """Commit and tag it in the current folder; return what was said of it."""
    git("checkout", f"refs/tags/model@{approved.version}", "--", str(FOLDER), str(POINTER))
    if read_verified().version != approved.model:
        raise ApproveError(f"the tag model@{approved.version} holds another model than its record names.")
    write_bytes(RECORD, signed.text().encode())
    git("add", str(RECORD))
    said = f"Roll back to {approved.version}, model {approved.model}"
    git("commit", "--message", f"{said}\n\nBy {signed.by}. {signed.note}")
    stage = ["--stage", "production", "--simple", "false", "--force"]  # it was there before
    aside.call("gto", "assign", "model", "--version", str(approved.version), *stage, "--message", said)
    return said


def roll_back(version: str, by: str, note: str) -> str:
    """Carry it out; return what was done in a sentence. Raises ApproveError and leaves all as it was."""
    if recorded := leftovers.recover():
        raise ApproveError(f"an earlier decision was killed before it could say so, but it was recorded: {recorded}.")
    check_can_commit()
    check_unchanged()
    approved = choose(version)
    signed = Decision(
        decision=ROLLBACK,
        by=" ".join(by.split()),
        when=datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        note=note.strip(),
        conditions="",
        model=approved.model,
        version=approved.version,
        commit=git("rev-parse", "HEAD").decode().strip(),
        report_sha256=approved.report_sha256,
    )
    said = carry_out(lambda: commit(approved, signed))
    return (
        f"{said}: recorded in {RECORD} and committed.\n"
        "Next: make deploy, so that running services take it up; git push --follow-tags; then make\n"
        "repro, which compares the candidate with it."
    )


def main() -> None:
    """The command line."""
    options = argparse.ArgumentParser("make rollback", description="Put a former model in use again.")
    options.add_argument("--by", required=True, help="who decides")
    options.add_argument("--note", default="", help="why, kept in the record")
    options.add_argument("--to", default="", help="v1.2.3; the model that was in use before if it is left out")
    given = options.parse_args()
    if not given.by.strip() or not given.note.strip():
        options.error('say who decides, and why: make rollback BY="Ada Lovelace" NOTE="wrong at night"')
    version = given.to and f"v{given.to.removeprefix('v')}"
    if version and not is_version(version):
        options.error(f"TO must look like v1.2.3, not '{given.to}'")
    run.stage("rollback", lambda: print(roll_back(version, given.by, given.note)))


if __name__ == "__main__":
    main()
