"""Page 1: the verdict, the four key numbers against what there is today, and the gates."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from stages.contracts.evaluation import BinaryEvaluation
from stages.contracts.metric_key import MetricKey
from stages.report.findings import comparison
from stages.report.findings.affected import describe_difference
from stages.report.findings.amounts import amounts
from stages.report.findings.comparison import HOLD_OUT, SPOKEN, InUse, Measured, baseline, confidence
from stages.report.findings.data import notes
from stages.report.findings.estimate import CrossValidation, Item, estimate, is_cross_validated, where
from stages.report.findings.inputs import Inputs
from stages.report.findings.periods import describe_periods
from stages.report.findings.plots import ModelName
from stages.report.findings.scores_summary import judge_coverage, promised_share, summarize_scores
from stages.report.findings.verdict import Case, Gate, case, gates, not_beaten, verdict, why
from stages.wording.metrics import PER, Metric
from stages.wording.numbers import Form, count, percent, plain, plural, shown
from stages.wording.vocabulary import a, sentence

DIRECTIONS = {"more": "higher is better", "less": "lower is better", "near": ""}
REFUSED = "A candidate that misses a required gate is not saved and cannot be approved."
IN_USE = "This model is already the one in use. The next candidate that differs asks for a decision."


class Against(msgspec.Struct, frozen=True):
    """What a key number is held against, and what the difference means in a word."""

    model: str
    value: float | None
    low: float | None
    high: float | None
    word: str
    form: Form


class KeyNumber(msgspec.Struct, frozen=True):
    """A metric of the candidate; its difference is told in points where it is a share."""

    metric: MetricKey
    label: str
    value: float | None
    low: float | None
    high: float | None
    form: Form
    points: bool
    against: Against


class ComparedModel(msgspec.Struct, frozen=True):
    """A model's value of a compared metric with its interval."""

    model: ModelName
    value: float
    low: float | None
    high: float | None


class ComparedMetric(msgspec.Struct, frozen=True):
    """A metric by which the models stand side by side."""

    metric: MetricKey
    label: str
    direction: str
    form: Form
    models: list[ComparedModel]


class Option(msgspec.Struct, frozen=True):
    """A choice, and what it means."""

    choice: str
    means: str


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """All that page 1 shows: the scores (`lead`) and what they rest on (`points`) first.

    Without `options` there is nothing to sign, and `no_choice` says why.
    """

    case: Case
    title: str
    advice: str
    conditions: list[str]
    lead: str
    points: list[Item]
    champion: InUse
    reference: ModelName
    key_numbers: list[KeyNumber]
    compared: list[ComparedMetric]
    compared_on: str
    estimate: CrossValidation | None
    gates: list[Gate]
    options: list[Option]
    no_choice: str
    note: str
    per: int
    confidence: float


def decision(inputs: Inputs) -> Decision:
    """Return what page 1 shows."""
    found = verdict(inputs)
    return Decision(
        case=found.case,
        title=found.title,
        advice=found.advice,
        conditions=found.conditions,
        lead=summarize_scores(inputs),
        points=[Item(about, text) for about, text in _points(inputs) if text],
        champion=comparison.champion(inputs),
        reference=comparison.reference(inputs),
        key_numbers=[_key_number(inputs, comparison.measure(inputs, key)) for key in _keys(inputs)],
        compared=[_compared(inputs, comparison.measure(inputs, key)) for key in _compared_keys(inputs)],
        compared_on=_compared_on(inputs),
        estimate=estimate(inputs),
        gates=gates(inputs),
        options=_options(inputs, found.case),
        no_choice=_explain_no_choice(inputs, found.case),
        note=_note(inputs),
        per=PER,
        confidence=confidence(inputs),
    )


def label(inputs: Inputs, measure: Metric) -> str:
    """What a key number is called, in the words of the data where there are any."""
    words = inputs.words
    given: dict[MetricKey, str] = {
        "auc": "Ranking quality, AUC",
        "recall": sentence(f"{words.short} {words.speech.caught}") + ("" if words.named else " (recall)"),
        "precision": sentence(f"{words.warning.many} that are right"),
        "cost": f"Cost per {count(PER)} {words.many}" + (f", {value}" if (value := inputs.params.value) else ""),
        "accuracy": "Right class (accuracy)",
        "coverage": f"Inside the {percent(promised_share(inputs))} interval",
    }
    text = given.get(measure.key, measure.label)
    unit = amounts(inputs).name if measure.kind == "error" else ""
    return f"{text}, {unit}" if unit else text


def _keys(inputs: Inputs) -> list[MetricKey]:
    """The task's key measures. Two guesses hold one of two classes; without intervals there is no coverage."""
    instead = _instead_of_costs(inputs)
    if len(inputs.schema.target.classes) <= 2:
        instead["top2_accuracy"] = "balanced_accuracy"
    if comparison.score(inputs, "candidate", "coverage") is None:
        instead["coverage"] = "rmse"
    return [instead.get(key, key) for key in comparison.task(inputs).key]


def _compared_keys(inputs: Inputs) -> list[MetricKey]:
    """The measures by which the models stand side by side."""
    instead = _instead_of_costs(inputs)
    return [instead.get(key, key) for key in comparison.task(inputs).compared]


def _instead_of_costs(inputs: Inputs) -> dict[MetricKey, MetricKey]:
    """What is told in place of costs that nobody set."""
    return {} if comparison.knows_costs(inputs) else {"cost": "average_precision"}


def _key_number(inputs: Inputs, measure: Metric) -> KeyNumber:
    found, form = comparison.scores(inputs, "candidate", measure.key), comparison.form(inputs, measure.key)
    is_share = measure.kind == "share"
    return KeyNumber(
        metric=measure.key,
        label=label(inputs, measure),
        value=found.value,
        low=found.low,
        high=found.high,
        form=replace(form, digits=comparison.task(inputs).decimals) if is_share else form,
        points=is_share,
        against=_promise(inputs, found) if measure.key == "coverage" else _against(inputs, measure, form),
    )


def _against(inputs: Inputs, measure: Metric, form: Form) -> Against:
    model = comparison.reference(inputs)
    less = comparison.difference(inputs, measure.key, model)
    return Against(SPOKEN[model], less.value, less.low, less.high, less.word, replace(form, unit=""))


def _promise(inputs: Inputs, found: Measured) -> Against:
    """An interval is held against the share it promises: more inside is too wide, fewer too narrow."""
    share = promised_share(inputs)
    value = None if found.value is None else found.value - share
    return Against(f"the promised {percent(share)}", value, None, None, judge_coverage(inputs), Form(1, 100))


def _compared(inputs: Inputs, measure: Metric) -> ComparedMetric:
    each = {model: comparison.scores(inputs, model, measure.key) for model in SPOKEN}
    return ComparedMetric(
        metric=measure.key,
        label="Ranking quality (AUC)" if measure.key == "auc" else label(inputs, measure),
        direction=DIRECTIONS[measure.better],
        form=comparison.form(inputs, measure.key),
        models=[
            ComparedModel(model, found.value, found.low, found.high)
            for model, found in each.items()
            if found.value is not None
        ],
    )


def _compared_on(inputs: Inputs) -> str:
    """What the dots and lines are, and which of them comes from other rows."""
    text = f"Dot: {where(inputs)}. Line: {percent(confidence(inputs))} interval."
    if on := comparison.champion_rows(inputs):
        text += f" Model in use: {on.removeprefix('the ')}."
    return text


def _points(inputs: Inputs) -> list[tuple[str, str]]:
    """What the scores rest on, whom it serves less well, what nobody has confirmed, and what is doubted of the data."""
    crossed, differs = is_cross_validated(inputs), describe_difference(inputs)
    assumed, doubts = len(inputs.params.assumed or {}), notes(inputs)
    choices = plural(assumed, "choice was", "choices were")
    return [
        ("Hold-out", _on_hold_out(inputs) if crossed else ""),
        ("Period", "" if crossed else describe_periods(inputs)),
        ("Model in use", _describe_champion(inputs)),
        ("Gates", _describe_gates(inputs)),
        ("Groups", f"{differs}." if differs else ""),
        ("Assumed", f"{sentence(choices)} made for this table that nobody has confirmed; they are listed at the "
                    "end." if assumed else ""),
        ("Data", f"Before you decide, read {plural(len(doubts), 'doubt', 'doubts')} about the data in section 2."
                 if doubts else ""),
    ]  # fmt: skip


def _describe_champion(inputs: Inputs) -> str:
    in_use = comparison.champion(inputs)
    if in_use.state == "none":
        return "There is none yet to compare it with."
    if in_use.state == "incomparable":
        return f"It cannot be compared with it: {in_use.reason.rstrip('.')}."
    on = comparison.champion_rows(inputs)
    return f"Compared on {on}; it may have learnt from the others." if on not in ("", HOLD_OUT) else ""


def _describe_gates(inputs: Inputs) -> str:
    told = []
    failed = [gate for gate in gates(inputs) if gate.mark == "failed"]
    open_ = [gate for gate in gates(inputs) if gate.mark == "open"]
    if case(inputs) == "unproven":
        behind = not_beaten(inputs)
        others = " or ".join({"baseline": "the baseline", "constant": "one answer for all"}[name] for name in behind)
        so = "nothing is known to be learnt" if "constant" in behind else "a rule without a model may do as well"
        told.append(f"It is not clearly better than {others}: {so}.")
    if failed:
        told.append(f"It misses {plural(len(failed), 'required gate', 'required gates')}: {why(failed[:4])}.")
    elif open_:
        points = plural(len(open_), "gate needs", "gates need")
        told.append(f"{sentence(points)} your judgement: {why(open_[:4])}.")
    else:
        required = any(gate.level == "must" and gate.mark == "met" for gate in gates(inputs))
        told.append("It meets every gate that applies" + ("." if required else "; no required one does."))
    return " ".join(told)


def _on_hold_out(inputs: Inputs) -> str:
    """The candidate itself, no copy of it, on the rows it has not learnt from; the model in use is compared on them."""
    measure = comparison.measure(inputs, comparison.task(inputs).primary)
    form, unit = comparison.form(inputs, measure.key), ""
    if measure.kind == "error":
        unit = f" {amounts(inputs).name}".rstrip()
    there = inputs.evaluation.estimate.hold_out
    own = there.candidate.get(measure.key) if there else None
    compared = comparison.champion_rows(inputs) == HOLD_OUT
    other = comparison.score(inputs, "champion", measure.key) if compared else None
    rows = plural(inputs.evaluation.rows["test"], inputs.words.one, inputs.words.many)
    beside = f", the model in use {shown(other, form)}{unit}" if other is not None else ""
    told = f"{measure.label} {shown(own, form)}{unit}{beside}"
    return f"The candidate itself, fitted once, on the {rows} of the hold-out: {told}."


def _options(inputs: Inputs, found: Case) -> list[Option]:
    """The choices there are; none for a candidate that was refused or is in use already."""
    if _explain_no_choice(inputs, found):
        return []
    stays = comparison.champion(inputs).version is not None
    otherwise = "The model in use keeps serving." if stays else "There is still no approved model."
    return [
        Option("Approve", "The candidate becomes the model in use. What is served is marked as approved."),
        Option(
            "Approve with conditions", "As above, and each open point gets an owner and a date beside your signature."
        ),
        Option("Do not approve", f"{otherwise} Nothing is published."),
    ]


def _explain_no_choice(inputs: Inputs, found: Case) -> str:
    """Return why there is nothing to decide, and what serves meanwhile; nothing where there is a choice."""
    if inputs.evaluation.passed:
        return IN_USE if found == "same" else ""
    return REFUSED + (" The model in use keeps serving." if comparison.champion(inputs).version else "")


def _note(inputs: Inputs) -> str:
    found, many = inputs.evaluation, inputs.words.many
    block = "" if found.block == "row" else found.block.replace("_", " ")
    resampled = (
        f"{count(found.blocks)} whole blocks (one per {block}), because {many} of one block are alike"
        if block
        else f"single {many}"
    )
    return (
        f"Intervals are {percent(confidence(inputs))} and resample {resampled}{_wider(inputs)}. Differences are taken "
        f"on the same {many}.{_terms(inputs)} A required gate that the whole interval does not meet forbids approval"
        + ("; where another one is not met or undecided, it is your call." if found.passed else ".")
    )


def _wider(inputs: Inputs) -> str:
    """What cross-validation adds to what is resampled."""
    return "; they are wider than that, as the models of all folds share rows" if is_cross_validated(inputs) else ""


def _terms(inputs: Inputs) -> str:
    """What the cost is made of, what the outcome is, and what the baseline is."""
    words, found, told = inputs.words, inputs.evaluation, ""
    if isinstance(found, BinaryEvaluation) and found.costs.assumed:
        told += " Nobody has set what wrong calls cost: the line is drawn as if both kinds cost the same."
    elif isinstance(found, BinaryEvaluation):
        told += (
            f" Cost: {plain(found.costs.miss)} for {a(words.warning.miss)}, {plain(found.costs.false_alarm)} for "
            f"{a(words.warning.false_alarm)}."
        )
    if words.said:
        told += f" {sentence(words.positive)}: {words.phrase}."
    return f"{told} {baseline(inputs)}"
