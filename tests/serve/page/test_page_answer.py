"""An answer is the service's own, with what is usual, why it is so, and what is odd about the row."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import asked
import paged
import pytest
import tiny

from serve.page import form, number_format
from serve.page.answer import Answer, Teller
from serve.page.page import TOO_LARGE, Asking
from serve.scoring.decode import Decoder
from serve.scoring.input_warnings import InputChecker
from stages.contracts.explanation import Explanation, Reason


@pytest.fixture(scope="module")
def each(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Asking]:
    return {task: asked.asking(tmp_path_factory.mktemp(task), task) for task in tiny.TASKS}


def answer(one: Asking, **changed: str) -> Answer:
    said = one.ask(asked.typed(one, **changed))
    assert said.answer, (said.errors, said.failure)
    return said.answer


def by_hand(task: str, **changed: Any) -> Any:
    return tiny.answer(asked.TYPICAL | changed, task)


def test_a_chance_stands_beside_the_usual_one_and_the_warnings_threshold(each: dict[str, Asking]) -> None:
    # given typical values, and a carrier that is more often late
    first, other = answer(each["binary"]), answer(each["binary"], carrier="0")
    # then
    share = by_hand("binary", carrier="AA")["probabilities"]["yes"]
    assert first.big == number_format.chance(by_hand("binary")["probabilities"]["yes"]) == "25%"
    assert (first.verdict, first.warn, first.since) == ("No warning.", False, "")
    assert first.sentence == "The usual probability is 25%; this is about the same."
    assert (other.big, other.verdict, other.warn) == (number_format.chance(share), "Warning.", True)
    assert f"{share / 0.25:.1f} times as high" in other.sentence
    assert other.since == "+25 points since typical values (25%)."
    assert {(mark.at, mark.kind) for mark in other.marks} == {(tiny.THRESHOLD, "rule"), (0.25, "usual")}
    assert other.short == f"{other.big}, warning"


def test_a_chance_at_the_threshold_is_a_warning(each: dict[str, Asking]) -> None:
    one = each["binary"]
    teller = Teller(one.model.manifest, one.facts, one.language, one.fields)
    chances = [tiny.THRESHOLD, math.nextafter(tiny.THRESHOLD, 0)]
    nothing = {field.name: None for field in one.fields}
    assert [teller.tell([chance], None, None, nothing).warn for chance in chances] == [True, False]


def test_of_classes_the_three_likeliest_with_their_usual_shares(each: dict[str, Asking]) -> None:
    said = answer(each["multiclass"], carrier="0")
    chances = by_hand("multiclass", carrier="AA")["probabilities"]
    best = max(chances, key=lambda name: chances[name])
    assert said.big == best
    assert [bar.label for bar in said.classes] == sorted(chances, key=lambda name: -chances[name])
    assert said.classes[0].text == number_format.chance(chances[best])
    assert [bar.usual for bar in said.classes] == [
        paged.USUAL["multiclass"]["shares"][bar.label] for bar in said.classes
    ]


def test_a_number_comes_with_its_interval_and_the_typical_one(each: dict[str, Asking]) -> None:
    said, exact = answer(each["regression"], carrier="0"), by_hand("regression", carrier="AA")
    assert said.big == f"{exact['prediction']:.0f} min".replace("-0 ", "0 ")
    assert "Typical is −0.4 min; this is 0.4 min higher." in said.sentence
    low, high = (f"{end:.2f}".rstrip("0").replace("-", "−") for end in exact["interval"])
    assert f"of 100 such values lie between {low} and {high} min." in said.sentence
    assert said.since == "+1.1 min since typical values (−1.1 min)."
    assert said.fill
    assert said.dot
    assert 0 <= said.fill[0] < said.dot < said.fill[1] <= 1


@pytest.mark.parametrize("task", tiny.TASKS)
def test_a_few_reasons_are_shown_the_largest_first_and_all_else_last(each: dict[str, Asking], task: str) -> None:
    # given a row whose carrier counts for most of it: the tree that looks at it has the widest leaves but one
    said = answer(each[task], carrier="0")
    # then it is told first for the tasks that add up all trees, with its sign and its value
    main = [bar for bar in said.reasons if bar.label != "All else"]
    assert 1 <= len(main) <= 5
    assert said.reasons[: len(main)] == main
    assert [abs(bar.length) for bar in main] == sorted((abs(bar.length) for bar in main), reverse=True)
    assert max(abs(bar.length) for bar in said.reasons) == 1
    if task != "multiclass":
        assert (said.reasons[0].detail, said.reasons[0].text[0]) == ("AA", "+")


def test_the_reasons_start_at_the_usual_share_or_the_mean(each: dict[str, Asking]) -> None:
    starts = {task: answer(one, carrier="0").start for task, one in each.items()}
    assert starts["binary"] == "From the usual 25% to 50%:"
    assert starts["multiclass"].startswith("From the usual ")
    assert starts["regression"] == "From the mean, −0.4 min, to 0 min:"


def test_a_rare_chance_is_no_chance_of_0(each: dict[str, Asking]) -> None:
    one = each["binary"]
    teller = Teller(one.model.manifest, one.facts, one.language, one.fields)
    values = {field.name: field.typical for field in one.fields}
    starts = []
    for chance in (0.0031, 0.0002):
        why = Explanation("yes", chance, 0.25, [Reason("carrier", -0.2)], round(chance - 0.05, 9))
        starts.append(teller.tell([chance], None, why, values).start)
    assert starts == ["From the usual 25.0% to 0.3%:", "From the usual 25.0% to under 0.1%:"]


def test_a_date_is_told_by_the_part_that_acts(each: dict[str, Asking]) -> None:
    # given a regression that looks at the weekday alone, and a Sunday
    said = answer(each["regression"], day="2013-06-16", temp="50.6")
    assert ("Weekday", "Sunday") in [(bar.label, bar.detail) for bar in said.reasons]


def test_a_value_among_the_reasons_is_the_one_that_was_typed(each: dict[str, Asking]) -> None:
    said = answer(each["regression"], day="2013-06-17", temp="80.75")
    assert "80.75 °F" in [bar.detail for bar in said.reasons]


def test_what_is_odd_about_a_row_is_noted(each: dict[str, Asking]) -> None:
    one = each["binary"]
    assert answer(one).notes == []
    assert answer(one, temp="300").notes == ["Temperature: 300 °F is beyond all the model has seen (10 °F to 100 °F)."]
    assert answer(one, temp="15").notes == ["Temperature: 15 °F is outside the usual range."]
    assert answer(one, temp="").notes == []


def test_an_input_without_a_finite_answer_is_refused_not_shown(each: dict[str, Asking]) -> None:
    one = each["regression"]
    said = one.ask(asked.typed(one, temp="1e300"))
    assert said.answer or said.failure == TOO_LARGE
    assert said.errors == {}


@pytest.mark.parametrize("task", tiny.TASKS)
def test_a_model_saved_without_the_part_page_is_asked_all_the_same(tmp_path: Path, task: str) -> None:
    tiny.write(tmp_path / "model", task=task)
    (tmp_path / "model" / "champion.json").write_text('{"version": null}')
    (tmp_path / "params.yaml").write_text(paged.REPORT)  # one of the inputs is a time of day
    from serve.page import vocabulary
    from serve.scoring import loader as models

    said = Asking(models.load(tmp_path), vocabulary.report(tmp_path)).typical()
    assert said.answer
    assert said.answer.big


@pytest.mark.parametrize(
    ("share", "said"),
    [(0.0, "0%"), (1.0, "100%"), (0.0001, "under 0.1%"), (0.9999, "over 99.9%"), (0.003, "0.3%"), (0.522, "52%")],
)
def test_a_chance_is_never_said_to_be_none_or_certain_when_it_is_not(share: float, said: str) -> None:
    assert number_format.chance(share) == said


@pytest.mark.parametrize(
    "typed",
    [{"temp": "300"}, {"sched": "00:00"}, {"seats": "9000"}, {"day": "1999-01-01"}, {"seen": "2001-01-01T10:00"}],
    ids=lambda typed: next(iter(typed)),
)
def test_there_is_a_note_where_the_service_warns(each: dict[str, Asking], typed: dict[str, str]) -> None:
    # given a value the API answers with a warning
    one = each["binary"]
    values = {field.name: form.convert_value(field, asked.typed(one, **typed)[field.key]) for field in one.fields}
    manifest = one.model.manifest
    assert InputChecker(manifest).find_warnings(Decoder(manifest.inputs, 1).convert_row(values))
    # then the page has a note, in its own words; a day to come has neither
    assert "is beyond all the model has seen" in answer(one, **typed).notes[0]
    assert answer(one, day="2031-01-01").notes == []
