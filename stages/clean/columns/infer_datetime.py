"""The format of dates and times, found over a whole column: which order of day and month fits every text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from stages.clean.columns import periods
from stages.clean.columns.parsing import is_absent, read_cells

LOOKED_AT, TRIED_ON = 60, 2000
"""Texts that formats are gathered from, and tried on; the best are then tried on all."""
TOLERANCE = 0.05
"""Share of rows that may be no dates in a column of dates."""
PROMISING = 0.8
CLOCK = re.compile(r"\d{1,2}(:\d{2}(:\d{2}(\.\d+)?)?(\s*[AaPp]\.?[Mm]\.?)?|\.\d{2}\.\d{2})")
"""A time of day, alone."""
DATES: list[tuple[str, tuple[str, ...]]] = [
    (r"\d{4}([-/.])\d{1,2}\1\d{1,2}(?!\d)", ("%Y{0}%m{0}%d", "%Y{0}%d{0}%m")),
    (r"\d{1,2}([-/. ])\d{1,2}\1\d{4}", ("%d{0}%m{0}%Y", "%m{0}%d{0}%Y")),
    (r"\d{1,2}([-/.])\d{1,2}\1\d{2}(?!\d)", ("%d{0}%m{0}%y", "%m{0}%d{0}%y", "%y{0}%m{0}%d")),
    (r"\d{1,2}([-/. ]?)[A-Za-z]{3}\1\d{4}", ("%d{0}%b{0}%Y",)),
    (r"\d{1,2}([-/. ]?)[A-Za-z]{3}\1\d{2}(?!\d)", ("%d{0}%b{0}%y",)),
    (r"\d{1,2}([-/. ]| of |\. )[A-Za-z]{3,9}[-/. ]\d{4}", ("%d{0}%B %Y", "%d{0}%b %Y", "%d{0}%B{0}%Y")),
    (r"[A-Za-z]{3,9}([-/. ]|\. )\d{1,2}, ?\d{4}", ("%b{0}%d, %Y", "%B{0}%d, %Y")),
    (r"[A-Za-z]{3,9}([-/. ])\d{1,2}\1\d{4}", ("%b{0}%d{0}%Y", "%B{0}%d{0}%Y")),
    (r"\d{4}([-/ ])[A-Za-z]{3,9}\1\d{1,2}(?!\d)", ("%Y{0}%b{0}%d", "%Y{0}%B{0}%d")),
    (r"[A-Za-z]{3,9}([-/ ])\d{4}", ("%b{0}%Y", "%B{0}%Y")),
    (r"[A-Za-z]{3,9}([-/ '])\d{2}(?!\d)", ("%b{0}%y",)),
    (r"\d{4}([-/])\d{2}(?!\d)", ("%Y{0}%m",)),
    (r"\d{1,2}([-/])\d{4}", ("%m{0}%Y",)),
    (r"\d{8}(?=[ T]\d)()", ("%Y%m%d",)),
    (r"\d{4}(-?)W\d{2}\1[1-7](?!\d)", ("%G{0}W%V{0}%u",)),
]
"""The shape of a date (its first group is what stands between the parts), and the formats it may have."""
WEEKDAY = re.compile(r"([A-Za-z]{3,9})(,? )(?=[A-Za-z]{3,9} \d|\d)")
WEEKDAYS = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"}
TIME = re.compile(
    r"(?P<gap>[T: ]|, | at | - )(?P<hour>\d{1,2})(?P<colon>:?)\d{2}(?P<second>(?P=colon)\d{2})?(?P<part>\.\d{1,9})?"
    r"(?P<half>\s?[AaPp][Mm])?(?P<zone>\s?(?:Z|[+-]\d{2}:?\d{2}))?(?P<named> (?:UTC|GMT))?"
)
UNUSUAL = re.compile(r"%y.%m.%d|%Y.%d.%m")
"""Formats that are taken only where no other fits."""
NAMES_OF_NO_DATE = {"version", "ver", "ip", "release", "firmware", "ratio", "score"}


@dataclass(frozen=True)
class Moments:
    """What was found: `date` or `time`, the format (none for ISO 8601), each text's value, and the doubt.

    `otherwise` is the kind with day and month in the other order, where that fits as well.
    """

    kind: str
    form: str
    values: npt.NDArray[np.datetime64]
    doubt: str = ""
    otherwise: str = ""


def infer_moments(tokens: set[str], cells: pa.Array, rows: npt.NDArray[np.int64]) -> Moments | None:
    """The kind and format of which most rows' texts are, if all but a small share are; None otherwise."""
    if tokens & NAMES_OF_NO_DATE:
        return None
    places = np.unique(np.linspace(0, len(cells) - 1, min(TRIED_ON, len(cells))).astype(int))
    some = cells.take(pa.array(places))
    sample = some.to_pylist()[:: max(1, len(some) // LOOKED_AT)]
    kinds = Counter(kind for text in sample for kind in list_kinds(text))
    tried = [kind for kind, count in kinds.most_common() if 2 * count >= len(sample)]
    right = {kind: int(rows[places][~is_absent(read_cells(some, kind))].sum()) for kind in tried}
    if not right or max(right.values()) < PROMISING * int(rows[places].sum()):
        return None
    tried = [kind for kind in tried if right[kind] >= PROMISING * max(right.values())]
    read_as = {kind: read_cells(cells, kind) for kind in tried}
    good = {kind: int(rows[~is_absent(values)].sum()) for kind, values in read_as.items()}
    if max(good.values()) < (1 - TOLERANCE) * int(rows.sum()):
        return None
    best = [kind for kind in tried if good[kind] == max(good.values())]
    if "date" in best or "time" in best:
        best = [kind for kind in best if kind in ("date", "time")]
    best = [kind for kind in best if not UNUSUAL.search(kind)] or best
    kind, other, doubt = _order({kind: read_as[kind] for kind in best}, str(cells[0]))
    name, _, form = kind.partition(" ")
    if name == "time":
        name, form = _without_clock(form, read_as[kind], some)
    return Moments(name, form, read_as[kind], doubt, other if name == kind.partition(" ")[0] else "")


def list_kinds(text: str) -> Iterator[str]:
    """Every kind, such as `date %d/%m/%Y`, that the text's shape may be of."""
    yield from (f"date {word}" for word in periods.find_period_words(text))
    day, rest = "", text
    named = WEEKDAY.match(text)
    if named and named[1][:3].lower() in WEEKDAYS:
        day, rest = ("%a" if len(named[1]) == 3 else "%A") + named[2], text[named.end() :]
    for shape, forms in DATES:
        found = re.match(shape, rest)
        if found is None:
            continue
        clock = _clock(rest[found.end() :])
        if clock is None:
            continue
        if not day and re.fullmatch(r"\d{4}-\d\d-\d\d", found[0]) and (not clock or _is_iso(rest[found.end() :])):
            yield "time" if clock else "date"
            continue
        for form in forms:
            yield f"{'time' if clock else 'date'} {day}{form.format(found[1])}{clock}"


def _clock(text: str) -> str | None:
    """The format of what stands behind a date: none, or a time; None when it is something else."""
    if not text:
        return ""
    found = TIME.fullmatch(text)
    if found is None:
        return None
    hour = "%I" if found["half"] else "%H"
    half = found["half"][:-2] + "%p" if found["half"] else ""
    zone = found["zone"][: len(found["zone"]) - len(found["zone"].lstrip())] + "%z" if found["zone"] else ""
    second = f"{found['colon']}%S" if found["second"] else ""
    part = ".%f" if found["part"] else ""
    return f"{found['gap']}{hour}{found['colon']}%M{second}{part}{half}{zone}{found['named'] or ''}"


def _is_iso(clock: str) -> bool:
    return re.fullmatch(r"[T ]\d\d:\d\d(:\d\d)?(\.\d+)?(Z|[+-]\d\d:?\d\d)?", clock) is not None


def _order(best: Mapping[str, npt.NDArray[np.datetime64]], example: str) -> tuple[str, str, str]:
    """The kind to take of those that fit equally well, and, where that is a matter of opinion, another and the doubt.

    Days come first, but months where slashes stand between them, as the United States write; unless that makes a
    table of one and the same day of the month in each month, over years, into one of a single month.
    """
    first = next(iter(best))
    if len(best) == 1:
        return first, "", ""
    usual = [kind for kind in best if (kind.find("%d") < kind.find("%m")) != ("/" in first)]
    monthly = [kind for kind, values in best.items() if _is_monthly(values)]
    chosen = (monthly or usual or [first])[0]
    other = next(kind for kind in best if kind != chosen)
    return (
        chosen,
        other,
        (
            f"the order of day and month is not certain: '{example}' fits {chosen.partition(' ')[2]} as well as "
            f"{other.partition(' ')[2]}"
        ),
    )


def _is_monthly(values: npt.NDArray[np.datetime64]) -> bool:
    """Whether the moments are of one day of the month, in several months of several years."""
    known = values[~np.isnat(values)]
    months, years = known.astype("datetime64[M]"), np.unique(known.astype("datetime64[Y]"))
    days = np.unique((known.astype("datetime64[D]") - months.astype("datetime64[D]")).astype(int))
    return len(days) == 1 and len(years) > 1 and len(np.unique(months.astype(int) % 12)) > 1


def _without_clock(form: str, values: npt.NDArray[np.datetime64], some: pa.Array) -> tuple[str, str]:
    """`date` and its format where the times are all at midnight and written in one way, else `time` and its own."""
    known = values[~is_absent(values)]
    if (known != known.astype("datetime64[D]")).any():
        return "time", form
    text = str(some[0])
    whole = form or f"%Y-%m-%d{_clock(text[len('2013-01-31') :]) or ''}"
    one_way = "%z" not in whole and (
        form or not is_absent(read_cells(some, f"date {whole}"))[~is_absent(read_cells(some, "time"))].any()
    )
    return ("date", whole) if one_way else ("time", form)
