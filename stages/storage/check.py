"""Whether what DVC keeps is what `dvc.lock` says, byte for byte: in its place, in the cache, and on the remote."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from stages.storage.outputs import FOLDER, Output, digest, digest_folder, place, read_list, write_list

if TYPE_CHECKING:
    from stages.storage.remote import Remote

UNKNOWN = -1
"""The size of an object of which a remote does not tell it."""
AT_ONCE = 8
"""Objects of a remote that are asked for at once."""
Where = Literal["workspace", "cache", "remote"]
Tell = Callable[[int], object]


class Item(NamedTuple):
    """One file that DVC keeps: the output it belongs to, its own path, and its hash."""

    output: Output
    path: Path
    md5: str


class Fault(NamedTuple):
    """An item that is missing or other than its hash says, and where."""

    item: Item
    where: Where
    what: Literal["missing", "damaged"]

    def __str__(self) -> str:
        by = f"from {self.item.output.owner}" if self.item.output.is_source else f"of stage {self.item.output.owner}"
        return f"{self.item.path} ({by}) is {self.what} in the {self.where}"


def list_items(outputs: Iterable[Output], cache: Path) -> list[Item]:
    """Return each object once: of a folder its list, and the files that the list names, where a whole list is there."""
    found: dict[str, Item] = {}
    for output in outputs:
        found.setdefault(output.md5, Item(output, output.path, output.md5))
        for name, md5 in _list_folder(output, cache):
            found.setdefault(md5, Item(output, output.path / name, md5))
    return list(found.values())


def check_workspace(outputs: Iterable[Output], cache: Path) -> list[Fault]:
    """Return what is not in its place as the lock has it: of a folder that DVC keeps, the very files."""
    outputs = list(outputs)
    with _progress("workspace", sum(one.size for one in outputs)) as tell:
        return [fault for output in outputs for fault in _check_place(output, cache, tell)]


def check_cache(items: Iterable[Item], cache: Path) -> list[Fault]:
    """Return what is missing from the cache, or damaged there."""
    items = list(items)
    sizes = {item.md5: _size(cache / place(item.md5)) for item in items}
    with _progress("cache", sum(size or 0 for size in sizes.values())) as tell:
        return [
            Fault(item, "cache", "missing" if sizes[item.md5] is None else "damaged")
            for item in items
            if sizes[item.md5] is None or not matches(cache / place(item.md5), item.md5, tell)
        ]


def check_remote(items: Iterable[Item], cache: Path, remote: Remote, whole: bool) -> list[Fault]:
    """Return what is missing from the remote, or damaged there: by its size, or by all its bytes if `whole`.

    What the cache does not have is looked at whole: its size is not known.
    """
    items = list(items)
    total = sum(_size(cache / place(item.md5)) or item.output.size for item in items) if whole else 0
    with _progress("remote", total) as tell, ThreadPoolExecutor(AT_ONCE) as pool:
        states = list(pool.map(lambda item: _ask(remote, item.md5, _size(cache / place(item.md5)), whole, tell), items))
    return [Fault(item, "remote", state) for item, state in zip(items, states, strict=True) if state]


def _ask(remote: Remote, md5: str, size: int | None, whole: bool, tell: Tell) -> Literal["missing", "damaged"] | None:
    found = remote.size(md5)
    if found is None:
        return "missing"
    if whole or size is None or found == UNKNOWN:  # a size here says nothing: it may be the cache's that is damaged
        return None if remote.digest(md5, tell) == md5.removesuffix(FOLDER) else "damaged"
    return None if found == size else "damaged"


def _check_place(output: Output, cache: Path, tell: Tell) -> Iterator[Fault]:
    item = Item(output, output.path, output.md5)
    if not output.path.exists():
        yield Fault(item, "workspace", "missing")
    elif not output.md5.endswith(FOLDER):
        if not output.path.is_file() or digest(output.path, tell) != output.md5:
            yield Fault(item, "workspace", "damaged")
    elif not output.path.is_dir() or digest_folder(output.path, tell) != output.md5:
        bad = [
            Item(output, output.path / name, md5)
            for name, md5 in _list_folder(output, cache)
            if not matches(output.path / name, md5)
        ]
        yield from (Fault(one, "workspace", "damaged" if one.path.exists() else "missing") for one in bad or [item])


def _list_folder(output: Output, cache: Path) -> list[tuple[str, str]]:
    """The files of a folder by the list in the cache, else by the folder itself; none where neither is whole."""
    if not output.md5.endswith(FOLDER):
        return []
    listed = cache / place(output.md5)
    if matches(listed, output.md5):
        return read_list(listed.read_bytes())
    if output.path.is_dir() and digest_folder(output.path) == output.md5:
        return read_list(write_list(output.path))
    return []


def matches(path: Path, md5: str, tell: Tell = lambda _: None) -> bool:
    """Return whether a file is there, with the bytes of that hash."""
    return path.is_file() and digest(path, tell) == md5.removesuffix(FOLDER)


def _size(path: Path) -> int | None:
    return path.stat().st_size if path.is_file() else None


@contextmanager
def _progress(place: Where, total: int) -> Iterator[Tell]:
    """Give what is told of the bytes that were read: a bar on a terminal, else a line when it begins."""
    from tqdm import tqdm  # a bar is wanted by few runs

    if not sys.stderr.isatty():
        print(f"Looking at the {place}{f', {total:,} bytes' if total else ''}.", file=sys.stderr)
    with tqdm(total=total, unit="B", unit_scale=True, desc=place, disable=not sys.stderr.isatty(), leave=False) as bar:
        yield bar.update
