"""Anything at all as input: used, or refused in words.

With KONDOFLOW_NEW_EXAMPLES in the environment new examples are drawn, as in the nightly run.
"""

import copy
import os

import numpy as np
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from kondoflow.files.errors import InputError
from kondoflow.files.spectra import channel_spectra, check_spectra
from kondoflow.stage.config import resolved_config
from kondoflow.stage.ensembles import is_computed
from kondoflow.stage.paths import DEFAULT
from kondoflow.stage.yaml_files import read_mapping
from kondoflow.systems.anderson.definition import SYSTEM
from kondoflow.systems.anderson.settings import Settings
from kondoflow.systems.table import read_table

HEAD = "U,Gamma,eps_d,B,T\n"
# New examples in a nightly run, the same ones otherwise.
NIGHTLY = "KONDOFLOW_NEW_EXAMPLES" in os.environ
FUZZ = settings(
    max_examples=2000 if NIGHTLY else 200, deadline=None, derandomize=not NIGHTLY, database=None
)
DEFAULTS = read_mapping(DEFAULT)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
VALUES = st.recursive(
    SCALARS | st.sampled_from([10**400, -1, 0, 1e308, "1e-6", "../x", "U > 1", "latent_0"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=8) | st.integers() | st.none(), inner, max_size=3)
    ),
    max_leaves=6,
)


def outcome(call):
    """What a call returns, or None if it refuses its input in one line."""
    try:
        return call()
    except InputError as error:
        message = str(error)
    assert "is not usable: must be" in message
    assert "\n" not in message
    return None


def places(value, path=()):
    """Paths of all keys of a configuration, and of one that it lacks in each section."""
    if isinstance(value, dict):
        yield (*path, "unknown")
        for key, item in value.items():
            yield (*path, key)
            yield from places(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield (*path, index)
            yield from places(item, (*path, index))


@FUZZ
@given(path=st.sampled_from(sorted(places(DEFAULTS), key=str)), value=VALUES)
def test_any_value_anywhere_is_used_or_refused(path, value):
    config = copy.deepcopy(DEFAULTS)
    section = config
    for key in path[:-1]:
        section = section[key]
    section[path[-1]] = value

    def settings_of_config():
        for ensemble in resolved_config(config)["ensembles"].values():
            if is_computed(ensemble):
                Settings.from_config(ensemble["solver"], ensemble["omega"])

    outcome(settings_of_config)


@FUZZ
@given(text=st.text(alphabet="abc:-?{}[],&*!|>'\"%@` \n\t#1.e~<", max_size=60))
def test_any_text_is_a_mapping_or_refused(tmp_path_factory, text):
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_text(text)
    assert isinstance(outcome(lambda: read_mapping(path)), dict | None)


@FUZZ
@given(
    lines=st.lists(st.text(alphabet='0123456789.,-+einfa "\r\0;\u00e4', max_size=30), max_size=4),
    head=st.sampled_from([HEAD, "U,Gamma,eps_d,T\n", "U,Gamma\n", ""]),
)
def test_any_table_is_read_or_refused(tmp_path_factory, lines, head):
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_text(head + "\n".join(lines), encoding="utf-8")
    rows = outcome(lambda: read_table(path, SYSTEM.parameters))
    assert rows != []
    assert all(np.isfinite(list(row.values())).all() for row in rows or [])


@FUZZ
@given(arrays(np.float64, (3, 4), elements=st.floats() | st.sampled_from([0.0, 1.0, 1e-320])))
def test_any_spectra_are_usable_or_refused(spectra):
    dataset = xr.Dataset(
        {"spectral_function": (("sample", "omega"), spectra)}, {"omega": np.arange(4.0)}
    )

    def network_input():
        check_spectra(dataset, "any")
        return channel_spectra(dataset, "up")

    found = outcome(network_input)
    assert found is None or np.isfinite(found).all()
