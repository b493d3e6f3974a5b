"""What differs between two states before any score: data, split, params, code, packages."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from stages.review.facts import Facts
from stages.transform.split_rule import SplitRule
from stages.wording.numbers import DASH, count, listed, percent

CODE = ("stages", "serve", "dvc.yaml")
MISSING = 0.01
"""By how much of the rows a column may be missing more or less before that is told."""


class Change(NamedTuple):
    """A thing, as it was and as it is; a dash where it is not there."""

    what: str
    before: str
    now: str


def compare_sources(base: Facts, now: Facts) -> list[Change]:
    """Return the files of data/source that are new, gone or changed."""
    said = {(False, True): "new", (True, False): "gone", (True, True): "changed"}
    return [
        Change(name, *_pair(base.sources.get(name), now.sources.get(name), said))
        for name in sorted({*base.sources, *now.sources})
        if base.sources.get(name) != now.sources.get(name)
    ]


def _pair(before: str | None, now: str | None, said: Mapping[tuple[bool, bool], str]) -> tuple[str, str]:
    return (before or DASH)[:10], f"{(now or DASH)[:10]} ({said[before is not None, now is not None]})"


def compare_rows(base: Facts, now: Facts) -> list[Change]:
    """Return the counts of rows: in, used, set aside by reason; and the shares of missing values that moved."""
    if base.clean is None or now.clean is None:
        return []
    old, new = base.clean, now.clean
    pairs: dict[str, tuple[int | None, int | None]] = {
        "rows in": (old.rows_in, new.rows_in),
        "rows used": (old.rows_out, new.rows_out),
    }
    for reason in dict.fromkeys([*old.set_aside, *new.set_aside]):
        pairs[f"set aside: {reason}"] = old.set_aside.get(reason), new.set_aside.get(reason)
    found = [
        Change(what, *(DASH if value is None else count(value) for value in pair))
        for what, pair in pairs.items()
        if pair[0] != pair[1]
    ]
    for name in dict.fromkeys([*old.missing, *new.missing]):
        shares = old.missing.get(name, 0.0), new.missing.get(name, 0.0)
        if abs(shares[0] - shares[1]) >= MISSING:
            found.append(Change(f"missing in {name}", percent(shares[0], 1), percent(shares[1], 1)))
    return found


def compare_columns(base: Facts, now: Facts) -> list[Change]:
    """Return the columns of the clean table that are new, gone, or of another type or role."""
    if base.columns is None or now.columns is None:
        return []
    old, new = ({one.name: f"{one.type}, {one.role}" for one in each.columns} for each in (base.columns, now.columns))
    return [
        Change(name, old.get(name, DASH), new.get(name, DASH))
        for name in dict.fromkeys([*old, *new])
        if old.get(name) != new.get(name)
    ]


def compare_splits(base: Facts, now: Facts) -> list[Change]:
    """Return by what rows are split, and how many are in each part, where that differs."""
    found = []
    rules = [_describe_rule(facts.definition.rule) if facts.definition else DASH for facts in (base, now)]
    if rules[0] != rules[1]:
        found.append(Change("rule", *rules))
    if base.evaluation and now.evaluation:
        found += [
            Change(f"{part} rows", count(base.evaluation.rows[part]), count(rows))
            for part, rows in now.evaluation.rows.items()
            if base.evaluation.rows[part] != rows
        ]
    return found


def _describe_rule(rule: SplitRule | None) -> str:
    if rule is None:
        return "not said"
    split = rule.split
    if split.by == "time":
        return f"by {split.column}: validation from {rule.validation_from}, hold-out from {rule.test_from}"
    by = f"group {split.column}" if split.by == "group" else "hash"
    return f"by {by}: {split.validation} validation, {split.test} hold-out, salt {split.salt}"


def compare_params(base: Facts, now: Facts) -> list[Change]:
    """Return each key of params.yaml that differs, by its dotted name."""
    old, new = dict(list_leaves(base.params or {})), dict(list_leaves(now.params or {}))
    return [
        Change(key, old.get(key, DASH), new.get(key, DASH))
        for key in dict.fromkeys([*old, *new])
        if old.get(key) != new.get(key)
    ]


def list_leaves(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield every setting of params.yaml by its dotted name, as text."""
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from list_leaves(inner, f"{path}.{key}" if path else str(key))
    elif path:
        yield path, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def compare_packages(base: Facts, now: Facts) -> list[Change]:
    """Return the packages that a result depends on and that are of another version."""
    return [
        Change(name, base.packages.get(name, DASH), now.packages.get(name, DASH))
        for name in sorted({*base.packages, *now.packages})
        if base.packages.get(name) != now.packages.get(name)
    ]


def compare_stages(base: Facts, now: Facts) -> list[tuple[str, list[str]]]:
    """Return each stage that ran on something else, with the code of it that differs."""
    found = []
    for stage in dict.fromkeys([*base.lock, *now.lock]):
        old, new = base.lock.get(stage, {}), now.lock.get(stage, {})
        if any(old.get(part) != new.get(part) for part in ("cmd", "deps", "params")):
            before, after = ({dep["path"]: dep.get("md5") for dep in entry.get("deps", [])} for entry in (old, new))
            changed = [path for path in dict.fromkeys([*before, *after]) if before.get(path) != after.get(path)]
            found.append((stage, [path for path in changed if path.startswith(CODE)]))
    return found


def list_names(changes: list[Change], most: int = 4) -> str:
    """Return what changed, by name, not more than a line holds."""
    names = [change.what for change in changes]
    return listed(names) if len(names) <= most else f"{', '.join(names[:most])} and {len(names) - most} more"
