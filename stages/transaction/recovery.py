"""What every command does first here: put right what killed ones left, and refuse a champion that git does not have."""

from __future__ import annotations

from contextlib import suppress

from stages.adopt import install
from stages.leftovers import BusyError, clear_leftovers
from stages.transaction import aside
from stages.transaction.committed import check_champion


def recover() -> str | None:
    """End or remove what was killed; return the subject of a decision that was recorded all the same.

    An approval or adoption that is at work is left alone. Raises PipelineError where something cannot be put right.
    """
    clear_leftovers()
    recorded = None
    with suppress(BusyError), aside.locked():
        recorded = aside.recover()
        install.recover()
    check_champion()
    return recorded
