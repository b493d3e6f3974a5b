"""`make tune TRIALS=50`: search for better settings of train; `make tune TAKE=name`: take one over.

Each trial is fitted as train does, with other values of the keys in `tune.search` (params.yaml), judged by rows it was
not fitted on, and recorded as a DVC experiment; the hold-out is left out before anything sees it. What was found out is
kept under all that decides it, so that a run that was stopped goes on, and more trials go on from fewer. Nothing in the
working tree changes but `reports/tune.png` and the log, which git ignores; TAKE changes lines of params.yaml.
"""

from __future__ import annotations

import argparse
import logging
import subprocess
import sys
from contextlib import nullcontext
from functools import partial
from pathlib import Path

import msgspec
from tqdm.contrib.logging import logging_redirect_tqdm

from stages.contracts.metric_key import MetricKey
from stages.contracts.summary import PATH as SUMMARY
from stages.contracts.summary import Summary
from stages.core import params, run
from stages.core.errors import DataError, ParamsError, TrainError
from stages.core.files import json_text, write_bytes
from stages.core.params import PARAMS
from stages.leftovers import recover
from stages.model import memo
from stages.model.params import Train
from stages.storage.clients import install_pins
from stages.table import csv_io, schema
from stages.train.__main__ import FEATURES, key_of_all
from stages.transform import definition
from stages.tune import experiments
from stages.tune.experiments import Baseline
from stages.tune.judge import LOSS, Result, Rows, Trial, judge
from stages.tune.params import SECTION, WHERE, Tune, Value, read_tune
from stages.tune.params_lines import set_values
from stages.tune.plot import draw_trials
from stages.tune.summary import Outcome, name_trial, write_advice, write_table

PLOT = Path("reports/tune.png")
PINS = Path(__file__).with_name("requirements-tune.txt")


def read_rows() -> Rows:
    """Return the rows outside of the hold-out. Raises DataError where they are not what the stages now make."""
    if subprocess.run(["dvc", "status", "--quiet", "--with-deps", "features"], check=False).returncode:
        raise DataError(f"{FEATURES} is not what the stages up to features would make now. Run make repro first.")
    columns, defined = schema.read(), definition.read()
    target = {columns.target.name: "number"} if columns.task == "regression" else {}
    rows = csv_io.read(FEATURES, {**defined.types, **target})
    return Rows(rows[rows[defined.split] != "test"].reset_index(drop=True), columns, defined)


def recall(key: str, section: Train, rows: Rows, values: dict[str, Value]) -> Result:
    """Return what the values are worth in the section, from an earlier run where one found out; `key` is the rows'."""
    settings = memo.make_key(msgspec.json.encode({**msgspec.to_builtins(section), **values}))
    return memo.recall(f"{SECTION}-{settings}", key, Result, lambda: judge(section, values, rows))


def record(baseline: Baseline, text: str, name: str, trial: Trial) -> None:
    """Make a trial's experiment: its values in params.yaml, whose text is given, and its validation metrics alone."""
    changed = set_values(text, "train", trial.values)
    summary = json_text(msgspec.to_builtins(Summary(trial.result.validation)))
    experiments.record(baseline, name, f"Trial {name}", {PARAMS: changed.encode(), SUMMARY: summary.encode()})


def search(section: Train, tune: Tune, text: str, count: int) -> Outcome:
    """Judge and record so many trials of the sections `train` and `tune` of params.yaml, whose text is given.

    Raises PipelineError before the first trial where something is not as it must be.
    """
    from stages.tune.study import run_trials  # optuna may have been installed only now

    rows, baseline = read_rows(), experiments.find_baseline()
    key = key_of_all(Train(max_rounds=1), rows.columns, rows.frame)  # settings are told apart trial by trial
    asked = [msgspec.json.encode(part, order="sorted") for part in (section, tune)]
    prefix = f"{SECTION}-{memo.make_key(key.encode(), baseline.head.encode(), *asked)[:6]}"
    current = {name: getattr(section, name) for name in tune.search}
    set_values(text, "train", current)  # raises where a trial's values could not be written
    logging.info("tune: %s is judged first, to compare with; then %s-001 and so on", PARAMS, prefix)
    now = recall(key, section, rows, {})
    if now.failed:
        raise TrainError(f"what {PARAMS} has cannot be fitted: {now.failed}")
    outcome = Outcome(LOSS[rows.columns.task], current, now, [], prefix)
    drawn = run_trials(tune, outcome.loss, partial(recall, key, section, rows))
    try:
        # On a terminal each trial's line goes above the bar; elsewhere there is none.
        with logging_redirect_tqdm() if sys.stderr.isatty() else nullcontext():
            for _ in run.progress(range(count), "trial"):
                trial = next(drawn)
                tell(trial, outcome.loss, count)
                if not trial.result.failed:
                    record(baseline, text, name_trial(prefix, trial.number), trial)
                outcome.trials.append(trial)
    except KeyboardInterrupt:
        logging.info("tune: %d of %d trials are kept; the same command goes on there", len(outcome.trials), count)
        raise
    return outcome


def tell(trial: Trial, loss: MetricKey, count: int) -> None:
    """Log a trial's line."""
    values = ", ".join(f"{name} {value}" for name, value in trial.values.items())
    if trial.result.failed:
        logging.warning("tune: trial %d of %d failed (%s): %s", trial.number, count, values, trial.result.failed)
    else:
        logging.info(
            "tune: trial %d of %d: %s %.5f (%s)", trial.number, count, loss, trial.result.validation[loss], values
        )


def try_settings(count: int) -> None:
    """Search, and show what came of it."""
    recover()
    section, tune = params.load("train", Train), read_tune(params.read())
    if not tune.search:
        raise ParamsError(f"{WHERE} names nothing to try: name keys of train, each with its low and high, or a list.")
    install_pins(PINS, "optuna")
    outcome = search(section, tune, PARAMS.read_text(encoding="utf-8"), count)
    write_bytes(PLOT, draw_trials(outcome))
    print(f"\n{write_table(outcome)}\n\nAll trials: make experiments; as a picture: {PLOT}\n{write_advice(outcome)}")


def take(name: str) -> None:
    """Write the values that an experiment searched for into params.yaml, and nothing else."""
    found = params.parse(experiments.read(name, PARAMS), Path(f"{PARAMS} of {name}"))
    searched, theirs = read_tune(found).search, found["train"]
    if not searched:
        raise ParamsError(f"{name} searched for nothing: its {WHERE} is empty. dvc exp apply {name} takes all of it.")
    ours, values = params.read()["train"], {key: theirs[key] for key in searched}
    text = set_values(PARAMS.read_text(encoding="utf-8"), "train", values)
    write_bytes(PARAMS, text.encode())
    print("\n".join(f"{PARAMS}: train.{key}: {ours.get(key)} becomes {value}" for key, value in values.items()))
    others = sorted(key for key in {*ours, *theirs} - {*values} if ours.get(key) != theirs.get(key))
    if others:
        print(f"It was judged with another {', '.join(others)}, so that its score may not hold.", file=sys.stderr)
    print("Next: make repro, which judges it by the hold-out.")


def main() -> None:
    """The command line."""
    options = argparse.ArgumentParser("make tune", description="Search for better settings of train.")
    options.add_argument(
        "--trials", type=int, default=0, help="how many settings to try, those of earlier runs included"
    )
    options.add_argument("--take", default="", help="the experiment whose values go into params.yaml")
    given = options.parse_args()
    if given.take:
        run.stage("tune", lambda: take(given.take))
    elif given.trials < 1:
        options.error("say how many settings to try: make tune TRIALS=50, or which to take over: make tune TAKE=name")
    else:
        run.stage("tune", lambda: try_settings(given.trials))


if __name__ == "__main__":
    main()
