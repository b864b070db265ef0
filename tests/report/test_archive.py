"""The archive: complete, described, the same bytes each time, and of use to others."""

import hashlib
import json
import subprocess
import zipfile
from types import SimpleNamespace

import numpy as np
import pytest
import xarray as xr
from report_files import anderson_spectra

import import_spectra
import write_archive
from kondoflow.files.netcdf import read_dataset
from kondoflow.files.spectra import sample_variables
from kondoflow.report.crate import METADATA
from kondoflow.report.datasheet import write_datasheet
from kondoflow.stage.config import load_config, run_settings, training_seed


def pack(run, name):
    """Pack a run; the archive."""
    read = {key: [run.files[key]] for key in ("spectra", "model", "scores", "verdict")}
    others = [run.files[key] for key in ("history", "latents", "predictions")]
    archive = run.root / name
    write_archive.main(**read, files=[*others, *run.found], archive=archive, config=run.config)
    return archive


@pytest.fixture(scope="module")
def unpacked(gap, tmp_path_factory):
    """A folder in which the archive of a run is unpacked to `archive`."""
    folder = tmp_path_factory.mktemp("unpacked")
    with zipfile.ZipFile(pack(gap, "archive.zip")) as archive:
        assert archive.testzip() is None
        archive.extractall(folder / "archive")
    return folder


def test_the_same_results_give_the_same_bytes(gap):
    assert pack(gap, "one.zip").read_bytes() == pack(gap, "two.zip").read_bytes()


def test_every_file_is_described_with_its_digest(unpacked):
    folder = unpacked / "archive"
    content = json.loads((folder / METADATA).read_text())
    assert content["@context"] == "https://w3id.org/ro/crate/1.1/context"
    entities = {each["@id"]: each for each in content["@graph"]}
    assert len(entities) == len(content["@graph"])
    assert entities[METADATA]["about"] == {"@id": "./"}
    assert entities[METADATA]["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.1"}
    root = entities["./"]
    assert {"name", "description", "datePublished", "license", "hasPart"} <= set(root)
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert {part["@id"] for part in root["hasPart"]} == files - {METADATA}
    for name in files - {METADATA}:
        data = (folder / name).read_bytes()
        assert entities[name]["@type"] == "File"
        assert entities[name]["contentSize"] == str(len(data))
        assert entities[name]["sha256"] == hashlib.sha256(data).hexdigest()
    for entity in content["@graph"]:  # what is pointed at is there
        for value in entity.values():
            for each in value if isinstance(value, list) else [value]:
                if isinstance(each, dict) and not each["@id"].startswith("https://w3id.org"):
                    assert each["@id"] in entities
    check = ["sha256sum", "--check", "--quiet", "checksums.sha256"]
    subprocess.run(check, cwd=folder, check=True)


def test_the_datasheet_says_what_how_exact_what_for_and_under_which_licence(unpacked, gap):
    text = (unpacked / "archive/README.md").read_text()
    spectra = read_dataset(gap.files["spectra"])
    assert f"{spectra.sizes['sample']:,} samples" in text
    assert "How exact" in text
    assert "## What it is for" in text
    assert "CC-BY-4.0" in text
    verdict = json.loads(gap.files["verdict"].read_text())
    for line in verdict["headline"]:
        assert line in text


def test_the_datasheet_names_the_unit_of_the_model():
    spectra = anderson_spectra()
    run = SimpleNamespace(
        ensemble="set",
        run="vae",
        spectra=spectra,
        variables=sample_variables(spectra),
        system={"parameters": ["U", "T"]},
        scores={"kl": [1.0], "reconstruction": {"test": {"mean_absolute": 0.01, "n": 12}}},
        model={"restarts": [0]},
        active=[0],
        verdict={"headline": []},
    )
    text = write_datasheet([run], "Title", "CC-BY-4.0", "2026-11-30")
    omega, U = spectra["omega"], spectra["U"]
    assert f"points from {omega[0]:g} to {omega[-1]:g} D." in text
    assert f"U from {U.min():.4g} to {U.max():.4g} D, T = 1e-06 D." in text


def test_spectra_are_opened_by_xarray_and_brought_back(unpacked, gap, monkeypatch, tmp_path):
    monkeypatch.chdir(unpacked)
    original = read_dataset(gap.files["spectra"])
    with xr.open_dataset("archive/spectra/set.nc") as opened:
        np.testing.assert_array_equal(opened["spectral_function"], original["spectral_function"])
    config = load_config(unpacked / "archive/again.yaml")
    ensemble = config["ensembles"]["archived_set"]
    target = tmp_path / "spectra.nc"
    source = unpacked / ensemble["path"]
    import_spectra.main(
        source=source, spectra=target, ensemble=ensemble, seed=1, labels={}, system="mine"
    )
    again = read_dataset(target)
    for name in ("spectral_function", "omega", "split", *gap.system["parameters"]):
        np.testing.assert_array_equal(again[name], original[name])
    (before,), (after,) = gap.config["runs"], config["runs"]
    seed = training_seed(gap.config, before["ensemble"], before["name"])
    assert training_seed(config, after["ensemble"], after["name"]) == seed
    settings = run_settings(config, after["ensemble"], after["name"])
    settings.pop("seed")
    assert settings == run_settings(gap.config, before["ensemble"], before["name"])
    assert config["systems"][ensemble["system"]]["descriptors"] == gap.system["descriptors"]
