"""The report in a real browser: it loads nothing, reads well in any width and light, and prints."""

from __future__ import annotations

import base64
import gzip
import itertools
import json
import re
import time
from pathlib import Path
from typing import Any

import pytest
from accessibility import serious_faults
from report_files import Run

from benchmarks.browsing import CHROMIUM, DRIVER, browser

pytest.importorskip("selenium")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not (CHROMIUM and DRIVER), reason="needs chromium and chromedriver on the PATH"
    ),
]
LARGEST = 1_500_000  # bytes of a page that Snakemake's report shows
MOST_PAGES = 8


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [1440, 390])
def test_the_report_is_accessible(
    tmp_path: Path, anderson: Run, page: str, axe: str, width: int, dark: bool
) -> None:
    assert page
    with browser(tmp_path / "browser", width, dark=dark) as driver:
        driver.get(anderson.page.as_uri())
        assert driver.get_log("browser") == []
        driver.execute_cdp_cmd("Page.setBypassCSP", {"enabled": True})
        assert driver.execute_script("return document.documentElement.scrollWidth") <= width
        assert serious_faults(driver, axe) == []
        levels = driver.execute_script(
            "return Array.from(document.querySelectorAll('h1,h2,h3,h4'), (h) => +h.tagName[1])"
        )
        assert levels[0] == 1
        assert all(deeper <= level + 1 for level, deeper in itertools.pairwise(levels))


def test_the_report_loads_nothing_and_gives_what_it_holds(
    tmp_path: Path, anderson: Run, page: str
) -> None:
    assert len(page.encode()) < LARGEST
    with browser(tmp_path / "browser") as driver:
        driver.get("about:blank")
        driver.get_log("performance")  # of the browser's own start page
        driver.get(anderson.page.as_uri())
        assert requests(driver) == {anderson.page.as_uri()}
        for button in driver.find_elements("css selector", "[data-copy]")[:2]:
            button.click()
            wait(driver, f"Copied as {button.text.split()[0]}.")
        link = driver.find_element("css selector", "[data-table]")
        driver.execute_script("arguments[0].click()", link)
        wait(driver, "triptych.csv is downloaded.")
        table = tmp_path / "browser/downloads/triptych.csv"
        until(table.is_file)
        assert table.read_bytes() == anderson.figure("triptych")[2].read_bytes()


def test_without_a_script_the_report_is_complete(tmp_path: Path, anderson: Run, page: str) -> None:
    assert page
    with browser(tmp_path / "browser", script=False) as driver:
        driver.get(anderson.page.as_uri())
        assert not driver.find_element("css selector", "[data-copy]").is_displayed()
        assert driver.find_element("css selector", "math").is_displayed()


def test_the_report_prints_on_few_pages(tmp_path: Path, anderson: Run, page: str) -> None:
    assert page
    with browser(tmp_path / "browser") as driver:
        driver.get(anderson.page.as_uri())
        printed = driver.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True})
    pages = re.findall(rb"/Type\s*/Page\b", base64.b64decode(printed["data"]))
    assert 1 <= len(pages) <= MOST_PAGES


def test_tables_on_the_page_are_those_of_the_figures(anderson: Run, page: str) -> None:
    packed = re.search(r'id="set\.run\.pareto-table">([^<]+)<', page)
    assert packed is not None
    text = gzip.decompress(base64.b64decode(packed[1]))
    assert text == anderson.figure("pareto")[2].read_bytes()


def requests(driver: Any) -> set[str]:
    """Addresses that the page asked for."""
    messages = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
    asked = [
        message["params"]["request"]["url"]
        for message in messages
        if message["method"] == "Network.requestWillBeSent"
    ]
    return {url for url in asked if not url.startswith(("data:", "about:", "blob:"))}


def wait(driver: Any, text: str) -> None:
    """Wait for what the page says to a screen reader."""
    until(lambda: driver.find_element("id", "said").get_attribute("textContent") == text)


def until(condition: Any) -> None:
    """Wait until a condition holds, for some seconds at most."""
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)
