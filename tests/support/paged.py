"""The tiny models with what their manifests tell a page, words for them, and a browser to look with."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import tiny
from machine import found
from server import Server, repository

FLAGS = [
    "--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run",
    "--disable-quic", "--disable-gpu",
]  # fmt: skip
REPORT = """
report:
  title: Late planes & <others>
  unit: {one: plane, many: planes}
  outcome: {phrase: comes late}
  warning: {one: warning, many: warnings}
  limits: [{limit: Few planes, means: Be careful, action: none}]
  columns:
    sched: {label: Scheduled, clock: true}
    temp: {label: Temperature, unit: °F}
    late: {label: Delay, unit: min}
"""
USUAL: dict[str, dict[str, Any]] = {
    "binary": {"shares": {"no": 0.75, "yes": 0.25}},
    "multiclass": {"shares": {"a little": 0.2, "no": 0.7, "very": 0.1}},
    "regression": {"quantiles": [-1.5, -1.2, -1.0, -0.8, -0.6, -0.4, -0.2, 0.0, 0.2, 0.4, 0.8], "mean": -0.4},
}
INPUTS: list[dict[str, Any]] = [
    {"name": "sched", "missing": 0.0,
     "quantiles": [600, 800, 900, 1000, 1100, 1315, 1400, 1500, 1700, 1900, 2200]},
    {"name": "carrier", "missing": 0.0, "shares": [["UA", 0.6], ["AA", 0.4]]},
    {"name": "temp", "missing": 0.1, "quantiles": [20.5, 30, 35, 40, 45, 50.25, 55, 60, 65, 70, 80.75]},
    {"name": "day", "missing": 0.0, "quantiles": [f"2013-{month:02d}-15" for month in range(1, 12)]},
    {"name": "comfort", "missing": 0.0, "shares": [["high", 0.5], ["medium", 0.3], ["low", 0.2]]},
    {"name": "seen", "missing": 0.8, "quantiles": [f"2013-{month:02d}-15T08:30:00Z" for month in range(1, 12)]},
    {"name": "kind of plane", "missing": 0.2, "shares": [["jet", 0.9], ["propeller", 0.1]]},
    {"name": "holiday", "missing": 0.0, "shares": [[False, 0.9], [True, 0.1]]},
    {"name": "seats", "missing": 0.6, "quantiles": [10, 50, 100, 120, 140, 150, 160, 180, 200, 300, 400]},
]  # fmt: skip
ODD = ["<b>bold</b>", "a&amp;b", "it's <i>", "{{ 7 * 7 }}", "</script><script>alert(1)</script>", " ",
       "x" * 80, "Größe_größer_als", "東京", "a,b", "javascript:alert(1)"]  # fmt: skip


def page(task: str, more: int = 0) -> dict[str, Any]:
    """The manifest's part `page`."""
    others = [{"name": name, "missing": 0.0, "quantiles": [0.1 * place for place in range(11)]} for name in odd(more)]
    return {"rows": 1000, "usual": USUAL[task], "inputs": [*INPUTS, *others]}


def odd(count: int) -> list[str]:
    """Names a column may have."""
    return [name if place < len(ODD) else f"{name} {place}" for place, name in enumerate((ODD * 9)[:count])]


def write(folder: Path, task: str, more: int = 0) -> None:
    """The tiny model of the task with its page; `more` inputs under odd names, which the model does not use."""
    extra = [{"name": name, "type": "number", "nullable": True, "low": 0.0, "high": 1.0} for name in odd(more)]
    reading = tiny.READING | {
        "columns": tiny.READING["columns"]
        | {name: {"type": "number", "format": "", "levels": [], "missing": []} for name in odd(more)}
    }
    tiny.write(folder, task=task, inputs=tiny.INPUTS + extra, page=page(task, more), reading=reading)


@contextmanager
def serving(folder: Path, task: str, more: int = 0, settings: str = "") -> Iterator[Server]:
    """A real server of the model."""
    root = repository(folder / task)
    shutil.rmtree(root / "model")
    write(root / "model", task, more)
    (root / "model" / "champion.json").write_text('{"version": null}\n')
    server = Server(root, settings=settings + REPORT)
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def chromium() -> Iterator[Any]:
    """The machine's Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=found("chromium"), args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


Tab = Callable[..., Any]
