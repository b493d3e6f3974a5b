"""What clean does to each row: found from its params and one look at the tables, before any row is changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import pandas as pd

from stages.clean import targets
from stages.clean.columns.inference import Finding, infer_column
from stages.clean.columns.parsing import check_kind, split_kind
from stages.clean.expressions import Rule, list_ranked, parse_rule
from stages.clean.params import Clean
from stages.clean.raw_tables import Texts
from stages.clean.rows import Plan
from stages.core.errors import DataError, ParamsError, did_you_mean

SAME = [{"number", "integer"}, {"category", "text"}]
"""Types of which one may be set where the other is found without a word."""


def make_plan(section: Clean, texts: Texts) -> tuple[Plan, dict[str, str]]:
    """What to do to each row of the main table (all but the joins), and the reason for each column's type.

    The target's reason says its task, and the plan has its type: a number's in a regression, else a category's.
    """
    known = texts.columns
    check_names(section, known)
    all_names = [*known, *section.dates, *section.define]
    aside = {
        reason: parse_rule(text, known, "params.yaml: clean.set_aside") for reason, text in section.set_aside.items()
    }
    rules = [parse_rule(text, all_names, "params.yaml: clean.rules") for text in section.rules]
    define = {
        name: parse_rule(text, known, f"params.yaml: clean.define.{name}") for name, text in section.define.items()
    }
    used = {name for rule in (*aside.values(), *rules, *define.values()) for name in rule.columns}
    used |= {name for parts in section.dates.values() for name in parts}
    used |= {name for join in section.joins.values() for name in join.on}
    check_leaks(section, {**section.dates, **{name: rule.columns for name, rule in define.items()}})
    types, reasons = {}, {}
    for name in known:
        if name in used or name not in section.gone:
            of = choose_target_type if name == section.target else choose_type
            types[name], reasons[name] = of(name, texts.counts(name), section)
    for name, parts in section.dates.items():
        for part in parts:
            if split_kind(types[part])[0] not in ("number", "integer"):
                raise ParamsError(f"params.yaml: clean.dates.{name}: '{part}' is a {types[part]}, not a number.")
    check_ranks([*aside.values(), *rules, *define.values()], types)
    missing_in = {name: frozenset(spellings) for name, spellings in section.missing_in.items()}
    plan = Plan(types, section.spellings, missing_in, aside, rules, section.dates, define, target=section.target)
    return plan, reasons


def check_names(section: Clean, known: list[str]) -> None:
    """Raise ParamsError for a name of no column, for a new column named as an old one, or a key that is dropped."""
    made = [*section.dates, *section.define]
    joined = [ours for join in section.joins.values() for ours in join.columns.values()]
    places: dict[str, tuple[Collection[str], list[str]]] = {
        "target": ([section.target], [*known, *section.define]),
        "drop": (section.drop, [*known, *made]),
        "drop_leaks": (section.drop_leaks, [*known, *made]),
        "ids": (section.ids, [*known, *made, *joined]),
        "key": (section.key, [*known, *made]),
        "types": (section.types, [*known, *joined]),
        "missing_in": (section.missing_in, [*known, *joined]),
        **{f"dates.{name}": (list(parts), known) for name, parts in section.dates.items()},
        **{f"joins.{table}.on": (join.on, known) for table, join in section.joins.items()},
    }
    for where, (names, allowed) in places.items():
        for name in names:
            if name not in allowed:
                near = did_you_mean(name, allowed)
                raise ParamsError(f"params.yaml: clean.{where}: {section.table} has no column '{name}'.{near}")
    everything = [*known, *made, *joined]
    double = next((name for name in [*made, *joined] if everything.count(name) > 1), None)
    if double is not None:
        raise ParamsError(f"params.yaml: clean: '{double}' would be two columns. Give the new one another name.")
    lost = next((name for name in section.key if name in section.gone), None)
    if lost is not None:
        raise ParamsError(f"params.yaml: clean.key: '{lost}' is dropped. List it in clean.ids instead of clean.drop.")


def check_leaks(section: Clean, made: Mapping[str, Collection[str]]) -> None:
    """Raise ParamsError for an input that is made of a column listed under clean.drop_leaks."""
    for name, parts in made.items():
        leak = next((part for part in sorted(parts) if part in section.drop_leaks), None)
        if leak is not None and name not in {section.target, *section.ids, *section.gone}:
            raise ParamsError(
                f"params.yaml: clean: '{name}' is made of '{leak}', which is known only afterwards (clean.drop_leaks). "
                "List it in clean.ids or clean.drop."
            )


def check_ranks(rules: list[Rule], types: Mapping[str, str]) -> None:
    """Raise ParamsError for a rule that compares an ordinal by order: its texts would be compared by the alphabet."""
    for rule in rules:
        wrong = next(
            (name for name in sorted(list_ranked(rule)) if split_kind(types.get(name, ""))[0] == "ordinal"), None
        )
        if wrong is not None:
            raise ParamsError(
                f"params.yaml: '{rule.text}' compares the levels of '{wrong}' by order. Name them instead: "
                f"{wrong} in ['…', '…']."
            )


def choose_type(name: str, counts: pd.Series[int], section: Clean) -> tuple[str, str]:
    """The column's kind, from params or else from its values, and the reason."""
    finding = infer_column(name, counts, section.missing_of(name))
    reason = finding.reason + (f". Doubtful: {finding.doubt}" if finding.doubt else "")
    if name not in section.types:
        return finding.spec, reason
    kind = check_type(name, section)
    bare = split_kind(kind)[0]
    agrees = bare == finding.kind or any({bare, finding.kind} <= same for same in SAME)
    return kind, reason if agrees else f"set in params.yaml, but looks like {finding.kind}: {reason}"


def choose_target_type(name: str, counts: pd.Series[int], section: Clean) -> tuple[str, str]:
    """The target's kind, a number's where it is to be predicted as a number, and the reason.

    Raises ParamsError or DataError where a regression's target is no number.
    """
    finding = infer_column(name, counts, section.missing_of(name))
    if name in section.types:
        kind = check_type(name, section)
        finding = Finding(split_kind(kind)[0], split_kind(kind)[1], reason="set in params.yaml")
    quantity, reason = targets.is_quantity(finding, counts)
    if section.task == targets.REGRESSION:
        if finding.kind not in ("number", "integer"):
            raise DataError(
                f"the target {name} is to be a number (clean.task: regression), but is a {finding.kind}: "
                f"{finding.reason}. Set clean.types.{name}, or another clean.task."
            )
        return finding.spec, f"{targets.REGRESSION}: set in params.yaml; {finding.reason}"
    if section.task is None and section.positive is None and quantity:
        return finding.spec, f"{targets.REGRESSION}: {reason}; {finding.reason}"
    if finding.kind in ("date", "time") and name not in section.types:
        raise DataError(
            f"the target {name} is a {finding.kind}: {finding.reason}. Define what is to be predicted of it in "
            f"clean.define, or set clean.types.{name} to category."
        )
    perhaps = ", ".join(f"'{text}'" for text in finding.missing)
    reason = "the target: its texts are the classes" + (f"; {perhaps} may mean missing" if perhaps else "")
    return finding.spec if finding.kind == "category" else "category", reason


def check_type(name: str, section: Clean) -> str:
    """The column's kind in clean.types. Raises ParamsError for one that is none."""
    kind = " ".join(section.types[name].split(" "))
    try:
        check_kind(kind)
    except ValueError as error:
        raise ParamsError(f"params.yaml: clean.types.{name}: {error}") from None
    return kind.strip()
