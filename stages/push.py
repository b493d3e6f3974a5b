"""`make push`: send what DVC keeps to the remote, so that whoever clones has it.

`dvc push` alone takes its word for what the remote has, and sends what the cache has as it is. Here what is damaged in
the cache is not sent, and what is missing or cut off on the remote is sent again.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable

from stages.core.errors import PipelineError
from stages.leftovers import recover
from stages.storage.address import find_url
from stages.storage.check import Item, check_cache, check_remote, list_items, matches
from stages.storage.outputs import find_cache, list_outputs, place
from stages.storage.remote import Remote


def open_remote() -> Remote:
    """Return the default remote, which answers. Raises PipelineError with what to do where none is set."""
    if not find_url():
        raise PipelineError(
            "no remote is set: make remote URL=s3://bucket/folder (or ssh://, gs://, azure://, a folder)."
        )
    remote = Remote()
    remote.check()
    return remote


def send(remote: Remote, items: Iterable[Item], whole: bool = False) -> int:
    """Send what the remote lacks, and what it has damaged; return how many objects these were."""
    cache = find_cache()
    faults = check_remote(items, cache, remote, whole)
    for fault in faults:
        if fault.what == "damaged":
            print(f"{fault}: it is sent again.", file=sys.stderr)
    again = {fault.item.md5 for fault in faults if fault.what == "damaged"}
    again |= {
        fault.item.output.md5 for fault in faults
    }  # where a remote has a folder's list, DVC sends none of its files
    for md5 in again:  # only where it can be replaced: another one may be all there is
        if matches(cache / place(md5), md5) and remote.size(md5) is not None:
            remote.remove(md5)
    with tempfile.TemporaryDirectory() as folder:  # DVC's memory of what a remote had is not looked at
        done = subprocess.run(["dvc", "push", "--quiet"], env={**os.environ, "DVC_SITE_CACHE_DIR": folder}, check=False)
    if done.returncode or (left := check_remote([fault.item for fault in faults], cache, remote, whole)):
        lost = "" if done.returncode else f" It lacks {left[0].item.path}."
        raise PipelineError(f"not everything was sent to {remote.url}.{lost} What was sent stays there: try again.")
    return len(faults)


def push() -> str:
    """Check the cache, send, and return what was done in a sentence."""
    remote, cache = open_remote(), find_cache()
    items = list_items((one for one in list_outputs() if one.kept), cache)
    if faults := check_cache(items, cache):
        raise PipelineError(
            f"{'; '.join(map(str, faults[:3]))}. Nothing was sent. To put it right: make verify-data FIX=1"
        )
    sent = send(remote, items)
    return f"{remote.url} has all {len(items)} objects that dvc.lock names; {sent or 'none'} had to be sent."


def main() -> None:
    """The command."""
    try:
        recover()
        print(push())
    except PipelineError as error:
        sys.exit(f"push: {error}")


if __name__ == "__main__":
    main()
