"""params.yaml of an adopted table: each key with what it means, each decision on a line of its own."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from string import Template
from typing import Any

import msgspec
from dvc.utils.serialize import dumps_yaml
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap

from stages.adopt import defaults
from stages.adopt.assumptions import list_assumptions
from stages.adopt.proposal import Proposal
from stages.adopt.target import Goal
from stages.adopt.train_defaults import suggest_train
from stages.ingest.bounds import Bounds

TEMPLATE = Path(__file__).with_name("params.template")
PLAIN = re.compile(r"[A-Za-z_][\w./-]*( [\w./-]+)*", re.ASCII)
SPECIAL = {"y", "n", "yes", "no", "on", "off", "true", "false", "null", "none"}
"""Words that some reader of YAML takes for something other than a text."""
COMMENT_AT = 32
LONGEST_FLOW = 2
"""Keys of a mapping that stands on one line."""
REASON = 140
"""Characters of a reason in a comment."""
ASSUMED = 300
"""Characters of what was assumed."""
WORSE = 0.02
"""By how much of the target's spread a candidate may be worse than the champion for all we know."""

GATES = {
    "binary": """\
    beats_baseline: {level: must, metric: auc, against: baseline, low_above: 0.0}
    beats_constant: {level: must, metric: auc, against: constant, low_above: 0.0}
    no_worse_than_champion: {level: must, metric: auc, against: champion, low_above: -0.02}
    calibrated: {level: should, metric: calibration_error, high_below: 0.1}""",
    "multiclass": """\
    beats_baseline: {level: must, metric: accuracy, against: baseline, low_above: 0.0}
    beats_constant: {level: must, metric: accuracy, against: constant, low_above: 0.0}
    no_worse_than_champion: {level: must, metric: accuracy, against: champion, low_above: -0.02}
    likelier_than_baseline: {level: should, metric: log_loss, against: baseline, high_below: 0.0}""",
    "regression": """\
    beats_baseline: {level: must, metric: mae, against: baseline, high_below: 0.0}
    beats_constant: {level: must, metric: mae, against: constant, high_below: 0.0}
    no_worse_than_champion: {level: must, metric: mae, against: champion, high_below: $worse}
    interval_holds: {level: should, metric: coverage, low_above: 0.7}
    interval_holds_everywhere: {level: should, metric: worst_coverage, low_above: 0.6}""",
}
OUTCOME = """\
  outcome: {kind: neutral}      # or harm (risks and alarms), or benefit (chances and picks): other words go with each
  value: ""                     # what costs are counted in: EUR, minutes
"""
COSTS = {
    "binary": """\
  cost_of_miss: null            # of a positive that is not found, and …
  cost_of_false_alarm: null     # … of a negative taken for one: their ratio sets the threshold, 50% while nobody set it
""",
    "multiclass": "",
    "regression": """\
  tolerance: null               # an error up to this counts as right
  cost_of_over: null            # of one unit predicted too high, and …
  cost_of_under: null           # … of one too low: what errors cost becomes a measure and a page of the report
""",
}
SPLIT = {
    "by": "time, or hash (of the key, or else of the inputs), or group (hash of `column`)",
    "validation": "share of the rows that the training is steered by; by time also: 2 months before",
    "test": "share of the rows held out; by time the latest, also: last 2 months",
    "salt": "another number is another draw",
    "repeats": "rows alike are on one side (together), or each has its own (apart)",
}
TRAIN = {
    "estimator": "boosting, linear, forest, blend (of them all), or best: the least loss on rows not fitted on",
    "folds": "k: chosen by k-fold cross-validation over train and validation rows; 0: on the validation rows",
    "refit": "whether what was chosen is fitted again on train and validation rows together",
    "interval": "regression: share of rows whose value the predicted interval should hold",
    "max_rounds": "boosting rounds at most",
    "step": "rounds between two looks at rows that were not fitted on, each kept as a checkpoint",
    "patience": "steps without improvement before training ends",
    "trees": "of a forest",
}


@dataclass(frozen=True)
class ReadAs:
    """How the files are read: `sources` below data/source/, `names` of the columns where they have no header line.

    header: a column that the header line names, where lines above hide it.
    """

    sources: Sequence[str]
    names: Sequence[str]
    header: str = ""
    bounds: Bounds = field(default_factory=Bounds)


def write_params(proposal: Proposal, reading: ReadAs) -> str:
    """The whole file."""
    goal = proposal.target
    inputs = len(proposal.named("input"))
    small = proposal.split["by"] != "time" and defaults.is_small(proposal.rows, inputs, len(goal.classes))
    train = msgspec.to_builtins(suggest_train(proposal.rows, goal.task, proposal.split["by"], len(goal.classes)))
    types = {name: (write_flow(one.finding.spec), one.finding.reason) for name, one in proposal.types.items()}
    made = Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        table=proposal.table,
        sources=write_flow(reading.sources),
        names=write_mapping(
            {proposal.table: reading.names} if reading.names else {},
            "the columns' names, of a table without header line",
        ),
        header=write_mapping(
            {proposal.table: reading.header} if reading.header else {},
            "a column that the header line names, where other lines hide it: {table: column}",
        ),
        max_bytes=reading.bounds.size,
        max_columns=reading.bounds.columns,
        max_cell=reading.bounds.cell,
        target=write_flow(goal.name),
        task=goal.task,
        task_reason=fit_line(goal.reason),
        positive=write_flow(goal.positive),
        positive_reason=fit_line(goal.positive_reason or "of two classes the one whose probability is predicted"),
        missing=write_flow(proposal.missing),
        missing_in=write_mapping(proposal.missing_in, "spellings that are missing in that column only"),
        leaks=write_reasons(proposal.named("leak"), "known only afterwards, or the target itself: never an input"),
        drop=write_reasons(proposal.named("drop"), "not needed, each with the reason"),
        ids=write_reasons(
            proposal.named("id"), "kept in data/clean.csv to find a row again or to group by, never an input"
        ),
        types=write_lines(types, 'how each column is read: "type [format]"'),
        set_aside=write_mapping(proposal.set_aside, "rows that are no case of the question: {reason: rule}"),
        max_invalid=f"{proposal.max_invalid:g}",
        rarest=proposal.rarest,
        derive=_derive(proposal),
        derived_away=write_flow(proposal.derived_away),
        split=write_lines({key: (write_flow(value), SPLIT.get(key, "")) for key, value in proposal.split.items()}),
        train=write_lines({key: (write_flow(value), TRAIN.get(key, "")) for key, value in train.items()}, indent="  "),
        folds=5 if small else 0,
        block=write_flow(proposal.block),
        costs=COSTS[goal.task],
        outcome=OUTCOME if goal.task == "binary" else "",
        baseline=write_flow(proposal.baseline),
        slices=write_flow(proposal.slices),
        sensitive=write_flow(proposal.sensitive),
        min_slice=defaults.suggest_min_slice(proposal.rows),
        gates=Template(GATES[goal.task]).safe_substitute(worse=float(f"{WORSE * proposal.scale:.2g}")),
        assumed=write_mapping(
            {about: fit_line(text, ASSUMED) for about, text in list_assumptions(proposal).items()},
            "chosen, and by nobody yet: the report says so of each until its line is taken out",
        ),
        title=write_flow(f"Prediction of {_name_outcome(goal)}"),
        units=write_mapping(
            {name: {"unit": unit} for name, unit in proposal.units.items()},
            "how columns are shown: {column: {label: …, unit: …}}",
        ),
    )
    return "".join(map(align_comment, settle(made).splitlines(keepends=True)))


def settle(text: str) -> str:
    """Return the text as DVC's writer leaves it, so that `dvc exp run --set-param` changes the line it is asked to.

    That writes each list in lines and without its comments, and knows no quotes but those that YAML 1.2 needs.
    """
    settled: str = dumps_yaml(_open(YAML().load(text)))
    return settled


def _open(value: Any) -> Any:
    if isinstance(value, list):
        return [_open(dict(one) if isinstance(one, Mapping) else one) for one in value]
    if isinstance(value, dict):
        for key, inner in value.items():
            value[key] = _open(inner)
        if isinstance(value, CommentedMap) and len(value) > LONGEST_FLOW:
            value.fa.set_block_style()
    return value


def write_flow(value: Any) -> str:
    """The value as YAML on one line."""
    if isinstance(value, str):
        if PLAIN.fullmatch(value) and value.lower() not in SPECIAL:
            return value
        return '"' + "".join(map(_escaped, value)) + '"'
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{write_flow(key)}: {write_flow(one)}" for key, one in value.items()) + "}"
    if isinstance(value, Sequence):
        return "[" + ", ".join(map(write_flow, value)) + "]"
    return json.dumps(value)


def _escaped(letter: str) -> str:
    if letter in '"\\':
        return f"\\{letter}"
    return letter if letter.isprintable() else f"\\U{ord(letter):08x}"


def align_comment(line: str) -> str:
    """The line with its comment in its column, where the value leaves room for it."""
    value, mark, comment = line.partition("  # ")
    if not mark or value.count('"') % 2 or value.lstrip().startswith("#"):
        return line
    return f"{value.rstrip():<{COMMENT_AT - 2}}{mark}{comment.lstrip()}"


def fit_line(said: str, longest: int = REASON) -> str:
    """The text on one line, not too long."""
    flat = " ".join("".join(letter if letter.isprintable() else " " for letter in said).split())
    return flat if len(flat) <= longest else f"{flat[: longest - 1]}…"


def write_lines(values: Mapping[str, tuple[str, str]], comment: str = "", indent: str = "    ") -> str:
    """A mapping from names to YAML, a line each with its comment, below a line with the comment of all."""
    if not values:
        return f"{{}}  # {comment}"
    made = [f" # {comment}" if comment else ""]
    for key, (value, said) in values.items():
        made.append(f"{indent}{write_flow(key)}: {value}" + (f"  # {fit_line(said)}" if said else ""))
    return "\n".join(made)


def write_mapping(values: Mapping[str, Any], comment: str) -> str:
    """A mapping of plain values, a line each."""
    return write_lines({key: (write_flow(value), "") for key, value in values.items()}, comment)


def write_reasons(values: Mapping[str, str], comment: str) -> str:
    """Columns and their reasons, a line each."""
    return write_mapping({name: fit_line(reason) for name, reason in values.items()}, comment)


def _name_outcome(goal: Goal) -> str:
    """What is predicted, by the column's own name and class."""
    name = goal.name.replace("_", " ").strip()
    return f"{name} = {goal.positive}" if goal.positive is not None else name


def _derive(proposal: Proposal) -> str:
    comment = "columns made of one row's values: see stages/transform/derivations.py for the kinds"
    if not proposal.derive:
        return f"[]  # {comment}"
    return "\n".join([f" # {comment}", *(f"    - {write_flow(step)}" for step in proposal.derive)])
