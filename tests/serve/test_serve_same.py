"""The service answers as the pickled pipeline does: every row, alone and among others, at every edge, on both ways.

For the other tasks tests/project/test_own_csv.py asks the same of tables that were adopted.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import same


@pytest.mark.slow
def test_every_row_is_answered_as_the_pickled_pipeline_answers_it(ran: Path) -> None:
    same.check(ran)
