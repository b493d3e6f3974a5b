"""The page in a real browser against the real service, as a person uses it: by mouse, keyboard, ear, phone and zoom."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import paged
import pytest
import tiny
from machine import needs
from server import Server

pytestmark = [pytest.mark.slow, needs("chromium")]
TASKS = ("binary", "multiclass", "regression")
WIDE = {"multiclass": 51}
"""Inputs under odd names beside the nine, by task: sixty in all."""


class Looked:
    """A tab that keeps what the browser said and asked for."""

    def __init__(self, browser: Any, server: Server, **options: Any) -> None:
        self.context = browser.new_context(**{"viewport": {"width": 1180, "height": 900}, **options})
        self.page = self.context.new_page()
        self.said: list[str] = []
        self.asked: list[str] = []
        self.base = f"http://127.0.0.1:{server.port}"
        self.page.on("console", lambda message: self.said.append(message.text) if message.type != "log" else None)
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(f"{self.base}/ui/")

    def big(self) -> str:
        return str(self.page.locator("#answer .big").inner_text())


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Server]]:
    """A service for each task, started together."""
    folder = tmp_path_factory.mktemp("pages")
    opened = {task: paged.serving(folder, task, WIDE.get(task, 0)) for task in TASKS}
    started: dict[str, Server] = {}
    try:
        for task in TASKS:
            started[task] = opened[task].__enter__()
        for server in started.values():
            server.wait("/readyz")
        yield started
    finally:
        for task in started:
            opened[task].__exit__(None, None, None)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with paged.chromium() as opened:
        yield opened


@pytest.fixture
def tab(browser: Any, servers: dict[str, Server]) -> Iterator[Any]:
    made: list[Looked] = []

    def open_tab(task: str = "binary", **options: Any) -> Looked:
        made.append(Looked(browser, servers[task], **options))
        return made[-1]

    yield open_tab
    for one in made:
        one.context.close()


def expect(locator: Any) -> Any:
    from playwright.sync_api import expect as expected

    return expected(locator)


@pytest.mark.parametrize("task", TASKS)
def test_the_first_view_has_an_answer_and_asks_nothing_of_another_host(tab: Any, task: str) -> None:
    # when the page is opened and nothing else
    looked = tab(task)
    looked.page.wait_for_load_state("networkidle")
    # then it answers, in its own fonts, and the browser has nothing to complain of
    assert looked.big() == {"binary": "25%", "multiclass": "a little", "regression": "−1.1 min"}[task]
    assert looked.page.evaluate("document.fonts.check('16px \"Source Sans\"')")
    assert looked.asked
    assert all(url.startswith(looked.base) for url in looked.asked)
    assert looked.said == []


@pytest.mark.parametrize("task", TASKS)
def test_axe_finds_nothing_that_keeps_people_out(tab: Any, task: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    looked = tab(task, bypass_csp=True)
    if looked.page.locator("#more").count():
        looked.page.locator("#more summary").click()
    looked.page.locator(".limits summary").click()
    looked.page.get_by_label("Temperature (°F)").fill("x")
    looked.page.keyboard.press("Enter")
    expect(looked.page.locator("#errors")).to_be_focused()
    found = Axe().run(looked.page)
    assert [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in found.response["violations"]] == []


def test_a_slider_moved_by_keys_changes_its_number_and_the_answer(tab: Any) -> None:
    page = tab().page
    first = page.locator("#answer .big").inner_text()
    page.get_by_label("Temperature, slider").focus()
    for _ in range(15):
        page.keyboard.press("ArrowRight")
    expect(page.get_by_label("Temperature (°F)")).to_have_value("65")
    expect(page.locator("#answer .big")).not_to_have_text(first)
    expect(page.locator("#said")).to_contain_text("warning")  # for ears, once the typing has paused


def test_a_typed_number_moves_its_slider_and_a_clock_is_a_time_of_day(tab: Any) -> None:
    page = tab().page
    page.get_by_label("Temperature (°F)").fill("72.4")
    expect(page.get_by_label("Temperature, slider")).to_have_value("72")
    page.get_by_label("Scheduled", exact=True).fill("7:05")
    slider = page.get_by_label("Scheduled, slider")
    expect(slider).to_have_value("425")
    slider.focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_label("Scheduled", exact=True)).to_have_value("07:10")
    assert slider.get_attribute("aria-valuetext") == "07:10"


def test_the_answer_is_the_services_own(tab: Any, servers: dict[str, Server]) -> None:
    page = tab("regression").page
    page.get_by_label("carrier", exact=False).first.select_option(label="AA")
    page.get_by_label("Temperature (°F)").fill("20")
    row = tiny.ROW | {"carrier": "AA", "temp": 20.0, "sched": 1315, "day": "2013-06-15", "comfort": "high"}
    [said] = servers["regression"].predict([row]).json["predictions"]
    assert abs(said["prediction"]) < 0.005
    expect(page.locator("#answer .big")).to_have_text("0 min")
    page.get_by_label("Scheduled", exact=True).fill("08:00")
    [said] = servers["regression"].predict([row | {"sched": 800}]).json["predictions"]
    expect(page.locator("#answer .big")).to_have_text(f"{said['prediction']:.1f} min".replace("-", "−"))


def test_what_cannot_be_read_is_said_at_the_field_and_the_old_answer_is_struck_out(tab: Any) -> None:
    looked = tab()
    page, old = looked.page, looked.big()
    # when a field is made nonsense and sent
    page.get_by_label("Temperature (°F)").fill("warm")
    page.keyboard.press("Enter")
    # then the summary has the focus, the field is marked, and the answer says that it is an old one
    expect(page.locator("#errors")).to_be_focused()
    field = page.get_by_label("Temperature (°F)")
    assert field.get_attribute("aria-invalid") == "true"
    assert "must be a number" in page.locator(f"#{field.get_attribute('aria-describedby').split()[-1]}").inner_text()
    expect(page.locator("#stale")).to_be_visible()
    style = "getComputedStyle(document.querySelector('#answer .big'))"
    assert page.evaluate(f"{style}.textDecorationLine") == "line-through"
    assert page.evaluate(f"{style}.opacity") == "1"
    assert looked.big() == old
    # and its link leads to the field, where a right value heals everything
    page.locator("#errors a").click()
    expect(field).to_be_focused()
    field.fill("50")
    expect(page.locator("#errors")).to_have_count(0)
    expect(page.locator("#stale")).to_be_hidden()


def test_values_beyond_training_and_missing_ones_are_answered_with_a_note(tab: Any) -> None:
    page = tab().page
    page.get_by_label("Temperature (°F)").fill("300")
    expect(page.locator(".notes")).to_contain_text("Temperature: 300 °F is beyond all the model has seen")
    page.get_by_label("Temperature (°F)").fill("")
    expect(page.locator(".notes")).to_have_count(0)
    expect(page.locator("#errors")).to_have_count(0)


def test_back_to_typical_values(tab: Any) -> None:
    looked = tab()
    first = looked.big()
    looked.page.get_by_label("Scheduled", exact=True).fill("06:00")
    expect(looked.page.locator(".since")).to_contain_text("since typical values")
    looked.page.get_by_role("button", name="Back to typical values").click()
    expect(looked.page.locator("#answer .big")).to_have_text(first)
    expect(looked.page.get_by_label("Scheduled, slider")).to_have_value("795")


def test_an_answer_overtaken_by_a_newer_question_is_dropped(tab: Any) -> None:
    looked = tab()
    page = looked.page
    count = [0]

    def slow(route: Any) -> None:
        count[0] += 1
        if count[0] == 1:
            page.wait_for_timeout(900)
        route.continue_()

    page.route("**/ui/answer", slow)
    page.get_by_label("Scheduled", exact=True).fill("06:00")
    expect(page.locator("#place")).to_have_attribute("aria-busy", "true")  # after a quarter of a second
    page.get_by_label("Scheduled", exact=True).fill("13:15")
    expect(page.locator("#place")).to_have_attribute("aria-busy", "false")
    page.wait_for_timeout(1200)
    assert looked.big() == "25%"


def test_a_service_that_is_away_is_said_and_can_be_tried_again(tab: Any) -> None:
    looked = tab()
    looked.page.route("**/ui/answer", lambda route: route.abort())
    looked.page.get_by_role("button", name="Predict").click()
    expect(looked.page.locator("#failure-place")).to_contain_text("could not be reached")
    expect(looked.page.locator("#failure-place")).to_be_in_viewport()
    expect(looked.page.locator("#stale")).to_be_visible()
    looked.page.unroute("**/ui/answer")
    looked.page.get_by_role("button", name="Try again").click()
    expect(looked.page.locator("#failure-place")).to_be_empty()
    expect(looked.page.locator("#stale")).to_be_hidden()


@pytest.mark.parametrize("task", TASKS)
def test_the_example_file_is_scored_and_downloaded(tab: Any, task: str, tmp_path: Path) -> None:
    # given the page's own example, to which a row is added that cannot be read
    page = tab(task).page
    with page.expect_download() as given:
        page.get_by_role("link", name="Example file").click()
    text = Path(given.value.path()).read_text()
    broken = text.splitlines()[1].replace("2013-06-15", "=yesterday")
    (tmp_path / "rows.csv").write_text(text + broken + "\n")
    # when
    page.locator("#file").set_input_files(tmp_path / "rows.csv")
    page.get_by_role("button", name="Score file").click()
    # then the sum, the row that has no prediction, and the whole file, in which no cell is a formula
    expect(page.locator("#scored")).to_contain_text("5 of 6 planes scored.", timeout=30_000)
    expect(page.locator("#scored")).to_contain_text("1 row has no prediction")
    expect(page.locator("#scored")).to_contain_text("Line 7:")
    expect(page.locator("#download")).to_be_focused()
    with page.expect_download() as made:
        page.locator("#download").click()
    assert made.value.suggested_filename == "rows_predictions.csv"
    lines = Path(made.value.path()).read_text().splitlines()
    assert lines[0].startswith("carrier,day,sched,temp,seats,holiday,seen,kind of plane,comfort,")
    assert ",prediction," in lines[0]
    assert len(lines) == 7
    assert not re.search(r"(^|,)[=@]", "\n".join(lines))
    assert "'=yesterday" in lines[6]


def test_files_that_cannot_be_scored_are_refused_with_a_reason(tab: Any, tmp_path: Path) -> None:
    page = tab().page
    page.get_by_role("button", name="Score file").click()
    expect(page.locator("#scored")).to_contain_text("Choose a CSV file first")
    for content, said in (
        (b"", "The file is empty"),
        (b"PK\x03\x04", "workbook"),
        (b"a,b\n1,2\n", "no column 'carrier'"),
    ):
        (tmp_path / "rows.csv").write_bytes(content)
        page.locator("#file").set_input_files(tmp_path / "rows.csv")
        page.get_by_role("button", name="Score file").click()
        expect(page.locator("#scored .alert")).to_contain_text(said, timeout=30_000)


@pytest.mark.parametrize("task", TASKS)
def test_without_scripts_the_form_is_sent_and_the_page_comes_back_with_its_answer(tab: Any, task: str) -> None:
    looked = tab(task, java_script_enabled=False)
    looked.page.get_by_label("Scheduled", exact=True).fill("06:00")
    looked.page.get_by_role("button", name="Predict").click()
    expect(looked.page.locator(".since")).to_contain_text("typical values")
    assert looked.page.get_by_label("Scheduled", exact=True).input_value() == "06:00"
    looked.page.get_by_label("Scheduled", exact=True).fill("soon")
    looked.page.get_by_role("button", name="Predict").click()
    expect(looked.page.locator("#errors")).to_contain_text("Scheduled must be a time of day, such as 14:05")
    assert looked.said in ([], [message for message in looked.said if "422" in message])


@pytest.mark.parametrize(("width", "height"), [(375, 740), (590, 450), (1180, 900)], ids=["phone", "zoom", "desk"])
@pytest.mark.parametrize("task", ["multiclass", "regression"])
def test_nothing_sticks_out_or_lies_over_something_else(tab: Any, task: str, width: int, height: int) -> None:
    # given the page with everything open, on a phone, at 200%, on a desk
    page = tab(task, viewport={"width": width, "height": height}).page
    for details in page.locator("summary").all():
        details.click()
    page.get_by_label("Temperature (°F)").fill("300")
    expect(page.locator(".notes")).to_be_visible()
    # then there is no sideways scrolling, and no card covers another one at any height
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for top in range(0, 2400, 400):
        page.evaluate("top => window.scrollTo(0, top)", top)
        assert page.evaluate(OVERLAPS) == []
    # and on a small screen the answer is there without scrolling
    assert page.locator("#bar").is_visible() is (width <= 860)


OVERLAPS = """() => {
    const all = [...document.querySelectorAll('.card, .field')];
    const found = [], boxes = all.map(one => [one, one.getBoundingClientRect()]);
    for (const [one, a] of boxes) for (const [other, b] of boxes)
        if (one !== other && !one.contains(other) && !other.contains(one)
            && Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
            && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1)
            found.push(one.textContent.slice(0, 40) + ' over ' + other.textContent.slice(0, 40));
    return found;
}"""


def test_sixty_inputs_with_names_of_any_kind_are_text_and_nothing_else(tab: Any) -> None:
    looked = tab("multiclass")
    page = looked.page
    page.locator("#more summary").click()
    assert page.locator(".field").count() == 60
    assert page.locator("main b, main script").count() == 0
    assert page.get_by_label("<b>bold</b>").count()
    assert page.get_by_label("{{ 7 * 7 }}").count()
    page.get_by_label("<b>bold</b>, slider").first.focus()
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_contain_text("a little, 36%")
    assert looked.said == []


NAME = """() => {
    const one = document.activeElement, label = one.labels?.[0]?.textContent;
    return one.getAttribute('aria-label') || label || one.textContent.trim() || one.tagName;
}"""


def test_the_first_stop_of_the_keyboard_skips_to_the_form_and_every_stop_has_a_name(tab: Any) -> None:
    page = tab().page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    names = []
    for _ in range(40):
        page.keyboard.press("Tab")
        names.append(page.evaluate(NAME))
        if names[-1] == "BODY":
            break
    assert any("Predict" in name for name in names)
    assert any("Score file" in name for name in names)
    assert not [name for name in names if name in ("INPUT", "SELECT", "BUTTON", "A", "DIV")]


def test_the_service_looks_well_only_after_enough_requests(tab: Any, servers: dict[str, Server]) -> None:
    # given a service nobody has asked
    server = servers["regression"]
    for _ in range(3):
        server.predict([tiny.ROW])
    page = tab("regression").page
    expect(page.locator("#health-said")).to_have_text("Too few to judge", timeout=10_000)
    for _ in range(20):
        server.predict([tiny.ROW])
    expect(page.locator("#health-said")).to_have_text("OK", timeout=10_000)
    expect(page.locator("#health-failed")).to_have_text("0%")
    expect(page.locator("#pill-text")).to_have_text("Service up")


def test_with_keys_the_browsers_own_log_in_lets_a_person_in(browser: Any, tmp_path: Path) -> None:
    # given a service that asks for keys
    key = "k" * 40
    (tmp_path / "keys").write_text(f"anna:{hashlib.sha256(key.encode()).hexdigest()}\n")
    with paged.serving(tmp_path, "binary", settings=f"  keys_file: {tmp_path / 'keys'}\n") as server:
        server.wait("/readyz")
        assert server.ask("GET", "/ui/").status == 401
        # when a person gives any name, and the key as the password
        looked = Looked(browser, server, http_credentials={"username": "anyone", "password": key})
        looked.page.get_by_label("Scheduled", exact=True).fill("06:00")
        # then the page answers, and goes on to answer
        expect(looked.page.locator(".since")).to_contain_text("since typical values")
        expect(looked.page.locator("#failure-place")).to_be_empty()
        looked.context.close()
