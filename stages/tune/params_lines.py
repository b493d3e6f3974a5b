"""Values of params.yaml changed in their lines: every other line, and what is said beside them, stays as it is.

`dvc exp run --set-param` writes the whole file anew, in the layout of its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ruamel.yaml import YAML

from stages.core import params
from stages.core.errors import ParamsError
from stages.tune.params import Value

REST = re.compile(r"""("[^"]*"|'[^']*'|[^\s,}#]+)(?:( +)(#.*))?""")
"""A value at the start, and a comment behind it."""


def set_values(text: str, section: str, values: Mapping[str, Value]) -> str:
    """Return the file with these values in the section; a key that is not there gets a line at the section's end.

    Raises ParamsError where the file is written so that this cannot be done line by line.
    """
    lines = text.splitlines(keepends=True)
    mapping = YAML().load(text)[section]
    places = {key: mapping.lc.value(key) for key in mapping}
    for key in sorted(places.keys() & values.keys(), key=lambda key: places[key], reverse=True):
        row, column = places[key]  # from the end on: what is replaced moves what stands behind it
        lines[row] = lines[row][:column] + _replace(lines[row][column:], str(values[key]))
    last, indent = max(row for row, _ in places.values()), " " * mapping.lc.col
    lines[last + 1 : last + 1] = [f"{indent}{key}: {value}\n" for key, value in values.items() if key not in places]
    changed = "".join(lines)
    wanted = params.parse(text.encode())
    wanted[section] |= values
    try:
        done = params.parse(changed.encode()) == wanted
    except ParamsError:
        done = False
    if not done:
        asked = ", ".join(f"{key}: {value}" for key, value in values.items())
        raise ParamsError(f"{params.PARAMS}: the keys of {section} are not a line each. Write there by hand: {asked}.")
    return changed


def _replace(rest: str, value: str) -> str:
    """Return the rest of a line with another value, its comment in the column in which it was."""
    found = REST.match(rest)
    if not found:
        return rest
    old, gap, comment = found.groups()
    if comment:
        value = f"{value:<{len(old) + len(gap) - 1}} {comment}"
    return value + rest[found.end() :]
