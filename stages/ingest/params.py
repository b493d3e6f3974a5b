"""The section `ingest` of params.yaml."""

from __future__ import annotations

from typing import Annotated

import msgspec

from stages.core.params import Params
from stages.ingest.bounds import BOUNDS, Bounds


class Url(Params, frozen=True):
    """A source fetched over HTTP, and the hash its content must have."""

    url: str
    sha256: Annotated[str, msgspec.Meta(pattern="^[0-9a-fA-F]{64}$")]


class Ingest(Params, frozen=True):
    """The section `ingest` of params.yaml."""

    tables: dict[str, list[str | Url]]
    encoding: str = "auto"
    delimiter: str = "auto"
    names: dict[str, list[str]] = {}
    header: dict[str, str] = {}
    rows_only: bool = True
    max_bytes: Annotated[int, msgspec.Meta(ge=1)] = BOUNDS.size
    max_columns: Annotated[int, msgspec.Meta(ge=1)] = BOUNDS.columns
    max_cell: Annotated[int, msgspec.Meta(ge=1)] = BOUNDS.cell
    tries: Annotated[int, msgspec.Meta(ge=1, le=10)] = 3
    wait_seconds: Annotated[float, msgspec.Meta(ge=0)] = 1.0
    timeout_seconds: Annotated[float, msgspec.Meta(gt=0)] = 60.0

    @property
    def bounds(self) -> Bounds:
        """How large a source may be."""
        return Bounds(self.max_bytes, self.max_columns, self.max_cell)
