"""Page 8: where the report came from, how to make it again, what its words mean, and what a signature needs."""

from __future__ import annotations

from stages.report.findings import comparison, words_used
from stages.report.findings.estimate import crossed
from stages.report.findings.inputs import Inputs, Row
from stages.report.findings.provenance import provenance
from stages.report.findings.verdict import verdict
from stages.wording.numbers import count, listed, percent, plain
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


def sign(inputs: Inputs) -> Row:
    """All that page 8 shows."""
    found = verdict(inputs)
    return {
        "title": "Anyone can make this report again; it counts only when signed"
        if found["case"] not in ("failed", "same")
        else "Anyone can make this report again; there is nothing to sign",
        "lead": "Every number in it is read from files that the pipeline wrote; none is typed in. The commands make "
        "the same bytes from the same data, and fail where a fingerprint differs.",
        **provenance(inputs),
        "settings": _settings(inputs),
        "commands": [
            {"command": command, "does": does} for command, does in COMMANDS if inputs.manifest or command != SERVE
        ],
        "words": words_used.words(inputs),
        "conditions": found["conditions"],
        "signatures": inputs.params.signatures,
        "record": [{"command": command, "choice": choice} for command, choice in RECORD],
    }


def _settings(inputs: Inputs) -> list[Row]:
    """How it was split, trained and scored."""
    found, manifest = inputs.evaluation, inputs.manifest or {}
    params = manifest.get("provenance", {}).get("params", {})
    packages = manifest.get("provenance", {}).get("packages", {})
    train, units = params.get("train", {}), found.get("unit_costs")
    shown = ("learning_rate", "max_leaf_nodes", "min_samples_leaf", "l2_regularization", "trees", "folds", "seed")
    items = {
        "Split": _split(params.get("features", {}).get("split", {})),
        "Training": ", ".join(f"{name.replace('_', ' ')} {_plain(train[name])}" for name in shown if train.get(name)),
        "Scoring": _scoring(inputs),
        "Packages": ", ".join(f"{name} {version}" for name, version in sorted(packages.items())),
        "Costs": f"{plain(units['over'])} for a unit too high, {plain(units['under'])} for one too low"
        if units
        else "",
        "Rule": f"threshold {percent(found['threshold'], 1)}, from the costs {plain(found['costs']['miss'])} to "
        f"{plain(found['costs']['false_alarm'])}"
        if found.get("costs")
        else "",
    }
    return [{"item": item, "value": sentence(value)} for item, value in items.items() if value]


def _plain(value: object) -> str:
    return plain(float(value)) if isinstance(value, int | float) else str(value)


def _split(split: Row) -> str:
    if split.get("by") == "time":
        return (
            f"by {str(split.get('column', 'time')).replace('_', ' ')}: train, validation from "
            f"{split.get('validation_from')}, hold-out from {split.get('test_from')}"
        )
    if not split:
        return ""
    by = {"hash": "by the hash of the row's key", "group": f"by the hash of {split.get('column')}, whole groups"}
    shares = [f"{percent(split[name])} {said}" for name, said in (("validation", "validation"), ("test", "hold-out"))
              if isinstance(split.get(name), float)]  # fmt: skip
    return ": ".join(
        part for part in (by.get(split["by"], f"by {split['by']}"), listed(shares) if shares else "") if part
    )


def _scoring(inputs: Inputs) -> str:
    found = inputs.evaluation
    block = (
        f"single {inputs.words.many}"
        if found["block"] in ("", "row")
        else f"whole blocks (one per {found['block'].replace('_', ' ')})"
    )
    sure, where = percent(comparison.confidence(inputs)), "cross-validation" if crossed(inputs) else "the hold-out"
    return f"on {where}; {sure} intervals from {count(found['blocks'])} {block}, resampled"
