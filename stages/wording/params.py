"""The section `report` of params.yaml, and `serve.alert`, which the service and the report speak of."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from stages.core.params import Params


class Unit(Params, frozen=True):
    """What one row is."""

    one: str = "row"
    many: str = "rows"


class Outcome(Params, frozen=True):
    """How the positive class of two is spoken of; by default through the target's own name and class.

    kind: whether it is a harm to be warned of, a benefit to be looked for, or neither: other words go with each.
    """

    kind: Literal["harm", "benefit", "neutral"] = "neutral"
    positive: str = ""
    phrase: str = ""
    cases: str = ""
    others: str = ""


class Warn(Params, frozen=True):
    """What a positive prediction of two classes is called, and the two ways of being wrong; by default as goes with the
    outcome's kind.
    """

    one: str = ""
    many: str = ""
    miss: str = ""
    false_alarm: str = ""


class Limit(Params, frozen=True):
    """A known limit: what it is, what it means for the reader, what is done about it."""

    limit: str
    means: str
    action: str


class Column(Params, frozen=True):
    """How a column is shown: its name, its unit, and whether 515 means 5:15."""

    label: str = ""
    unit: str = ""
    clock: bool = False


class Alert(Params, frozen=True):
    """The section `serve.alert`: the service raises an alert when too large a share of requests fails."""

    share: Annotated[float, Meta(gt=0, lt=1)] = 0.01
    window_s: Annotated[float, Meta(gt=0)] = 300.0
    min_requests: Annotated[int, Meta(ge=1)] = 20
    webhook: Annotated[str, Meta(pattern="^https?://")] | None = None


class Serve(Params, frozen=True, forbid_unknown_fields=False):
    """The part of the section `serve` that the report tells."""

    alert: Alert = Alert()


class Next(Params, frozen=True):
    """What happens after the signature; what is not said is filled in by hand."""

    served_by: str = ""
    start: str = ""
    review: str = ""
    failure: str = ""


class Report(Params, frozen=True):
    """The section `report`. `assumed` is what was chosen, and by nobody yet (None once the last of its lines is taken
    out); `value` is what costs are counted in.
    """

    title: str = ""
    author: str = "the pipeline"
    language: str = "en-GB"
    source: str = ""
    licence: str = ""
    one_row: str = ""
    personal_data: str = ""
    unit: Unit = Unit()
    outcome: Outcome = Outcome()
    value: str = ""
    warning: Warn = Warn()
    assumed: dict[str, str] | None = None
    limits: list[Limit] = []
    next: Next = Next()
    signatures: Annotated[list[str], msgspec.Meta(min_length=1, max_length=3)] = msgspec.field(
        default_factory=lambda: ["Model owner", "Data owner", "Approver"]
    )
    columns: dict[str, Column] = {}
