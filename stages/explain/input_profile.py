"""What the part `page` of the manifest tells of one input's values over the training rows."""

from __future__ import annotations

from typing import Any

import msgspec

MIDDLE = 5
"""The place of the median among eleven quantiles."""


class Seen(msgspec.Struct, frozen=True):
    """One input over the training rows: eleven quantiles (5% to 95%), or its commonest values; the share missing."""

    name: str
    missing: float = 0.0
    quantiles: list[Any] = []
    shares: list[tuple[Any, float]] = []

    @property
    def typical(self) -> Any:
        """The median or the commonest value; None where most rows have none."""
        if self.missing > 0.5 or not (self.quantiles or self.shares):
            return None
        return self.quantiles[MIDDLE] if self.quantiles else self.shares[0][0]

    @property
    def background(self) -> list[tuple[Any, float]]:
        """Values the input may take and how often (the sum is 1), a missing one among them."""
        known = [(value, 1 / len(self.quantiles)) for value in self.quantiles] or self.shares
        everything = [(value, share * (1 - self.missing)) for value, share in known]
        everything += [(None, self.missing)] * (self.missing > 0)
        total = sum(share for _, share in everything)
        return [(value, share / total) for value, share in everything if share]
