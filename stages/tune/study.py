"""Which values are tried: each is drawn by Optuna from what the ones before it were worth.

The study is kept nowhere. Drawn again from the same seed, and told the same losses, it draws the same values: a run
that goes on where another one stopped draws all of them once more and fits those that nobody has fitted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import cast

import optuna

from stages.contracts.metric_key import MetricKey
from stages.tune.judge import Result, Trial
from stages.tune.params import Choice, Range, Tune, Value, is_whole

FIGURES = 4
"""Of a number that is tried: it is to be read, and further ones change no model that matters."""


def run_trials(tune: Tune, loss: MetricKey, judge: Callable[[dict[str, Value]], Result]) -> Iterator[Trial]:
    """Draw, judge and yield trials without end; what failed is told to Optuna as worse than any other."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=tune.seed))
    while True:
        trial = study.ask()
        values = {name: draw(trial, name, tune.search[name]) for name in sorted(tune.search)}
        result = judge(values)
        if result.failed:
            study.tell(trial, state=optuna.trial.TrialState.PRUNED)
        else:
            study.tell(trial, result.validation[loss])
        yield Trial(trial.number + 1, values, result)


def draw(trial: optuna.Trial, name: str, choice: Choice) -> Value:
    """Return a value for the key of train."""
    if not isinstance(choice, Range):
        return cast(Value, trial.suggest_categorical(name, choice))
    if is_whole(name):
        return trial.suggest_int(name, int(choice.low), int(choice.high), log=choice.log)
    value = float(f"{trial.suggest_float(name, choice.low, choice.high, log=choice.log):.{FIGURES}g}")
    return min(max(value, float(choice.low)), float(choice.high))
