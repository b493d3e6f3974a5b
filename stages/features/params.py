"""The section `features` of params.yaml."""

from __future__ import annotations

import datetime
from typing import Annotated, Literal

import msgspec

from stages.core.params import Params
from stages.transform.derivations import Derivation

Share = Annotated[float, msgspec.Meta(gt=0, lt=1)]


class Split(Params, frozen=True):
    """How rows are split: by `time` at two dates of `column`, or by the `hash` of the key or the `group` in shares.

    Without a key the hash is that of a row's inputs, so that rows alike are on one side (`repeats: together`). Where
    the inputs have few values to combine, that leaves few hashes: with `apart` the second of two equal rows has its
    own.
    Another `salt` is another draw of the same kind.
    """

    by: Literal["time", "hash", "group"]
    column: str = ""
    validation_from: datetime.date | None = None
    test_from: datetime.date | None = None
    validation: Share = 0.15
    test: Share = 0.2
    salt: Annotated[int, msgspec.Meta(ge=0)] = 0
    repeats: Literal["together", "apart"] = "together"


class Features(Params, frozen=True):
    """The section `features` of params.yaml."""

    split: Split
    derive: list[Derivation] = []
    drop: list[str] = []
