"""The search as a picture: the loss of each trial, the best so far, and params.yaml."""

from __future__ import annotations

import io
from itertools import accumulate

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from stages.tune.summary import NOW, Outcome


def draw_trials(outcome: Outcome) -> bytes:
    """Return a PNG."""
    done = [trial for trial in outcome.trials if not trial.result.failed]
    numbers = [trial.number for trial in done]
    losses = [trial.result.validation[outcome.loss] for trial in done]
    now = outcome.now.validation[outcome.loss]
    figure = Figure(figsize=(8, 4.5), layout="constrained")
    axes = figure.add_subplot()
    axes.plot(numbers, losses, "o", color="#5B93CB", label="trial")
    axes.step(numbers, list(accumulate(losses, min)), where="post", color="#0B5CAD", label="best so far")
    axes.plot([1, len(outcome.trials)], [now, now], "--", color="#5A6672", label=NOW)
    axes.set(xlabel="Trial", ylabel=f"{outcome.loss} of the validation rows")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend()
    content = io.BytesIO()
    figure.savefig(content, format="png", dpi=120)
    return content.getvalue()
