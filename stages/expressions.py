"""Rules over columns, such as `0 <= distance < 5000` or `missing(dep_time)`: parsed and checked before any row is read.

The language is a small part of Python's: column names, numbers, strings, lists, comparisons (chained, `in`), `and`,
`or`, `not`, + - * /, and `missing(column)`. Nothing else can be written, so nothing else can run.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from stages.errors import ParamsError, did_you_mean

Array = npt.NDArray[Any]

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
    ast.Div: lambda left, right: np.divide(left, right, out=np.full(np.shape(left), np.nan), where=right != 0),
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
        return np.broadcast_to(np.asarray(_value(self.tree, columns), dtype=bool), size)

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
        return np.equal(column, None)
    return np.isnat(column) if column.dtype.kind == "M" else np.isnan(column)


def parse(text: str, known: Collection[str], where: str) -> Rule:
    """The rule that the text says. Raises ParamsError for anything outside the language or an unknown column."""
    try:
        tree = ast.parse(text, mode="eval").body
    except SyntaxError as error:
        raise ParamsError(f"{where}: '{text}' is not an expression: {error.msg}.") from None
    needed: set[str] = set()
    asked: set[str] = set()
    _check(tree, text, where, needed, asked)
    for name in sorted(needed | asked):
        if name not in known:
            raise ParamsError(f"{where}: '{text}' names the unknown column '{name}'.{did_you_mean(name, known)}")
    return Rule(text, tree, frozenset(needed | asked), frozenset(needed))


def _check(node: ast.expr, text: str, where: str, needed: set[str], asked: set[str]) -> None:
    match node:
        case ast.Name(id=name):
            needed.add(name)
        case ast.Constant(value=int() | float() | str()):
            pass
        case ast.Call(func=ast.Name(id="missing"), args=[ast.Name(id=name)], keywords=[]):
            asked.add(name)
        case ast.Compare(left=left, ops=ops, comparators=others) if all(type(op) in COMPARE for op in ops):
            for part in (left, *others):
                _check(part, text, where, needed, asked)
        case ast.BoolOp(values=parts) | ast.List(elts=parts) | ast.Tuple(elts=parts):
            for part in parts:
                _check(part, text, where, needed, asked)
        case ast.UnaryOp(op=ast.Not() | ast.USub(), operand=part):
            _check(part, text, where, needed, asked)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in ARITHMETIC:
            _check(left, text, where, needed, asked)
            _check(right, text, where, needed, asked)
        case _:
            raise ParamsError(
                f"{where}: '{text}' uses '{ast.unparse(node)}', which rules do not know. They know columns, numbers, "
                "strings, lists, comparisons, and, or, not, + - * / and missing(column)."
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
            results = [COMPARE[type(op)](sides[at], sides[at + 1]) for at, op in enumerate(ops)]
            return np.logical_and.reduce(results)
        case ast.BoolOp(op=op, values=parts):
            combine = np.logical_and if isinstance(op, ast.And) else np.logical_or
            return combine.reduce([_value(part, columns) for part in parts])
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            return [_value(part, columns) for part in parts]
        case ast.UnaryOp(op=ast.Not(), operand=part):
            return ~np.asarray(_value(part, columns), dtype=bool)
        case ast.UnaryOp(operand=part):
            return -_value(part, columns)
        case ast.BinOp(left=left, op=op, right=right):
            return ARITHMETIC[type(op)](_value(left, columns), _value(right, columns))
    raise AssertionError(ast.dump(node))
