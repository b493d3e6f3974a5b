"""What was typed into the form becomes a row of the model's inputs, or what is wrong with it, field by field."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from typing import Any

from serve.page.fields import Field
from serve.scoring.decode import MAX_EXACT, Decoder, Row
from serve.scoring.errors import ApiError

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?")
CLOCK = re.compile(r"([01]?\d|2[0-3]):?([0-5]\d)|24:?00")
LONGEST = 200
"""Characters of what was typed that are looked at and shown again."""


class Wrong(Exception):
    """Why a field cannot be read, as the end of a sentence that starts with its label."""


def typical(fields: Sequence[Field]) -> dict[str, str]:
    """The form as it is first shown."""
    return {field.key: field.text for field in fields}


def read(fields: Sequence[Field], typed: Mapping[str, str], decoder: Decoder) -> tuple[Row | None, dict[str, str]]:
    """The row, or the errors by the fields' keys. A field that was not sent is as an empty one."""
    values: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for field in fields:
        try:
            values[field.name] = value(field, typed.get(field.key, ""))
        except Wrong as wrong:
            errors[field.key] = f"{field.label} {wrong}"
    if errors:
        return None, errors
    try:
        return decoder.convert_row(values), {}
    except ApiError as refusal:
        blamed = next((field for field in fields if field.name == refusal.field), fields[0])
        return None, {blamed.key: f"{blamed.label} {refusal.reason}"}


def value(field: Field, text: str) -> Any:
    """The value of a field as a request would hold it. Raises Wrong."""
    text = text if field.kind == "text" else text.strip()
    if not text:
        if field.needed:
            raise Wrong("is needed")
        return None
    if field.kind == "choice":
        return _chosen(field, text)
    if field.kind in ("number", "integer"):
        return _number(text, field)
    if field.kind == "clock":
        return _clock(text)
    if field.kind in ("date", "time"):
        return _moment(field.kind, text)
    return text


def _chosen(field: Field, text: str) -> Any:
    if not text.isascii() or not text.isdigit() or int(text[:9]) >= len(field.options):
        raise Wrong("must be one of those in the list")
    option = field.options[int(text)]
    return option == "true" if field.shown != field.options else option


def _number(text: str, field: Field) -> float | int:
    plain = text.replace("−", "-").replace("\u00a0", "")
    if not NUMBER.fullmatch(plain) or len(plain) > LONGEST:
        hint = " (write a point for decimals, and nothing between thousands)" if "," in plain else ""
        example = field.typed(field.typical) or (field.slider.at if field.slider else "1")
        raise Wrong(f"must be a number, such as {example}{hint}")
    number = float(plain)
    if abs(number) > 1e300:
        raise Wrong("is too large a number")
    if field.kind == "number":
        return number
    if not number.is_integer():
        raise Wrong("must be a whole number")
    if abs(number) > MAX_EXACT:
        raise Wrong("is too large a number")
    return int(number)


def _clock(text: str) -> int:
    found = CLOCK.fullmatch(text)
    if not found:
        raise Wrong("must be a time of day, such as 14:05")
    return int(found[1]) * 100 + int(found[2]) if found[1] else 2400


def _moment(kind: str, text: str) -> str:
    try:
        if kind == "date":
            return datetime.date.fromisoformat(text).isoformat()
        moment = datetime.datetime.fromisoformat(text.removesuffix("Z"))
        return f"{moment.replace(tzinfo=None).isoformat(timespec='seconds')}Z"
    except ValueError:
        example = "2013-11-30" if kind == "date" else "2013-11-30T17:00"
        raise Wrong(f"must be a {kind}, such as {example}") from None
