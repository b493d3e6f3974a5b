"""From the text of a cell to its value: one parser for each type, used wherever source spellings are read.

A column's kind is a type, or a type and a format behind a blank, as `clean.types` of params.yaml says it:
`number 1.234,5`, `boolean yes,y/no,n`, `category Yes = yes | No = no`, `ordinal low < medium < high`, `date %d/%m/%Y`.
"""

from __future__ import annotations

import functools
from collections.abc import Collection
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from stages.clean.columns import conversions, labels, periods
from stages.clean.columns.number_formats import parse_numeral, read_numbers
from stages.core.errors import did_you_mean, list_choices

Values = npt.NDArray[Any]

TYPES = ("number", "integer", "boolean", "category", "ordinal", "date", "time", "text")
DATE = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
TIME = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2})?(\.[0-9]+)?(Z|[+-][0-9]{2}:?[0-9]{2})?$"
YES_NO = "true,t,yes,y,on,1/false,f,no,n,off,0"
"""The spellings of a boolean without a format."""
BETWEEN_LEVELS = " < "
DATE_CHARACTERS = len("2013-01-31")


def split_kind(kind: str) -> tuple[str, str]:
    """The type and the format of a kind."""
    name, _, form = kind.strip().partition(" ")
    return name, form.strip()


def split_levels(form: str) -> list[str]:
    """The levels of an ordinal's format, in order."""
    return [level.strip() for level in form.split(BETWEEN_LEVELS)]


def list_named(kind: str) -> frozenset[str]:
    """The texts that a format names as values: labels with their spellings, levels."""
    name, form = split_kind(kind)
    if name == "category":
        return frozenset(text for label, others in labels.parse_spellings(form).items() for text in (label, *others))
    return frozenset(split_levels(form)) if name == "ordinal" else frozenset()


def check_kind(kind: str) -> None:
    """Raise ValueError, saying what is wrong, unless the kind is a known type with a format of that type."""
    name, form = split_kind(kind)
    if name not in TYPES:
        raise ValueError(f"no type '{name}'.{list_choices(name, TYPES)}")
    if name == "text" and form:
        raise ValueError(f"a {name} has no format, but '{form}' stands behind it.")
    if name in ("number", "integer"):
        example, others = conversions.split_units(form)
        parse_numeral(example)
        if others and name == "integer":
            raise ValueError(f"'{form}': what is converted from other units is no integer. Call it a number.")
    elif name == "boolean" and form and not all(_spellings(form)):
        raise ValueError(f"'{form}' is no format of a boolean: write true spellings / false ones, such as yes,y/no,n.")
    elif name == "category" and form:
        labels.check(form)
    elif name == "ordinal" and len(set(split_levels(form))) != max(2, len(split_levels(form))):
        raise ValueError(f"'{form}' is no order of levels: write two or more, such as low < medium < high.")
    elif name in ("date", "time") and form:
        _check_moment(name, form)


def parse_cells(texts: pd.Series[str], kind: str, missing: Collection[str]) -> tuple[Values, npt.NDArray[np.bool_]]:
    """The cells as values of the kind (missing where spelled so), and where a cell is not of the type at all.

    Numbers, and booleans as 1 and 0, are float64 with NaN, dates and times (in UTC) datetime64[s] with NaT, others
    object with None. Each distinct text is read once, so that the time goes by distinct values, not by rows. A text
    that the kind's format names is never missing.
    """
    encoded = to_arrow(texts).dictionary_encode()
    cells = pc.utf8_trim_whitespace(encoded.dictionary)
    values = read_cells(cells, kind)
    known = ~pc.is_in(cells, value_set=pa.array([*{*missing} - list_named(kind)], pa.string())).to_numpy(
        zero_copy_only=False
    )
    bad = known & is_absent(values)
    values[~known] = None if values.dtype == object else np.array("NaT" if values.dtype.kind == "M" else np.nan)
    codes = encoded.indices.to_numpy(zero_copy_only=False)
    return np.asarray(values[codes]), bad[codes]


def to_arrow(texts: Any) -> pa.Array:
    """The texts (a Series or a list) as one Arrow array."""
    found = pa.array(texts, pa.string())
    return found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found


def is_absent(values: Values) -> npt.NDArray[np.bool_]:
    """Where there is no value: NaN, NaT or None."""
    if values.dtype == object:
        return np.asarray(np.equal(values, np.array(None)), dtype=np.bool_)
    return np.isnat(values) if values.dtype.kind == "M" else np.isnan(values)


def read_cells(cells: pa.Array, kind: str) -> Values:
    """The trimmed texts as values of the kind; absent (see `is_absent`) where a text is none."""
    name, form = split_kind(kind)
    if name in ("number", "integer"):
        return read_numbers(cells, form, whole=name == "integer")
    if name == "boolean":
        return _booleans(cells, form or YES_NO)
    if name == "ordinal":
        return _levels(cells, form)
    if name in ("date", "time"):
        return _moments(cells, name, form)
    if name == "category" and form:
        return _labels(cells, form)
    return _objects(cells)


def parse_moment(text: str) -> np.datetime64:
    """The date or time, as ISO 8601 writes it. Raises ValueError for any other text."""
    value = read_cells(to_arrow([text.strip()]), "date" if len(text.strip()) == DATE_CHARACTERS else "time")[0]
    if np.isnat(value):
        raise ValueError(f"'{text}' is no date or time such as 2013-01-31 or 2013-01-31T10:00")
    return np.datetime64(value, "s")


def _objects(cells: pa.Array) -> Values:
    return np.array([*cells.to_pylist(), None], dtype=object)[:-1]


def _labels(cells: pa.Array, form: str) -> Values:
    """Each spelling of a label that the format names as that label, any other text as it is."""
    known = labels.map_labels(form)
    found = [text if text is None else known.get(labels.strip_spelling(text), text) for text in cells.to_pylist()]
    return np.array([*found, None], dtype=object)[:-1]


def _bare(cells: pa.Array) -> pa.Array:
    return pa.array([text if text is None else labels.strip_spelling(text) for text in cells.to_pylist()], pa.string())


def _spellings(form: str) -> tuple[list[str], list[str]]:
    """The bare spellings of true and those of false, none where the format is not of two parts."""
    sides = [[labels.strip_spelling(text) for text in side.split(",") if text.strip()] for side in form.split("/")]
    return (sides[0], sides[1]) if len(sides) == 2 else ([], [])


def _booleans(cells: pa.Array, form: str) -> Values:
    yes, no = (
        pc.is_in(_bare(cells), value_set=pa.array(side, pa.string())).to_numpy(zero_copy_only=False)
        for side in _spellings(form)
    )
    return np.where(yes, 1.0, np.where(no, 0.0, np.nan))


def _levels(cells: pa.Array, form: str) -> Values:
    """Each level as the format spells it, whatever its case, blanks and marks, unless these tell two levels apart."""
    order = split_levels(form)
    keys, texts = [labels.strip_spelling(level) for level in order], _bare(cells)
    if len(set(keys)) < len(keys):
        keys, texts = order, cells
    at = pc.fill_null(pc.index_in(texts, value_set=pa.array(keys, pa.string())), len(order))
    return np.asarray(np.array([*order, None], dtype=object)[at.to_numpy(zero_copy_only=False)])


def _moments(cells: pa.Array, name: str, form: str) -> Values:
    if form in periods.SAID:
        values = periods.read_periods(cells, form)
        return values.astype("datetime64[D]").astype("datetime64[s]") if name == "date" else values
    if form:
        fits = pc.string_is_ascii(cells) if form.isascii() else pc.is_valid(cells)
    else:
        fits = pc.match_substring_regex(cells, DATE if name == "date" else TIME)
    where = fits.to_numpy(zero_copy_only=False)
    values = np.full(len(cells), np.datetime64("NaT", "s"))
    if where.any():
        texts = pd.Series(pc.filter(cells, fits).to_pylist(), dtype="str")
        values[where] = _stamps(texts, form or ("%Y-%m-%d" if name == "date" else "ISO8601"))
    return values.astype("datetime64[D]").astype("datetime64[s]") if name == "date" else values


def _stamps(texts: pd.Series[str], form: str) -> Values:
    stamps = pd.to_datetime(texts, format=form, errors="coerce", utc=True)
    known = stamps.notna().to_numpy()
    values: Values = stamps.dt.tz_localize(None).to_numpy().astype("datetime64[s]")
    if form == "ISO8601" and not known.all():  # too far from today for nanoseconds, which one text among them has
        again = texts[~known].str.replace(r"(\.\d{6})\d+", r"\1", regex=True)
        values[~known] = [_stamp(text) for text in again]
    return values


def _stamp(text: str) -> np.datetime64:
    try:
        stamp = pd.Timestamp(text)
    except ValueError:
        return np.datetime64("NaT", "s")
    return np.datetime64((stamp.tz_convert(None) if stamp.tz else stamp), "s")


@functools.lru_cache
def _check_moment(name: str, form: str) -> None:
    words = tuple(periods.SAID) if name == "date" else periods.OF_TIME
    if form in words:
        return
    try:
        if "%" not in form:
            raise ValueError("it has no directive")
        pd.to_datetime(pd.Series(["?"], dtype="str"), format=form, errors="coerce", utc=True)
    except ValueError as error:
        raise ValueError(
            f"'{form}' is no strptime format such as %d.%m.%Y %H:%M ({error}), and no word of "
            f"{', '.join(words)}.{did_you_mean(form, words)}"
        ) from None
