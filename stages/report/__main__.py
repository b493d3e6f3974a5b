"""Report: what the pipeline found, as a PDF to decide by and sign, and as the same numbers in `report.json`.

Reads files only and prints nothing that is not in `report.json`. With `--rejected` it tells of a candidate that failed
its gates: no model was saved and nothing served, so there is nothing to sign.
"""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

import msgspec

from stages.core import params, run
from stages.core.files import replacing, write_json
from stages.report.findings.inputs import read
from stages.report.findings.report import report
from stages.report.pages import document
from stages.wording.params import Report, Serve

REPORTS = Path("reports")


def work(rejected: bool = False) -> None:
    """Write `reports/report.json` and `reports/final_report.pdf`, or `reports/rejected_report.pdf` alone."""
    inputs = read(params.load("report", Report), rejected=rejected, alert=params.load("serve", Serve).alert)
    found = report(inputs)
    target = REPORTS / ("rejected_report.pdf" if rejected else "final_report.pdf")
    with replacing(target) as temporary:
        document.write(temporary, found, inputs.plots)
    if not rejected:
        write_json(REPORTS / "report.json", msgspec.to_builtins(found))
    logging.info("report: %s: %s", target, found.decision.title)


def main() -> None:
    """The command line of the stage."""
    options = argparse.ArgumentParser(description="Write the report of the candidate.")
    options.add_argument("--rejected", action="store_true", help="of a candidate that failed a gate it must meet")
    rejected = options.parse_args().rejected
    run.stage("report", lambda: work(rejected))


if __name__ == "__main__":
    main()
