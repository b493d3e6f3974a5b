"""The section `features` of params.yaml."""

from __future__ import annotations

from stages.core.params import Params
from stages.transform.derivations import Derivation
from stages.transform.split_rule import Split


class Features(Params, frozen=True):
    """The section `features` of params.yaml."""

    split: Split
    derive: list[Derivation] = []
    drop: list[str] = []
