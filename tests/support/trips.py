"""A section `clean` of params.yaml with one of each thing."""

from __future__ import annotations

from typing import Any

SECTION: dict[str, Any] = {
    "table": "trips",
    "target": "late",
    "positive": "yes",
    "missing": ["NA"],
    "drop_leaks": ["delay"],
    "drop": ["year", "month", "day"],
    "ids": ["number"],
    "key": ["number"],
    "dates": {"date": ["year", "month", "day"]},
    "define": {"late": "delay > 15"},
    "set_aside": {"cancelled": "missing(delay)"},
    "rules": ["distance > 0"],
    "joins": {"cars": {"on": ["car"], "columns": {"year": "built", "seats": "seats"}}},
}
