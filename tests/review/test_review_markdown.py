"""A review as text: whatever a column, a file or a branch is called, it is text."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt

from stages.review.markdown import write_markdown, write_page
from stages.review.review import Fold, Line, Review

HOSTILE = (
    "a|b `c` **d** <script>x</script> @octocat [e](http://f) #1 ~g~ $h$ :tada: \\ \n\x1b[31m\u202ereversed __init__"
)
REVIEW = Review(HOSTILE, HOSTILE, [Line("Data", HOSTILE)], [Fold("Params <b>", ["", "b|"], [[HOSTILE, "1"]], HOSTILE)])


def test_the_file_shows_all_of_it_as_text() -> None:
    shown = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(write_markdown(REVIEW))

    assert set(re.findall(r"<([a-z0-9]+)", shown)) <= {
        *("h1", "p", "strong", "ul", "li", "details", "summary", "table", "thead", "tbody", "tr", "th", "td"),
    }
    assert "@\u200boctocat" in shown
    assert "&amp;#64;" not in shown
    assert "__init__" in shown
    assert shown.count("<td>") == 2
    assert "\x1b" not in shown
    assert "\u202e" not in shown


def test_a_terminal_gets_it_without_marks_and_without_letters_that_move_it() -> None:
    shown = write_markdown(REVIEW, folded=False)

    assert "__init__" in shown
    assert "<details>" not in shown
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert shown.count("\n") < 15


def test_the_page_is_whole_and_asks_for_nothing() -> None:
    page = write_page(REVIEW)

    assert page.startswith("<!doctype html>")
    assert "<script" not in page
    assert not re.findall(r'(?:src|href)="', page)
