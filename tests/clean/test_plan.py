"""What clean will do is checked by name before any row is changed."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd
import pytest
from trips import SECTION

from stages.clean.params import Clean
from stages.clean.plan import make_plan
from stages.clean.raw_tables import Texts, read_manifest
from stages.clean.rows import Plan
from stages.core.errors import DataError, ParamsError
from stages.core.params import convert
from stages.table.csv_io import FILE, LINE

MAIN = pd.DataFrame(
    {
        "year": ["2013"], "month": ["1"], "day": ["2"], "number": ["7"], "car": ["N1"],
        "delay": ["20"], "distance": ["1.5"], "line": ["A"], FILE: ["trips.csv"], LINE: [2],
    }
).astype({LINE: int})  # fmt: skip


def planned(**changes: Any) -> tuple[Plan, dict[str, str]]:
    """The plan of the main table with some params changed."""
    return make_plan(section(**changes), Texts(MAIN))


def section(**changes: Any) -> Clean:
    return convert({**SECTION, **changes}, Clean, "params.yaml: clean")


def test_types_are_found_once_for_the_columns_that_are_used() -> None:
    plan, reasons = planned()

    assert plan.types == {
        "year": "integer", "month": "integer", "day": "integer", "number": "integer", "car": "category",
        "delay": "integer", "distance": "number", "line": "category",
    }  # fmt: skip
    assert reasons["distance"] == "all 1 values are numbers, 1.5 to 1.5"


def test_a_type_from_params_stands_over_the_one_found() -> None:
    plan, reasons = planned(types={"number": "category", "car": "text"})

    assert (plan.types["number"], plan.types["car"]) == ("category", "text")
    assert reasons["car"] == "1 distinct texts in 1 values"
    assert reasons["number"] == "set in params.yaml, but looks like integer: all 1 values are whole numbers, 7 to 7"


def test_a_target_column_is_a_category_whatever_it_looks_like() -> None:
    plan, _ = planned(target="delay", define={}, drop_leaks=[])

    assert plan.types["delay"] == "category"


def test_a_column_that_is_dropped_and_not_used_is_not_even_typed() -> None:
    plan, _ = planned(drop=["year", "month", "day", "line"])

    assert "line" not in plan.types


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"target": "lat"}, r"clean.target: trips has no column 'lat'. Did you mean 'late'\?"),
        ({"drop": ["yaer"]}, r"clean.drop: trips has no column 'yaer'. Did you mean 'year'\?"),
        ({"drop_leaks": ["delays"]}, r"clean.drop_leaks: trips has no column 'delays'. Did you mean 'delay'\?"),
        ({"ids": ["numbr"]}, r"clean.ids: trips has no column 'numbr'. Did you mean 'number'\?"),
        ({"key": ["numbr"]}, r"clean.key: trips has no column 'numbr'. Did you mean 'number'\?"),
        ({"types": {"carr": "category"}}, r"clean.types: trips has no column 'carr'. Did you mean 'car'\?"),
        ({"missing_in": {"carr": ["?"]}}, r"clean.missing_in: trips has no column 'carr'. Did you mean 'car'\?"),
        ({"drop": {"yaer": "said elsewhere"}}, r"clean.drop: trips has no column 'yaer'. Did you mean 'year'\?"),
        ({"types": {"distance": "number x"}}, r"clean.types.distance: 'x' is no example of a number"),
        ({"types": {"car": "ordinal N1 < N2"}, "rules": ["car > 'N1'"]}, r"'car > 'N1'' compares the levels of 'car'"),
        ({"types": {"car": "categry"}}, r"clean.types.car: no type 'categry'. .* Did you mean 'category'\?"),
        ({"dates": {"date": ["year", "mont", "day"]}}, r"clean.dates.date: .*'mont'. Did you mean 'month'\?"),
        ({"dates": {"date": ["year", "month", "car"]}}, r"clean.dates.date: 'car' is a category, not a number"),
        ({"define": {"late": "dalay > 15"}}, r"clean.define.late: .* unknown column 'dalay'. Did you mean 'delay'\?"),
        (
            {"set_aside": {"gone": "missing(delai)"}},
            r"clean.set_aside: .* unknown column 'delai'. Did you mean 'delay'\?",
        ),
        ({"rules": ["distence > 0"]}, r"clean.rules: .* unknown column 'distence'. Did you mean 'distance'\?"),
        ({"joins": {"cars": {"on": ["cra"], "columns": {}}}}, r"clean.joins.cars.on: .*'cra'. Did you mean 'car'\?"),
        ({"joins": {"cars": {"on": ["car"], "columns": {"year": "year"}}}}, "clean: 'year' would be two columns"),
        ({"joins": {"cars": {"on": ["car"], "columns": {"a": "x", "b": "x"}}}}, "clean: 'x' would be two columns"),
        ({"joins": {"cars": {"on": ["car"], "columns": {"a": "delay"}}}}, "clean: 'delay' would be two columns"),
        ({"define": {"late": "delay > 15", "line": "delay > 1"}}, "clean: 'line' would be two columns"),
        ({"key": ["year"]}, "clean.key: 'year' is dropped. List it in clean.ids"),
        (
            {"define": {"late": "delay > 15", "very": "delay > 60"}},
            "'very' is made of 'delay', which is known only after",
        ),
    ],
)
def test_a_wrong_name_is_told_with_its_place(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ParamsError, match=f"params.yaml: {message}" if message.startswith("clean") else message):
        planned(**changes)


def test_a_column_made_of_a_leak_may_be_an_id() -> None:
    plan, _ = planned(define={"late": "delay > 15", "very": "delay > 60"}, ids=["number", "very"])

    assert set(plan.define) == {"late", "very"}


@pytest.mark.parametrize("text", [None, "", "{", "{}", "[]"])
def test_a_manifest_that_is_missing_or_damaged_is_named(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch, text: str | None
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data/raw").mkdir(parents=True)
    if text is not None:
        (tmp_path / "data/raw/manifest.json").write_text(text)

    with pytest.raises(DataError, match=r"data/raw/manifest.json is missing or damaged .* Run `dvc repro ingest`"):
        read_manifest()


def many(texts: list[str]) -> Texts:
    """A table of one column, y."""
    return Texts(pd.DataFrame({"y": texts}, dtype="str").assign(**{FILE: "a.csv", LINE: 2}))


NUMBERS = [f"{number},5" for number in range(30)]


@pytest.mark.parametrize(
    ("texts", "changes", "kind", "reason"),
    [
        (NUMBERS, {}, "number 1234,5", "regression: 30 different numbers: a quantity; all 30 values are numbers"),
        (
            NUMBERS,
            {"types": {"y": "number 1234,5"}},
            "number 1234,5",
            "regression: 30 different .*; set in params.yaml",
        ),
        (NUMBERS, {"task": "multiclass"}, "category", "the target: its texts are the classes"),
        (["1", "2", "3"], {"task": "regression"}, "integer", "regression: set in params.yaml; all 3 values"),
        (["1", "2", "3"], {}, "category", "the target: its texts are the classes"),
        (NUMBERS, {"positive": "1,5"}, "category", "the target: its texts are the classes"),
        (["2013-01-01"], {"types": {"y": "category"}}, "category", "the target"),
    ],
)
def test_the_target_is_a_number_or_its_texts_are_classes(
    texts: list[str], changes: dict[str, Any], kind: str, reason: str
) -> None:
    section = convert({"table": "t", "target": "y", **changes}, Clean, "params.yaml: clean")

    plan, reasons = make_plan(section, many(texts))

    assert plan.types == {"y": kind}
    assert re.match(reason, reasons["y"])


@pytest.mark.parametrize(
    ("texts", "changes", "message"),
    [
        (["a", "b"], {"task": "regression"}, "the target y is to be a number .* but is a category"),
        (["2013-01-01", "2013-01-02"], {}, "the target y is a date: .* Define what is to be predicted"),
    ],
)
def test_a_target_that_does_not_fit_its_task_is_an_error(
    texts: list[str], changes: dict[str, Any], message: str
) -> None:
    section = convert({"table": "t", "target": "y", **changes}, Clean, "params.yaml: clean")

    with pytest.raises(DataError, match=message):
        make_plan(section, many(texts))
