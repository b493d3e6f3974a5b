"""What is inside a file: gzip, zip, zstandard, bzip2 and xz are unpacked as a stream, told by their first bytes."""

from __future__ import annotations

import bz2
import errno
import gzip
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any, cast

from stages.core.errors import SourceError
from stages.ingest.bounds import Bounded, Bounds

BLOCK = 1 << 20
DAMAGED = (EOFError, gzip.BadGzipFile, zlib.error, lzma.LZMAError, zipfile.BadZipFile, struct.error)
WANTED = ({".csv", ".tsv", ".tab", ".psv"}, {".data", ".dat", ".txt", ".test", ".train"})
"""How the name of a table inside a zip ends; the first kind that any file has is looked at."""
WORKBOOKS = {"xl/": "an Excel workbook", "content.xml": "an OpenDocument sheet", "word/": "a Word document"}
FOREIGN = {
    b"%PDF-": "a PDF document",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "an old Excel workbook (.xls)",
    b"PAR1": "a Parquet file",
    b"ARROW1": "an Arrow file",
    b"SQLite format 3\0": "an SQLite database",
    b"\x89HDF": "an HDF5 file",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"Rar!": "a RAR archive",
    b"\x7fELF": "a program",
    b"\x80\x04\x95": "a Python pickle",
    b"\x80\x05\x95": "a Python pickle",
    b"RDX": "an R workspace",
}
"""The first bytes of what people give the name .csv and is none."""


@contextmanager
def unpack(path: Path, bounds: Bounds) -> Iterator[IO[bytes]]:
    """The bytes of the table in the file, as a stream from its start.

    Raises SourceError when the file cannot be read, is empty, cut short, damaged or no table's, is a zip of several
    tables, or holds more than the bounds allow. An OSError that may pass (such as EIO) is left as it is.
    """
    try:
        with path.open("rb") as file:
            head = file.read(16)
    except (PermissionError, FileNotFoundError, IsADirectoryError) as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}. Check its permissions or links.") from None
    if not head:
        raise SourceError(f"{path.name} is empty: 0 bytes. Fetch it again, or leave it out.")
    try:
        with _stream(path, head) as stream:
            yield cast(IO[bytes], Bounded(stream, path.name, bounds))
    except DAMAGED as error:
        raise _damaged(path, error) from None
    except OSError as error:
        if error.errno in (None, errno.EINVAL):  # of a decompressor, or where it was sent by the damage
            raise _damaged(path, error) from None
        raise


def check_kind(name: str, head: bytes) -> None:
    """Raise SourceError when the (unpacked) first bytes are those of something else than text."""
    for magic, what in FOREIGN.items():
        if head.startswith(magic) and (b"\0" in head or magic == b"%PDF-"):
            raise SourceError(f"{name} is {what}, whatever its name says. Save the table as CSV.")
    if head[257:262] == b"ustar":
        raise SourceError(f"{name} is a tar archive. Unpack it and give the CSV file in it.")
    if _packing(head):
        raise SourceError(f"{name} is packed twice. Unpack it once.")


def _damaged(path: Path, error: Exception) -> SourceError:
    said = str(error).rstrip(".") or type(error).__name__
    return SourceError(f"{path.name} is truncated or damaged: {said}. Fetch it again.")


def _packing(head: bytes) -> str:
    magics = {b"\x1f\x8b": "gzip", b"PK\x03\x04": "zip", b"PK\x05\x06": "zip", b"\x28\xb5\x2f\xfd": "zstd"}
    magics |= {b"BZh": "bz2", b"\xfd7zXZ\0": "xz"}
    return next((kind for magic, kind in magics.items() if head.startswith(magic)), "")


@contextmanager
def _stream(path: Path, head: bytes) -> Iterator[IO[bytes]]:
    kind = _packing(head)
    if kind == "zip":
        with _zip(path) as archive, _member(path.name, archive) as member:
            yield member
    elif kind == "zstd":
        import pyarrow as pa  # few files need it

        with pa.OSFile(str(path)) as file, pa.CompressedInputStream(file, "zstd") as unzipped:
            yield unzipped
    else:
        openers: dict[str, Any] = {"gzip": gzip.open, "bz2": bz2.open, "xz": lzma.open}
        with openers[kind](path, "rb") if kind else path.open("rb") as file:
            yield file


def _zip(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except (NotImplementedError, ValueError) as error:
        raise _damaged(path, error) from None


def _member(name: str, archive: zipfile.ZipFile) -> IO[bytes]:
    """The one table of a zip. Raises SourceError when there is none or several."""
    inside = [entry for entry in archive.infolist() if not entry.is_dir() and not _hidden(entry.filename)]
    names = [entry.filename for entry in inside]
    for part, what in WORKBOOKS.items():
        if any(found.startswith(part) for found in names):
            raise SourceError(f"{name} is {what}, whatever its name says. Save the table as CSV.")
    tables = inside
    for endings in WANTED:
        wanted = [entry for entry in inside if PurePosixPath(entry.filename).suffix.lower() in endings]
        if wanted:
            tables = wanted
            break
    if len(tables) != 1:
        said = f"holds several tables: {', '.join(entry.filename for entry in tables[:10])}" if tables else "is empty"
        raise SourceError(f"{name} {said}. Unpack it and give the one that is meant.")
    if tables[0].flag_bits & 1:
        raise SourceError(f"{name} is encrypted. Unpack it with its password.")
    try:
        return archive.open(tables[0])
    except (NotImplementedError, ValueError, RuntimeError) as error:
        raise SourceError(f"{name} cannot be unpacked: {error}. Unpack it by hand.") from None


def _hidden(name: str) -> bool:
    """What macOS and others leave in archives beside the files that were meant."""
    return name.startswith("__MACOSX/") or PurePosixPath(name).name.startswith(".")
