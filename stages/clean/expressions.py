"""Rules over columns, such as `0 <= distance < 5000` or `missing(dep_time)`: parsed and checked before any row is read.

The language is a small part of Python's: column names, numbers, strings, lists, comparisons (chained, `in`), `and`,
`or`, `not`, + - * /, and `missing(column)`. Nothing else can be written, so nothing else can run. A column whose name
is no Python name stands between backticks: `` `sched dep` > 3 ``. A boolean column is compared with true or false.
"""

from __future__ import annotations

import ast
import functools
import operator
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from stages.clean.columns.parsing import is_absent, parse_moment
from stages.core.errors import ParamsError, did_you_mean

Array = npt.NDArray[Any]
QUOTED = re.compile(r"""("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|`([^`]*)`""")
STAND_IN = "_column_{}_"
TRUTH = {"true": 1, "false": 0}
LONGEST, DEEPEST = 10_000, 100
"""Characters of an expression, and how deep its parts may be nested: each walk over it goes down so many calls."""
ORDERED = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)

COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.In: lambda left, right: np.isin(left, right),
    ast.NotIn: lambda left, right: ~np.isin(left, right),
}
ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: lambda left, right: np.divide(left, np.where(np.equal(right, 0), np.nan, right)),
}


@dataclass(frozen=True)
class Rule:
    """One expression, the columns it reads, and those of them whose missing values make its answer unknown."""

    text: str
    tree: ast.expr
    columns: frozenset[str]
    needed: frozenset[str]

    def holds(self, columns: Mapping[str, Array]) -> npt.NDArray[np.bool_]:
        """Where the rule holds, row by row (boolean, same length as the columns)."""
        size = len(next(iter(columns.values())))
        try:
            answer = np.asarray(_value(self.tree, columns), dtype=bool)
        except (TypeError, ValueError) as error:  # such as text < number, or a text that is no date
            raise ParamsError(
                f"params.yaml: '{self.text}' compares or computes with values of types that do not fit ({error}). "
                "Look at the columns' types in data/schema.json (a boolean is compared with true or false), or set "
                "them in clean.types."
            ) from None
        return np.broadcast_to(answer, size)

    def unknown(self, columns: Mapping[str, Array]) -> npt.NDArray[np.bool_]:
        """Where a column the rule needs is missing, so that it neither holds nor fails."""
        size = len(next(iter(columns.values())))
        result = np.zeros(size, dtype=bool)
        for name in sorted(self.needed):
            result |= is_absent(columns[name])
        return result


def parse_rule(text: str, known: Collection[str], where: str) -> Rule:
    """The rule that the text says. Raises ParamsError for anything outside the language or an unknown column."""
    if len(text) > LONGEST:
        raise ParamsError(
            f"{where}: '{text[:40]}…' has {len(text):,} characters, more than {LONGEST:,}. Make several rules of it."
        )
    plain, names = _without_backticks(text)
    try:
        tree = ast.parse(plain.strip(), mode="eval").body
    except (RecursionError, MemoryError):  # of the parser's own stack
        raise _too_deep(text, where) from None
    except (SyntaxError, ValueError) as error:
        raise ParamsError(f"{where}: '{text}' is not an expression: {error}.") from None
    if _depth(tree) > DEEPEST:
        raise _too_deep(text, where)
    tree = _Names(names, known).visit(tree)
    reader = _Reader(text, where)
    reader.condition(tree)
    for name in sorted(reader.needed | reader.asked):
        if name not in known:
            raise ParamsError(f"{where}: '{text}' names the unknown column '{name}'.{did_you_mean(name, known)}")
    return Rule(text, tree, frozenset(reader.needed | reader.asked), frozenset(reader.needed))


def _too_deep(text: str, where: str) -> ParamsError:
    return ParamsError(
        f"{where}: '{text[:40]}…' is nested more than {DEEPEST} deep. Write it flatter, or make several rules of it."
    )


def _depth(tree: ast.expr) -> int:
    """How deep the tree's expressions are nested, found without going down by calls."""
    depth, level = 0, [tree]
    while level:
        depth += 1
        level = [part for node in level for part in ast.iter_child_nodes(node) if isinstance(part, ast.expr)]
    return depth


def list_ranked(rule: Rule) -> set[str]:
    """The columns that the rule compares by order, with < <= > or >=."""
    compared = [node for node in ast.walk(rule.tree) if isinstance(node, ast.Compare)]
    ordered = [node for node in compared if any(isinstance(op, ORDERED) for op in node.ops)]
    return {name.id for node in ordered for name in ast.walk(node) if isinstance(name, ast.Name)}


def _without_backticks(text: str) -> tuple[str, dict[str, str]]:
    """The text with a stand-in for each name between backticks, and the names they stand for."""
    names: dict[str, str] = {}

    def stand_in(found: re.Match[str]) -> str:
        if found[2] is None:  # a text between quotes, where a backtick is one
            return found[0]
        name = STAND_IN.format(len(names))
        names[name] = found[2]
        return name

    return QUOTED.sub(stand_in, text), names


@dataclass
class _Names(ast.NodeTransformer):
    """Puts the real names for their stand-ins, and numbers for true and false."""

    names: dict[str, str]
    known: Collection[str]

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in self.names:
            return ast.Name(self.names[node.id])
        if node.id in TRUTH and node.id not in self.known:
            return ast.Constant(TRUTH[node.id])
        return node


@dataclass
class _Reader:
    """Walks an expression, refuses what is not of the language, and notes the columns whose value or lack it asks."""

    text: str
    where: str
    needed: set[str] = field(default_factory=set)
    asked: set[str] = field(default_factory=set)

    def condition(self, node: ast.expr) -> None:
        match node:
            case ast.Call(func=ast.Name(id="missing"), args=[ast.Name(id=name)], keywords=[]):
                self.asked.add(name)
            case ast.BoolOp(values=parts):
                for part in parts:
                    self.condition(part)
            case ast.UnaryOp(op=ast.Not(), operand=part):
                self.condition(part)
            case ast.Compare(left=left, ops=ops, comparators=others) if all(type(op) in COMPARE for op in ops):
                self.value(left)
                for op, other in zip(ops, others, strict=True):
                    self.list_of_constants(other) if isinstance(op, ast.In | ast.NotIn) else self.value(other)
            case _:
                self.refuse(node)

    def value(self, node: ast.expr) -> None:
        match node:
            case ast.Name(id=name):
                self.needed.add(name)
            case ast.Constant(value=int() | float() | str()) if not isinstance(node.value, bool):
                pass
            case ast.UnaryOp(op=ast.USub(), operand=part):
                self.value(part)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in ARITHMETIC:
                self.value(left)
                self.value(right)
            case _:
                self.refuse(node)

    def list_of_constants(self, node: ast.expr) -> None:
        if not isinstance(node, ast.List | ast.Tuple):
            self.refuse(node)
            return
        for part in node.elts:
            self.value(part)
            if any(isinstance(inner, ast.Name) for inner in ast.walk(part)):
                self.refuse(part)

    def refuse(self, node: ast.expr) -> None:
        raise ParamsError(
            f"{self.where}: '{self.text}' uses '{ast.unparse(node)}' where rules do not know it. A rule is made of "
            "comparisons of columns, numbers and texts (< <= > >= == !=, in [a list]; + - * /), of and, or, not, and "
            "of missing(column)."
        )


def _value(node: ast.expr, columns: Mapping[str, Array]) -> Any:
    match node:
        case ast.Name(id=name):
            return columns[name]
        case ast.Constant(value=value):
            return value
        case ast.Call(args=[ast.Name(id=name)]):
            return is_absent(columns[name])
        case ast.Compare(left=left, ops=ops, comparators=others):
            sides = [_value(part, columns) for part in (left, *others)]
            results = [_compared(COMPARE[type(op)], sides[at], sides[at + 1]) for at, op in enumerate(ops)]
            return functools.reduce(np.logical_and, results)
        case ast.BoolOp(op=op, values=parts):
            combine = np.logical_and if isinstance(op, ast.And) else np.logical_or
            return functools.reduce(combine, [_value(part, columns) for part in parts])
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            return [_value(part, columns) for part in parts]
        case ast.UnaryOp(op=ast.Not(), operand=part):
            return np.logical_not(_value(part, columns))
        case ast.UnaryOp(operand=part):
            return -_value(part, columns)
        case ast.BinOp(left=left, op=op, right=right):
            return _computed(ARITHMETIC[type(op)], _value(left, columns), _value(right, columns))
    raise AssertionError(ast.dump(node))


def _computed(compute: Callable[[Any, Any], Any], left: Any, right: Any) -> Any:
    """The sum or the like of two values that are no texts: Python would repeat a text that is multiplied."""
    if "text" in (_kind(left), _kind(right)):
        raise TypeError("a text in a sum")
    return compute(left, right)


def _compared(compare: Callable[[Any, Any], Any], left: Any, right: Any) -> Any:
    """The comparison of two values of one kind; where one is missing the answer means nothing (see `Rule.unknown`)."""
    left, right = _beside_time(left, right), _beside_time(right, left)
    kinds = {_kind(left), _kind(right)}
    if len(kinds) > 1 and np.size(right):
        raise TypeError(f"a {' beside a '.join(sorted(kinds))}")
    if kinds == {"text"} and not isinstance(right, list):  # None has no order
        left, right = np.broadcast_arrays(np.asarray(left, dtype=object), np.asarray(right, dtype=object))
        known = ~(is_absent(left) | is_absent(right))
        answer = np.zeros(left.shape, dtype=bool)
        answer[known] = compare(left[known], right[known])
        return answer
    return compare(left, right)


def _beside_time(value: Any, other: Any) -> Any:
    """A text, or a list of texts, that stands beside a date or time column as the moment it names."""
    if getattr(other, "dtype", np.dtype(float)).kind != "M" or isinstance(value, np.ndarray):
        return value
    return [parse_moment(str(text)) for text in value] if isinstance(value, list) else parse_moment(str(value))


def _kind(value: Any) -> str:
    return {"U": "text", "O": "text", "M": "time"}.get(np.asarray(value).dtype.kind, "number")
