"""The section `save` of params.yaml."""

from __future__ import annotations

from stages.core.params import Params


class Save(Params, frozen=True):
    """The section `save` of params.yaml. `parity_bound`: how far an answer of the model's two forms may differ."""

    parity_bound: float = 1e-9
