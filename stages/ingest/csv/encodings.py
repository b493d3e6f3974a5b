"""Which encoding a file's text is in: one pass over its bytes, so that no byte near the end comes as a surprise."""

from __future__ import annotations

import codecs
import itertools
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from stages.core.errors import SourceError, did_you_mean

AUTO = "auto"
MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
LONGEST_LINE = 1 << 26
ODD_BYTES = 1 << 16
"""Bytes of lines that are not ASCII, kept to find their encoding by."""
STRAY = "strays-as-cp1252"
CANDIDATES = [f"cp{number}" for number in (1250, 1251, 1253, 1254, 1255, 1256, 1257, 932, 949)]
CANDIDATES += ["koi8_r", "gb18030", "big5", "euc_jp"]
"""What text that is neither UTF-8 nor of Western Europe may be in."""
CONTROLS = bytes({*range(1, 32), 127} - {7, 8, 9, 10, 11, 12, 13, 27, 28, 29, 30, 31})
SEQUENCE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
SQUEEZED = re.compile(r"[^\W\d_][¹³¿£¯¥¼¾¬ªº¦§¨´¸][^\W\d_]|[¿£¯¥¼][^\W\d_]*[¹³¿¼]|\b[¯¦][^\W\d_]")
"""Signs inside words: letters of cp1250 read as cp1252."""
SIGNS = "¢¤¦¨©¬®¯°±²³´¶¸¹º¼½¾¥§"
JUMBLED = re.compile(rf"[{SIGNS}][{SIGNS}À-ÿ]|[À-ÿ][{SIGNS}]|[¤¦¨¬¯±¶¸][A-Za-z]")
"""Signs beside letters and each other: characters of two bytes read as cp1252."""


class Encoding(NamedTuple):
    """A codec's name, how it treats bytes that are none of its, and what is doubtful about it."""

    name: str
    errors: str = "strict"
    doubt: str = ""


def find_encoding(name: str, blocks: Iterable[bytes], encoding: str = AUTO, whole: bool = True) -> Encoding:
    """The encoding of a file that comes in blocks: by its mark, as told, or found. `whole`: the file does not go on.

    Raises SourceError for bytes that are no text, or none of the encoding that was told, and for unknown encodings.
    """
    rest = iter(blocks)
    head = next(rest, b"")
    blocks = itertools.chain([head], rest)
    mark = next((kind for mark, kind in MARKS.items() if head.startswith(mark)), None)
    told = mark or (_known(encoding) if encoding != AUTO else _wide(head))
    if told:
        _check(name, blocks, told, whole)
        return Encoding(told)
    return _from_content(name, blocks, whole)


def replace_stray(error: UnicodeError) -> tuple[str, int]:
    """A byte that is no UTF-8 as what it most likely is, for `codecs.register_error`."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.start + 1].decode("cp1252", "replace"), error.start + 1


codecs.register_error(STRAY, replace_stray)


def _known(encoding: str) -> str:
    try:
        b"a,b\n".decode(encoding, "replace")
    except (LookupError, ValueError):  # no codec, or one of something else than text
        pass
    else:
        return encoding
    near = did_you_mean(encoding, ["utf-8", "utf-16", "cp1252", "latin-1", "cp1250", "cp1251"])
    raise SourceError(f"ingest.encoding: Python knows no encoding '{encoding}'.{near} Or write auto to have it found.")


def _wide(head: bytes) -> str:
    """UTF-16 without a mark: every other byte of ASCII text in it is zero."""
    sample = head[: len(head) & ~1][:4096]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if max(even, odd) * 8 < len(sample) or min(even, odd) * 10 > max(even, odd) or len(sample) < 4:
        return ""
    return "utf-16-le" if odd > even else "utf-16-be"


def _check(name: str, blocks: Iterable[bytes], encoding: str, whole: bool) -> None:
    """Raise SourceError, with the line, unless all of it can be decoded and is text."""
    decoder = codecs.getincrementaldecoder(encoding)()
    lines, run = 1, 0
    for block in _ended(blocks, whole):
        try:
            text = decoder.decode(block or b"", final=block is None)
        except UnicodeDecodeError as error:
            line = lines + error.object[: error.start].decode(encoding, "ignore").count("\n")
            raise SourceError(
                f"{name}, line {line}: byte 0x{error.object[error.start]:02x} is not {encoding}. "
                "Set ingest.encoding to auto or to the right one (cp1252 is common), or save the file as UTF-8."
            ) from None
        if "\0" in text:
            raise _no_text(name, lines + text[: text.index("\0")].count("\n"))
        lines += text.count("\n")
        run = _longest(name, run, text, lines, ("\n", "\r"))


def _ended(blocks: Iterable[bytes], whole: bool) -> Iterator[bytes | None]:
    """The blocks, and None once nothing follows."""
    yield from blocks
    if whole:
        yield None


def _no_text(name: str, line: int) -> SourceError:
    return SourceError(f"{name}, line {line}: a NUL character, so this is no CSV text. Fetch the file again.")


def _longest(name: str, run: int, block: str | bytes, line: int, ends: tuple[str, str] | tuple[bytes, bytes]) -> int:
    """How long the line at the block's end is so far; longer than any table's is an error."""
    end = max(block.rfind(ends[0]), block.rfind(ends[1]))  # type: ignore[arg-type]
    run = run + len(block) if end < 0 else len(block) - end - 1
    if run > LONGEST_LINE:
        raise SourceError(f"{name}, line {line}: more than {LONGEST_LINE:,} characters, so this is no table.")
    return run


def _from_content(name: str, blocks: Iterable[bytes], whole: bool) -> Encoding:
    lines, run, odd = 1, 0, bytearray()
    utf8 = _Utf8()
    for block in blocks:
        if b"\0" in block:
            raise _no_text(name, lines + block[: block.index(0)].count(b"\n"))
        lines += block.count(b"\n")
        run = _longest(name, run, block, lines, (b"\n", b"\r"))
        utf8.add(block)
        if len(odd) < ODD_BYTES and not block.isascii():
            odd += b"\n".join(line[:2000] for line in block.split(b"\n") if not line.isascii()) + b"\n"
    if whole:
        utf8.add(b"", final=True)
    if utf8.valid:
        return Encoding("utf-8")
    if (len(odd) - len(odd.translate(None, CONTROLS))) * 50 > len(odd):
        raise SourceError(f"{name} is no text, so no CSV. Fetch the file again.")
    return _eight_bit(bytes(odd))


class _Utf8:
    """Whether bytes that come in blocks are UTF-8 so far; ASCII is not decoded to know."""

    def __init__(self) -> None:
        self.valid = True
        self._decoder = codecs.getincrementaldecoder("utf-8")()

    def add(self, block: bytes, final: bool = False) -> None:
        pending = self._decoder.getstate()[0]
        if not self.valid or (block.isascii() and not pending):
            return
        try:
            self._decoder.decode(block, final)
        except UnicodeDecodeError:
            self.valid = False


def _eight_bit(odd: bytes) -> Encoding:
    """The encoding of lines that are not UTF-8."""
    sequences = len(SEQUENCE.findall(odd))
    strays = len(re.findall(rb"[\x80-\xff]", SEQUENCE.sub(b"", odd)))
    if sequences >= 5 * max(strays, 1):
        return Encoding("utf-8", STRAY, "some bytes are not UTF-8 and are read as cp1252")
    try:
        text = odd.decode("cp1252")
    except UnicodeDecodeError:
        text = ""
    if text and is_western(text):
        return Encoding("cp1252", "replace")
    import charset_normalizer  # few files need it

    best = charset_normalizer.from_bytes(odd, cp_isolation=list(CANDIDATES)).best()
    if best is None:
        name = "cp1252" if text else "latin-1"
        return Encoding(name, "replace", f"the text is not UTF-8, and which encoding it is in is not clear: {name}?")
    return Encoding(best.encoding, "replace", f"the text is not UTF-8; it reads best as {best.encoding}")


def is_western(text: str) -> bool:
    """Whether text read as cp1252 looks like a language that is written in it."""
    odd = [character for character in text if ord(character) > 127]
    letters = {character.lower() for character in odd if character.isalpha()}
    if len(JUMBLED.findall(text)) * 10 > len(odd):
        return False
    in_runs = sum(len(run) for run in re.findall(r"[À-ÿŠŽŸŒœšžª-º]{3,}", text))
    if in_runs * 5 > len(odd) or len(SQUEEZED.findall(text)) * 20 > len(odd):
        return False
    czech = {"ø", "ì"} <= letters or ({"ø", "è"} <= letters and "æ" not in letters)
    turkish = bool(letters & {"ð", "þ", "ý"}) and bool(letters & {"ç", "ü"}) and "æ" not in letters
    hungarian = bool(letters & {"õ", "û"}) and bool(letters & {"ö", "ü"}) and not letters & {"ä", "ã", "è", "ê", "ç"}
    return not (czech or turkish or hungarian)
