"""A real headless Chromium, driven through WebDriver; nothing is downloaded for it."""

from __future__ import annotations

import base64
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
DRIVER = shutil.which("chromedriver")
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --hide-scrollbars"
    " --disable-background-networking --disable-component-update --disable-sync"
)
NARROW = 500  # pixels below which a window is a telephone's


@contextmanager
def browser(
    folder: Path, width: int = 1440, *, dark: bool = False, still: bool = True, script: bool = True
) -> Iterator[Any]:
    """A browser with a new profile.

    Args:
        folder: An empty folder, for the profile and for downloads.
        width: Of the window, pixels; narrow ones are touched.
        dark: Whether the system asks for dark colours.
        still: Whether the system asks for reduced motion.
        script: Whether JavaScript runs.
    """
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM or ""
    profile, downloads = folder / "profile", folder / "downloads"
    downloads.mkdir(parents=True)
    for flag in (*FLAGS.split(), f"--user-data-dir={profile}", f"--window-size={width},900"):
        options.add_argument(flag)
    options.add_experimental_option("prefs", {"download.default_directory": str(downloads)})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options, webdriver.ChromeService(DRIVER))
    try:
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < NARROW}
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        touch = {"enabled": width < NARROW, "maxTouchPoints": 2}
        driver.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", touch)
        features = [
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"},
            {"name": "prefers-reduced-motion", "value": "reduce" if still else "no-preference"},
        ]
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
        driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": not script})
        driver.set_script_timeout(60)
        yield driver
    finally:
        driver.quit()


def picture(driver: Any, path: Path) -> Path:
    """Write the whole page as PNG, in a window as high as the page."""
    whole = driver.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]
    size = {"width": whole["width"], "height": whole["height"], "deviceScaleFactor": 1}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {**size, "mobile": False})
    driver.execute_async_script("setTimeout(arguments[0], 500)")
    shot = driver.execute_cdp_cmd("Page.captureScreenshot", {})
    path.write_bytes(base64.b64decode(shot["data"]))
    return path
