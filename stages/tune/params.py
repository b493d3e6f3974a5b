"""The section `tune` of params.yaml: which values of the section `train` are tried.

It is a section of its own, as a stage's section is what its result depends on: no fit depends on what else might have
been tried, and train would run again whenever the search is changed.
"""

from __future__ import annotations

import math
from typing import Annotated, Any, get_args, get_origin

import msgspec

from stages.core import params
from stages.core.errors import ParamsError, did_you_mean, list_choices
from stages.core.params import Params
from stages.model.params import Train

SECTION = "tune"
WHERE = f"{params.PARAMS}: {SECTION}.search"
NOT_SEARCHED = {"folds", "refit", "interval", "seed"}
"""Keys of train by which trials would be judged on other rows, by chance alone, or not at all."""

Value = int | float | str


class Range(Params, frozen=True):
    """Numbers from `low` to `high`, both among them; `log`: as likely to be of one size as of another."""

    low: int | float
    high: int | float
    log: bool = False

    def __post_init__(self) -> None:
        if not math.isfinite(self.low) or not math.isfinite(self.high) or self.low >= self.high:
            raise ValueError("low must be a number below high")
        if self.log and self.low <= 0:
            raise ValueError("low must be above 0 where log is true")


Choice = Range | Annotated[list[Value], msgspec.Meta(min_length=1)]


class Tune(Params, frozen=True):
    """The section `tune` of params.yaml. `search`: what each key of `train` may be; `seed`: of the draws."""

    seed: Annotated[int, msgspec.Meta(ge=0, lt=2**32)] = 7
    search: dict[str, Choice] = {}


def read_tune(sections: dict[str, Any]) -> Tune:
    """Return the section, empty where there is none. Raises ParamsError for a value that train would not take."""
    tune = params.convert(sections.get(SECTION) or {}, Tune, f"{params.PARAMS}: {SECTION}")
    types = list_types()
    for name, choice in tune.search.items():
        if name in NOT_SEARCHED:
            raise ParamsError(f"{WHERE}: '{name}' is not searched: it would change by what trials are judged.")
        if name not in types:
            raise ParamsError(f"{WHERE}: train has no key '{name}' to search.{did_you_mean(name, types)}")
        if isinstance(choice, Range):
            values: dict[str, Value] = {f"{name}.low": choice.low, f"{name}.high": choice.high}
        else:
            values = {f"{name}[{place}]": value for place, value in enumerate(choice)}
        for place, value in values.items():
            _check(value, types[name], f"{WHERE}.{place}")
    return tune


def list_types() -> dict[str, Any]:
    """Return the type, with its bounds, of each key of train that can be searched."""
    return {field.name: field.type for field in msgspec.structs.fields(Train) if field.name not in NOT_SEARCHED}


def is_whole(name: str) -> bool:
    """Return whether the key of train is a whole number."""
    kind = list_types()[name]
    return bool((get_args(kind)[0] if get_origin(kind) is Annotated else kind) is int)


def _check(value: Value, kind: Any, where: str) -> None:
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        if isinstance(value, str) and (allowed := [one for one in get_args(kind) if isinstance(one, str)]):
            raise ParamsError(f"{where}: '{value}' is not allowed.{list_choices(value, allowed)}") from None
        raise ParamsError(f"{where}: {error}.") from None
