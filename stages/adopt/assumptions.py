"""What adopt chose and nobody has confirmed: it stands in params.yaml and in the report until a person takes it out."""

from __future__ import annotations

from stages.adopt.proposal import Proposal
from stages.clean import targets
from stages.wording.numbers import listed

COSTS = {
    targets.BINARY: "what wrong calls cost is not said: the line stands at 50%, as if both kinds cost the same",
    targets.REGRESSION: "no error is said to be small enough, and one too high costs as much as one too low",
}
GATES = "the usual ones: clearly better than the baseline, than one answer for all, and no worse than the model in use"
DEALT = "rows are dealt out at random: right only where those to come are drawn like those that are there"


def list_choices(proposal: Proposal) -> dict[str, str]:
    """Return what was chosen in a person's place: what about, and which choice."""
    task = proposal.target.task
    words = "rows are called rows, and the target by its column's name"
    if task == targets.BINARY:
        words = f"the class '{proposal.target.positive}' is neither a harm nor a benefit; {words}"
    choices = {
        "split": DEALT if proposal.split["by"] == "hash" and not proposal.at_random else "",
        "costs": COSTS.get(task, ""),
        "gates": GATES,
        "baseline": f"the rule without a model goes by {listed(proposal.baseline)}" if proposal.baseline else "",
        "groups": f"those of {listed(proposal.slices)} are looked at one by one" if proposal.slices else "",
        "words": words,
    }
    return {about: choice for about, choice in choices.items() if choice}


def list_assumptions(proposal: Proposal) -> dict[str, str]:
    """Return the choices, and after them what is doubted of columns and files."""
    assumed = list_choices(proposal)
    choices = set(assumed)
    for doubt in proposal.doubts:
        about = f"column {doubt.about}" if doubt.about in choices else doubt.about
        assumed[about] = " ".join(filter(None, [assumed.get(about, ""), doubt.text]))
    return assumed
