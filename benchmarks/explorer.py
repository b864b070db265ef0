"""The explorer's size and speed: from 60 to 60,000 spectra, in a real headless Chromium.

    python -m benchmarks.explorer > benchmarks/explorer.md
    python -m benchmarks.explorer --page results/report/explorer.html  # one that is there

Made-up sets (`benchmarks.bcs`) on the default frequencies and network, briefly trained, go through
the stages and onto a page. Something is done in each of some frames: the ring moves, a sample is
pointed at, the plane is zoomed (everything in it is drawn anew), a selection changes (every view is
drawn anew). Frames are counted from one to the next, and in brackets is the processor time of the
page's thread, which does not depend on what else the machine does. The browser draws without a GPU.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.bcs import write_run
from benchmarks.browsing import browser
from benchmarks.common import machine, table
from kondoflow.report.explorer.page import render_explorer

SIZES = (60, 2_000, 60_000)
N_OMEGA = 333
FRAMES = 60
ACTIONS = {
    "ring": "e.moveTo(e.samples.code((37 * k) % e.samples.n), e.planeLatents())",
    "pointer": "e.setHover((37 * k) % e.samples.n)",
    "zoom": "e.plane.zoom(k % 2 ? 0.9 : 1 / 0.9)",
    "selection": "e.select({x: e.state.x, y: e.state.y, x0: -1, x1: k / 60, y0: -1, y1: 1})",
}
MEASURE = """
const done = arguments[0], e = window.explorer, times = [];
let k = 0, last = performance.now();
const frame = () => {
  const now = performance.now();
  times.push(now - last);
  last = now;
  if (++k > FRAMES) return done(times.slice(1));
  ACTION;
  requestAnimationFrame(frame);
};
requestAnimationFrame(frame);
"""
HEADS = ["spectra", "MB", "s to write", "s to open", *(f"{name}: ms a frame" for name in ACTIONS)]


def write_page(n_samples: int, folder: Path) -> tuple[Path, float]:
    """A page of a made-up set, and the seconds that its script took."""
    found = write_run(
        folder, n_samples, N_OMEGA, kl_weight=0.1, epochs=2, restarts=1, refine_epochs=0
    )
    started = time.monotonic()
    page = folder / "explorer.html"
    page.write_text(render_explorer([found.read()]), encoding="utf-8")
    return page, time.monotonic() - started


def measure(page: Path, folder: Path) -> list[object]:
    """Size, time to open, and for each action the median of its frames and their processor time."""
    with browser(folder / "browser") as driver:
        driver.execute_cdp_cmd("Performance.enable", {"timeDomain": "threadTicks"})
        started = time.monotonic()
        driver.get(page.as_uri())
        while not driver.execute_script(
            "return document.documentElement.classList.contains('ready')"
        ):
            time.sleep(0.01)
        opened = time.monotonic() - started
        frames = [frame_times(driver, action) for action in ACTIONS.values()]
    shown = [f"{whole:.0f} ({thread:.0f})" for whole, thread in frames]
    return [f"{page.stat().st_size / 1e6:.2f}", f"{opened:.1f}", *shown]


def frame_times(driver: Any, action: str) -> tuple[float, float]:
    """Median of the frames in which an action is done, and processor time of one, ms."""
    script = MEASURE.replace("FRAMES", str(FRAMES)).replace("ACTION", action)
    before = thread_seconds(driver)
    frames = driver.execute_async_script(script)
    return median(frames), 1e3 * (thread_seconds(driver) - before) / FRAMES


def thread_seconds(driver: Any) -> float:
    """Processor time of the page's thread so far."""
    metrics = driver.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]
    return {entry["name"]: entry["value"] for entry in metrics}["TaskDuration"]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--spectra", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--page", type=Path, help="a page that is there, instead of made-up sets")
    arguments = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        if arguments.page:
            size, *measured = measure(arguments.page.resolve(), Path(scratch))
            rows.append([arguments.page, size, "", *measured])
        for n_samples in [] if arguments.page else arguments.spectra:
            folder = Path(scratch) / str(n_samples)
            page, seconds = write_page(n_samples, folder)
            size, *measured = measure(page, folder)
            rows.append([f"{n_samples:,}", size, f"{seconds:.0f}", *measured])
            print(*rows[-1], file=sys.stderr, flush=True)
    print(
        f"{machine()}; medians of {FRAMES} frames, in brackets processor time\n\n"
        f"{table(HEADS, rows)}"
    )


if __name__ == "__main__":
    main()
