"""How every figure looks, and how it is saved.

Text is set in STIX, which matplotlib brings along, so that a figure is the same on every machine.
Sequential quantities are drawn in the explorer's palette, whose lightness rises evenly in Oklab and
whose every colour has a contrast of 3 to 1 with white paper; signed ones in Crameri's berlin, dark
at 0, where they are marks on paper, and in PuOr, bright at 0, where they fill cells; curves that
are compared in the colours of Okabe and Ito (2008). All are told apart without colour vision.
"""

from __future__ import annotations

import html
import io
import logging
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axis import Axis
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager
from matplotlib.rcsetup import cycler
from matplotlib.ticker import ScalarFormatter
from PIL import Image, PngImagePlugin

from kondoflow.files.atomic import replacing, write_text
from kondoflow.files.errors import InputError
from kondoflow.report.drawn import table_of

WIDTH = 7.2  # inches, the width of the page's column
PIXELS_AN_INCH = 96  # CSS pixels
PNG_SCALE = 2
# What each format is told of a file: nothing of program and date, and a note under this name.
UNDATED = {".png": {"Software": None}, ".svg": {"Date": None}, ".pdf": {"CreationDate": None}}
NOTES = {".png": "Description", ".svg": "Description", ".pdf": "Subject"}
TABLE = ".csv"
_POWER = re.compile(r"1e(-?\d+)")  # as matplotlib writes that of an axis
COLOURS = 128  # of a bitmap: its file is a third of one in true colour

INK = "#1b1b1b"
FAINT = "#b8b8b8"
BLUE, ORANGE, GREEN, PURPLE, SKY, AMBER = (
    "#0072B2",
    "#D55E00",
    "#009E73",
    "#CC79A7",
    "#56B4E9",
    "#E69F00",
)
CYCLE = (BLUE, ORANGE, GREEN, PURPLE, SKY, AMBER)
SEQUENTIAL = LinearSegmentedColormap.from_list(
    "sequential",
    [
        "#271464",
        "#39196a",
        "#4b1d6d",
        "#5c216e",
        "#6e266d",
        "#7f2b6a",
        "#903165",
        "#a0385e",
        "#ae4156",
        "#bb4b4c",
        "#c65740",
        "#ce6532",
        "#d47421",
    ],
)
DIVERGING = mpl.colormaps["berlin"]
DIVERGING_CELLS = mpl.colormaps["PuOr_r"]

RC: dict[Any, Any] = {
    "figure.dpi": 72,  # at which SVG text is set, so that texts are parsed once for layout and SVG
    "font.family": "STIXGeneral",
    "mathtext.fontset": "stix",
    "font.size": 10.5,
    "axes.labelsize": 11,
    "axes.titlesize": 10.5,
    "xtick.labelsize": 9.5,
    "ytick.labelsize": 9.5,
    "legend.fontsize": 9.5,
    "legend.frameon": False,
    "legend.handlelength": 1.6,
    "axes.formatter.useoffset": False,  # 5999.5 is read off an axis, +6e3 beside it is not
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.7,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.major.width": 0.7,
    "ytick.major.width": 0.7,
    "xtick.minor.width": 0.5,
    "ytick.minor.width": 0.5,
    "xtick.direction": "out",
    "ytick.direction": "out",
    "lines.linewidth": 1.3,
    "axes.prop_cycle": cycler(color=CYCLE),
    "figure.constrained_layout.use": True,
    "svg.fonttype": "path",
    "pdf.fonttype": 42,  # TrueType, as journals ask for
    "svg.hashsalt": "kondoflow",
}


# What a user may have changed for other figures, as matplotlib brings it along.
NOT_OF_FIGURES = {"backend", "backend_fallback", "interactive"}
ORIGINAL = {name: mpl.rcParamsDefault[name] for name in mpl.rcParams if name not in NOT_OF_FIGURES}

# Which glyphs go into a PDF would fill the log of a stage with thousands of lines.
logging.getLogger("fontTools").setLevel(logging.WARNING)


def prefer_own_fonts() -> None:
    """Take the fonts that matplotlib brings along, and no installed ones of the same names.

    What matplotlib remembers of them in its cache may be from an environment that lacked files.
    """
    folder = Path(mpl.get_data_path(), "fonts", "ttf")
    known = {font.fname for font in fontManager.ttflist}
    for path in sorted(folder.glob("*.ttf")):
        if str(path) not in known:
            fontManager.addfont(path)
    fonts = {font: font.fname.startswith(mpl.get_data_path()) for font in fontManager.ttflist}
    names = {font.name for font, own in fonts.items() if own}
    fontManager.ttflist = [font for font, own in fonts.items() if own or font.name not in names]


prefer_own_fonts()


@contextmanager
def house_style(*, laid_out: bool = False) -> Iterator[None]:
    """Draw and save figures inside this context, whose look no setting of a user changes.

    Args:
        laid_out: Whether the figures have their layout. Matplotlib would lay them out anew, and
            draw them once more for it, each time that it saves them.
    """
    with mpl.rc_context({**ORIGINAL, **RC, "figure.constrained_layout.use": not laid_out}):
        yield


def save_figure(figure: Figure, paths: Iterable[Path], note: str = "") -> None:
    """Write a figure atomically to each path, in the format of its suffix.

    A .png, .svg or .pdf is a picture, a .csv holds the numbers that are drawn. Bitmaps, and point
    clouds inside vector files, have twice the page's resolution; bitmaps have a palette. Equal
    figures give equal bytes: no file holds a date.

    Args:
        figure: The figure.
        paths: The files.
        note: A remark that the files carry unseen, see `note_of`.

    Raises:
        InputError: If a suffix is none of these.
    """
    with house_style():
        layout = figure.get_layout_engine()
        if layout is not None and figure.axes:
            layout.execute(figure)
        table = table_of(figure)  # under the labels as they are
        with _powers_in_labels(figure) as changed:
            if layout is not None and changed:
                layout.execute(figure)
            figure.set_layout_engine(None)  # laid out once, for all formats
            _save(figure, paths, note, table)


@contextmanager
def _powers_in_labels(figure: Figure) -> Iterator[list[Axis]]:
    """Powers of ten stand in the labels of axes for a while, where they cover nothing.

    Matplotlib writes them at the end of an axis, over a long label. Gives the axes changed.
    """
    before: list[tuple[Axis, str]] = []
    axes: list[Axis] = [axis for ax in figure.axes for axis in (ax.xaxis, ax.yaxis)]
    for axis in axes:
        formatter, label = axis.get_major_formatter(), axis.get_label_text()
        if not (label and isinstance(formatter, ScalarFormatter)):
            continue
        formatter.set_locs(list(axis.get_majorticklocs()))
        power = _POWER.fullmatch(formatter.get_offset().replace("\N{MINUS SIGN}", "-"))
        if power:
            before.append((axis, label))
            axis.set_label_text(_with_power(label, int(power[1])))
            axis.offsetText.set_visible(False)
    try:
        yield [axis for axis, _ in before]
    finally:
        for axis, label in before:
            axis.set_label_text(label)
            axis.offsetText.set_visible(True)


def _with_power(label: str, power: int) -> str:
    """A label whose unit, or number, counts in a power of ten."""
    ten = f"$10^{{{power}}}$"
    unit = re.fullmatch(r"(.+ )\(([^()]+)\)", label)
    return f"{unit[1]}({ten} {unit[2]})" if unit else f"{label} ({ten})"


def _save(figure: Figure, paths: Iterable[Path], note: str, table: str) -> None:
    for path in paths:
        if path.suffix == TABLE:
            write_text(path, table)
            continue
        if path.suffix not in UNDATED:
            allowed = f"one of {', '.join([*UNDATED, TABLE])}"
            raise InputError(path, "suffix", path.suffix, allowed)
        content = io.BytesIO()
        with house_style(laid_out=True):
            figure.savefig(
                content,
                format=path.suffix[1:],
                dpi=PIXELS_AN_INCH * PNG_SCALE,
                metadata=UNDATED[path.suffix] | ({NOTES[path.suffix]: note} if note else {}),
            )
        with replacing(path) as temporary:
            temporary.write_bytes(content.getvalue())
            if path.suffix == ".png":
                reduce_colours(temporary, note)


def reduce_colours(path: Path, note: str) -> None:
    """Give a bitmap a palette."""
    known = PngImagePlugin.PngInfo()
    if note:
        known.add_text(NOTES[".png"], note)
    with Image.open(path) as image:
        colours = image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    colours.save(path, format="PNG", optimize=True, pnginfo=known)


def note_of(svg: str) -> str:
    """The remark that an SVG file carries; "" without one."""
    found = re.search(r"<dc:description>(.*?)</dc:description>", svg, flags=re.DOTALL)
    return html.unescape(found[1]) if found else ""
