"""`make verify-data`: read every byte that DVC keeps, and compare it with `dvc.lock` and the pointers to sources.

`dvc status` and `dvc checkout` go by dates and sizes: a bit that flipped in the cache is handed out as good. FIX=1 puts
right what it can: from the cache, the place, the remote, or the stage that makes it. Nothing is thrown away: what is
replaced lies in `.dvc/tmp/damaged/`.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from stages.core.errors import PipelineError
from stages.core.files import replacing, write_bytes
from stages.leftovers import recover
from stages.push import open_remote, send
from stages.storage.address import find_url
from stages.storage.check import Fault, Item, check_cache, check_remote, check_workspace, list_items, matches
from stages.storage.outputs import FOLDER, Output, digest, digest_folder, find_cache, list_outputs, place, write_list
from stages.storage.remote import Remote
from stages.transaction.repository import GitError, git, read_at
from stages.wording.numbers import plural
from stages.wording.vocabulary import sentence

DAMAGED = Path(".dvc/tmp/damaged")
CODE = ("stages", "dvc.yaml", "dvc.lock", "params.yaml", "packages.json")
"""Where a change that is not committed would make a stage make another thing."""


def find_faults(outputs: list[Output], cache: Path, remote: Remote | None) -> list[Fault]:
    """Return what is not as it should be in its place, in the cache and, where one is given, on the remote."""
    items = list_items((one for one in outputs if one.kept), cache)
    return [
        *check_workspace(outputs, cache),
        *check_cache(items, cache),
        *(check_remote(items, cache, remote, whole=True) if remote else []),
    ]


def find_help(fault: Fault, faults: list[Fault]) -> str:
    """Return where an item can be had from."""
    bad = {(other.where, other.item.md5) for other in faults}
    output = fault.item.output
    if not output.kept:
        return f"git may have it (git diff HEAD {output.path}), and stage {output.owner} makes it again"
    for where in ("cache", "workspace"):
        if where != fault.where and not bad & {(where, fault.item.md5), (where, output.md5)}:
            return f"the {where} has it"
    if find_url() and ("remote", fault.item.md5) not in bad:
        return f"the remote may have it{'' if output.is_source else f', and stage {output.owner} makes it again'}"
    if not output.is_source:
        return f"stage {output.owner} makes it again"
    return "nothing here has it: ask for the file, or for a remote that has it"


def fix(faults: list[Fault], cache: Path, aside: Path) -> None:
    """Put right what can be, the cache first, then each place; a stage runs again only where nothing else helps.

    aside: the folder to which goes what is replaced.
    """
    in_cache = [fault.item for fault in faults if fault.where == "cache"]
    for item in in_cache:
        _mend_cache(item, cache, aside)
    if find_url():
        _dvc("fetch", _find_lost(in_cache, cache))
    lost = _find_lost(in_cache, cache)
    for fault in faults:
        if fault.where == "workspace":
            _mend_place(fault.item, cache, aside)
    again = sorted({output.owner for output in lost if not output.is_source})
    if again and not git("status", "--porcelain", "--untracked-files=no", "--", *CODE):
        subprocess.run(["dvc", "repro", *again], check=False)


def _mend_place(item: Item, cache: Path, aside: Path) -> None:
    """Put a file or folder in its place: from the cache, or where git has it from there."""
    there = cache / place(item.md5)
    if not item.output.kept:
        with contextlib.suppress(GitError):
            content = read_at("HEAD", item.path)
            if hashlib.md5(content, usedforsecurity=False).hexdigest() == item.md5:
                _put_aside(item.path, aside)
                write_bytes(item.path, content)
        return
    _put_aside(item.path, aside)
    if item.md5.endswith(FOLDER):
        _dvc("checkout", [item.output])
    elif matches(there, item.md5):
        with replacing(item.path) as temporary:
            shutil.copyfile(there, temporary)


def _find_lost(items: Iterable[Item], cache: Path) -> list[Output]:
    return [item.output for item in items if not (cache / place(item.md5)).exists()]


def _mend_cache(item: Item, cache: Path, aside: Path) -> None:
    """Put aside what is damaged, and take it from its place if it is whole there."""
    there = cache / place(item.md5)
    if there.exists():
        _put_aside(there, aside)
    if item.path.is_dir() and digest_folder(item.path) == item.md5:
        write_bytes(there, write_list(item.path))
    elif item.path.is_file() and digest(item.path) == item.md5:
        with replacing(there) as temporary:
            shutil.copyfile(item.path, temporary)
    if there.exists():
        there.chmod(0o444)  # as DVC keeps it


def _put_aside(path: Path, folder: Path) -> None:
    """Move a file or folder to the folder, under its own path."""
    if not path.exists():
        return
    here = Path.cwd()
    target = folder / (path.absolute().relative_to(here) if path.absolute().is_relative_to(here) else path.name)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(path, target)


def _dvc(command: str, outputs: Iterable[Output]) -> None:
    """Call DVC for these outputs, without its memory of which files it has seen."""
    paths = sorted({str(one.path) for one in outputs})
    if not paths:
        return
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "DVC_SITE_CACHE_DIR": folder}
        subprocess.run(["dvc", command, "--quiet", *paths], env=environment, check=False, stderr=subprocess.DEVNULL)


def verify_data(mend: bool, with_remote: bool) -> str:
    """Return what was found in a sentence. Raises PipelineError, which names each fault and where the file is whole."""
    cache, outputs = find_cache(), list_outputs()
    remote = open_remote() if with_remote else None
    faults = find_faults(outputs, cache, remote)
    if faults and mend:
        print("\n".join(f"{fault}: {find_help(fault, faults)}." for fault in faults), file=sys.stderr)
        aside = DAMAGED / f"{datetime.datetime.now(datetime.UTC):%Y-%m-%dT%H-%M-%S.%f}"
        fix(faults, cache, aside)
        if remote:
            send(remote, list_items((one for one in outputs if one.kept), cache), whole=True)
        before, faults = faults, find_faults(outputs, cache, remote)
        if not faults:
            told = f"; what was replaced lies in {aside}/" if aside.exists() else ""
            return f"{sentence(plural(len(before), 'fault was', 'faults were'))} put right{told}."
    if faults:
        told = "\n".join(f"  {fault}: {find_help(fault, faults)}" for fault in faults)
        raise PipelineError(
            f"{plural(len(faults), 'fault', 'faults')}:\n{told}\n"
            + ("This could not be put right." if mend else "To put it right: make verify-data FIX=1")
        )
    where = f", in the cache and on {remote.url}" if remote else " and in the cache"
    return f"{len(outputs)} outputs are, byte for byte, what dvc.lock says: in their place{where}."


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="verify_data", description="Compare every byte that DVC keeps with dvc.lock.")
    parser.add_argument("--fix", action="store_true", help="put right what is wrong")
    parser.add_argument("--remote", action="store_true", help="read what lies on the remote, too")
    asked = parser.parse_args()
    try:
        recover()
        print(verify_data(asked.fix, asked.remote))
    except PipelineError as error:
        sys.exit(f"verify-data: {error}")


if __name__ == "__main__":
    main()
