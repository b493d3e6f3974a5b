"""Rules over columns, such as `0 <= distance < 5000` or `missing(dep_time)`: parsed and checked before any row is read.

The language is a small part of Python's: column names, numbers, strings, lists, comparisons (chained, `in`), `and`,
`or`, `not`, + - * /, and `missing(column)`. Nothing else can be written, so nothing else can run.
"""

from __future__ import annotations

import ast
import functools
import operator
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from stages.errors import ParamsError, did_you_mean
from stages.spellings import PARSERS

Array = npt.NDArray[Any]
DATE_CHARACTERS = len("2013-01-31")

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
                "Look at the columns' types in data/schema.json, or set them in clean.types."
            ) from None
        return np.broadcast_to(answer, size)

    def unknown(self, columns: Mapping[str, Array]) -> npt.NDArray[np.bool_]:
        """Where a column the rule needs is missing, so that it neither holds nor fails."""
        size = len(next(iter(columns.values())))
        result = np.zeros(size, dtype=bool)
        for name in sorted(self.needed):
            result |= missing(columns[name])
        return result


def missing(column: Array) -> npt.NDArray[np.bool_]:
    """Where the column has no value: NaN, NaT or None."""
    if column.dtype == object:
        return np.asarray(np.equal(column, np.array(None)), dtype=np.bool_)
    return np.isnat(column) if column.dtype.kind == "M" else np.isnan(column)


def parse(text: str, known: Collection[str], where: str) -> Rule:
    """The rule that the text says. Raises ParamsError for anything outside the language or an unknown column."""
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError) as error:
        raise ParamsError(f"{where}: '{text}' is not an expression: {error}.") from None
    reader = _Reader(text, where)
    reader.condition(tree)
    for name in sorted(reader.needed | reader.asked):
        if name not in known:
            raise ParamsError(f"{where}: '{text}' names the unknown column '{name}'.{did_you_mean(name, known)}")
    return Rule(text, tree, frozenset(reader.needed | reader.asked), frozenset(reader.needed))


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
            return missing(columns[name])
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
            return ARITHMETIC[type(op)](_value(left, columns), _value(right, columns))
    raise AssertionError(ast.dump(node))


def _compared(compare: Callable[[Any, Any], Any], left: Any, right: Any) -> Any:
    """The comparison of two values of one kind; where one is missing the answer means nothing (see `Rule.unknown`)."""
    left, right = _beside_time(left, right), _beside_time(right, left)
    kinds = {_kind(left), _kind(right)}
    if len(kinds) > 1 and np.size(right):
        raise TypeError(f"a {' beside a '.join(sorted(kinds))}")
    if kinds == {"text"} and not isinstance(right, list):  # None has no order
        left, right = np.broadcast_arrays(np.asarray(left, dtype=object), np.asarray(right, dtype=object))
        known = ~(missing(left) | missing(right))
        answer = np.zeros(left.shape, dtype=bool)
        answer[known] = compare(left[known], right[known])
        return answer
    return compare(left, right)


def _beside_time(value: Any, other: Any) -> Any:
    """A text, or a list of texts, that stands beside a date or time column as the moment it names."""
    if getattr(other, "dtype", np.dtype(float)).kind != "M" or isinstance(value, np.ndarray):
        return value
    return [_moment(text) for text in value] if isinstance(value, list) else _moment(value)


def _moment(text: Any) -> np.datetime64:
    parse_text, _, _ = PARSERS["date" if len(str(text)) == DATE_CHARACTERS else "time"]
    moment: np.datetime64 = parse_text(str(text))
    return moment


def _kind(value: Any) -> str:
    return {"U": "text", "O": "text", "M": "time"}.get(np.asarray(value).dtype.kind, "number")
