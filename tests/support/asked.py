"""The page without a server: a tiny model, what it is asked, and a client of its app."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import paged

from serve.http.active_model import ActiveModel, NoModel
from serve.monitor.watch import Window
from serve.page import app as pages
from serve.page import vocabulary
from serve.page.page import Asking
from serve.scoring import loader as models
from serve.scoring.loader import Model
from stages.wording.params import Alert

TYPICAL = {
    "carrier": "UA", "day": "2013-06-15", "sched": 1315, "temp": 50.25, "seats": None, "holiday": False, "seen": None,
    "kind of plane": "jet", "comfort": "high",
}  # fmt: skip
"""The medians and the commonest values of paged.INPUTS; of inputs that are mostly missing none."""


def model(root: Path, task: str = "binary", more: int = 0) -> Model:
    paged.write(root / "model", task, more)
    (root / "model" / "champion.json").write_text('{"version": null}')
    (root / "params.yaml").write_text(paged.REPORT)
    return models.load(root)


def asking(root: Path, task: str = "binary", more: int = 0) -> Asking:
    return Asking(model(root, task, more), vocabulary.report(root))


def page(served: ActiveModel | NoModel, root: Path, window: Window | None = None) -> pages.Page:
    return pages.Page(lambda: served, vocabulary.report(root), lambda: window, Alert())


def client(root: Path, task: str = "binary", more: int = 0) -> Any:
    served = ActiveModel(model(root, task, more), 1000, dict)
    return pages.make_app(page(served, root)).test_client()


def typed(one: Asking, **changed: str) -> dict[str, str]:
    """The form as it is first shown, but for what is changed by the inputs' names."""
    keys = {field.name: field.key for field in one.fields}
    return {field.key: field.text for field in one.fields} | {keys[name]: text for name, text in changed.items()}
