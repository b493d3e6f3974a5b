"""`dvc plots show` draws without the internet: its page holds the scripts that DVC's own asks a server for."""

from __future__ import annotations

import re
from pathlib import Path

import machine
import paged
import small
from dvc_render.vega import VegaRenderer

PAGE = small.ROOT / ".dvc/plots/page.html"


@machine.needs("chromium")
def test_every_plot_is_drawn_and_no_host_is_asked(repo: Path) -> None:
    # given the page of a run
    made = small.run(repo, "dvc", "plots", "show")
    assert made.returncode == 0, made.stderr
    page = repo / "dvc_plots/index.html"
    assert '<meta charset="utf-8">' in page.read_text(encoding="utf-8")[:200]

    # when a browser opens it
    with paged.chromium() as browser:
        tab = browser.new_page()
        asked: list[str] = []
        errors: list[str] = []
        tab.on("request", lambda request: asked.append(request.url))
        tab.on("pageerror", lambda error: errors.append(str(error)))
        tab.goto(page.as_uri())
        plots = tab.locator(".vega-embed")
        plots.last.locator("canvas, svg.marks").first.wait_for(state="attached")

        # then each plot of dvc.yaml is there, drawn, and nothing came from elsewhere
        wanted = re.findall(r"^  - ", (repo / "dvc.yaml").read_text().partition("\nplots:\n")[2], re.MULTILINE)
        assert plots.count() >= len(wanted) > 5
        assert all(plots.nth(number).locator("canvas, svg.marks").count() for number in range(plots.count()))
    assert not errors
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []


def test_the_scripts_are_those_of_dvcs_own_page() -> None:
    wanted = re.findall(r"npm/([a-z-]+)@([\d.]+)", VegaRenderer.SCRIPTS)
    text = PAGE.read_text(encoding="utf-8")
    assert len(wanted) == 3
    for name, version in wanted:
        assert f"{name}\n    {version}" in text or f"{name} {version}" in text, (name, version)
    assert "{scripts}" not in text
