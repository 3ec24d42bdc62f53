"""The page in a real browser, with Playwright and a Chromium that the machine has."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sentilora.serve.error_explorer import EVERYTHING
from sentilora.serve.served_study import ServedStudy, load_served_study
from sentilora.serve.server_limits import ROWS_A_PAGE
from sentilora.use.explain import Explanation, explain
from support.served_app import running_server
from support.tiny_study import STRANGE, tiny_study

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

playwright = pytest.importorskip("playwright.sync_api", reason="no browser tests: pip install playwright")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
if CHROMIUM is None:
    pytest.skip("no browser tests: no chromium on the path", allow_module_level=True)

PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "color_scheme": "dark"}


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> ServedStudy:
    return load_served_study(tiny_study(tmp_path_factory), device="cpu")


@pytest.fixture(scope="module")
def address(study: ServedStudy) -> Iterator[str]:
    with running_server(study) as address:
        yield address


@pytest.fixture(scope="module")
def browser(address: str) -> Iterator[Browser]:
    """After the server: while Playwright runs, this thread has an event loop that is taken."""
    arguments = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        browser.close()


@pytest.fixture(params=[{}], ids=[""])
def page(request: pytest.FixtureRequest, browser: Browser, address: str) -> Iterator[Page]:
    """The page, loaded; at the end of each test it has asked nobody else and complained of nothing."""
    context = browser.new_context(**request.param)
    page = context.new_page()
    page.set_default_timeout(60_000)  # a busy machine is no fault of the page
    foreign: list[str] = []
    complaints: list[str] = []
    page.on(
        "request", lambda r: None if r.url.startswith((address, "data:", "blob:")) else foreign.append(r.url)
    )
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(address)
    page.locator("#sum-lora").get_by_text("Together").wait_for()
    yield page
    context.close()
    assert foreign == []
    assert complaints == []


def compare(page: Page, text: str) -> None:
    page.locator("#review textarea").fill(text)
    page.get_by_role("button", name="Compare").click()


def words(page: Page, arm: str) -> str:
    return "".join(page.locator(f"#words-{arm} .token .text").all_text_contents())


def expect_words(page: Page, text: str) -> None:
    """Both sides show this text, and nothing in it became an element of the page."""
    for arm in ("frozen", "lora"):
        playwright.expect(page.locator(f"#words-{arm} .textfield")).to_contain_text(text[:5])
        page.wait_for_function(
            "([arm, text]) => [...document.querySelectorAll(`#words-${arm} .token .text`)]"
            ".map(e => e.textContent).join('') === text",
            arg=[arm, text],
        )


def test_a_typed_review_is_judged_by_both_and_its_words_are_coloured(page: Page, study: ServedStudy) -> None:
    text = "the plot is dull , but the cast is lovely !"
    compare(page, text)
    expect_words(page, text)
    for side in study.arms:
        [prediction] = side.classifier.predict([text])
        label = page.locator(f"#label-{side.arm}")
        playwright.expect(label).to_contain_text(f"{prediction.probability:.0%}")
        playwright.expect(label.locator("h2")).to_have_text(prediction.label)
        playwright.expect(page.locator(f"#sum-{side.arm}")).to_contain_text("error of the sum")
        playwright.expect(page.locator(f"#words-{side.arm} .highlighted").first).to_be_visible()


def test_enter_compares_and_shift_enter_begins_a_new_line(page: Page) -> None:
    box = page.locator("#review textarea")
    box.fill("a warm film")
    box.press("Shift+Enter")
    box.press_sequentially("and a dull plot")
    box.press("Enter")
    expect_words(page, "a warm filmand a dull plot")  # the line's end is an element of its own
    playwright.expect(page.locator("#notice")).to_contain_text("a warm film and a dull plot")


def test_a_newer_review_takes_the_place_of_one_still_explained(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(*arguments: Any) -> Explanation:
        time.sleep(0.7)
        return explain(*arguments)

    monkeypatch.setattr("sentilora.serve.page.review_answers.explain", slow)
    compare(page, "a warm film")
    playwright.expect(page.locator("#notice")).to_contain_text("a warm film")
    compare(page, "a dull plot")
    playwright.expect(page.locator("#notice")).to_contain_text("a dull plot")
    expect_words(page, "a dull plot")
    for arm in ("frozen", "lora"):
        playwright.expect(page.locator(f"#sum-{arm}")).to_contain_text("Together")
    page.wait_for_timeout(1500)
    expect_words(page, "a dull plot")
    playwright.expect(page.locator("#notice")).to_contain_text("a dull plot")


def test_an_example_is_judged_at_a_click(page: Page) -> None:
    page.get_by_role("button", name="I wanted to hate it").click()
    expect_words(page, "I wanted to hate it, and by the end I was in tears.")


@pytest.mark.parametrize(
    "text",
    [
        '<img src=x onerror="document.title=1"><b>bad</b>',
        "# good **film** [x](javascript:alert(1)) $x^2$ `code`",
        "\U0001f600 \U0001f468‍\U0001f469‍\U0001f467 warm",
    ],
    ids=["html", "markdown", "emoji"],
)
def test_a_review_is_shown_as_text_whatever_it_holds(page: Page, text: str) -> None:
    title = page.title()
    compare(page, text)
    expect_words(page, text)
    assert page.title() == title
    assert page.locator("#words-lora :is(img, b, a, h1, strong, code)").count() == 0


def test_too_much_nothing_and_control_characters_are_answered_politely(page: Page) -> None:
    notice = page.locator("#notice")
    compare(page, "  \n ")
    playwright.expect(notice).to_contain_text("Type or pick a review first")
    compare(page, "good " * 20_000)
    playwright.expect(notice).to_contain_text("Only the first 2,000 of 100,000 characters were read")
    playwright.expect(page.locator("#sum-lora")).to_contain_text("beyond what the model reads")
    compare(page, "a \x07 fine \x1b film")
    playwright.expect(notice).to_contain_text("Control characters were left out")
    expect_words(page, "a  fine  film")


def test_errors_are_filtered_paged_and_tried(page: Page, study: ServedStudy) -> None:
    explorer = study.explorer
    page.get_by_role("tab", name="Errors").click()
    cells = page.locator("#errors .body-cell")

    def choose(filter_id: str, value: str) -> None:
        page.locator(f"#{filter_id} input").click()
        page.get_by_role("option", name=value, exact=True).click()

    choose("verdict", "anyone")
    part = next(part for part in explorer.slices if "label: positive" in part)
    choose("slice", part)
    first = explorer.page(part, "anyone", 1, num_rows=ROWS_A_PAGE)
    playwright.expect(page.locator("#found")).to_contain_text(
        f"{first.num_found} examples, page 1 of {first.num_pages}"
    )
    page.locator("#after").click()
    second = explorer.page(part, "anyone", 2, num_rows=ROWS_A_PAGE)
    playwright.expect(page.locator("#found")).to_contain_text("page 2 of")
    playwright.expect(cells).to_have_count(4 * len(second.rows))
    cells.filter(has_text=second.rows[3][0]).first.click()
    playwright.expect(page.locator("#review textarea")).to_have_value(second.rows[3][0])
    expect_words(page, second.rows[3][0])


def test_markup_in_the_data_is_text_in_the_table(page: Page, study: ServedStudy) -> None:
    explorer = study.explorer
    number = next(
        n
        for n in range(1, 100)
        if STRANGE in [row[0] for row in explorer.page(EVERYTHING, "anyone", n, num_rows=ROWS_A_PAGE).rows]
    )
    page.get_by_role("tab", name="Errors").click()
    page.locator("#verdict input").click()
    page.get_by_role("option", name="anyone").click()
    everything = f"{len(explorer.examples)} examples, page 1 of"
    playwright.expect(page.locator("#found")).to_contain_text(everything)  # or it would still turn to page 1
    page.locator("#page input").fill(str(number))
    page.locator("#page input").press("Enter")
    playwright.expect(page.locator("#errors")).to_contain_text(STRANGE)
    assert page.locator("#errors b, #errors strong").count() == 0


def test_the_trade_off_and_the_tables_are_shown(page: Page, study: ServedStudy) -> None:
    page.get_by_role("tab", name="Trade-off").click()
    image = page.locator("#tradeoff-plot img")
    playwright.expect(image).to_be_visible()
    assert image.evaluate("image => image.naturalWidth") > 500
    accuracy = study.analysis.outcomes["lora"].scores.accuracy
    playwright.expect(page.locator("#table-arms")).to_contain_text(f"{100 * accuracy.mean:.1f}")
    page.get_by_role("tab", name="API").click()
    playwright.expect(page.get_by_text("curl -s").first).to_be_visible()


@pytest.mark.parametrize("page", [PHONE], indirect=True, ids=["phone, dark"])
def test_a_phone_in_the_dark(page: Page) -> None:
    compare(page, "a warm film , and a clever plot")
    expect_words(page, "a warm film , and a clever plot")
    red, *_ = map(int, re.findall(r"\d+", page.evaluate("getComputedStyle(document.body).backgroundColor")))
    assert red < 60
    for tab in ("Try it", "Errors", "Trade-off", "API"):
        page.get_by_role("tab", name=tab).click()
        page.wait_for_timeout(200)
        assert page.evaluate("document.documentElement.scrollWidth") == 390


@pytest.mark.slow
def test_the_command_starts_answers_and_ends(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tiny_study(tmp_path_factory)
    command = [sys.executable, "-m", "sentilora", "serve", str(folder), "--port", "0", "--device", "cpu"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=_environment(folder))
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("serving: http://127.0.0.1:")
        process.send_signal(signal.SIGINT)
        assert process.wait(15) == 0
    finally:
        process.kill()
        process.communicate()


def _environment(folder: Path) -> dict[str, str]:
    return os.environ | {"SENTILORA_CACHE": str(folder.parent / "cache"), "PYTHONUNBUFFERED": "1"}
