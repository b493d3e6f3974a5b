"""`make approve`: a person decides about the candidate, and the decision is recorded.

Approving makes the candidate the champion: its manifest and ONNX form go to `model/champion/`, `model/champion.json`
names it, what depends on it runs again, and all is committed and tagged (`model@v1.2.0`, `model#production#3`).
Rejecting writes and commits the record alone: the champion stays.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime
import shutil
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec
from semver import Version

from stages import leftovers
from stages.approve.decision import RECORD, REPORT, Decision, is_version
from stages.approve.history import find_taken_back, read_history
from stages.contracts.manifest import PATH as MANIFEST
from stages.contracts.manifest import Champion, Manifest
from stages.core import run
from stages.core.errors import PipelineError
from stages.core.files import read_struct, sha256, write_bytes, write_json
from stages.model.champion import FOLDER, POINTER
from stages.transaction import aside, process_group, signals
from stages.transaction.aside import call
from stages.transaction.committed import describe_disagreement
from stages.transaction.repository import GitError, git

MODEL = Path("model")
KEPT = ("manifest.json", "model.onnx")
LARGEST = 5_000_000
"""Bytes of a champion that git keeps."""
DECISIONS = ("approve", "conditions", "reject")


class ApproveError(PipelineError):
    """The decision cannot be recorded as things stand."""


def check_unchanged() -> None:
    """Raise ApproveError when a file in this folder is not as it was committed."""
    changed = git("status", "--porcelain", "--untracked-files=no", "--", ".").decode(errors="replace").strip()
    if changed:
        raise ApproveError(
            f"there are uncommitted changes:\n{changed}\nCommit them or undo them, so that the record has a commit."
        )


def check_can_commit() -> None:
    """Raise ApproveError unless there is a branch for the commit and git knows whose it is."""
    try:
        git("symbolic-ref", "--quiet", "HEAD")
    except GitError:
        raise ApproveError(
            "no branch is checked out, so the record would be lost: git switch <branch> first."
        ) from None
    try:
        for identity in ("GIT_AUTHOR_IDENT", "GIT_COMMITTER_IDENT"):
            git("var", identity)
    except GitError:
        raise ApproveError(
            'git does not know who commits. Tell it: git config user.name "Ada Lovelace" && '
            "git config user.email ada@example.org"
        ) from None


def check_clean() -> None:
    """Raise ApproveError unless what is approved is what is committed: nothing changed, nothing out of date.

    Nor is anything missing from DVC's cache, where the signed report is kept when approving makes another one.
    """
    check_unchanged()
    stale = call("dvc", "status").strip()
    if "up to date" not in stale:
        raise ApproveError(
            f"the outputs are not those of the committed code, data and params:\n{stale}\nRun make repro."
        )


def check_candidate() -> Manifest:
    """Return the candidate's manifest. Raises ApproveError for a file that is not the one it names, or too large."""
    manifest = read_struct(MANIFEST, Manifest)
    for name, file in manifest.files.items():
        if sha256(MODEL / name) != file.sha256:
            raise ApproveError(f"{MODEL / name} is not the file that {MANIFEST} names. Run make repro.")
    size = manifest.files["model.onnx"].bytes
    if size > LARGEST:
        raise ApproveError(
            f"model.onnx has {size:,} bytes, more than git should keep ({LARGEST:,}). Train fewer rounds or trees."
        )
    return manifest


def check_not_taken_back(manifest: Manifest, note: str) -> None:
    """Raise ApproveError for a model that was rolled back, unless a note says why it is approved again."""
    taken = find_taken_back(read_history()).get(manifest.version)
    if taken and not note.strip():
        raise ApproveError(
            f"model {manifest.version} was in use, and {taken.by} took it back on {taken.when[:10]}: {taken.note} "
            'To approve it again, say why: NOTE="…".'
        )


def list_versions(tags: Iterable[str]) -> list[Version]:
    """Return the versions of the tags `model@v1.2.3`, and of deprecated ones (`model@v1.2.3!`): none is given twice."""
    found = [tag.removeprefix("model@").partition("#")[0].removesuffix("!") for tag in tags]
    return [Version.parse(version[1:]) for version in found if is_version(version)]


def choose_version(known: Iterable[Version]) -> str:
    """Return the next minor version after the highest release; v1.0.0 if there is none."""
    releases = [version for version in known if not version.prerelease]
    return f"v{max(releases).bump_minor()}" if releases else "v1.0.0"


def promote(manifest: Manifest) -> None:
    """Make the candidate the champion."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in KEPT:
        write_bytes(FOLDER / name, (MODEL / name).read_bytes())
    champion = Champion(manifest.version, {name: sha256(FOLDER / name) for name in KEPT})
    write_json(POINTER, msgspec.to_builtins(champion))


def record(options: argparse.Namespace, manifest: Manifest, version: str | None, commit: str) -> Decision:
    """The decision: by whom, when, of which model and which report."""
    note = options.note.strip()
    conditional = options.decision == "conditions"
    return Decision(
        decision=options.decision,
        by=" ".join(options.by.split()),
        when=datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        note="" if conditional else note,
        conditions=note if conditional else "",
        model=manifest.version,
        version=version,
        commit=commit,
        report_sha256=sha256(REPORT),
    )


def reproduce(manifest: Manifest) -> None:
    """Run what depends on the champion. Raises ApproveError where that fails or makes another model."""
    if process_group.run("dvc", "repro"):
        raise ApproveError("`dvc repro` failed, see above.")
    made = read_struct(MANIFEST, Manifest).version
    if made != manifest.version:
        raise ApproveError(f"what is committed makes the model {made}: is a source neither in git nor in DVC?")


def tag(version: str, said: str) -> None:
    """Tag the commit as the model's version and as what is in production."""
    call("gto", "register", "model", "HEAD", "--version", version, "--message", said)
    stage = ["--stage", "production", "--simple", "false"]
    call("gto", "assign", "model", "--version", version, *stage, "--message", said)


def commit(options: argparse.Namespace, manifest: Manifest, signed: Decision) -> str:
    """Commit and tag the decision in the current folder, with all that follows from it; return what was said of it."""
    approved = signed.version is not None
    write_bytes(RECORD, signed.text().encode())
    if approved:
        call("dvc", "checkout", "--quiet")
        promote(manifest)
        reproduce(manifest)
    git("add", "--update")
    git("add", str(RECORD), *([str(FOLDER)] if approved else []))
    said = f"{options.decision.capitalize()} model {signed.model}{f' as {signed.version}' if signed.version else ''}"
    git("commit", "--message", f"{said}\n\nBy {signed.by}. {signed.note}{signed.conditions}".rstrip())
    if signed.version:
        tag(signed.version, said)
    return said


def carry_out(commit_decision: Callable[[], str]) -> str:
    """Let it commit and tag in a clone aside, then take that over; return what it says was done.

    Raises ApproveError, and all is as it was, or the decision is recorded and the message says what is left to do.
    """
    signals.raise_on_stop()
    try:
        with aside.clone() as folder:
            with contextlib.chdir(folder):
                said = commit_decision()
            check_unchanged()
            signals.block()
            aside.take_over()
    except (PipelineError, OSError, KeyboardInterrupt) as error:
        why = "it was stopped" if isinstance(error, KeyboardInterrupt) else str(error)
        if aside.lags():
            raise ApproveError(f"{said}, but the files here are not up to it: {why}. make repro ends it.") from None
        raise ApproveError(f"the decision was not recorded, nothing is changed: {why}") from None
    return said


def decide(options: argparse.Namespace) -> str:
    """Carry out the decision; the sentence that says what was done. Raises ApproveError and leaves all as it was."""
    if recorded := leftovers.recover():
        raise ApproveError(
            f"an earlier decision was killed before it could say so, but it was recorded: {recorded}. "
            "Nothing more was done: decide again only if you want another decision."
        )
    check_can_commit()
    check_clean()
    manifest = check_candidate()
    approved = options.decision != "reject"
    known = list_versions(git("tag", "--list", "model@v*").decode().split())
    if approved:
        check_not_taken_back(manifest, options.note)
    if told := describe_disagreement():
        print(told, file=sys.stderr)
    version = (options.version or choose_version(known)) if approved else None
    if version and Version.parse(version[1:]) in known:
        raise ApproveError(f"the version {version} exists already. Leave VERSION out, or give a new one.")
    signed = record(options, manifest, version, git("rev-parse", "HEAD").decode().strip())
    said = carry_out(lambda: commit(options, manifest, signed))
    return f"{said}. Recorded in {RECORD} and committed."


def main() -> None:
    """The command line."""
    options = argparse.ArgumentParser("make approve", description="Record a decision about the candidate model.")
    options.add_argument("--by", required=True, help="who decides")
    options.add_argument("--decision", choices=DECISIONS, default="approve")
    options.add_argument("--note", default="", help="conditions or reasons, kept in the record")
    options.add_argument("--version", default="", help="v1.2.3; the next minor version if it is left out")
    given = options.parse_args()
    if not given.by.strip():
        options.error('say who decides: make approve BY="Ada Lovelace"')
    if given.decision == "conditions" and not given.note.strip():
        options.error('say what the conditions are: make approve BY=… DECISION=conditions NOTE="by whom, by when"')
    given.version = given.version and f"v{given.version.removeprefix('v')}"
    if given.version and not is_version(given.version):
        options.error(f"make approve: VERSION must look like v1.2.3 or v1.2.3-rc.1, not '{given.version[1:]}'")
    for tool in ("git", "dvc", "gto"):
        if shutil.which(tool) is None:
            options.error(f"{tool} is not on PATH; run this through make")
    run.stage("approve", lambda: print(decide(given)))


if __name__ == "__main__":
    main()
