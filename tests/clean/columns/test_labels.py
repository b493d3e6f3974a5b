"""What is one label in two spellings, and what is not."""

from __future__ import annotations

import pytest

from stages.clean.columns import labels


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Yes", "YES"), ("Yes", " yes "), ("Yes", "yes."), ("Yes", '"Yes"'), ("semi-urban", "Semi Urban"),
        ("semi_urban", "semiurban"), ("St. Louis", "St Louis"), ("Ph.D.", "PhD"), ("Covid-19", "covid 19"),
        ("<=50K", "<=50K."), ("1 - 2", "1-2"), ("Straße", "STRASSE"), ("don't know", "Dont know"), ("a\u00a0b", "a b"),
    ],
)  # fmt: skip
def test_case_blanks_and_punctuation_tell_no_labels_apart(one: str, other: str) -> None:
    assert labels.strip_spelling(one) == labels.strip_spelling(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("A+", "A"), ("A-", "A"), ("1.5", "15"), ("-1", "1"), ("<5", "5"), ("10+", "10"), ("1-2", "12"), ("No", "N°"),
        ("1 2", "12"), ("M/F", "MF"), ("C++", "C"), ("?", "."), ("+", "-"), ("Zürich", "Zurich"), (".5", "5"),
        ("", "."), ("malignant?", "malignant"), ("yes!", "yes"), ("A,B", "AB"), ("A;B", "AB"),
    ],
)  # fmt: skip
def test_what_may_mean_something_tells_labels_apart(one: str, other: str) -> None:
    assert labels.strip_spelling(one) != labels.strip_spelling(other)


@pytest.mark.parametrize(
    "group", [["m", "M"], ["aB", "Ab"], ["A1", "a1"], ["A 1", "A1"], ["BRCA1-A", "BRCA1-a"], ["rnaA", "rnaa"],
              ["MWh", "mWh"], ["Covid-19", "covid 19"]],
)  # fmt: skip
def test_spellings_that_may_be_codes_are_told(group: list[str]) -> None:
    assert labels.are_codes(group)


@pytest.mark.parametrize(
    "group", [["yes", "YES"], ["Semi-urban", "semi urban"], ["<=50K", "<=50K."], ["St. Louis", "ST LOUIS"]]
)
def test_words_are_no_codes(group: list[str]) -> None:
    assert not labels.are_codes(group)


def test_a_format_names_labels_and_their_spellings() -> None:
    spelled = {"Yes": ["YES", "y"], "NA": [], "a/b, c": ["A/B, c"]}

    assert labels.parse_spellings(labels.write_form(spelled)) == spelled
    assert labels.parse_spellings("") == {}
    assert not labels.can_be_named("a = b")


def test_the_label_is_the_most_frequent_spelling_in_the_case_most_rows_are_in() -> None:
    counts = {"YES": 50, "yes": 40, "no": 90, "NO": 5, "No": 4, "maybe": 3}

    assert [list(group) for group in labels.find_variants(counts.items())] == [["no", "NO", "No"], ["yes", "YES"]]


def test_texts_that_no_format_can_hold_are_left_alone() -> None:
    assert labels.find_variants([("a = b", 5), ("A = B", 4)]) == []
