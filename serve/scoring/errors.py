"""An answer that is not a prediction: its status, and a body that says what is wrong and where."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Header = tuple[bytes, bytes]


class Refusal(Exception):
    """Raised wherever a request cannot be answered; becomes `{"error": …, "row": …, "field": …, "reason": …}`."""

    def __init__(
        self,
        status: int,
        reason: str,
        *,
        row: int | None = None,
        field: str | None = None,
        headers: Sequence[Header] = (),
    ) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.row = row
        self.field = field
        self.headers = tuple(headers)

    def __str__(self) -> str:
        place = [f"row {self.row}"] * (self.row is not None) + [f"field '{self.field}'"] * (self.field is not None)
        return f"{', '.join(place)}: {self.reason}" if place else self.reason

    def body(self) -> dict[str, Any]:
        """The JSON body; `row` (from 0) and `field` only where they are known."""
        found = {"error": str(self), "row": self.row, "field": self.field, "reason": self.reason}
        return {key: value for key, value in found.items() if value is not None}
