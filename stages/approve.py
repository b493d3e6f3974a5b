"""`make approve`: a person decides about the candidate, and the decision is recorded.

Approving makes the candidate the champion: its manifest and ONNX form go to `model/champion/`, `model/champion.json`
names it, what depends on it runs again, and all is committed and tagged (`model@v1.2.0`, `model#production#3`).
Rejecting writes and commits the record alone: the champion stays.
"""

from __future__ import annotations

import argparse
import datetime
import os
import re
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Any

from stages import run
from stages.champion import FOLDER, POINTER
from stages.decision import RECORD, REPORT, Decision
from stages.errors import PipelineError
from stages.files import read_json, sha256, write_bytes, write_json
from stages.leftovers import clear_leftovers

MODEL = Path("model")
KEPT = ("manifest.json", "model.onnx")
LARGEST = 5_000_000
"""Bytes of a champion that git keeps."""
DECISIONS = ("approve", "conditions", "reject")
VERSION = re.compile(r"v\d+\.\d+\.\d+")


class ApproveError(PipelineError):
    """The decision cannot be recorded as things stand."""


def call(*command: str) -> str:
    """The command's output. Raises ApproveError with what it said when it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ApproveError(f"`{' '.join(command)}` failed: {(done.stderr or done.stdout).strip()[-1500:]}")
    return done.stdout


def check_clean() -> None:
    """Raise ApproveError unless what is approved is what is committed: nothing changed, nothing out of date.

    Nor is anything missing from DVC's cache, where the signed report is kept when approving makes another one.
    """
    changed = call("git", "status", "--porcelain", "--untracked-files=no").strip()
    if changed:
        raise ApproveError(
            f"there are uncommitted changes:\n{changed}\nCommit them first, so that the record has a commit; "
            "after an approval that was killed, `git restore .` and `dvc checkout` bring the last state back."
        )
    stale = call("dvc", "status").strip()
    if "up to date" not in stale:
        raise ApproveError(
            f"the outputs are not those of the committed code, data and params:\n{stale}\nRun make repro."
        )


def check_candidate() -> dict[str, Any]:
    """The candidate's manifest. Raises ApproveError when a file is not the one it names, or is too large for git."""
    manifest: dict[str, Any] = read_json(MODEL / "manifest.json")
    for name, file in manifest["files"].items():
        if sha256(MODEL / name) != file["sha256"]:
            raise ApproveError(f"{MODEL / name} is not the file that {MODEL / 'manifest.json'} names. Run make repro.")
    size = manifest["files"]["model.onnx"]["bytes"]
    if size > LARGEST:
        raise ApproveError(
            f"model.onnx has {size:,} bytes, more than git should keep ({LARGEST:,}). Train fewer rounds or trees."
        )
    return manifest


def next_version(tags: list[str]) -> str:
    """The next minor version after the highest of the tags `model@v1.2.3`; v1.0.0 if there is none."""
    known = [tuple(map(int, tag.removeprefix("model@v").split("."))) for tag in tags]
    major, minor, _ = max(known, default=(1, -1, 0))
    return f"v{major}.{minor + 1}.0"


def crown(manifest: dict[str, Any]) -> None:
    """Make the candidate the champion."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in KEPT:
        write_bytes(FOLDER / name, (MODEL / name).read_bytes())
    write_json(POINTER, {"version": manifest["version"], "files": {name: sha256(FOLDER / name) for name in KEPT}})


def record(options: argparse.Namespace, manifest: dict[str, Any], version: str | None, commit: str) -> Decision:
    """The decision: by whom, when, of which model and which report."""
    note = options.note.strip()
    conditional = options.decision == "conditions"
    return Decision(
        decision=options.decision,
        by=" ".join(options.by.split()),
        when=datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        note="" if conditional else note,
        conditions=note if conditional else "",
        model=manifest["version"],
        version=version,
        commit=commit,
        report_sha256=sha256(REPORT),
    )


def reproduce() -> None:
    """`dvc repro`, in a group of its own: when this is stopped its stages end too, and write nothing afterwards."""
    process = subprocess.Popen(["dvc", "repro"], start_new_session=True)
    try:
        code = process.wait()
    except KeyboardInterrupt:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()
        raise
    if code:
        raise ApproveError("`dvc repro` failed, see above.")


def tag(version: str, said: str) -> None:
    """Tag the commit as the model's version and as what is in production."""
    call("gto", "register", "model", "HEAD", "--version", version, "--message", said)
    stage = ["--stage", "production", "--simple", "false"]
    call("gto", "assign", "model", "--version", version, *stage, "--message", said)


def undo(head: str) -> None:
    """Back to the commit before (nothing else was changed since): a failed decision leaves nothing behind."""
    for name in call("git", "tag", "--points-at", "HEAD").split():
        if call("git", "rev-parse", "HEAD").strip() != head and name.startswith("model"):
            call("git", "tag", "--delete", name)
    subprocess.run(["git", "reset", "--quiet", head], check=False)
    subprocess.run(["git", "restore", "."], check=False)
    for path in (RECORD, *(FOLDER / name for name in KEPT)):
        if not call("git", "ls-files", str(path)).strip():
            path.unlink(missing_ok=True)
    subprocess.run(["dvc", "checkout", "--quiet"], check=False)


def decide(options: argparse.Namespace) -> str:
    """Carry out the decision; the sentence that says what was done. Raises ApproveError and leaves all as it was."""
    clear_leftovers()
    check_clean()
    manifest = check_candidate()
    approved = options.decision != "reject"
    version = (options.version or next_version(call("git", "tag", "--list", "model@v*").split())) if approved else None
    if version and call("git", "tag", "--list", f"model@{version}").strip():
        raise ApproveError(f"the version {version} exists already. Leave VERSION out, or give a new one.")
    head = call("git", "rev-parse", "HEAD").strip()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a stop is a stop, by the keyboard or by kill
    signed = record(options, manifest, version, head)  # of the report as it was read, before anything runs again
    try:
        write_bytes(RECORD, signed.text().encode())
        if approved:
            crown(manifest)
            reproduce()
        call("git", "add", "--update")
        call("git", "add", str(RECORD), *([str(FOLDER)] if approved else []))
        said = f"{options.decision.capitalize()} model {manifest['version']}{f' as {version}' if version else ''}"
        call("git", "commit", "--message", f"{said}\n\nBy {signed.by}. {signed.note}{signed.conditions}".rstrip())
        if version:
            tag(version, said)
    except (ApproveError, OSError, KeyboardInterrupt) as error:
        undo(head)
        why = "it was stopped" if isinstance(error, KeyboardInterrupt) else str(error)
        raise ApproveError(f"the decision was not recorded, nothing is changed: {why}") from None
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
    if given.version and not VERSION.fullmatch(given.version):
        options.error(f"VERSION must look like v1.2.3, not '{given.version}'")
    for tool in ("git", "dvc", "gto"):
        if shutil.which(tool) is None:
            options.error(f"{tool} is not on PATH; run this through make")
    run.stage("approve", lambda: print(decide(given)))


if __name__ == "__main__":
    main()
