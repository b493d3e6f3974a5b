"""What a column is, judged by its distinct texts: type and format, with the reason a careful analyst would give."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from stages.clean.columns import infer_codes, infer_missing, periods
from stages.clean.columns.infer_codes import split_words
from stages.clean.columns.infer_datetime import CLOCK, infer_moments, list_kinds
from stages.clean.columns.infer_numbers import MARKED, MONEY, find_units, infer_numerals
from stages.clean.columns.infer_ordinal import MOST, infer_order
from stages.clean.columns.labels import describe_groups, find_variants, strip_spelling, write_form
from stages.clean.columns.parsing import BETWEEN_LEVELS, is_absent, read_cells, to_arrow

YES_NO = [
    ({"yes", "y"}, {"no", "n"}), ({"true", "t"}, {"false", "f"}), ({"on"}, {"off"}),
    ({"ja", "j"}, {"nein", "n", "nee"}),
    ({"oui", "o"}, {"non", "n"}), ({"si", "sí", "s", "sì"}, {"no", "n"}), ({"sim", "s"}, {"não", "nao", "n"}),
    ({"vrai"}, {"faux"}), ({"wahr"}, {"falsch"}), ({"verdadero"}, {"falso"}), ({"да"}, {"нет"}), ({"tak"}, {"nie"}),
]  # fmt: skip
"""Spellings of true and of false, in lower case."""
HIGH_CARDINALITY = "high cardinality"
SHOWN = 3
PLAIN = 10_000
"""Numbers below it are shown without commas: they may be years."""
MANY, FEW = 1000, 10
"""Distinct texts above which a category has high cardinality, and up to which they are told one by one."""
GLANCE, HALF = 25, 0.5
"""Texts of each column that are looked at before all are, and how many of them must look like numbers or dates."""


@dataclass(frozen=True)
class Finding:
    """What was found of a column.

    `missing` and `stray` count texts: those proposed as spellings of a missing value, and the few that are no value
    of the type. `doubt` says what a careful analyst would look at twice; it is empty where nothing is doubtful.
    `otherwise` is another spec that fits as well: day and month in the other order, or numbers.
    """

    kind: str
    format: str = ""
    levels: list[str] = field(default_factory=list)
    missing: dict[str, int] = field(default_factory=dict)
    stray: dict[str, int] = field(default_factory=dict)
    reason: str = ""
    doubt: str = ""
    otherwise: str = ""

    @property
    def spec(self) -> str:
        """Type and format as `clean.types` of params.yaml takes them."""
        return f"{self.kind} {self.format}".strip()


def infer_column(name: str, counts: pd.Series[int], missing: Collection[str]) -> Finding:
    """What the column is: `counts` gives each distinct stripped text's number of rows.

    `missing` are the spellings of a missing value that are known already.
    """
    counts = counts[~counts.index.isin(["", *missing])]
    cells, rows = to_arrow(counts.index), counts.to_numpy().astype(np.int64)
    certainly, maybe = (
        infer_missing.find_words(cells, known) for known in (infer_missing.WORDS, infer_missing.PERHAPS)
    )
    codes, unsure = infer_missing.find_codes(split_words(name), cells, certainly)
    certainly &= ~codes
    certain, perhaps = _texts(cells, rows, certainly), _texts(cells, rows, maybe)
    if certainly.all():
        return Finding("category", missing=certain, reason="no value in any row" + _proposed(certain))
    values, kept = ~certainly & ~maybe & ~codes, ~certainly
    made = infer_quantity(name, cells.filter(pa.array(values)), rows[values]) if values.any() else None
    if made is None and (stand_ins := infer_missing.find_stand_ins(cells) & values).any():
        rest = values & ~stand_ins
        made = infer_quantity(name, cells.filter(pa.array(rest)), rows[rest])
        if made is not None and made.kind != "category":
            own = _texts(cells, rows, stand_ins)
            doubt = f"{_listed(own)} among {made.kind}s: taken for missing"
            made = replace(made, missing={**made.missing, **own}, doubt=_joined([made.doubt, doubt]))
        else:
            made = None
    if made is not None and made.kind != "category":
        gone = {**_texts(cells, rows, certainly | codes), **perhaps, **made.missing}
        return replace(made, missing=gone, reason=made.reason + _proposed(gone) + _strays(made.stray))
    left = pd.Series(rows[kept], index=pd.Index(cells.filter(pa.array(kept)).to_pylist(), dtype="str"))
    made = made or _boolean(left) or _ordinal(name, left) or _text(name, left)
    doubts = [made.doubt]
    if made.kind == "category" and codes.any():
        form = write_form({text: [] for text in _texts(cells, rows, codes)})
        made = replace(made, format=form, reason=f"{made.reason}; a value: {_listed(_texts(cells, rows, codes))}")
    if made.kind == "category":
        share = rows / rows.sum()
        doubts += [_perhaps(perhaps)]
        doubts += [_kept(name, text, share[cells.index(text).as_py()]) for text in _texts(cells, rows, codes)]
        doubts += [
            f"'{text}' is taken for missing, but may be one of the codes: then set {_type(name, text)}"
            for text in unsure
        ]
    return replace(made, missing=certain, reason=made.reason + _proposed(certain), doubt=_joined(doubts))


def infer_quantity(name: str, cells: pa.Array, rows: npt.NDArray[np.int64]) -> Finding | None:
    """The finding of texts that are numbers, dates or times, or codes of digits; None for any others."""
    often = np.argpartition(-rows, GLANCE - 1)[:GLANCE] if len(rows) > GLANCE else np.arange(len(rows))
    places = np.union1d(often, np.linspace(0, len(rows) - 1, min(GLANCE, len(rows))).astype(np.int64))
    looked = cells.take(pa.array(places)).to_pylist()
    likely = np.array([bool(MARKED.fullmatch(text)) or any(list_kinds(text)) for text in looked])
    if likely.mean() < HALF and rows[places][likely].sum() < HALF * rows[places].sum():
        return None
    return _number(name, cells, rows) or _moment(name, cells, rows)


def _number(name: str, cells: pa.Array, rows: npt.NDArray[np.int64]) -> Finding | None:
    figures = infer_numerals(cells, rows)
    if figures is None:
        return None
    known = ~np.isnan(figures.values)
    values, counts = figures.values[known], rows[known]
    texts = cells.filter(pa.array(known))
    stray = _texts(cells, rows, ~known)
    total = int(rows.sum())
    if special := infer_codes.infer_special(name, figures, texts, counts):
        if special.outside is None:
            return Finding(special.kind, special.form, reason=special.reason, doubt=special.doubt)
        outside = _texts(texts, counts, special.outside)
        plain = "integer" if figures.whole else "number"
        return Finding(special.kind, special.form, [], outside, stray, special.reason, special.doubt, plain)
    code = infer_missing.find_number(values, counts)
    rest = values[values != code] if code is not None else values
    kind = "integer" if figures.whole else "number"
    what = "whole numbers" if figures.whole else "numbers"
    shown = f" written like {figures.form}" if figures.form else ""
    reason = f"{_all(total, stray)} {what}{shown}, {_said(rest.min())} to {_said(rest.max())}"
    doubts = [figures.doubt, infer_codes.find_doubt(split_words(name), figures.whole, rest, values, counts)]
    if set(np.unique(values)) == {0.0, 1.0}:
        reason += " (a flag)"
    missing = {}
    if code is not None:
        missing = _texts(texts, counts, values == code)
        doubts.append(f"{_said(code)} ({sum(missing.values()):,} rows) is far from all others: taken for missing")
    if sum(stray.values()) > 0.01 * total:
        doubts.append(f"{sum(stray.values()):,} of {total:,} values are no numbers")
    return Finding(kind, figures.form, [], missing, stray, reason, _joined(doubts))


def _moment(name: str, cells: pa.Array, rows: npt.NDArray[np.int64]) -> Finding | None:
    made = infer_moments(split_words(name), cells, rows)
    if made is None:
        return None
    fits = ~is_absent(made.values)
    stray, total = _texts(cells, rows, ~fits), int(rows.sum())
    what = "dates" if made.kind == "date" else "times"
    shown = f" written like {made.form}" if made.form else ""
    if made.form in periods.SAID:
        what, shown = periods.SAID[made.form], ""
    first, last = (str(value.astype("datetime64[D]")) for value in (made.values[fits].min(), made.values[fits].max()))
    doubts = [made.doubt]
    if first < "1900" or last > "2100":
        doubts.append(f"{first} to {last}: is one of them a sign for a missing date?")
    if sum(stray.values()) > 0.01 * total:
        doubts.append(f"{sum(stray.values()):,} of {total:,} values are no {what} of this form")
    reason = f"{_all(total, stray)} {what}{shown}, {first} to {last}"
    return Finding(made.kind, made.form, stray=stray, reason=reason, doubt=_joined(doubts), otherwise=made.otherwise)


def _boolean(counts: pd.Series[int]) -> Finding | None:
    if not 2 <= len(counts) <= 8:
        return None
    lower = {strip_spelling(text) for text in counts.index.tolist()}
    for yes, no in YES_NO:
        true, false = lower & (yes | {"1"}), lower & (no | {"0"})
        if true | false == lower and true & yes and false & no and not true & false:
            form = f"{','.join(sorted(true))}/{','.join(sorted(false))}"
            reason = (
                f"all {int(counts.sum()):,} values say {' or '.join(sorted(true))}, or {' or '.join(sorted(false))}"
            )
            if several := find_variants(zip(counts.index.tolist(), counts.tolist(), strict=True)):
                reason = f"{describe_groups(several)}; {reason}"
            return Finding("boolean", form, reason=reason)
    return None


def _ordinal(name: str, counts: pd.Series[int]) -> Finding | None:
    order = infer_order(name, counts.index.tolist()) if len(counts) <= MOST else None
    if order is None:
        return None
    form = BETWEEN_LEVELS.join(order.levels)
    reason = f"all {int(counts.sum()):,} values are {order.said}: {form}"
    return Finding("ordinal", form, order.levels, reason=reason)


def _text(name: str, counts: pd.Series[int]) -> Finding:
    """Free text or a category, with what makes that doubtful."""
    distinct, total = len(counts), int(counts.sum())
    reason = f"{distinct:,} distinct texts in {total:,} values"
    some = counts.index.take(np.unique(np.linspace(0, distinct - 1, min(distinct, 1000)).astype(int))).tolist()
    spaces = sum(text.count(" ") for text in some) / len(some)
    if distinct >= 20 and distinct > 0.5 * (total - counts.max()) and spaces >= 2:
        return Finding("text", reason=f"{reason}, of {spaces + 1:.0f} words on average")
    return Finding("category", reason=reason, doubt=_doubt_of_text(name, counts, some))


def _doubt_of_text(name: str, counts: pd.Series[int], some: list[str]) -> str:
    distinct, total = len(counts), int(counts.sum())
    behind = find_units(some)
    bare_numbers = np.count_nonzero(~is_absent(read_cells(to_arrow(some), "number")))
    if distinct > FEW and len(behind) > 1 and sum(behind.values()) + bare_numbers > 0.9 * len(some):
        most = ", ".join(f"'{unit}'" for unit, _ in behind.most_common(SHOWN))
        unit, other = list(behind)[:2]
        how = f"if 1 {other} is 12 {unit}, say, set clean.types.{name} to number 1234.5 {unit}, {other}=12"
        return f"numbers with several units ({most}), kept as texts: {'make them one' if {*behind} & MONEY else how}"
    if all(CLOCK.fullmatch(text) for text in some):
        return "times of day, for which there is no type: give minutes or hours as a number"
    figures = pd.Series(read_cells(to_arrow(counts.index), "number"), index=counts.index).notna()
    share = int(counts[figures.to_numpy()].sum()) / total
    if share > 0.5:
        wrong = ", ".join(
            f"'{text}'" for text in counts[~figures.to_numpy()].sort_values(ascending=False).index[:SHOWN]
        )
        return f"{share:.0%} of the values are numbers, others such as {wrong} are not"
    if distinct > MANY or (distinct > 0.5 * total and total >= 20):
        return f"{HIGH_CARDINALITY}: {total / distinct:.1f} rows for each of {distinct:,} texts"
    return ""


def _all(total: int, stray: dict[str, int]) -> str:
    wrong = sum(stray.values())
    return f"all but {wrong:,} of {total:,} values are" if wrong else f"all {total:,} values are"


def _joined(doubts: list[str]) -> str:
    return "; ".join(doubt for doubt in doubts if doubt)


def _said(value: float) -> str:
    return f"{value:.10g}" if abs(value) < PLAIN else f"{value:,.10g}"


def _texts(cells: pa.Array, rows: npt.NDArray[np.int64], where: npt.NDArray[np.bool_]) -> dict[str, int]:
    picked = zip(cells.filter(pa.array(where)).to_pylist(), rows[where], strict=True)
    return {text: int(count) for text, count in sorted(picked, key=lambda pair: (-pair[1], pair[0]))}


def _listed(texts: dict[str, int]) -> str:
    shown = ", ".join(f"'{text}' ({count:,})" for text, count in list(texts.items())[:SHOWN])
    return shown + (f" and {len(texts) - SHOWN:,} more" if len(texts) > SHOWN else "")


def _proposed(texts: dict[str, int]) -> str:
    return f"; missing seems to be spelled {_listed(texts)}" if texts else ""


def _strays(texts: dict[str, int]) -> str:
    return f"; the others are {_listed(texts)}" if texts else ""


def _perhaps(texts: dict[str, int]) -> str:
    """Nothing of "other", which is a category more often than not."""
    said = {text: count for text, count in texts.items() if text.lower() != "other"}
    return f"{_listed(said)} may mean missing, or be a category" if said else ""


def _kept(name: str, text: str, share: float) -> str:
    return (
        f"'{text}' ({share:.0%} of the rows) is kept as a value, as the others are codes of its kind; if it means "
        f"missing, set clean.types.{name} to category and list it in clean.missing_in"
    )


def _type(name: str, text: str) -> str:
    return f"clean.types.{name} to category {text}"
