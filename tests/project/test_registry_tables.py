"""Real tables of packages that are there anyway: adopted by one command, run, and the report's pages without fault."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import matplotlib as mpl
import pandas as pd
import pytest
import small
from sklearn import datasets

pytestmark = pytest.mark.slow


def stocks() -> pd.DataFrame:
    """Return prices of two shares by date."""
    return pd.read_csv(Path(mpl.get_data_path()) / "sample_data" / "Stocks.csv", comment="#")[
        ["Date", "IBM", "AAPL"]
    ].dropna()


TABLES: dict[str, tuple[Callable[[], pd.DataFrame], str]] = {
    "tumours": (lambda: datasets.load_breast_cancer(as_frame=True).frame, "target"),
    "wines": (lambda: datasets.load_wine(as_frame=True).frame, "target"),
    "diabetes": (lambda: datasets.load_diabetes(as_frame=True, scaled=False).frame, "target"),
    "flowers": (lambda: datasets.load_iris(as_frame=True).frame, "target"),
    "digits": (lambda: datasets.load_digits(as_frame=True).frame, "target"),
    "stocks": (stocks, "AAPL"),
}


@pytest.mark.parametrize("name", TABLES)
def test_a_report_of_any_table_has_pages_without_fault(tmp_path: Path, name: str) -> None:
    # given a repository in which the table was adopted as it is
    make, target = TABLES[name]
    folder = small.build(tmp_path / "repo")
    make().to_csv(folder / f"{name}.csv", index=False)
    small.commit(folder, "a table")
    done = small.run(folder, sys.executable, "-m", "stages.adopt", f"{name}.csv", "--target", target)
    assert done.returncode == 0, done.stderr
    small.commit(folder, "adopted")
    # when everything is run, to an end that says whether there is evidence
    done = small.run(folder, sys.executable, "-m", "stages.repro")
    report = "rejected_report.pdf" if done.returncode else "final_report.pdf"
    assert (folder / "reports" / report).exists(), done.stderr[-3000:]
    # then the lint finds nothing on any page
    done = small.run(folder, sys.executable, "-m", "stages.lint_report", f"reports/{report}")
    assert done.returncode == 0, done.stdout
