"""Every error a person is meant to act on: what is wrong, where, and what to do, in one sentence or two."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class PipelineError(Exception):
    """The base of all errors that end a command with a message instead of a traceback."""


class BusyError(PipelineError):
    """Another process works in this folder."""


class ParamsError(PipelineError):
    """`params.yaml` is not what the code expects."""


class SourceError(PipelineError):
    """A source file or URL is missing, unreadable, truncated or not what was declared."""


class DataError(PipelineError):
    """The data itself is wrong: columns, types, keys, too many rows set aside."""


class TrainError(PipelineError):
    """Training failed in a way that only a person can judge."""


class GateError(PipelineError):
    """A candidate does not meet a gate it must meet."""


class ModelError(PipelineError):
    """A model file is missing, corrupted, or not the one its manifest names."""


class ServeError(PipelineError):
    """The service could not be started, or did not answer what the model says."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """` Did you mean 'x'?` for the nearest of the known names, else an empty string."""
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f" Did you mean '{near[0]}'?" if near else ""


def list_choices(name: str, allowed: Iterable[str]) -> str:
    """Return the few names that are allowed, and the nearest of them, as the end of an error."""
    choices = list(allowed)
    return f" It can be {', '.join(choices)}.{did_you_mean(name, choices)}"
