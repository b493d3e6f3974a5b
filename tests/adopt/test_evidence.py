"""What the target and the order of the rows tell of a column's texts: one label or two, missing or not, which date."""

from __future__ import annotations

import datetime
import random
from collections.abc import Sequence

import pytest
from proposals import propose

from stages.adopt.proposal import Proposal
from stages.adopt.summary import summarize

DRAW = random.Random(9)
ROWS = 400
ANSWER = [DRAW.choice(["yes", "no"]) for _ in range(ROWS)]


def numbers() -> list[str]:
    return [f"{DRAW.gauss(50, 9):.3f}" for _ in range(ROWS)]


def spec(proposal: Proposal, name: str) -> str:
    return next(one.finding.spec for one in proposal.decisions if one.name == name)


def doubts(proposal: Proposal, name: str) -> str:
    return " ".join(doubt.text for doubt in proposal.doubts if doubt.about == name)


def told_by(answers: Sequence[str], yes: str, no: str) -> list[str]:
    """A text that goes with the answer in most rows."""
    return [DRAW.choice([yes, yes, yes, no] if answer == "yes" else [no, no, no, yes]) for answer in answers]


def test_classes_in_several_spellings_are_one_each_and_the_counts_are_shown() -> None:
    answers = [DRAW.choice(["YES ", "Yes", "Yes", "yes."] if answer == "yes" else [" no", "No"]) for answer in ANSWER]

    proposal = propose({"x": numbers(), "answer": answers}, "answer")

    assert (proposal.target.task, proposal.target.positive) == ("binary", "Yes")
    assert proposal.target.classes == ["No", "Yes"]
    assert spec(proposal, "answer") == "category Yes = YES = yes. | No = no"
    assert proposal.types["answer"].finding.reason.startswith("spellings of one label: 'Yes' (")
    assert "Spellings taken for one label:" in summarize(proposal, {}, 0)


def test_the_positive_class_may_be_named_in_any_spelling() -> None:
    answers = [DRAW.choice(["Late", "LATE"] if answer == "yes" else ["Early", "early"]) for answer in ANSWER]

    assert propose({"x": numbers(), "answer": answers}, "answer", positive="late").target.positive == "Late"


@pytest.mark.parametrize("pair", [("a", "A"), ("Pp", "pP")])
def test_classes_of_which_nothing_would_be_left_are_kept_and_asked_about(pair: tuple[str, str]) -> None:
    proposal = propose({"x": numbers(), "answer": [DRAW.choice(pair) for _ in range(ROWS)]}, "answer")

    assert proposal.target.classes == sorted(pair)
    assert "if they are one, set clean.types.answer to" in doubts(proposal, "answer")


def test_letters_that_case_tells_apart_are_kept_and_asked_about() -> None:
    proposal = propose({"x": numbers(), "answer": [DRAW.choice("aAbBcC") for _ in range(ROWS)]}, "answer")

    assert len(proposal.target.classes) == 6
    assert 'set clean.types.answer to "category' in doubts(proposal, "answer")


def test_spellings_of_a_category_are_one_unless_the_target_differs_between_them() -> None:
    towns = [DRAW.choice(["Berlin", "BERLIN", "berlin ", "Köln", "Bonn"]) for _ in range(ROWS)]
    parts = [DRAW.choice(["A-1", "A1", "B-2", "C-3"]) for _ in range(ROWS)]

    proposal = propose({"town": towns, "part": parts, "code": told_by(ANSWER, "US", "us"), "answer": ANSWER}, "answer")

    assert set(spec(proposal, "town").removeprefix("category ").split(" = ")) == {"Berlin", "BERLIN", "berlin"}
    assert next(one for one in proposal.decisions if one.name == "town").distinct == 3
    assert spec(proposal, "code") == spec(proposal, "part") == "category"
    assert "codes that may differ; if they are one, set clean.types.part to" in doubts(proposal, "part")
    assert "answer differs between them; if they are one, set clean.types.code to" in doubts(proposal, "code")


@pytest.mark.parametrize(
    "texts",
    [
        ("AA", "Aa", "aa"),
        ("aB", "Ab", "AB"),
        ("A1", "a1", "A 1"),
        ("mW", "MW", "kW"),
        ("m", "M", "d"),
        ("Polish", "polish"),
    ],
)
def test_labels_of_which_case_may_be_the_meaning_are_kept_and_asked_about(texts: tuple[str, ...]) -> None:
    given = [DRAW.choice(texts) for _ in range(ROWS)]

    proposal = propose({"code": given, "x": numbers(), "answer": ANSWER}, "answer")

    code = next(one for one in proposal.decisions if one.name == "code")
    assert (code.role, code.distinct, code.finding.spec) == ("input", len(texts), "category")
    assert "if they are one, set clean.types.code to" in doubts(proposal, "code")
    assert "one label?" not in doubts(proposal, "code")


def test_classes_that_differ_in_a_letter_of_a_code_are_kept_and_asked_about() -> None:
    given = [DRAW.choice(["BRCA1-A", "BRCA1-a", "TP53"]) for _ in range(ROWS)]

    proposal = propose({"x": numbers(), "gene": given}, "gene")

    assert proposal.target.classes == ["BRCA1-A", "BRCA1-a", "TP53"]
    assert "if they are one, set clean.types.gene to" in doubts(proposal, "gene")


def test_a_question_mark_is_kept_and_a_yes_in_several_spellings_is_listed() -> None:
    finding = [DRAW.choice(["malignant", "malignant?", "benign"]) for _ in range(ROWS)]
    smoker = [DRAW.choice(["yes", "YES", "no"]) for _ in range(ROWS)]

    proposal = propose({"smoker": smoker, "finding": finding}, "finding")

    assert proposal.target.classes == ["benign", "malignant", "malignant?"]
    assert spec(proposal, "smoker") == "boolean yes/no"
    assert "- smoker: spellings of one label: 'yes' (" in summarize(proposal, {}, 0)


def test_a_scale_in_several_spellings_is_a_scale() -> None:
    levels = [DRAW.choice(["Very low", "very-low", "LOW", "low", "Medium", "High", "high."]) for _ in range(ROWS)]

    assert spec(propose({"level": levels, "answer": ANSWER}, "answer"), "level").startswith("ordinal ")


def test_a_word_for_missing_that_tells_the_target_is_asked_about() -> None:
    fire = [text if text == "NA" else DRAW.choice(["Brick", "Stone"]) for text in told_by(ANSWER, "NA", "x")]

    proposal = propose({"fire": fire, "answer": ANSWER}, "answer")

    assert proposal.missing == ["", "NA"]
    assert "taken for missing, but answer differs there: if it is a value" in doubts(proposal, "fire")
    assert 'set clean.types.fire to "category NA"' in doubts(proposal, "fire")


def test_a_value_in_one_column_is_missing_in_the_others_all_the_same() -> None:
    country = [DRAW.choice(["NA", "ZA", "BW"]) for _ in range(ROWS)]
    some = [DRAW.choice([text, "NA"]) for text in numbers()]

    proposal = propose({"country": country, "x": some, "answer": ANSWER}, "answer")

    assert proposal.missing == ["", "NA"]
    assert proposal.missing_in == {}
    assert spec(proposal, "country") == "category NA"
    assert "'NA' (" in doubts(proposal, "country")


def test_a_word_for_missing_is_never_silently_a_class() -> None:
    country = [DRAW.choice(["NA", "ZA", "BW", "DE"]) for _ in range(ROWS)]

    proposal = propose({"x": numbers(), "country": country}, "country")

    assert proposal.target.classes == ["BW", "DE", "ZA"]
    assert "'NA' (" in doubts(proposal, "country")
    assert 'may be a class: set clean.types.country to "category NA"' in doubts(proposal, "country")


@pytest.mark.parametrize(
    ("name", "first", "spelled"), [("sales_date", 21_000, "date serial"), ("born", 19_800_101, "date %Y%m%d")]
)
def test_a_target_of_digits_is_a_number_even_where_it_may_be_a_date(name: str, first: int, spelled: str) -> None:
    amounts = [str(first + 100 * DRAW.randrange(12) + DRAW.randrange(28)) for _ in range(ROWS)]

    proposal = propose({"x": numbers(), name: [*amounts[2:], "0", "0"]}, name)

    assert (proposal.target.task, proposal.missing_in) == ("regression", {})
    assert spec(proposal, name) == "integer"
    assert f"numbers that may be a {spelled}: kept as numbers" in doubts(proposal, name)


def days(form: str) -> list[str]:
    """400 days on which day and month can both be a month, in order."""
    found = [
        datetime.date(2000 + year, month, day) for year in range(4) for month in range(1, 13) for day in range(1, 13)
    ]
    return [f"{day:{form}}" for day in found[:ROWS]]


@pytest.mark.parametrize(("form", "other"), [("%d/%m/%Y", "%m/%d/%Y"), ("%m-%d-%Y", "%d-%m-%Y")])
def test_day_and_month_are_read_so_that_the_rows_are_in_order(form: str, other: str) -> None:
    proposal = propose({"day": days(form), "answer": ANSWER}, "answer")

    assert spec(proposal, "day") == f"date {form}"
    assert "order of day and month" not in doubts(proposal, "day")
    assert (
        proposal.types["day"].finding.reason
        == f"dates written like {form}: read so, and only so, the rows are in order"
    )
    # And in no order the usual reading is taken, and asked about
    mixed = propose({"day": DRAW.sample(days(form), ROWS), "answer": ANSWER}, "answer")
    assert spec(mixed, "day") == f"date {other}"
    assert "the order of day and month is not certain" in doubts(mixed, "day")


@pytest.mark.parametrize("form", ["%d.%m.%Y", "%d-%m-%Y"])
def test_rows_in_the_order_of_their_texts_tell_no_order_of_day_and_month(form: str) -> None:
    # Given days of one year, sorted as texts, which reads like an order of months
    sorted_as_texts = sorted(
        f"{datetime.date(2023, month, day):{form}}" for month in range(1, 13) for day in range(1, 13)
    )

    proposal = propose({"day": sorted_as_texts, "answer": ANSWER[: len(sorted_as_texts)]}, "answer")

    assert spec(proposal, "day") == f"date {form}"
    assert "the order of day and month is not certain" in doubts(proposal, "day")


def test_dots_stand_between_day_and_month_whatever_the_order_of_the_rows() -> None:
    proposal = propose({"day": days("%m.%d.%Y"), "answer": ANSWER}, "answer")

    assert spec(proposal, "day") == "date %d.%m.%Y"
    assert "the order of day and month is not certain" in doubts(proposal, "day")
