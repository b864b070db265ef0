"""The explorer in a real browser: it loads nothing, computes as Python does, and obeys every input.

The data are a small set of superconductors' spectra, so that nothing here knows an impurity.
"""

from __future__ import annotations

import base64
import json
import re
import time
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

import numpy as np
import pytest
from accessibility import serious_faults

from benchmarks.bcs import SYSTEM, write_run
from benchmarks.bcs import Run as Files
from benchmarks.browsing import CHROMIUM, DRIVER, browser, picture
from kondoflow.autoencoder.encoding import decode
from kondoflow.autoencoder.storage import read_model
from kondoflow.discovery.judgement.measuring import measure_formulas
from kondoflow.discovery.latents.joint_errors import errors_of_joint
from kondoflow.discovery.latents.joint_quantities import read_together
from kondoflow.discovery.smooth import fit_smooth
from kondoflow.discovery.targets import Samples, Target, read_samples, read_targets
from kondoflow.files.spectra import sample_variables
from kondoflow.files.splits import split_mask
from kondoflow.formulas.evaluation import evaluate
from kondoflow.formulas.grammar import parse
from kondoflow.report.explorer.coding import decode_spectra, unpack
from kondoflow.report.explorer.content import run_content, set_content
from kondoflow.report.explorer.figure import static_figure
from kondoflow.report.explorer.page import SOURCES, render_explorer
from kondoflow.report.explorer.run import Run
from kondoflow.report.numbers import correlation, r2
from kondoflow.report.style import SEQUENTIAL
from kondoflow.report.words import region_in_words

pytest.importorskip("selenium")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not (CHROMIUM and DRIVER), reason="needs chromium and chromedriver on the PATH"
    ),
]
HOSTILE = "<img src=x onerror=\"document.title='broken'\">"
LAW = {
    "quantity": "gap",
    "reason": None,
    "law": {
        "formula": "2.1*cutoff*exp(-1/coupling)",  # 5 % too large
        "reduced": "2.1*exp(-1/x)",
        "scaled": "cutoff*V",
        "numbers": {"x": "coupling"},
    },
}
INPUTS = ("cutoff", "coupling")  # of the law
MOST_PAGES = 3  # of the print of a run
CONTRAST = 3.0  # of every colour with its background


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> Files:
    return write_run(
        tmp_path_factory.mktemp("bcs"),
        240,
        81,
        hidden=[32, 16],
        n_latents=3,
        kl_weight=0.02,
        epochs=60,
        batch_size=32,
        restarts=1,
        refine_epochs=0,
    )


@pytest.fixture(scope="module")
def run(files: Files) -> Run:
    run = files.read()
    labels = {
        **run.system["labels"],
        "log10_cutoff": r"$\log_{10}((\Gamma+2T+\omega_D)/\mathrm{eV})$",
    }
    return replace(run, system={**run.system, "labels": labels})


@pytest.fixture(scope="module")
def samples(run: Run) -> Samples:
    return read_samples(run.spectra, run.system)


@pytest.fixture(scope="module")
def targets(files: Files, run: Run, samples: Samples) -> dict[str, Target]:
    found = read_targets(run.latents, samples, run.system, files.config["equations"])
    return {target.name: target for target in found}


@pytest.fixture(scope="module")
def page(run: Run, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("page") / "explorer.html"
    path.write_text(render_explorer([run, replace(run, name="again")]), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def joined(files: Files, run: Run) -> Run:
    """The run with two joint quantities, the first of which has an equation and a law."""
    asked = {"log_gap_read": "log(gap)", "nothing": "0*gap"}
    sought = {"target": "log_gap_read", "run": "vae", "truth": "log(2*cutoff) - 1/coupling"}
    system = {**run.system, "joint": asked, "law": sought}
    joint = read_together(run.latents, run.spectra, asked, sample_variables(run.spectra))
    own = read_samples(run.spectra, system, joint)
    law = {
        "target": "log_gap_read",
        "run": "vae",
        "truth": "2*cutoff*exp(-1/coupling)",
        **LAW,
        "domain": {"coupling": [0.1, float(run.spectra["coupling"].max())]},
    }
    known = next(item for item in run.engines[0]["targets"] if item["target"] == "log_gap")
    judged = next(item for item in run.verdict["targets"] if item["target"] == "log_gap")
    engine = {**run.engines[0], "targets": [{**known, "target": "log_gap_read"}]}
    entry = {**judged, "target": "log_gap_read", "joint": {}}
    return replace(
        run,
        system=system,
        engines=[engine],
        verdict={**run.verdict, "targets": [entry]},
        joint=joint,
        joint_errors=errors_of_joint(joint, run.latents, own, sought),
        measured=measure_formulas(
            run.spectra,
            run.latents,
            system,
            files.config["equations"],
            [engine],
            joint,
            {"log_gap_read": f"log({LAW['law']['formula']})"},
        ),
        law=law,
        confirmation={"announced": True, "headline": "A law.", "reasons": []},
    )


@pytest.fixture(scope="module")
def lawful(files: Files, run: Run) -> Run:
    """The run with a law of a target that fails on new points; samples lie outside its domain."""
    measured = measure_formulas(
        run.spectra,
        run.latents,
        run.system,
        files.config["equations"],
        run.engines,
        None,
        {"log_gap": f"log({LAW['law']['formula']})"},
    )
    error = {"n": 20, "undefined": 1, "rms": 0.1, "largest": 0.3}
    confirmation = {
        "announced": False,
        "headline": "",
        "reasons": ["Not held."],
        "source": "fresh points",
        "errors": {"test": error, "inside": {**error, "n": 0}},
    }
    largest = 0.99 * float(run.spectra["coupling"].max())
    law = {**LAW, "target": "log_gap", "domain": {"coupling": [0.0, largest]}}
    return replace(run, measured=measured, law=law, confirmation=confirmation)


@pytest.fixture(scope="module")
def driver(tmp_path_factory):
    with browser(tmp_path_factory.mktemp("browser")) as opened:
        yield opened


@pytest.fixture
def opened(driver, page: Path):
    return open_page(driver, page)


def open_page(driver: Any, path: Path, fragment: str = "") -> Any:
    driver.get("about:blank")
    driver.get_log("browser"), driver.get_log("performance")
    driver.get(f"{path.as_uri()}#{fragment}")
    wait(driver, "return document.documentElement.classList.contains('ready')")
    settle(driver)
    return driver


def wait(driver: Any, condition: str, seconds: float = 20) -> Any:
    end = time.monotonic() + seconds
    while not (found := driver.execute_script(condition)):
        assert time.monotonic() < end, condition
        time.sleep(0.05)
    return found


def settle(driver: Any) -> None:
    """Wait until two frames are drawn."""
    driver.execute_async_script(
        "const done = arguments[0];"
        "requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 30)));"
    )


def state(driver: Any) -> dict[str, Any]:
    return driver.execute_script("return JSON.parse(JSON.stringify(explorer.state))")


def place(driver: Any, view: str, sample: int) -> tuple[float, float]:
    """Where a sample stands in a view, in the window, after scrolling there."""
    driver.execute_script(
        f"explorer.{view}.canvas.scrollIntoView({{block: 'center', behavior: 'instant'}})"
    )
    settle(driver)
    return driver.execute_script(
        f"const v = explorer.{view}, b = v.canvas.getBoundingClientRect();"
        f"return [b.left + v.px[{sample}], b.top + v.py[{sample}]]"
    )


def mouse(driver: Any, *events: tuple[str, float, float], shift: bool = False) -> None:
    for kind, x, y in events:
        button = "none" if kind == "mouseMoved" and events[0][0] == kind else "left"
        driver.execute_cdp_cmd(
            "Input.dispatchMouseEvent",
            {
                "type": kind,
                "x": x,
                "y": y,
                "button": button,
                "buttons": int(button == "left" and kind != "mouseReleased"),
                "clickCount": 1,
                "modifiers": 8 if shift else 0,
            },
        )
    settle(driver)


def drag(driver: Any, start: tuple[float, float], end: tuple[float, float], **keys: bool) -> None:
    middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    mouse(
        driver,
        ("mousePressed", *start),
        ("mouseMoved", *middle),
        ("mouseMoved", *end),
        ("mouseReleased", *end),
        **keys,
    )


def press(driver: Any, view: str, *keys: str) -> None:
    element = driver.execute_script(f"return explorer.{view}.canvas")
    for key in keys:
        element.send_keys(key)
    settle(driver)


def test_it_loads_without_errors_and_without_a_request(opened, page: Path) -> None:
    assert opened.get_log("browser") == []
    messages = [json.loads(entry["message"])["message"] for entry in opened.get_log("performance")]
    asked = [
        message["params"]["request"]["url"]
        for message in messages
        if message["method"] == "Network.requestWillBeSent"
    ]
    loaded = {url.split("#")[0] for url in asked if not url.startswith(("data:", "about:"))}
    assert loaded == {page.as_uri()}
    assert opened.execute_script("return performance.getEntriesByType('resource').length") == 0


def test_spectra_and_variables_arrive(opened, run: Run) -> None:
    _, arrays = unpack(set_content(run))
    found = opened.execute_script(
        "const s = explorer.samples; return [Array.from(s.spectra), Array.from(s.columns.gap)]"
    )
    np.testing.assert_allclose(found[0], decode_spectra(arrays).ravel(), rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(found[1], run.spectra["gap"].to_numpy(), rtol=1e-6)


@pytest.mark.parametrize(("precision", "tolerance"), [("half", 1e-3), ("full", 1e-5)])
def test_the_browsers_decoder_is_the_networks(
    driver, files: Files, run: Run, tmp_path: Path, precision: str, tolerance: float
) -> None:
    path = tmp_path / "explorer.html"
    path.write_text(render_explorer([run], precision=precision), encoding="utf-8")
    open_page(driver, path)
    shown = run.shown_latents
    mean = run.latents["mean"].to_numpy().astype(np.float64)
    train = split_mask(run.spectra, "train")
    rng = np.random.default_rng(1)
    codes = np.tile(np.median(mean[train], axis=0), (60, 1))
    codes[:40, shown] = mean[:40, shown]
    codes[40:, shown] = rng.uniform(-2, 2, (20, len(shown)))
    model = read_model(files.files["weights"], files.files["model"])
    expected = decode(model, codes)
    found = driver.execute_script(
        "return arguments[0].map((z) => Array.from(explorer.samples.decoder.decode(z)))",
        codes[:, shown].tolist(),
    )
    assert np.abs(np.array(found) - expected).max() < tolerance * max(1.0, expected.max())


def test_formulas_and_maps_are_those_of_python(
    opened, run: Run, samples: Samples, targets: dict[str, Target]
) -> None:
    content, _ = unpack(run_content(run, "half"))
    assert {target["name"] for target in content["targets"]} == set(targets)
    for target in content["targets"]:
        opened.execute_script("explorer.equations.choose(arguments[0])", target["name"])
        for index, formula in enumerate(target["formulas"]):
            text = formula["code"]["julia"].split(" = ")[1].replace("^", "**")
            values = evaluate(parse(text, "formula"), samples.variables)
            found = opened.execute_script(
                "explorer.equations.choose(arguments[0], arguments[1]);"
                "const e = explorer.equations;"
                "return [Array.from(e.current.equation.values), Array.from(e.residual.values)]",
                target["name"],
                index,
            )
            np.testing.assert_allclose(found[0], values, rtol=2e-6, atol=2e-6)
            sought = targets[target["name"]]
            mask = samples.usable(sought) & samples.parts["train"]
            share = 1 - np.mean(np.square(found[1])[mask]) / sought.values[mask].var()
            if formula["source"] == "reference":
                assert share == pytest.approx(formula["scores"]["train"], abs=2e-3)


def test_dragging_moves_the_ring_and_the_curve(opened) -> None:
    before = opened.execute_script("return Array.from(explorer.decoded)")
    start, end = place(opened, "plane", 3), place(opened, "plane", 90)
    drag(opened, start, end)
    moved = state(opened)
    expected = opened.execute_script("return explorer.samples.code(90)")
    across, up = (
        opened.execute_script(
            "return explorer.samples.quantity(explorer.state[arguments[0]]).latent", k
        )
        for k in ("x", "y")
    )
    assert moved["z"][across] == pytest.approx(expected[across], abs=0.05)
    assert moved["z"][up] == pytest.approx(expected[up], abs=0.05)
    after = opened.execute_script("return Array.from(explorer.decoded)")
    assert np.abs(np.array(after) - before).max() > 1e-3


def test_a_click_goes_to_the_sample_and_hovering_shows_it_everywhere(opened) -> None:
    for view in ("plane", "parameters", "equations.views[0]", "equations.views[1]"):
        at = place(opened, view, 17)
        sample = opened.execute_script(
            f"const b = explorer.{view}.canvas.getBoundingClientRect();"
            f"return explorer.{view}.sampleAt({at[0]} - b.left, {at[1]} - b.top)"
        )
        mouse(opened, ("mouseMoved", *at))
        assert opened.execute_script("return explorer.hover") == sample
        title = opened.execute_script("return document.getElementById('sample-title').textContent")
        assert title.startswith(f"Sample under the pointer: {sample} ")
        mouse(opened, ("mousePressed", *at), ("mouseReleased", *at))
        assert opened.execute_script("return explorer.near.sample") == sample


def test_a_brush_selects_and_other_views_follow(opened, run: Run) -> None:
    box = opened.execute_script(
        "const v = explorer.plane, b = v.canvas.getBoundingClientRect(), f = v.frame;"
        "v.canvas.scrollIntoView({block: 'center', behavior: 'instant'});"
        "const c = v.canvas.getBoundingClientRect();"
        "return [c.left + f.x + 5, c.top + f.y + 5, c.left + f.x + f.w / 2, c.top + f.y + f.h / 2]"
    )
    settle(opened)
    drag(opened, tuple(box[:2]), tuple(box[2:]), shift=True)
    chosen = state(opened)["box"]
    codes = {f"latent_{k}": run.latents["mean"].to_numpy()[:, k] for k in run.shown_latents}
    x, y = codes[chosen["x"]], codes[chosen["y"]]
    inside = (x >= chosen["x0"]) & (x <= chosen["x1"]) & (y >= chosen["y0"]) & (y <= chosen["y1"])
    assert 0 < inside.sum() < 240
    assert opened.execute_script("return document.getElementById('selection').textContent") == (
        f"{inside.sum()} of 240 samples selected."
    )
    csv = opened.execute_script("return explorer.tables.samples()").splitlines()
    assert len(csv) == inside.sum() + 1
    press(opened, "plane", "\ue00c")
    assert state(opened)["box"] is None


def test_the_histogram_selects_by_mouse_and_keyboard(opened) -> None:
    box = opened.execute_script(
        "const v = explorer.histogram;"
        "v.canvas.scrollIntoView({block: 'center', behavior: 'instant'});"
        "const c = v.canvas.getBoundingClientRect(), f = v.frame;"
        "return [c.left + f.x + f.w * 0.25, c.left + f.x + f.w * 0.75, c.top + f.y + f.h / 2]"
    )
    settle(opened)
    drag(opened, (box[0], box[2]), (box[1], box[2]))
    chosen = state(opened)["box"]
    assert chosen["x"] == "log10_gap"
    assert "y" not in chosen
    press(opened, "histogram", "\ue00c", "\ue014", "\ue014")
    narrow = state(opened)["box"]
    opened.execute_script("explorer.select(null)")
    width = opened.execute_script("return explorer.histogram.counts.length")
    assert narrow["x1"] - narrow["x0"] < 2 * (chosen["x1"] - chosen["x0"]) / (0.5 * width)


def test_the_plane_obeys_the_keyboard(opened) -> None:
    before = state(opened)
    across = opened.execute_script("return explorer.samples.quantity(explorer.state.x).latent")
    press(opened, "plane", "\ue014", "\ue014")
    assert state(opened)["z"][across] > before["z"][across]
    press(opened, "plane", "n")
    near = opened.execute_script(
        "return [explorer.near.sample, explorer.samples.code(explorer.near.sample)]"
    )
    np.testing.assert_allclose(state(opened)["z"], near[1])
    press(opened, "plane", "p")
    assert state(opened)["pins"] == [near[0]]
    width = "return explorer.plane.xs.high - explorer.plane.xs.low"
    wide = opened.execute_script(width)
    press(opened, "plane", "+")
    assert opened.execute_script(width) == pytest.approx(0.8 * wide)
    press(opened, "plane", "0")
    assert opened.execute_script(width) == pytest.approx(wide)
    press(opened, "plane", "b", *["\ue012"] * 8, *["\ue013"] * 8, "b")
    assert 0 < opened.execute_script("return explorer.selected.reduce((a, b) => a + b, 0)") < 240
    press(opened, "parameters", "\ue014")
    hovered = opened.execute_script("return explorer.hover")
    assert hovered >= 0
    press(opened, "parameters", "\ue007")
    assert opened.execute_script("return explorer.near.sample") == hovered
    press(opened, "spectrum", "\ue014")
    assert "decoded" in opened.execute_script(
        "return document.getElementById('frequency-readout').textContent"
    )


def test_an_arrow_at_the_edge_of_the_plane_stays_on_the_sample(opened) -> None:
    last = opened.execute_script(
        "const v = explorer.parameters; v.paint();"
        "const last = v.px.indexOf(Math.max(...v.px)); explorer.goTo(last); return last"
    )
    press(opened, "parameters", "\ue014")
    assert opened.execute_script("return explorer.hover") == last
    press(opened, "parameters", "\ue012")
    assert opened.execute_script("return explorer.hover") not in (-1, last)


def test_keys_that_come_before_the_first_frame_are_obeyed(opened) -> None:
    opened.execute_script(
        "const v = explorer.parameters; v.px = v.py = undefined; v.stale = true;"
        "v.canvas.dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowLeft', bubbles: true}))"
    )
    assert opened.execute_script("return explorer.hover") >= 0


def test_spectra_are_drawn_in_decades_where_the_network_sees_their_logarithm(opened) -> None:
    kind = "const s = explorer.spectrum; return s.yScale(s.curves(), 0, null).transform.kind"
    assert opened.execute_script(kind) == "linear"
    opened.execute_script("explorer.samples.decoder.transform = 'log'; explorer.spectrum.redraw()")
    try:
        assert opened.execute_script(kind) == "log"
        opened.execute_script("explorer.cards.open()")
        settle(opened)
        mapped = opened.execute_script(
            "const s = explorer.spectrum, [curve] = s.curves();"
            "const ys = s.yScale(s.curves(), 0, null).range(100, 0);"
            "return [[...curve.values], [...curve.values].map((value) => ys.map(value))]"
        )
        values, heights = (np.array(each) for each in mapped)
        line = np.polynomial.Polynomial.fit(np.log10(values), heights, 1)
        np.testing.assert_allclose(line(np.log10(values)), heights, atol=1e-6)
        assert opened.get_log("browser") == []
    finally:
        opened.execute_script("explorer.samples.decoder.transform = 'none'")


def test_five_spectra_can_be_pinned_and_no_more(opened) -> None:
    for sample in (5, 50, 100, 150, 200, 220):
        opened.execute_script("explorer.togglePin(arguments[0])", sample)
    assert state(opened)["pins"] == [5, 50, 100, 150, 200]
    assert "remove one first" in opened.execute_script(
        "return document.getElementById('live').textContent"
    )
    opened.execute_script("document.querySelector('#pins button:last-child').click()")
    assert state(opened)["pins"] == [50, 100, 150, 200]


def test_an_address_carries_the_view(driver, page: Path) -> None:
    open_page(driver, page)
    driver.execute_script(
        "const e = explorer;"
        "e.select({x: 'log10_gap', x0: -3.5, x1: -2.5}); e.togglePin(7); e.togglePin(70);"
        "e.equations.choose('log_gap', 1); e.place(e.samples.code(33));"
        "e.state.axis = 'scale'; e.state.colour = 'split'; e.changed('colour'); e.writeAddress();"
    )
    before, fragment = state(driver), driver.current_url.split("#")[1]
    open_page(driver, page, fragment)
    after = state(driver)
    np.testing.assert_allclose(after.pop("z"), before.pop("z"), atol=1e-4)
    assert after == before
    open_page(
        driver, page, "run=none&x=nonsense&z=1,b&pins=abc,-4&box=[1]&axis=up&target=&formula=99"
    )
    assert driver.get_log("browser") == []
    assert state(driver)["pins"] == []


def test_an_address_carries_the_parameters_that_are_tried(
    driver, lawful: Run, tmp_path: Path
) -> None:
    path = tmp_path / "explorer.html"
    path.write_text(render_explorer([lawful]), encoding="utf-8")
    open_page(driver, path)
    assert "law=" not in driver.current_url
    sliders = {"law": "#law-parameters", "try": "#parameters-to-try"}
    for share, place in zip((0.25, 0.75), sliders.values(), strict=True):
        driver.execute_script(
            f"const s = document.querySelector('{place} [data-parameter=coupling] input');"
            f"s.value = (1 - {share})*s.min + {share}*s.max; s.dispatchEvent(new Event('input'))"
        )
    given = "return [explorer.law.trial.given, explorer.equations.trial.given]"
    before = driver.execute_script(given)
    wait(driver, "return location.hash.includes('law=') && location.hash.includes('try=')")
    fragment = driver.current_url.split("#")[1]
    open_page(driver, path, fragment)
    for old, new in zip(before, driver.execute_script(given), strict=True):
        assert new == pytest.approx(old, rel=1e-5)
    inputs = driver.execute_script(
        "return arguments[0].map((place) => {"
        " const s = document.querySelector(`${place} [data-parameter=coupling] input`);"
        " return (s.value - s.min)/(s.max - s.min); })",
        list(sliders.values()),
    )
    assert inputs == pytest.approx([0.25, 0.75], abs=0.01)

    open_page(driver, path)
    start = driver.execute_script(given)
    for text in (
        "",
        "[",
        "[1]",
        "null",
        '"coupling"',
        '{"coupling":"1"}',
        '{"coupling":1e9}',
        '{"coupling":null,"nonsense":1,"__proto__":{"coupling":1}}',
    ):
        open_page(driver, path, urlencode({"law": text, "try": text}))
        assert driver.execute_script(given) == start
    assert driver.get_log("browser") == []


def test_the_region_is_told_in_words(opened, run: Run) -> None:
    told = opened.execute_script("return document.getElementById('formulas-note').textContent")
    assert f"The region: {region_in_words(run.verdict['region'])}." in told


def test_runs_can_be_chosen(opened) -> None:
    opened.execute_script(
        "const m = document.getElementById('run'); m.value = 'bcs.again';"
        "m.dispatchEvent(new Event('change'))"
    )
    wait(opened, "return explorer.state.run === 'bcs.again'")
    assert opened.get_log("browser") == []


@pytest.mark.parametrize("language", ["latex", "python", "sympy", "julia"])
def test_formulas_are_copied(opened, run: Run, language: str) -> None:
    opened.execute_cdp_cmd(
        "Browser.grantPermissions",
        {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]},
    )
    opened.execute_script("explorer.equations.choose('log_gap', 1)")
    opened.find_element("css selector", f"[data-copy={language}]").click()
    settle(opened)
    copied = opened.execute_async_script(
        "navigator.clipboard.readText().then(arguments[0], (e) => arguments[0](String(e)))"
    )
    content, _ = unpack(run_content(run, "half"))
    target = next(item for item in content["targets"] if item["name"] == "log_gap")
    assert copied.rstrip() == target["formulas"][1]["code"][language].rstrip()


def test_tables_and_pictures_are_saved(tmp_path: Path, page: Path) -> None:
    with browser(tmp_path) as driver:
        open_page(driver, page)
        driver.execute_script("explorer.togglePin(7)")
        driver.find_element("css selector", ".menu summary").click()
        found = {}
        for button, name in (
            ("take-samples", "samples.csv"),
            ("take-spectra", "spectra.csv"),
            ("take-svg", "explorer.svg"),
            ("take-png", "explorer.png"),
        ):
            driver.find_element("id", button).click()
            path = tmp_path / "downloads" / name
            end = time.monotonic() + 10
            while not path.is_file() or path.stat().st_size == 0:
                assert time.monotonic() < end, name
                time.sleep(0.05)
            found[name] = path
        time.sleep(0.3)
        rows = found["samples.csv"].read_text().splitlines()
        assert len(rows) == 241
        assert rows[0].startswith("sample,split,latent_0")
        curves = found["spectra.csv"].read_text().splitlines()
        assert len(curves) == 82
        assert curves[0].split(",")[-1] == "pin_sample_7"
        root = ElementTree.parse(found["explorer.svg"]).getroot()
        assert root.tag.endswith("svg")
        assert len(list(root.iter())) > 100
        assert found["explorer.png"].read_bytes().startswith(b"\x89PNG")


def test_away_from_the_data_it_says_so(opened) -> None:
    def text(name: str) -> str:
        return opened.execute_script(
            "return document.getElementById(arguments[0]).textContent", name
        )

    assert text("distance").startswith("Within the data")
    opened.execute_script("explorer.place(explorer.state.z.map((v) => v + 9))")
    settle(opened)
    assert text("distance").startswith("No data here")
    opened.execute_script(
        "explorer.samples.set.bounds = [null, 0.5]; explorer.place(explorer.samples.centre)"
    )
    settle(opened)
    assert "breaks the physical bound" in text("violation")


def test_latents_outside_the_plane_can_follow(opened) -> None:
    if len(state(opened)["z"]) < 3:
        pytest.skip("the network has two latents")
    opened.execute_script(
        "explorer.state.follow = true; const e = explorer;"
        "e.moveTo(e.samples.code(40), e.planeLatents())"
    )
    found = opened.execute_script(
        "const e = explorer, s = e.samples, near = s.neighbours(s.code(40), e.planeLatents());"
        "const k = s.latents.findIndex((_, j) => !e.planeLatents().includes(j));"
        "return [e.state.z[k], near.reduce((a, i) => a + s.code(i)[k], 0) / near.length]"
    )
    assert found[0] == pytest.approx(found[1])


def test_parameters_can_be_tried(opened) -> None:
    opened.execute_script("explorer.equations.choose('log_gap', 0)")
    slider = "document.querySelector('#parameters-to-try .slider input')"
    opened.execute_script(
        f"const s = {slider}; s.value = s.max; s.dispatchEvent(new Event('input'))"
    )
    given = opened.execute_script("return explorer.equations.trial.given")
    cells = opened.execute_script(
        "return Array.from(document.querySelectorAll('td.here'), (c) => c.textContent)"
    )
    expected = np.log(2 * given["cutoff"]) - 1 / given["coupling"]
    reference = SYSTEM["references"]
    index = 3 + list(reference).index("bcs")
    assert float(cells[index].replace("\N{MINUS SIGN}", "-")) == pytest.approx(expected, rel=1e-3)


def test_parameters_to_try_begin_at_a_sample(opened, run: Run) -> None:
    given = opened.execute_script("return explorer.equations.trial.given")
    columns = np.array([run.spectra[name].to_numpy() for name in given])
    apart = np.abs(columns.T / list(given.values()) - 1).max(axis=1)
    assert apart.min() < 1e-6
    text = opened.execute_script("return document.getElementById('try-result').textContent")
    assert text.startswith(f"Nearest sample: {np.argmin(apart)} (")


def test_a_logarithm_is_shown_on_a_linear_axis(driver, run: Run, tmp_path: Path) -> None:
    least = float(run.spectra["gap"].min())  # all values positive, over more than two decades
    descriptors = {**run.system["descriptors"], "log10_gap": f"log10(gap/{0.99 * least})"}
    path = tmp_path / "explorer.html"
    system = {**run.system, "descriptors": descriptors}
    path.write_text(render_explorer([replace(run, system=system)]), encoding="utf-8")
    open_page(driver, path, "colour=log10_gap&histogram=log10_gap&px=log10_gap")
    kinds = (
        "return [explorer.histogram.xs, explorer.parameters.xs, explorer.colours().scale]"
        ".map((scale) => scale.transform.kind)"
    )
    driver.execute_script("explorer.histogram.canvas.scrollIntoView()")
    settle(driver)
    assert driver.execute_script(kinds) == ["linear"] * 3


def test_other_names_of_a_parameter_lead_to_it(driver, run: Run, tmp_path: Path) -> None:
    """The page stayed empty where a target was a parameter by another name."""
    descriptors = {**run.system["descriptors"], "another": "coupling"}
    targets = {**run.system.get("targets", {}), "wanted": "coupling"}
    system = {**run.system, "descriptors": descriptors, "targets": targets}
    path = tmp_path / "explorer.html"
    path.write_text(render_explorer([replace(run, system=system)]), encoding="utf-8")
    open_page(driver, path, "colour=another")
    assert driver.execute_script("return explorer.state.colour") == "coupling"
    known = (
        "const {id, values} = explorer.samples.quantity(arguments[0]); return [id, values.length]"
    )
    n = run.spectra.sizes["sample"]
    assert driver.execute_script(known, "another") == ["coupling", n]
    assert driver.execute_script(known, "wanted") == ["wanted", n]
    assert driver.get_log("browser") == []


def scripted(names: str, code: str) -> str:
    """Some of the page's sources with code that uses them."""
    return "".join((SOURCES / f"{name}.js").read_text() for name in names.split()) + code


@pytest.mark.parametrize(
    ("size", "power"), [(2.0, None), (3e30, "30"), (4e-30, "\N{MINUS SIGN}30")]
)
def test_heights_of_any_size_have_short_ticks(opened, size: float, power: str | None) -> None:
    code = (
        "const told = [], pen = {line() {}, text(x, y, text) { told.push(text); }};"
        "const ys = new Scale(LINEAR, 0, arguments[0]).range(100, 0);"
        "const frame = {x: 66, y: 0, w: 1, h: 100};"
        "drawAxes(pen, frame, {ticks: () => []}, ys, null, 'A', {}); return told"
    )
    *ticks, label = opened.execute_script(scripted("numbers scales pen view", code), size)
    assert max(map(len, ticks)) <= 4
    assert label == [["A", ""], *([[" (10", ""], [power, "^"], [")", ""]] if power else [])]


def test_numbers_below_1_read_as_in_the_report(opened) -> None:
    values = [-1.25, 0.79, 0.92083, 0.998453, 0.9999961, 0.9999995, 1.0, 1 - 1e-15]
    code = "return [arguments[0].map(rSquared), arguments[0].map((value) => shortOf1(value))]"
    found = opened.execute_script(scripted("numbers", code), values)
    assert found == [[str(told(value)) for value in values] for told in (r2, correlation)]
    code = "return [rSquared(1 - 3e-9), height(2.5e-30), height(0.25), height(0)]"
    assert opened.execute_script(scripted("numbers", code)) == [
        "1 \N{MINUS SIGN} 3\N{MULTIPLICATION SIGN}10\N{SUPERSCRIPT MINUS}\N{SUPERSCRIPT NINE}",
        "2.50\N{MULTIPLICATION SIGN}10\N{SUPERSCRIPT MINUS}\u00b3\u2070",
        "0.250",
        "0.000",
    ]


def test_spectra_over_decades_keep_their_small_values(driver, run: Run, tmp_path: Path) -> None:
    height = np.geomspace(1e-30, 1e-38, run.spectra.sizes["omega"])
    spectra = np.broadcast_to(height, run.spectra["spectral_function"].shape)
    dims = run.spectra["spectral_function"].dims
    run = replace(
        run,
        spectra=run.spectra.assign(spectral_function=(dims, spectra)),
        decoder=replace(run.decoder, transform="log", unit=1e-30),
    )
    path = tmp_path / "explorer.html"
    path.write_text(render_explorer([run]), encoding="utf-8")
    open_page(driver, path)
    shown = "const s = explorer.samples; return [...s.spectrum(0)]"
    np.testing.assert_allclose(driver.execute_script(shown), height, rtol=3e-3)
    kind = "const s = explorer.spectrum; return s.yScale(s.curves(), 0, null).transform.kind"
    assert driver.execute_script(kind) == "log"


def test_every_channel_is_shown_under_its_name(driver, tmp_path: Path) -> None:
    network = {"hidden": [16], "n_latents": 2, "kl_weight": 0.02, "epochs": 20, "restarts": 1}
    files = write_run(tmp_path / "run", 120, 41, both=True, channel="all", **network)
    run, path = files.read(), tmp_path / "explorer.html"
    path.write_text(render_explorer([run], precision="full"), encoding="utf-8")
    open_page(driver, path)
    model = read_model(files.files["weights"], files.files["model"])
    codes = np.tile(np.median(run.latents["mean"].to_numpy()[:80], axis=0), (5, 1))
    codes[:, run.shown_latents] = run.latents["mean"].to_numpy()[:5, run.shown_latents]
    real = run.spectra["spectral_function"].to_numpy()
    for index, channel in enumerate(("real", "imaginary")):
        driver.execute_script(
            "const m = document.getElementById('channel'); m.value = arguments[0];"
            "m.dispatchEvent(new Event('change'))",
            channel,
        )
        settle(driver)
        shown = driver.execute_script(
            "explorer.goTo(3); return explorer.spectrum.curves().map((c) => [c.key, [...c.values]])"
        )
        curves = dict(shown)
        np.testing.assert_allclose(curves["real"], real[3, index], atol=1e-3)
        title = driver.execute_script("return explorer.spectrum.yLabel().map(([t]) => t).join('')")
        assert title.endswith(f", {channel}")
        driver.execute_script("explorer.writeAddress()")
        assert f"channel={channel}" in driver.current_url
    found = driver.execute_script(
        "return arguments[0].map((z) => [...explorer.samples.decoder.decode(z)])",
        codes[:, run.shown_latents].tolist(),
    )
    expected = decode(model, codes)
    assert np.abs(np.reshape(found, expected.shape) - expected).max() < 1e-3
    heads = driver.execute_script("return explorer.tables.spectra()").splitlines()[0].split(",")
    assert heads[:3] == ["omega", "decoded_real", "decoded_imaginary"]
    figure = static_figure(run)
    assert all(f", {channel}, latent" in figure for channel in ("real", "imaginary"))
    open_page(driver, path, "channel=imaginary")
    assert state(driver)["channel"] == "imaginary"
    assert driver.get_log("browser") == []


def test_motion_is_reduced_where_asked(tmp_path: Path, page: Path) -> None:
    for still in (True, False):
        with browser(tmp_path / str(still), still=still) as driver:
            open_page(driver, page)
            driver.find_element("css selector", "#cards button").click()
            settle(driver)
            first = state(driver)["z"]
            time.sleep(0.6)
            assert (state(driver)["z"] == first) is still


def test_every_control_is_reached_by_tab_in_order(opened) -> None:
    expected = opened.execute_script(
        "return Array.from(document.querySelectorAll('a, button, select, input, summary,"
        ' [tabindex="0"]\')).filter((e) => e.checkVisibility() &&'
        " !(e.type === 'radio' && !e.checked)).length"
    )
    opened.execute_script("document.body.tabIndex = -1; document.body.focus()")
    seen = []
    for _ in range(expected + 5):
        opened.execute_cdp_cmd(
            "Input.dispatchKeyEvent",
            {"type": "keyDown", "key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9},
        )
        opened.execute_cdp_cmd(
            "Input.dispatchKeyEvent",
            {"type": "keyUp", "key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9},
        )
        place_in_page, outline = opened.execute_script(
            "const e = document.activeElement, s = getComputedStyle(e);"
            "const all = Array.from(document.querySelectorAll('*'));"
            "return [all.indexOf(e), parseFloat(s.outlineWidth)]"
        )
        if seen and place_in_page <= seen[-1]:
            break
        assert outline >= 2
        seen.append(place_in_page)
    assert len(seen) == expected


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [1440, 390])
def test_it_is_accessible(tmp_path: Path, joined: Run, axe: str, width: int, dark: bool) -> None:
    path = tmp_path / "explorer.html"
    path.write_text(render_explorer([joined]), encoding="utf-8")
    with browser(tmp_path / "browser", width, dark=dark) as driver:
        open_page(driver, path)
        assert driver.execute_script("return document.documentElement.scrollWidth") <= width
        for make in (
            "",
            "explorer.togglePin(7); explorer.place(explorer.state.z.map((v) => v + 9))",
        ):
            driver.execute_script(make)
            assert serious_faults(driver, axe) == []
        assert picture(driver, tmp_path / "page.png").stat().st_size > 50_000


@pytest.mark.parametrize("dark", [False, True])
def test_every_colour_stands_out_from_its_background(
    tmp_path: Path, page: Path, dark: bool
) -> None:
    with browser(tmp_path, dark=dark) as driver:
        open_page(driver, page)
        theme = driver.execute_script("return explorer.theme")
        palettes = driver.execute_script("return explorer.palettes()")
    assert theme["name"] == ("dark" if dark else "light")
    colours = [colour for palette in palettes for colour in palette]
    colours += [theme[k] for k in ("ink", "faint", "accent", "context", "bars", "probe", "real")]
    colours += [theme[k] for k in ("reconstruction", "warn", "axis")]
    low = {colour: contrast(colour, theme["paper"]) for colour in colours}
    assert min(low.values()) >= CONTRAST, min(low, key=low.__getitem__)
    lightness = [luminance(colour) for colour in palettes[0]]
    assert (np.diff(lightness) > -1e-3).all()  # ordered without colour vision
    if not dark:  # the figures of the report have the same
        own = SEQUENTIAL(np.linspace(0, 1, len(palettes[0])))[:, :3]
        found = [[int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)] for colour in palettes[0]]
        assert np.abs(own - np.array(found)).max() < 0.03


def luminance(colour: str) -> float:
    parts = np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)]) / 255
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_a_finger_moves_the_ring(tmp_path: Path, page: Path) -> None:
    with browser(tmp_path, 390) as driver:
        open_page(driver, page)
        start, end = place(driver, "plane", 3), place(driver, "plane", 90)
        before = state(driver)["z"]

        def touch(kind: str, points: list[dict[str, float]]) -> None:
            event = {"type": kind, "touchPoints": points}
            driver.execute_cdp_cmd("Input.dispatchTouchEvent", event)

        touch("touchStart", [{"x": start[0], "y": start[1]}])
        for share in (0.3, 0.6, 1.0):
            x, y = (a + share * (b - a) for a, b in zip(start, end, strict=True))
            touch("touchMove", [{"x": x, "y": y}])
        touch("touchEnd", [])
        settle(driver)
        assert state(driver)["z"] != before
        wide = driver.execute_script("return explorer.plane.xs.high - explorer.plane.xs.low")
        x, y = place(driver, "plane", 3)
        touch("touchStart", [{"x": x - 20, "y": y}, {"x": x + 20, "y": y}])
        touch("touchMove", [{"x": x - 60, "y": y}, {"x": x + 60, "y": y}])
        touch("touchEnd", [])
        settle(driver)
        assert driver.execute_script("return explorer.plane.xs.high - explorer.plane.xs.low") < wide


def test_without_javascript_there_is_a_figure_and_a_sentence(tmp_path: Path, page: Path) -> None:
    with browser(tmp_path, script=False) as driver:
        driver.get(page.as_uri())
        body = driver.find_element("tag name", "body").text
        assert "240 spectra, compressed to" in body
        assert "This page needs JavaScript" in body
        assert driver.find_element("css selector", "noscript svg").size["width"] > 300
        assert not driver.find_element("tag name", "main").is_displayed()


def test_it_works_in_a_frame_from_a_data_address(driver, page: Path, tmp_path: Path) -> None:
    packed = base64.b64encode(page.read_bytes()).decode()
    frame = tmp_path / "frame.html"  # how Snakemake's own report shows pages
    frame.write_text(
        '<!DOCTYPE html><iframe width="1200" height="800"'
        f' src="data:text/html;charset=utf-8;base64,{packed}"></iframe>'
    )
    driver.get(frame.as_uri())
    driver.get_log("browser")
    driver.switch_to.frame(0)
    wait(driver, "return document.documentElement.classList.contains('ready')")
    driver.execute_script("explorer.goTo(5); explorer.writeAddress()")
    driver.find_element("id", "take-link").click()
    assert driver.execute_script("return explorer.near.sample") == 5
    assert [entry for entry in driver.get_log("browser") if entry["level"] == "SEVERE"] == []
    driver.switch_to.default_content()


def test_what_the_latents_say_together_is_computed_anywhere(
    driver, joined: Run, tmp_path: Path
) -> None:
    path = tmp_path / "explorer.html"
    path.write_text(render_explorer([joined]), encoding="utf-8")
    open_page(driver, path)
    train = split_mask(joined.spectra, "train")
    mean = joined.latents["mean"].to_numpy().astype(np.float64)
    active = np.flatnonzero(joined.latents["active"].to_numpy())
    function = fit_smooth(
        mean[train][:, active], np.log(joined.spectra["gap"].to_numpy().astype(float)[train])
    )
    shown = joined.shown_latents
    codes = np.random.default_rng(1).uniform(-2, 2, (30, len(shown)))
    found = driver.execute_script(
        "return arguments[0].map((z) => explorer.joint.quantity.together.at(z))", codes.tolist()
    )
    expected = function(codes[:, [shown.index(k) for k in active]])
    np.testing.assert_allclose(found, expected, atol=1e-6)  # of terms that cancel
    driver.execute_script("explorer.goTo(12)")
    settle(driver)
    own = joined.joint.sel(quantity="log_gap_read")
    cells = driver.execute_script(
        "return Array.from(document.querySelectorAll('#joint-here tr:last-child td'), (c) =>"
        " c.textContent.replace('\\u2212', '-'))"
    )
    said, read = float(own["joint"][12]), float(own["read"][12])
    assert [float(cell) for cell in cells[:2]] == pytest.approx([said, read], rel=1e-4)
    truth = np.log(2 * joined.spectra["cutoff"][12]) - 1 / joined.spectra["coupling"][12]
    assert float(cells[3]) == pytest.approx(float(truth), rel=1e-4)  # not the scale of law.json
    text = driver.find_element("id", "joint").text
    assert "which took no part in the fit" in text
    assert "A law." in text
    driver.find_element("id", "joint-show").click()
    titles = driver.find_elements("css selector", "#formulas .name")
    assert titles[-1].text == "law over the whole box"
    head = driver.find_element("id", "law-head").text
    assert "The latents say" in head
    assert "Truth" in head
    cells = numbers_in(driver, "#law-here tr:first-child td")
    law = 2.1 * joined.spectra["cutoff"][12] * np.exp(-1 / joined.spectra["coupling"][12])
    assert cells[:2] == pytest.approx([float(law), np.exp(said)], rel=1e-4)
    assert cells[2] == pytest.approx(100 * (float(law) / np.exp(said) - 1), rel=0.06)
    assert cells[3:] == pytest.approx([float(law) / 1.05, 5], rel=1e-4)
    values = driver.execute_script(
        "return Array.from(explorer.samples.target('log_gap_read').values)"
    )
    np.testing.assert_allclose(values, own["joint"], rtol=1e-6)
    driver.find_element("id", "joint-colour").click()
    assert state(driver)["colour"] == "missed.log_gap_read"
    driver.execute_script("explorer.joint.choose('nothing')")
    settle(driver)
    assert "say nothing of" in driver.find_element("id", "joint-kept").text
    assert not driver.find_element("id", "joint-known").is_displayed()
    assert driver.get_log("browser") == []


def test_a_law_is_evaluated_anywhere_and_knows_its_domain(
    driver, lawful: Run, tmp_path: Path
) -> None:
    path = tmp_path / "explorer.html"
    path.write_text(render_explorer([lawful]), encoding="utf-8")
    open_page(driver, path)
    columns, formula = sample_variables(lawful.spectra), LAW["law"]["formula"]
    rng = np.random.default_rng(2)
    points = {name: rng.uniform(columns[name].min(), columns[name].max(), 40) for name in INPUTS}
    found = driver.execute_script(
        "const p = arguments[0];"
        "return p.cutoff.map((_, i) => explorer.law.at((name) => p[name][i]))",
        {name: values.tolist() for name, values in points.items()},
    )
    np.testing.assert_allclose(found, evaluate(parse(formula, "law"), points), rtol=1e-6)

    driver.execute_script("explorer.goTo(12)")
    settle(driver)
    law, gap = evaluate(parse(formula, "law"), columns)[12], columns["gap"][12]
    cells = numbers_in(driver, "#law-here tr:first-child td")
    assert cells[:2] == pytest.approx([law, gap], rel=1e-4)
    assert cells[2] == pytest.approx(100 * (law / gap - 1), rel=0.06)

    driver.find_element("id", "law-take").click()
    assert numbers_in(driver, "#law-here tr:last-child td")[0] == pytest.approx(law, rel=1e-4)
    assert "within the domain" in driver.find_element("id", "law-result").text
    move = (
        "const s = document.querySelector('#law-parameters [data-parameter=coupling] input');"
        "s.value = s.max; s.dispatchEvent(new Event('input')); return explorer.law.trial.given"
    )
    given = driver.execute_script(move)
    assert given["coupling"] == pytest.approx(columns["coupling"].max())
    at = evaluate(parse(formula, "law"), {k: np.array([v]) for k, v in given.items()})[0]
    assert numbers_in(driver, "#law-here tr:last-child td")[0] == pytest.approx(at, rel=1e-4)
    assert "outside the domain" in driver.find_element("id", "law-result").text
    assert driver.find_element("css selector", "#law-domain .warn").text.endswith("outside")

    assert "Not held." in driver.find_element("id", "law-told").text
    assert not driver.find_element("id", "law-first").is_displayed()  # it is not announced
    driver.execute_script("navigator.clipboard.writeText = (text) => { window.copied = text; }")
    driver.find_element("css selector", "[data-law=python]").click()
    settle(driver)
    scope: dict[str, Any] = {}
    exec(driver.execute_script("return window.copied"), scope)  # noqa: S102
    own = next(value for name, value in scope.items() if name not in ("np", "__builtins__"))
    np.testing.assert_allclose(own(**points), found, rtol=1e-6)
    assert driver.get_log("browser") == []


def test_a_law_needs_no_equation(driver, lawful: Run, tmp_path: Path) -> None:
    targets = [{"target": name, "equation": None} for name in lawful.measured]
    alone = replace(lawful, verdict={"targets": targets}, engines=[])
    path = tmp_path / "explorer.html"
    path.write_text(render_explorer([replace(lawful, name="none", law=None), alone]), "utf-8")
    open_page(driver, path)
    assert not driver.find_element("id", "law").is_displayed()
    driver.execute_script("return explorer.open('bcs.vae')")
    wait(driver, "return !document.getElementById('law').hidden")
    settle(driver)
    assert np.isfinite(numbers_in(driver, "#law-here tr:first-child td")).all()
    assert driver.get_log("browser") == []


def test_without_a_law_the_page_holds_nothing_of_it(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert "class Law" not in text
    assert 'id="law' not in text


def numbers_in(driver: Any, selector: str) -> list[float]:
    """The numbers in some cells, those in per cent as they stand."""
    texts = driver.execute_script(
        "return Array.from(document.querySelectorAll(arguments[0]), (c) => c.textContent)", selector
    )
    plain = (text.replace("\N{MINUS SIGN}", "-").removesuffix(" %") for text in texts)
    return [float(text) for text in plain if text]


def test_without_joint_quantities_nothing_speaks_of_them(opened) -> None:
    assert not opened.find_element("id", "joint").is_displayed()
    assert "together say" not in opened.find_element("tag name", "main").text
    assert not opened.find_elements("css selector", "optgroup[label^=Joint]")


def test_what_is_printed_is_drawn_wherever_the_reader_was(opened) -> None:
    opened.execute_script("explorer.equations.choose('log_gap', 1)")
    settle(opened)
    drawn = "return explorer.equations.views.every((view) => !view.pending)"
    assert not opened.execute_script(drawn)  # out of sight
    opened.execute_script("dispatchEvent(new Event('beforeprint'))")
    assert opened.execute_script(drawn)


@pytest.mark.parametrize("paper", [(8.27, 11.69), (8.5, 11.0)], ids=["A4", "Letter"])
def test_a_run_prints_on_few_pages(driver, lawful: Run, tmp_path: Path, paper: tuple) -> None:
    path = tmp_path / "explorer.html"
    path.write_text(render_explorer([lawful]), encoding="utf-8")
    open_page(driver, path)
    size = dict(zip(("paperWidth", "paperHeight"), paper, strict=True))
    printed = driver.execute_cdp_cmd("Page.printToPDF", size)
    pages = re.findall(rb"/Type\s*/Page\b", base64.b64decode(printed["data"]))
    assert 1 <= len(pages) <= MOST_PAGES
    settle(driver)
    assert not driver.execute_script("return explorer.onPaper")  # the screen is as it was


def test_nothing_is_cut_on_paper(tmp_path: Path, lawful: Run) -> None:
    path = tmp_path / "explorer.html"
    path.write_text(render_explorer([lawful]), encoding="utf-8")
    with browser(tmp_path / "browser", width=705, dark=True) as driver:  # of A4, without margins
        open_page(driver, path)
        driver.execute_script(
            "const sum = '<mi>x</mi><mo>+</mo>'.repeat(90);"
            "const long = `<math><mrow>${sum}<mi>y</mi></mrow></math>`;"
            "for (const place of ['.equation', '#law-formula div', '.card .scroll'])"
            " document.querySelector(place).innerHTML = long;"
            "dispatchEvent(new Event('beforeprint'))"
        )
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
        wide = driver.execute_script(
            "return Array.from(document.querySelectorAll('math, canvas, table, pre'))"
            ".filter((e) => e.getClientRects().length)"
            ".map((e) => [e.outerHTML.slice(0, 60), e.getBoundingClientRect().right])"
        )
        assert len(wide) > 20
        assert [name for name, right in wide if right > 705] == []
        paper, views = driver.execute_script(
            "const shown = explorer.views.filter((v) => explorer.isShown(v));"
            "return [explorer.theme.paper, shown.map((v) => v.canvas.width / v.width)]"
        )
    assert paper == "#ffffff"
    assert min(views) >= 2  # pixels in a point of the picture


def test_a_long_formula_leaves_the_other_columns_in_sight(opened) -> None:
    apart = opened.execute_script(
        "document.querySelector('.equation').innerHTML ="
        " '<span style=\"display: inline-block; width: 3000px\"></span>';"
        "const place = document.getElementById('formulas').parentElement;"
        "return place.scrollWidth - place.clientWidth"
    )
    assert apart <= 0


def test_a_run_that_found_nothing_is_shown_too(driver, run: Run, tmp_path: Path) -> None:
    latents = run.latents.assign(active=run.latents["active"] * 0)
    targets = [{"target": name, "equation": None} for name in run.measured]
    nothing = replace(run, latents=latents, verdict={"targets": targets}, engines=[])
    path = tmp_path / "explorer.html"
    path.write_text(render_explorer([nothing]), encoding="utf-8")
    open_page(driver, path)
    assert "No equation was found" in driver.find_element("tag name", "main").text
    driver.find_element("css selector", "#cards button").click()
    press(driver, "plane", "\ue014", "n", "p")
    assert len(state(driver)["pins"]) == 1
    assert driver.get_log("browser") == []


def test_labels_cannot_become_markup(driver, run: Run, tmp_path: Path) -> None:
    system = {**run.system, "labels": {name: HOSTILE for name in run.system["labels"]}}
    path = tmp_path / "explorer.html"
    path.write_text(render_explorer([replace(run, system=system)]), encoding="utf-8")
    open_page(driver, path)
    assert driver.find_elements("tag name", "img") == []
    assert driver.title == "KondoFlow explorer"
    assert driver.get_log("browser") == []
