"""Bad input: one message that names file, key, value and what is allowed, before any work.

Configurations are checked by the functions that the Snakefile calls; a dozen of them, and some
tables and spectra, also go through Snakemake or a script's command line.
"""

import copy
import shutil
import subprocess
import sys

import numpy as np
import pytest
import xarray as xr
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import import_spectra
import sample_parameters
from kondoflow.files.errors import InputError
from kondoflow.files.spectra import channel_spectra, check_spectra
from kondoflow.formulas.expressions import check_systems
from kondoflow.stage.checks import ROOT, check_config, check_files, known_names
from kondoflow.stage.config import DEFAULT, merge
from kondoflow.stage.yaml_files import read_mapping
from kondoflow.systems.anderson.solver import Settings
from kondoflow.systems.table import read_table

FORMULA = (
    "a formula of numbers, pi, names, + - * / **, parentheses and sqrt, exp, log, log10, abs, "
    "sign, tanh, sin, cos, square, minimum, maximum; "
)
CONDITION = "comparisons (< <= > >= == !=) of formulas, joined by and, or, not; "
VARIABLES = (
    "a formula over B, Gamma, T, T_K_haldane, T_chi, U, causality_cuts, cpu_seconds, "
    "double_occupation, eps_d, half_width, half_width_above, half_width_below, occupation_down, "
    "occupation_up, spectral_weight_error, spin_susceptibility; "
    "unknown: "
)
DESCRIPTORS = (
    "one of the descriptors ['Gamma', 'U', 'abs_n_d_minus_1', 'asymmetry_over_Gamma', "
    "'asymmetry_over_U', 'eps_d', 'log10_T_K', 'log10_T_chi', 'log10_half_width', 'n_d']"
)
RUN_KEYS = (
    "among activation, active_above, batch_size, channel, checkpoint_every, ensemble, "
    "epochs, hidden, kl_weight, learning_rate, loss, n_latents, name, output, refine_epochs, "
    "restarts, seed, warmup"
)
NAME = "a letter followed by at most 40 letters, digits, _ or -"
SPLIT = "split: {train: 0.8, validation: 0.1, test: 0.1}"


def own_spectra(name):
    """Configuration of an ensemble of the user's own spectra."""
    entry = "{source: file, system: anderson, path: absent.nc, " + SPLIT + "}"
    return f"ensembles: {{{name}: {entry}}}"


CASES = [
    ("seed: -1", "seed = -1", "at least 0"),
    ("seed: 1.5", "seed = 1.5", "of type integer"),
    ("seed: x", "seed = 'x'", "of type integer"),
    ("seed: null", "seed = None", "of type integer"),
    (
        "sead: 1",
        "keys of top level = ['sead']",
        "among autoencoder, conda, ensembles, equations, omega, runs, seed, solver, systems",
    ),
    ("solver: {Lambda: .nan}", "solver.Lambda = nan", "a finite number"),
    ("solver: {Lambda: .inf}", "solver.Lambda = inf", "a finite number"),
    (
        "solver: {Lambda: 1e1}",
        "solver.Lambda = '1e1'",
        "of type number (YAML reads this as text: write 1.0e-6 or 1.0e+6)",
    ),
    ("solver: {Lambda: [3]}", "solver.Lambda = [3]", "of type number"),
    (
        "solver: {n_keep: 1.0e9}",
        "solver.n_keep = '1.0e9'",
        "of type integer (YAML reads this as text: write 1.0e-6 or 1.0e+6)",
    ),
    ("solver: {n_keep: 120.0}", "solver.n_keep = 120.0", "of type integer"),
    ("solver: {n_z: 1}", "solver.n_z = 1", "at least 2"),
    ("solver: {alpha: -0.3}", "solver.alpha = -0.3", "at least 0.05"),
    (
        "solver: {estimator: exact}",
        "solver.estimator = 'exact'",
        "one of ['self_energy', 'direct']",
    ),
    ('solver: {susceptibility: "yes"}', "solver.susceptibility = 'yes'", "of type boolean"),
    ("solver: 3", "solver = 3", "of type object"),
    ("solver: null", "solver = None", "of type object"),
    ("solver: {1: 2, a: 3}", "key in solver = 1", "text"),
    ("1: 2", "key in top level = 1", "text"),
    ("omega: {min: .nan}", "omega.min = nan", "a finite number"),
    ("omega: {max: 1.0e-7}", "omega.max = 1e-07", "above omega.min"),
    ("omega: {min: 1.0e-300}", "omega.min = 1e-300", "at least 1e-09"),
    ("omega: {n_side: 3}", "omega.n_side = 3", "at least 8"),
    ("omega: {max: .inf}", "omega.max = inf", "a finite number"),
    ("ensembles: {low_field: {n_samples: 0}}", "ensembles.low_field.n_samples = 0", "at least 3"),
    (
        "ensembles: {low_field: {n_samples: 1.0e+300}}",
        "ensembles.low_field.n_samples = 1e+300",
        "of type integer",
    ),
    ("ensembles: {low_field: {chunk_size: 0}}", "ensembles.low_field.chunk_size = 0", "at least 1"),
    (
        "ensembles: {low_field: {sampling: grid}}",
        "ensembles.low_field.sampling = 'grid'",
        "one of ['sobol', 'furthest_point']",
    ),
    (
        "ensembles: {low_field: {source: magic}}",
        "ensembles.low_field.source = 'magic'",
        "one of ['anderson', 'file']",
    ),
    (
        "ensembles: {low_field: {Gamma: 0.0}}",
        "ensembles.low_field.Gamma = 0.0",
        "between 0.0001 and 0.2",
    ),
    (
        "ensembles: {low_field: {Gamma: -0.01}}",
        "ensembles.low_field.Gamma = -0.01",
        "between 0.0001 and 0.2",
    ),
    (
        "ensembles: {low_field: {Gamma: 0.00005}}",
        "ensembles.low_field.Gamma = 5e-05",
        "between 0.0001 and 0.2",
    ),
    ("ensembles: {low_field: {Gamma: .nan}}", "ensembles.low_field.Gamma = nan", "a finite number"),
    (
        "ensembles: {low_field: {Gamma: {range: [.nan, 0.1], scale: log}}}",
        "ensembles.low_field.Gamma.range.0 = nan",
        "a finite number",
    ),
    (
        "ensembles: {low_field: {Gamma: {range: [0.01, .inf], scale: log}}}",
        "ensembles.low_field.Gamma.range.1 = inf",
        "a finite number",
    ),
    (
        "ensembles: {low_field: {Gamma: {range: [0.01], scale: log}}}",
        "ensembles.low_field.Gamma.range = [0.01]",
        "a list of at least 2",
    ),
    (
        "ensembles: {low_field: {Gamma: {range: [0.01, 0.1], scale: cubic}}}",
        "ensembles.low_field.Gamma.scale = 'cubic'",
        "one of ['linear', 'log', 'signed_log']",
    ),
    (
        "ensembles: {low_field: {Gamma: wide}}",
        "ensembles.low_field.Gamma = 'wide'",
        "a number, or a range with a scale",
    ),
    (
        "ensembles: {low_field: {Gamma: 1e-2}}",
        "ensembles.low_field.Gamma = '1e-2'",
        "a number, or a range with a scale (YAML reads this as text: write 1.0e-6 or 1.0e+6)",
    ),
    ("ensembles: {low_field: {U: -0.1}}", "ensembles.low_field.U = -0.1", "between 0 and 1"),
    (
        "ensembles: {low_field: {U: {range: [-0.1, 0.1], scale: linear}}}",
        "ensembles.low_field.U.range = [-0.1, 0.1]",
        "within 0 and 1",
    ),
    ("ensembles: {low_field: {T: 0}}", "ensembles.low_field.T = 0", "between 1e-09 and 1"),
    (
        "ensembles: {low_field: {T: -1.0e-6}}",
        "ensembles.low_field.T = -1e-06",
        "between 1e-09 and 1",
    ),
    ("ensembles: {low_field: {B: 3}}", "ensembles.low_field.B = 3", "between -0.5 and 0.5"),
    (
        "ensembles: {low_field: {B: {range: [-0.1, 0.1], scale: signed_log}}}",
        "ensembles.low_field.B.range = [-0.1, 0.1]",
        "positive on a logarithmic scale",
    ),
    (
        "ensembles: {low_field: {eps_d_over_U: {range: [0.2, -1.2], scale: linear}}}",
        "ensembles.low_field.eps_d_over_U.range = [0.2, -1.2]",
        "[low, high] with low < high",
    ),
    (
        "ensembles: {low_field: {accept: {log10_T_K: [-1.0, -4.0]}}}",
        "ensembles.low_field.accept.log10_T_K = [-1.0, -4.0]",
        "[low, high], low < high",
    ),
    (
        "ensembles: {low_field: {accept: {log10_T_K: [.nan, -4.0]}}}",
        "ensembles.low_field.accept.log10_T_K.0 = nan",
        "a finite number",
    ),
    (
        "ensembles: {low_field: {accept: {T_K: [-1.0, -4.0]}}}",
        "keys of ensembles.low_field.accept = ['T_K']",
        "among log10_T_K, log10_scale",
    ),
    (
        "ensembles: {low_field: {accept: null}}",
        "ensembles.low_field.accept = None",
        "of type object",
    ),
    (
        "ensembles: {low_field: {split: {train: 1.0, validation: 0.0, test: 0.0}}}",
        "ensembles.low_field.split.validation = 0.0",
        "above 0",
    ),
    (
        "ensembles: {low_field: {split: {train: 0.5, validation: 0.5}}}",
        "ensembles.low_field.split = {'train': 0.5, 'validation': 0.5, 'test': 0.1}",
        "three shares that sum to 1",
    ),
    (
        "ensembles: {low_field: {split: {train: .nan, validation: 0.1, test: 0.1}}}",
        "ensembles.low_field.split.train = nan",
        "a finite number",
    ),
    (
        "ensembles: {low_field: {n_samples: 4, split: {train: 0.1, validation: 0.45, test: 0.45}}}",
        "ensembles.low_field, number of samples = 4",
        "more: split leaves {'train': 0, 'validation': 2, 'test': 2} of them",
    ),
    (
        "ensembles: {low_field: {points: absent.csv}}",
        "ensembles.low_field.n_samples = 2000",
        "left out beside points (an ensemble of another name inherits nothing)",
    ),
    (own_spectra('"../x"'), "ensembles = '../x'", NAME),
    (own_spectra('"a b"'), "ensembles = 'a b'", NAME),
    (own_spectra('"ä"'), "ensembles = 'ä'", NAME),
    (own_spectra(r'"a\n"'), "ensembles = 'a\\n'", NAME),
    (
        own_spectra("own").replace("path: absent.nc, ", ""),
        "keys of ensembles.own = ['source', 'split', 'system']",
        "with ['path'] too",
    ),
    (
        "ensembles: {own: {system: anderson}}",
        "keys of ensembles.own = ['system']",
        "with ['source'] too",
    ),
    ("ensembles: null", "ensembles = None", "of type object"),
    ("ensembles: []", "ensembles = []", "of type object"),
    ("runs: []", "runs = []", "a list of at least 1"),
    ("runs: null", "runs = None", "of type array"),
    ('runs: [{name: "{x}", ensemble: low_field}]', "runs.0.name = '{x}'", NAME),
    (
        "runs: [{name: vae, ensemble: low_field}, {name: vae, ensemble: low_field}]",
        "runs.1.name = 'vae'",
        "unique in its ensemble",
    ),
    ("runs: [{name: vae}]", "keys of runs.0 = ['name']", "with ['ensemble'] too"),
    (
        "runs: [{name: vae, ensemble: low_field, betta: 1}]",
        "keys of runs.0 = ['betta']",
        RUN_KEYS,
    ),
    ('runs: [{name: "vae\\n", ensemble: low_field}]', "runs.0.name = 'vae\\n'", NAME),
    ("runs: [vae]", "runs.0 = 'vae'", "of type object"),
    ("runs: [{name: 7, ensemble: low_field}]", "runs.0.name = 7", NAME),
    ("autoencoder: {hidden: []}", "autoencoder.hidden = []", "a list of at least 1"),
    ("autoencoder: {hidden: [0]}", "autoencoder.hidden.0 = 0", "at least 1"),
    ("autoencoder: {hidden: 64}", "autoencoder.hidden = 64", "of type array"),
    ("autoencoder: {n_latents: 0}", "autoencoder.n_latents = 0", "at least 1"),
    ("autoencoder: {kl_weight: -1}", "autoencoder.kl_weight = -1", "at least 0"),
    ("autoencoder: {kl_weight: .inf}", "autoencoder.kl_weight = inf", "a finite number"),
    ("autoencoder: {epochs: 0}", "autoencoder.epochs = 0", "at least 1"),
    (
        "autoencoder: {epochs: 1000000000000}",
        "autoencoder.epochs = 1000000000000",
        "at most 1000000",
    ),
    (
        "autoencoder: {learning_rate: [0.001]}",
        "autoencoder.learning_rate = [0.001]",
        "a list of at least 2",
    ),
    ("autoencoder: {learning_rate: 0.001}", "autoencoder.learning_rate = 0.001", "of type array"),
    ("autoencoder: {learning_rate: [0.0, 0.001]}", "autoencoder.learning_rate.0 = 0.0", "above 0"),
    (
        "autoencoder: {learning_rate: [1.0e+30, 0.001]}",
        "autoencoder.learning_rate.0 = 1e+30",
        "at most 1",
    ),
    ("autoencoder: {warmup: 2}", "autoencoder.warmup = 2", "at most 1"),
    (
        "autoencoder: {channel: left}",
        "autoencoder.channel = 'left'",
        "one of ['up', 'down', 'mean']",
    ),
    ("autoencoder: {batch_size: 0}", "autoencoder.batch_size = 0", "at least 1"),
    ("autoencoder: {batch_size: 2.5}", "autoencoder.batch_size = 2.5", "of type integer"),
    (
        "systems: {anderson: {descriptors: {x: \"__import__('os').system('true')\"}}}",
        "systems.anderson.descriptors.x = \"__import__('os').system('true')\"",
        FORMULA + "found a call of something that is not a name",
    ),
    (
        'systems: {anderson: {descriptors: {x: "().__class__"}}}',
        "systems.anderson.descriptors.x = '().__class__'",
        FORMULA + "found access to the attribute '__class__'",
    ),
    (
        "systems: {anderson: {descriptors: {x: \"open('x')\"}}}",
        "systems.anderson.descriptors.x = \"open('x')\"",
        FORMULA + "found a call of 'open'",
    ),
    (
        'systems: {anderson: {descriptors: {x: "9**9**9"}}}',
        "systems.anderson.descriptors.x = '9**9**9'",
        FORMULA + "an exponent lies outside -20 .. 20",
    ),
    (
        'systems: {anderson: {descriptors: {x: "T_chi +"}}}',
        "systems.anderson.descriptors.x = 'T_chi +'",
        FORMULA + "Python's parser says: invalid syntax",
    ),
    (
        'systems: {anderson: {descriptors: {x: ""}}}',
        "systems.anderson.descriptors.x = ''",
        FORMULA + "Python's parser says: invalid syntax",
    ),
    (
        "systems: {anderson: {descriptors: {x: 3}}}",
        "systems.anderson.descriptors.x = 3",
        "of type string",
    ),
    (
        'systems: {anderson: {descriptors: {x: "T_chii"}}}',
        "systems.anderson.descriptors.x = 'T_chii'",
        VARIABLES + "T_chii",
    ),
    (
        'systems: {anderson: {descriptors: {x: "T_chi > 1"}}}',
        "systems.anderson.descriptors.x = 'T_chi > 1'",
        FORMULA + "found a Compare",
    ),
    (
        "systems: {anderson: {descriptors: {x: \"'abc'\"}}}",
        "systems.anderson.descriptors.x = \"'abc'\"",
        FORMULA + "found the constant 'abc'",
    ),
    (
        'systems: {anderson: {region: "U"}}',
        "systems.anderson.region = 'U'",
        CONDITION + "found the name 'U' where a comparison is expected",
    ),
    (
        'systems: {anderson: {region: "kondo > 1"}}',
        "systems.anderson.region = 'kondo > 1'",
        VARIABLES + "kondo",
    ),
    (
        'systems: {anderson: {targets: {latent_0: "U"}}}',
        "systems.anderson.targets = 'latent_0'",
        "another name: latent_0, latent_1 ... are the latents",
    ),
    (
        'systems: {anderson: {inputs: {log: "U"}}}',
        "systems.anderson.inputs = 'log'",
        "a name that is neither a function nor a word of the language",
    ),
    (
        "systems: {anderson: {parameters: [U, V]}}",
        "systems.anderson.parameters.V = 'V'",
        VARIABLES + "V",
    ),
    (
        "systems: {anderson: {parameters: []}}",
        "systems.anderson.parameters = []",
        "a list of at least 1",
    ),
    (
        "systems: {anderson: {parameters: [U, U]}}",
        "systems.anderson.parameters = ['U', 'U']",
        "a list without repetitions",
    ),
    ("systems: {anderson: {scale: absent}}", "systems.anderson.scale = 'absent'", DESCRIPTORS),
    (
        "systems: {anderson: {colours: [absent]}}",
        "systems.anderson.colours = 'absent'",
        DESCRIPTORS,
    ),
    (
        'systems: {anderson: {references: {haldane: "log(V)"}}}',
        "systems.anderson.references.haldane = 'log(V)'",
        VARIABLES + "V",
    ),
    (
        "systems: {anderson: {published: {pearson: {x: 0.5}}}}",
        "systems.anderson.published.pearson = 'x'",
        DESCRIPTORS,
    ),
    (
        "systems: {anderson: {published: {source: x, pearson: {log10_T_K: 1.5}}}}",
        "systems.anderson.published.pearson.log10_T_K = 1.5",
        "at most 1",
    ),
    (
        'systems: {anderson: {labels: {U: ""}}}',
        "systems.anderson.labels.U = ''",
        "text of at least 1 characters",
    ),
    ("systems: {anderson: null}", "systems.anderson = None", "of type object"),
    (
        "equations: {engines: [gplearn]}",
        "equations.engines.0 = 'gplearn'",
        "one of ['operon', 'pysr']",
    ),
    ("equations: {engines: []}", "equations.engines = []", "a list of at least 1"),
    (
        "equations: {objectives: {latents: rank}}",
        "equations.objectives.latents = 'rank'",
        "one of ['isotonic', 'pearson', 'squared_error']",
    ),
    (
        "equations: {symbols: [pow]}",
        "equations.symbols.0 = 'pow'",
        "one of ['add', 'sub', 'mul', 'div', 'log', 'exp', 'sqrt', 'square']",
    ),
    ("equations: {seconds: 0}", "equations.seconds = 0", "above 0"),
    ("equations: {seconds: .nan}", "equations.seconds = nan", "a finite number"),
    ("equations: {restarts: -1}", "equations.restarts = -1", "at least 1"),
    ("equations: {recovered_below: 2}", "equations.recovered_below = 2", "at most 1"),
    (
        "equations: {n_points: 1000000000000000000000000}",
        "equations.n_points = 1000000000000000000000000",
        "at most 100000000",
    ),
]


DEFAULTS = read_mapping(DEFAULT)


def changed(text):
    """The default configuration with a change."""
    config = copy.deepcopy(DEFAULTS)
    merge(config, yaml.safe_load(text))
    return config


def check(config):
    """Check a configuration as the Snakefile does."""
    check_config(config)
    check_systems(config["systems"], known_names(config))
    check_files(config)


@pytest.mark.parametrize(("text", "found", "allowed"), CASES, ids=[case[0] for case in CASES])
def test_a_bad_configuration_is_one_message(text, found, allowed):
    with pytest.raises(InputError) as caught:
        check(changed(text))
    assert str(caught.value) == f"config: {found} is not usable: must be {allowed}"


# ---------------------------------------------------------------------------------------------
# Tables of points, through the functions of the rule `sample_parameters`.

COLUMNS = "U, Gamma, eps_d, B, T (B may be left out)"
HEAD = "U,Gamma,eps_d,B,T\n"
POINT = "0.1,0.01,-0.05,0,1e-6\n"
TABLES = [
    (b"", "columns = []", COLUMNS),
    (b"\n\n", "columns = []", COLUMNS),
    (
        "U,Gamma\n0.1,0.01\n",
        "columns = ['U', 'Gamma']",
        COLUMNS,
    ),
    (HEAD, "rows = 0", "at least one line below the header"),
    (HEAD + "0.1,nan,-0.05,0,1e-6\n", "Gamma in line 2 = 'nan'", "a finite number"),
    (HEAD + POINT + "0.1,inf,-0.05,0,1e-6\n", "Gamma in line 3 = 'inf'", "a finite number"),
    (HEAD + "0.1,0.01,-0.05,0\n", "T in line 2 = None", "a finite number"),
    (HEAD + "0.1,0.01,-0.05,0,1e-6,7\n", "line 2 = ['7']", "as many values as there are columns"),
    (HEAD + "0.1,0.01,-0.05,0,cold\n", "T in line 2 = 'cold'", "a finite number"),
    (HEAD + "0.1;0.01;-0.05;0;1e-6\n", "U in line 2 = '0.1;0.01;-0.05;0;1e-6'", "a finite number"),
    (HEAD + "0.1,-0.01,-0.05,0,1e-6\n", "Gamma = -0.01", "between 0.0001 and 0.2"),
    (HEAD + "0.1,0,-0.05,0,1e-6\n", "Gamma = 0.0", "between 0.0001 and 0.2"),
    (HEAD + "-0.1,0.01,-0.05,0,1e-6\n", "U = -0.1", "between 0 and 1"),
    (HEAD + "0.1,0.01,-0.05,0,0\n", "T = 0.0", "between 1e-09 and 1"),
    (HEAD + "0.1,0.01,-0.05,0,-1e-6\n", "T = -1e-06", "between 1e-09 and 1"),
    (HEAD + "0.1,0.01,-0.05,7,1e-6\n", "B = 7.0", "between -0.5 and 0.5"),
    (HEAD + "0.1,0.01,1e300,0,1e-6\n", "eps_d = 1e+300", "between -2 and 2"),
    (HEAD + 3 * POINT, "points = 'the same in all lines'", "parameter sets that differ"),
]


@pytest.mark.parametrize(("content", "found", "allowed"), TABLES, ids=[case[1] for case in TABLES])
def test_a_bad_table_is_one_message(tmp_path, content, found, allowed):
    path, output = tmp_path / "points.csv", tmp_path / "parameters.nc"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InputError) as caught:
        sample_parameters.main(parameters=output, ensemble={"points": path}, seed=0)
    assert str(caught.value) == f"{path}: {found} is not usable: must be {allowed}"
    assert not output.exists()


def test_a_table_that_is_no_text_is_named(tmp_path):
    path = tmp_path / "points.csv"
    path.write_bytes(HEAD.encode() + b"\xff\xfe")
    with pytest.raises(InputError, match=r"points.csv: content = \"'utf-8' codec can't decode"):
        read_table(path)


# ---------------------------------------------------------------------------------------------
# Spectra that the user brings, through the stage `import_spectra`.


def brought():
    """Spectra that can be used."""
    rng = np.random.default_rng(0)
    return xr.Dataset(
        {
            "spectral_function": (("sample", "omega"), rng.random((6, 5))),
            "coupling": ("sample", rng.random(6)),
        },
        {"omega": np.linspace(-1, 1, 5)},
    )


def with_value(value, sample=2):
    """Spectra of which one sample has a value at one frequency."""
    dataset = brought()
    dataset["spectral_function"][sample, 3] = value
    return dataset


def with_spectra(spectra):
    """Spectra replaced by others of the same shape."""
    return brought().assign(spectral_function=(("sample", "omega"), spectra))


SPECTRA = [
    (with_value(np.nan), "spectral_function of sample 2 = 'NaN or infinity'", "finite everywhere"),
    (with_value(np.inf), "spectral_function of sample 2 = 'NaN or infinity'", "finite everywhere"),
    (with_value(-0.5), "spectral_function of sample 2 = -0.5", "not negative (cut noise off at 0)"),
    (
        with_value(1e35),
        "spectral_function of sample 2 = 1e+35",
        "at most 1e+30 (choose another unit)",
    ),
    (
        with_spectra(np.zeros((6, 5))),
        "spectral_function of sample 0 = 0.0",
        "above 0 somewhere",
    ),
    (
        with_spectra(np.ones((6, 5))),
        "spectral_function = 'the same in all samples'",
        "spectra that differ from each other",
    ),
    (
        with_spectra(np.full((6, 5), "x")),
        "type of spectral_function = '<U1'",
        "real numbers",
    ),
    (brought().isel(sample=[0]), "number of samples = 1", "at least 3"),
    (brought().isel(sample=[]), "size of spectral_function = 0", "at least one spectrum"),
    (brought().isel(omega=[0]), "shape of omega = (1,)", "a list of at least 2 frequencies"),
    (
        brought().isel(omega=[0, 2, 1, 3, 4]),
        "omega = 'a grid that does not'",
        "finite and strictly increasing",
    ),
    (
        brought().assign_coords(omega=[0.0, 1.0, 1.0, 2.0, 3.0]),
        "omega = 'a grid that does not'",
        "finite and strictly increasing",
    ),
    (
        brought().assign_coords(omega=[0.0, 1.0, 2.0, 3.0, np.nan]),
        "omega = 'a grid that does not'",
        "finite and strictly increasing",
    ),
    (brought().drop_vars("omega"), "omega = None", "a variable of the file"),
    (
        brought().drop_vars("spectral_function"),
        "spectral_function = None",
        "a variable of the file",
    ),
    (
        brought().transpose("omega", "sample"),
        "dimensions of spectral_function = ('omega', 'sample')",
        "(sample, omega) or (sample, spin, omega)",
    ),
    (
        brought().assign(split=("sample", [0, 0, 0, 0, 1, 1])),
        "split = [0, 1]",
        "0 (train), 1 (validation) or 2 (test) for each sample, each of them present",
    ),
    (
        brought().assign(split=("sample", [0, 0, 0, 0, 1, 7])),
        "split = [0, 1, 7]",
        "0 (train), 1 (validation) or 2 (test) for each sample, each of them present",
    ),
]


@pytest.mark.parametrize(
    ("dataset", "found", "allowed"), SPECTRA, ids=[case[1] for case in SPECTRA]
)
def test_bad_spectra_are_one_message(tmp_path, dataset, found, allowed):
    source, output = tmp_path / "own.nc", tmp_path / "spectra.nc"
    dataset.to_netcdf(source, engine="netcdf4")
    ensemble = {"split": {"train": 0.8, "validation": 0.1, "test": 0.1}}
    with pytest.raises(InputError) as caught:
        import_spectra.main(source=source, spectra=output, ensemble=ensemble, seed=0)
    assert str(caught.value) == f"{source}: {found} is not usable: must be {allowed}"
    assert not output.exists()


# ---------------------------------------------------------------------------------------------
# Anything at all: used, or refused in words.

FUZZ = settings(max_examples=200, deadline=None, derandomize=True, database=None)
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
        check(config)
        return Settings.from_config(config["solver"], config["omega"])

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
    rows = outcome(lambda: read_table(path))
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


# ---------------------------------------------------------------------------------------------
# The front door itself.

RUN_OWN = """
ensembles:
  own:
    {source: file, system: anderson, path: own.nc,
     split: {train: 0.8, validation: 0.1, test: 0.1}}
runs: [{name: vae, ensemble: own}]
"""
RUN_TABLE = """
ensembles:
  mine:
    {source: anderson, system: anderson, points: points.csv, chunk_size: 10,
     split: {train: 0.8, validation: 0.1, test: 0.1}}
runs: [{name: vae, ensemble: mine}]
"""
IMPOSSIBLE = "ensembles: {low_field: {accept: {log10_T_K: [50.0, 60.0]}}}"
THROUGH_SNAKEMAKE = [
    (
        "solver: {Lambda: .nan}",
        "config: solver.Lambda = nan is not usable: must be a finite number",
    ),
    ("sead: 1", "config: keys of top level = ['sead'] is not usable: must be among autoencoder"),
    (
        own_spectra('"../x"'),
        f"config: ensembles = '../x' is not usable: must be {NAME}",
    ),
    (
        "ensembles: {low_field: {T: 1e-6}}",
        "config: ensembles.low_field.T = '1e-6' is not usable: must be a number, or a range",
    ),
    (
        """systems: {anderson: {descriptors: {x: "__import__('os').system('touch results')"}}}""",
        "config: systems.anderson.descriptors.x = \"__import__('os').system('touch results')\"",
    ),
    (
        "runs: []\nruns: []\n",
        "content = \"the key 'runs' stands twice in one mapping, again in line 2",
    ),
    ("[1, 2]", "Config file must be given as JSON or YAML with keys at top level"),
    ("solver: {Lambda: [", "Config file is not valid JSON or YAML"),
    (
        RUN_OWN.replace("own.nc", "absent.nc"),
        "config: ensembles.own.path = 'absent.nc' is not usable",
    ),
    (RUN_OWN, "error: own.nc: spectral_function of sample 2 = -0.5 is not usable: must be not neg"),
    (RUN_TABLE, "\npoints.csv: T = 0.0 is not usable: must be between 1e-09 and 1"),
    (
        IMPOSSIBLE,
        "error: ensemble: accept = {'log10_T_K': [50.0, 60.0]} is not usable: must be met",
    ),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A copy of the workflow with a table and spectra that can't be used."""
    folder = tmp_path_factory.mktemp("front") / "copy"
    ignored = shutil.ignore_patterns(".*", "results", "logs", "tests", "benchmarks")
    shutil.copytree(ROOT, folder, ignore=ignored)
    with_value(-0.5).to_netcdf(folder / "own.nc", engine="netcdf4")
    (folder / "points.csv").write_text(HEAD + 2 * POINT + "0.1,0.01,-0.05,0,0\n")
    return folder


def assert_refused(folder, command, message):
    """Run a command that must fail with a message, without a traceback and without results."""
    run = subprocess.run(command, cwd=folder, text=True, capture_output=True, timeout=300)
    printed = run.stdout + run.stderr
    assert run.returncode != 0
    assert message in printed
    assert "Traceback" not in printed
    assert not [path for path in folder.glob("results/**/*") if path.is_file()]


@pytest.mark.slow
@pytest.mark.parametrize(("text", "message"), THROUGH_SNAKEMAKE, ids=range(len(THROUGH_SNAKEMAKE)))
def test_snakemake_refuses(folder, text, message):
    (folder / "bad.yaml").write_text(text)
    command = [sys.executable, "-m", "snakemake", "--cores", "1", "--configfile", "bad.yaml"]
    assert_refused(folder, command, message)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--points", "absent.csv"], "error: absent.csv: content = "),
        (["--points", "points.csv"], "error: points.csv: T = 0.0 is not usable: must be between"),
        (["--points", "own.nc"], "error: own.nc: U = None is not usable: must be a variable with"),
        (["--points", "points.csv", "--threads", "0"], "error: command line: threads = 0 is not"),
        (
            ["--points", "points.csv", "--threads", "x"],
            "error: command line: --threads = 'x' is not",
        ),
        (["--points", "points.csv", "--first", "3"], "error: points.csv: first = 3 is not usable"),
        (["--points", "points.csv", "--config", "points.csv"], "error: points.csv: content = "),
    ],
    ids=" ".join,
)
def test_a_script_refuses(folder, arguments, message):
    command = [sys.executable, "scripts/solve_spectra.py", *arguments, "--output", "results/out.nc"]
    assert_refused(folder, command, message)
