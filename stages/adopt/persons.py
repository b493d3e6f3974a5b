"""Columns that may tell of persons in what they are to be treated alike: found by name only, so a person must say."""

from __future__ import annotations

import re
from collections.abc import Iterable

from stages.adopt.roles import Decision

TRAITS = re.compile(
    r"^(age|sex|gender|race|ethnic\w*|nationality|citizenship|religion|disab\w*|marital\w*|maritl|pregnan\w*"
    r"|native_country|foreign_worker|date_of_birth|birth_?(date|day|year))(_(years?|group|band|code|category|status))?$"
    r"|(person|people|customer|client|patient|user|driver|owner|respondent|applicant|employee|mother|father|sexual)s?_"
    r"(age|sex|gender|race|ethnicity|orientation)$"
)
"""Of columns about persons; the name is lower case, its humps parted by underscores."""
MOST = 4


def find_traits(inputs: Iterable[Decision]) -> list[str]:
    """Return the inputs whose names are those of persons' traits."""
    groups = ("category", "ordinal", "boolean", "integer", "number")
    named = [one for one in inputs if one.finding.kind in groups and TRAITS.search(_spell(one.name))]
    return [one.name for one in named][:MOST]


def _spell(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower().replace(" ", "_")
