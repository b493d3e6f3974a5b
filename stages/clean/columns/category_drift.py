"""Categories that one file has and no other: a new spelling of an old one, or far more than usual."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Mapping

import pandas as pd

MOST = 200
"""Distinct categories above which new ones are nothing to tell."""
MUCH = 0.1
"""Share of a file's rows in categories of its own from which it is told."""
USUAL, HALF = 5, 0.5
LEAST_LETTERS = 4
SHOWN = 3


def find_strangers(files: Mapping[str, pd.Series[int]]) -> dict[str, str]:
    """What is to be said of each file that has categories of its own."""
    seen = Counter(text for rows in files.values() for text in rows.index.tolist())
    if len(seen) > MOST:
        return {}
    own = {file: rows[[seen[text] == 1 for text in rows.index.tolist()]] for file, rows in files.items()}
    share = {file: own[file].sum() / rows.sum() for file, rows in files.items()}
    told = {}
    for file in list(files)[len(files) == 2 :]:  # of two files the first is what the second is compared with
        rows, usual = own[file], max((value for other, value in share.items() if other != file), default=0.0)
        others = seen.keys() - set(rows.index)
        near = {text: meant for text in sorted(rows.index) if (meant := _meant(text, others))}
        much = share[file] >= max(MUCH, USUAL * usual) if len(files) > 2 else share[file] >= HALF
        if near or much:
            named = list(near) or list(rows.sort_values(ascending=False, kind="stable").index)
            said = [_said(text, int(rows[text]), near.get(text)) for text in named[:SHOWN]]
            more = f" and {len(named) - SHOWN} more" if len(named) > SHOWN else ""
            told[file] = f"has categories that no other file has: {'; '.join(said)}{more}"
    return told


def _meant(text: str, others: set[str]) -> str | None:
    """The other files' category of which the text is another spelling."""
    alike = {_bare(other): other for other in sorted(others)}
    if _bare(text) in alike:
        return alike[_bare(text)]
    if len(text) < LEAST_LETTERS or any(letter.isdigit() for letter in text):
        return None
    near = difflib.get_close_matches(text, sorted(others), n=1, cutoff=0.85)
    return near[0] if near else None


def _bare(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def _said(text: str, rows: int, meant: str | None) -> str:
    return f"'{text}' ({rows:,} rows{f'; did you mean {meant!r}?' if meant else ''})"
