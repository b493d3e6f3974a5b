"""Section 8: where the report came from, how to make it again, what its words mean, and what a signature needs."""

from __future__ import annotations

import msgspec
from msgspec.structs import asdict

from stages.contracts.evaluation import AnyEvaluation, BinaryEvaluation, RegressionEvaluation
from stages.report.findings import comparison
from stages.report.findings.estimate import Item, is_cross_validated
from stages.report.findings.glossary import Term, glossary
from stages.report.findings.inputs import Inputs
from stages.report.findings.provenance import Provenance, provenance
from stages.report.findings.verdict import verdict
from stages.transform.split_rule import SplitRule
from stages.wording.numbers import count, percent, plain
from stages.wording.params import Next
from stages.wording.vocabulary import sentence

SERVE = "make serve"
COMMANDS = (
    ("make repro", "runs again only the stages whose inputs changed"),
    ("make verify", "two fresh clones make these very bytes"),
    ("make review BASE=HEAD", "what changed since the last commit"),
    (SERVE, "the service, and its page at /ui"),
)
RECORD = (
    ('make approve BY="your name" NOTE="why"', "Approve"),
    ('make approve BY="your name" DECISION=conditions NOTE="which, who, until when"', "Approve with conditions"),
    ('make approve BY="your name" DECISION=reject NOTE="why"', "Do not approve"),
)
"""The command that records each choice."""


class Command(msgspec.Struct, frozen=True):
    """A command and what it does."""

    command: str
    does: str


class RecordCommand(msgspec.Struct, frozen=True):
    """The command that records a choice."""

    command: str
    choice: str


class SignOff(Provenance, frozen=True, kw_only=True):
    """All that section 8 shows, and the words, which stand where room is; `next` may be empty, to be filled in."""

    title: str
    lead: str
    settings: list[Item]
    commands: list[Command]
    words: list[Term]
    assumed: list[Item]
    next: list[Item]
    conditions: list[str]
    signatures: list[str]
    record: list[RecordCommand]


def sign_off(inputs: Inputs) -> SignOff:
    """Return what section 8 shows."""
    found = verdict(inputs)
    return SignOff(
        **asdict(provenance(inputs)),
        title="Anyone can make this report again; it counts only when signed"
        if inputs.evaluation.passed and found.case != "same"
        else "Anyone can make this report again; there is nothing to sign",
        lead="Every number in it is read from files that the pipeline wrote; none is typed in. The commands make "
        "the same bytes from the same data, and fail where a fingerprint differs.",
        settings=_settings(inputs),
        commands=[Command(command, does) for command, does in COMMANDS if inputs.manifest or command != SERVE],
        words=glossary(inputs),
        assumed=[Item(sentence(about), sentence(text)) for about, text in (inputs.params.assumed or {}).items()],
        next=_next(inputs.params.next),
        conditions=found.conditions,
        signatures=inputs.params.signatures,
        record=[RecordCommand(command, choice) for command, choice in RECORD],
    )


def _next(found: Next) -> list[Item]:
    """Return what happens after the signature."""
    return [
        Item("Who serves it", found.served_by),
        Item("From when", found.start),
        Item("Looked at again", found.review),
        Item("If it fails", found.failure),
    ]


def _settings(inputs: Inputs) -> list[Item]:
    """How it was split, trained and scored."""
    made_of = inputs.manifest.provenance if inputs.manifest else None
    params, packages = (made_of.params, made_of.packages) if made_of else ({}, {})
    train = params.get("train", {})
    shown = ("learning_rate", "max_leaf_nodes", "min_samples_leaf", "l2_regularization", "trees", "folds", "seed")
    items = {
        "Split": _split(inputs.manifest.split) if inputs.manifest and inputs.manifest.split else "",
        "Training": ", ".join(f"{name.replace('_', ' ')} {_plain(train[name])}" for name in shown if train.get(name)),
        "Scoring": _scoring(inputs),
        "Packages": ", ".join(f"{name} {version}" for name, version in sorted(packages.items())),
        **_costs(inputs.evaluation),
    }
    return [Item(item, sentence(value)) for item, value in items.items() if value]


def _costs(found: AnyEvaluation) -> dict[str, str]:
    """What errors cost, and the rule that follows from it."""
    if isinstance(found, BinaryEvaluation):
        if found.costs.assumed:
            return {"Threshold": f"{percent(found.threshold)}, as nobody has set what wrong calls cost"}
        costs = f"{plain(found.costs.miss)} to {plain(found.costs.false_alarm)}"
        return {"Rule": f"threshold {percent(found.threshold, 1)}, from the costs {costs}"}
    if isinstance(found, RegressionEvaluation) and found.unit_costs:
        over, under = plain(found.unit_costs.over), plain(found.unit_costs.under)
        return {"Costs": f"{over} for a unit too high, {under} for one too low"}
    return {}


def _plain(value: object) -> str:
    return plain(float(value)) if isinstance(value, int | float) else str(value)


def _split(rule: SplitRule) -> str:
    split, column = rule.split, rule.split.column.replace("_", " ")
    if split.by != "time":
        by = "by the hash of the row's key" if split.by == "hash" else f"by the hash of {column}, whole groups"
        return f"{by}: {percent(float(split.validation))} validation and {percent(float(split.test))} hold-out"
    if split.test_from:
        return f"by {column}: train, validation from {rule.validation_from}, hold-out from {rule.test_from}"
    before, latest = (percent(one) if isinstance(one, float) else one for one in (split.validation, split.test))
    return f"by {column}: validation from {rule.validation_from} ({before}), hold-out from {rule.test_from} ({latest})"


def _scoring(inputs: Inputs) -> str:
    found = inputs.evaluation
    block = (
        f"single {inputs.words.many}"
        if found.block in ("", "row")
        else f"whole blocks (one per {found.block.replace('_', ' ')})"
    )
    sure, where = (
        percent(comparison.confidence(inputs)),
        "cross-validation" if is_cross_validated(inputs) else "the hold-out",
    )
    return f"on {where}; {sure} intervals from {count(found.blocks)} {block}, resampled"
