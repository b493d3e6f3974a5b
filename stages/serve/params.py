"""The part of the section `serve` of params.yaml that the stage needs."""

from __future__ import annotations

from stages.core.params import Params


class Serve(Params, frozen=True, forbid_unknown_fields=False):
    """What this stage needs of the section; the rest is the service's own, which checks it."""

    sample: int
    max_rows: int = 1000
    max_body: int = 1_048_576
