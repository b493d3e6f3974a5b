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


class FieldError(Exception):
    """Why a field cannot be read, as the end of a sentence that starts with its label."""


def typical(fields: Sequence[Field]) -> dict[str, str]:
    """Return the form as it is first shown."""
    return {field.key: field.text for field in fields}


def read(fields: Sequence[Field], typed: Mapping[str, str], decoder: Decoder) -> tuple[Row | None, dict[str, str]]:
    """Return the row, or the errors by the fields' keys. A field that was not sent is as an empty one."""
    values: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for field in fields:
        try:
            values[field.name] = convert_value(field, typed.get(field.key, ""))
        except FieldError as error:
            errors[field.key] = f"{field.label} {error}"
    if errors:
        return None, errors
    try:
        return decoder.convert_row(values), {}
    except ApiError as error:
        wrong_field = next((field for field in fields if field.name == error.field), fields[0])
        return None, {wrong_field.key: f"{wrong_field.label} {error.reason}"}


def convert_value(field: Field, text: str) -> Any:
    """Return the value of a field as a request would hold it. Raises FieldError."""
    text = text if field.kind == "text" else text.strip()
    if not text:
        if field.needed:
            raise FieldError("is needed")
        return None
    if field.kind == "choice":
        return _convert_choice(field, text)
    if field.kind in ("number", "integer"):
        return _convert_number(text, field)
    if field.kind == "clock":
        return _convert_clock(text)
    if field.kind in ("date", "time"):
        return _convert_time(field.kind, text)
    return text


def _convert_choice(field: Field, text: str) -> Any:
    if not text.isascii() or not text.isdigit() or int(text[:9]) >= len(field.options):
        raise FieldError("must be one of those in the list")
    option = field.options[int(text)]
    return option == "true" if field.shown != field.options else option


def _convert_number(text: str, field: Field) -> float | int:
    cleaned = text.replace("−", "-").replace("\u00a0", "")
    if not NUMBER.fullmatch(cleaned) or len(cleaned) > LONGEST:
        hint = " (write a point for decimals, and nothing between thousands)" if "," in cleaned else ""
        example = field.typed(field.typical) or (field.slider.at if field.slider else "1")
        raise FieldError(f"must be a number, such as {example}{hint}")
    number = float(cleaned)
    if abs(number) > 1e300:
        raise FieldError("is too large a number")
    if field.kind == "number":
        return number
    if not number.is_integer():
        raise FieldError("must be a whole number")
    if abs(number) > MAX_EXACT:
        raise FieldError("is too large a number")
    return int(number)


def _convert_clock(text: str) -> int:
    match = CLOCK.fullmatch(text)
    if not match:
        raise FieldError("must be a time of day, such as 14:05")
    return int(match[1]) * 100 + int(match[2]) if match[1] else 2400


def _convert_time(kind: str, text: str) -> str:
    try:
        if kind == "date":
            return datetime.date.fromisoformat(text).isoformat()
        time = datetime.datetime.fromisoformat(text.removesuffix("Z"))
        return f"{time.replace(tzinfo=None).isoformat(timespec='seconds')}Z"
    except ValueError:
        example = "2013-11-30" if kind == "date" else "2013-11-30T17:00"
        raise FieldError(f"must be a {kind}, such as {example}") from None
