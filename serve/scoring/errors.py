"""An answer that is not a prediction: its status, and a body that says what is wrong and where."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Header = tuple[bytes, bytes]


class ApiError(Exception):
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
        where = [f"row {self.row}"] * (self.row is not None) + [f"field '{self.field}'"] * (self.field is not None)
        return f"{', '.join(where)}: {self.reason}" if where else self.reason

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON body; `row` (from 0) and `field` only where they are known."""
        fields = {"error": str(self), "row": self.row, "field": self.field, "reason": self.reason}
        return {key: value for key, value in fields.items() if value is not None}
