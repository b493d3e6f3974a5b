"""Pictures of the page's states, as a person sees them: `python -m bench.screenshots [FOLDER]`, else docs/page/.

Starts the service on loopback with the model that model/ holds, then with two small tables of the tests adopted and
with no model at all, and Chromium (Debian's) to look at each. Look at every picture before it is committed: checks do
not see what is ugly.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, Route, ViewportSize, expect, sync_playwright

from bench import repositories
from stages.serve.server_process import free_port

CHROMIUM = "/usr/bin/chromium"
FOLDER = Path("docs/page")
DESK: ViewportSize = {"width": 1180, "height": 900}
PHONE: ViewportSize = {"width": 375, "height": 740}
COLOURS = 96
READY_S = 90.0
Shot = Callable[[Page, Path, Path], None]
"""Brings a page that was just opened into a state and takes its picture; the last is a folder for files."""


def ready(page: Page, picture: Path, _: Path) -> None:
    """As it opens."""
    page.screenshot(path=picture)


def what_if(page: Page, picture: Path, _: Path) -> None:
    """A slider was moved by its keys."""
    page.locator("input[type=range]").first.focus()
    for _time in range(5):
        page.keyboard.press("PageUp")
    expect(page.locator(".since")).to_contain_text("typical values")
    page.screenshot(path=picture)


def invalid(page: Page, picture: Path, _: Path) -> None:
    """A field cannot be read, and the answer is an old one."""
    page.locator(".pair input[type=text]").nth(1).fill("soon")
    page.keyboard.press("Enter")
    expect(page.locator("#errors")).to_be_focused()
    page.screenshot(path=picture)


def loading(page: Page, picture: Path, _: Path) -> None:
    """An answer takes longer than a moment."""
    held: list[Route] = []
    page.route("**/ui/answer", lambda route: held.append(route))
    page.locator("input[type=range]").first.focus()
    page.keyboard.press("PageUp")
    expect(page.locator("#place")).to_have_attribute("aria-busy", "true")
    page.screenshot(path=picture, animations="disabled")
    held[0].continue_()
    expect(page.locator("#place")).to_have_attribute("aria-busy", "false")


def down(page: Page, picture: Path, _: Path) -> None:
    """The service cannot be reached."""
    page.route("**/ui/*", lambda route: route.abort())
    page.get_by_role("button", name="Predict").click()
    expect(page.locator("#pill-text")).to_have_text("Service not answering", timeout=15_000)
    page.evaluate("window.scrollTo(0, 0)")
    page.screenshot(path=picture)


def batch(page: Page, picture: Path, folder: Path) -> None:
    """A file is scored, but for one row."""
    with page.expect_download() as given:
        page.get_by_role("link", name="Example file").click()
    text = Path(given.value.path()).read_text(encoding="utf-8")
    _score(page, folder / "flights.csv", text + "x," * text.splitlines()[0].count(",") + "x\n")
    expect(page.locator("#download")).to_be_visible(timeout=60_000)
    page.locator("#batch").screenshot(path=picture)


def refused(page: Page, picture: Path, folder: Path) -> None:
    """A file cannot be scored."""
    _score(page, folder / "other.csv", "a,b\n1,2\n")
    expect(page.locator("#scored .alert")).to_be_visible(timeout=60_000)
    page.locator("#batch").screenshot(path=picture)


def health(page: Page, picture: Path, _: Path) -> None:
    """Enough was asked to judge."""
    for _time in range(30):
        answer = page.request.post(
            "/predict", data=json.dumps({"rows": []}), headers={"content-type": "application/json"}
        )
        assert answer.status < 500, answer.text()
    expect(page.locator("#health-said")).to_have_text("OK", timeout=15_000)
    page.locator("#health").screenshot(path=picture)


def phone_answer(page: Page, picture: Path, _: Path) -> None:
    """The bar at the bottom leads to the whole answer."""
    page.locator("#bar").click()
    page.screenshot(path=picture)


PICTURES: dict[str, tuple[Shot, ViewportSize]] = {
    "ready": (ready, DESK),
    "what-if": (what_if, DESK),
    "loading": (loading, DESK),
    "invalid": (invalid, DESK),
    "down": (down, DESK),
    "batch": (batch, DESK),
    "refused": (refused, DESK),
    "health": (health, DESK),
    "phone": (ready, PHONE),
    "phone-answer": (phone_answer, PHONE),
}
OTHERS: dict[str, Callable[[Path], Path]] = {
    "several-classes": lambda folder: repositories.adopted(folder, "penguins.csv"),
    "number": lambda folder: repositories.adopted(folder, "cars.tsv"),
    "no-model": repositories.empty,
}
"""How the page opens in other repositories."""


def main() -> None:
    """The command."""
    options = argparse.ArgumentParser("python -m bench.screenshots", description="Take the pictures of the page.")
    options.add_argument("folder", type=Path, nargs="?", default=FOLDER)
    folder: Path = options.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="screenshots-") as name,
        sync_playwright() as driver,
    ):
        browser = driver.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--lang=en-GB"]
        )
        with serving(repositories.ROOT, Path(name)) as base:
            for picture, (shot, size) in PICTURES.items():
                _take(browser, base, folder / f"{picture}.png", shot, size, Path(name))
        for picture, make in OTHERS.items():
            with serving(make(Path(name) / picture), Path(name)) as base:
                _take(browser, base, folder / f"{picture}.png", ready, DESK, Path(name))
        browser.close()


def _take(browser: Browser, base: str, picture: Path, shot: Shot, size: ViewportSize, files: Path) -> None:
    with browser.new_context(viewport=size, base_url=base, locale="en-GB") as context:
        page = context.new_page()
        page.goto("/ui/", wait_until="networkidle")
        shot(page, picture, files)
    with Image.open(picture) as taken:
        taken.convert("RGB").quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(
            picture, optimize=True
        )
    print(f"{picture}: {picture.stat().st_size // 1024} kB")


def _score(page: Page, path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    page.locator("#file").set_input_files(path)
    page.get_by_role("button", name="Score file").click()


@contextlib.contextmanager
def serving(root: Path, logs: Path) -> Iterator[str]:
    """The address of a repository's service while the block runs."""
    port = free_port()
    own = {"SERVE_LOGS": str(logs), "SERVE_KEYS": "off", "PYTHON": sys.executable}
    server = subprocess.Popen(
        [root / "serve" / "start", "--port", str(port)], env=os.environ | own, stdout=subprocess.DEVNULL
    )
    try:
        _wait(f"http://127.0.0.1:{port}/livez")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(60)


def _wait(url: str) -> None:
    end = time.monotonic() + READY_S
    while time.monotonic() < end:
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=5):
            return
        time.sleep(0.1)
    raise SystemExit(f"The service was not ready within {READY_S:.0f} s.")


if __name__ == "__main__":
    main()
