"""How large sources, of which git has the pointers alone, come to a clone: from a cache, a place, or the remote."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from stages.core.errors import PipelineError
from stages.storage.address import find_url
from stages.storage.check import list_items, matches
from stages.storage.outputs import (
    FOLDER,
    Output,
    digest,
    digest_folder,
    find_absent,
    find_cache,
    list_outputs,
    list_sources,
    place,
)

if TYPE_CHECKING:
    from stages.storage.remote import Remote

ASK = "Ask whoever has it for `make push`"


def pull_missing() -> None:
    """Put what is neither here nor in the cache in its place, as far as the remote has it whole.

    What it has not, stages make. Raises PipelineError where that is a source, which none can make.
    """
    outputs = list_outputs()
    if all(one.path.exists() for one in outputs):
        return
    cache = find_cache()
    absent = find_absent(outputs, cache)
    sources = [one for one in absent if one.is_source]
    if cached := [str(one.path) for one in outputs if one.is_source and not one.path.exists() and one not in absent]:
        subprocess.run(["dvc", "checkout", "--quiet", *cached], check=False)  # `dvc repro` does it for outputs alone
    if not absent:
        return
    if not find_url():
        if sources:
            raise PipelineError(
                f"{_describe(sources)}, and no remote is set to pull it from. {ASK} (after `make remote URL=…`), or "
                f"for the file itself: it belongs at {sources[0].path}."
            )
        return
    try:
        remote = _open_remote()
        remote.check()
        _check_sources(sources, remote)
    except PipelineError as error:
        if sources:
            raise PipelineError(f"{_describe(sources)}. {error}") from None
        print(f"{error} What it may have is made here instead.", file=sys.stderr)
        return
    _pull(absent)
    if lost := [one for one in sources if not one.path.exists()]:
        raise PipelineError(f"{_describe(lost)}: {find_url()} did not give it whole. {ASK}.")


def _pull(outputs: list[Output]) -> None:
    """Fetch them and put in place what came: `dvc pull` does nothing of the sort where one of them is not to be had."""
    paths = [str(one.path) for one in outputs]
    print(f"Pulling from {find_url()} what is missing here.", file=sys.stderr)
    quiet = None if sys.stderr.isatty() else subprocess.DEVNULL  # its bars are wanted, its complaints are told below
    subprocess.run(["dvc", "fetch", *paths], check=False, stdout=subprocess.DEVNULL, stderr=quiet)
    cache = find_cache()
    for item in list_items(outputs, cache):  # DVC looks at what it fetched only where `verify` is set
        there = cache / place(item.md5)
        if there.exists() and not matches(there, item.md5):
            there.unlink()
    subprocess.run(["dvc", "checkout", "--quiet", *paths], check=False, stderr=subprocess.DEVNULL)
    if made := [one for one in outputs if not one.is_source and not _is_whole(one)]:
        more = f" and {len(made) - 1} more" if len(made) > 1 else ""
        print(f"The remote does not have {made[0].path}{more} whole: made here instead.", file=sys.stderr)


def _is_whole(output: Output) -> bool:
    """Whether it was put in its place: of a folder, with all its files."""
    if not output.md5.endswith(FOLDER):
        return output.path.exists()
    return output.path.is_dir() and digest_folder(output.path) == output.md5


def bring(project: Path) -> None:
    """Put the sources of a clone of this project in their places, from here, else from the remote.

    Raises PipelineError where one is not to be had.
    """
    cache = find_cache()
    for source in list_sources(project):
        whole = _find_whole(source, cache)
        if whole:
            shutil.copyfile(whole, project / source.path)
            continue
        if find_url():
            remote = _open_remote()
            remote.check()
            remote.fetch(source.md5, project / source.path)
        if not matches(project / source.path, source.md5):
            where = f"{find_url()} did not give it whole" if find_url() else "no remote is set to pull it from"
            raise PipelineError(f"{_describe([source])}; {where}. {ASK}.")


def _open_remote() -> Remote:
    """Return the default remote."""
    from stages.storage.remote import Remote  # all of DVC: half a second, which few runs need

    return Remote()


def _find_whole(source: Output, cache: Path) -> Path | None:
    here = [path for path in (cache / place(source.md5), source.path) if path.is_file()]
    return next((path for path in here if digest(path) == source.md5), None)


def _check_sources(sources: list[Output], remote: Remote) -> None:
    for source in sources:
        size = remote.size(source.md5)
        if size is None:
            raise PipelineError(f"{remote.url} does not have it. {ASK}.")
        if source.size and size != source.size:
            raise PipelineError(f"{remote.url} has {size:,} of its {source.size:,} bytes. {ASK}.")


def _describe(sources: list[Output]) -> str:
    more = f" and {len(sources) - 1} more" if len(sources) > 1 else ""
    verb = "are" if more else "is"
    return f"{sources[0].path} ({sources[0].size:,} bytes){more} {verb} kept by DVC, and not here"
