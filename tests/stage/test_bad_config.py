"""Bad configurations: one message that names key, value and what is allowed, before any work."""

import copy

import pytest
import yaml
from stage.refusals import ANY, refused

from kondoflow.files.errors import InputError
from kondoflow.files.schema import check_schema
from kondoflow.stage.config import resolved_config

NAN, INFINITY = float("nan"), float("inf")

SPLIT = "split: {train: 0.8, validation: 0.1, test: 0.1}"


def own_spectra(name):
    """Configuration of an ensemble of the user's own spectra."""
    entry = "{source: file, system: anderson, path: absent.nc, " + SPLIT + "}"
    return f"ensembles: {{{name}: {entry}}}"


# A change of the default experiment; key and value that are named; how what is allowed begins.
CASES = [
    ("seed: -1", "seed", -1, "at least 0"),
    ("archive: {date: '2026-02-31'}", "archive.date", "2026-02-31", "a day of the calendar"),
    ("archive: {title: '  '}", "archive.title", "  ", "text that is not blank"),
    (
        "systems: {anderson: {labels: {U: ' '}}}",
        "systems.anderson.labels.U",
        " ",
        "text that is not blank",
    ),
    ("name: models", "name", "models", "another name: results/models is a folder of experiments"),
    ("name: Report", "name", "Report", "another name: results/Report is a folder of experiments"),
    ("seed: 9223372036854775808", "seed", 2**63, "a whole number below 2**63 in size"),
    (f"seed: 0x{'f' * 999}", "seed", "a number of 3996 bits", "a whole number below 2**63"),
    (
        "autoencoder: {checkpoint_every: 10000000000000000000}",
        "autoencoder.checkpoint_every",
        10**19,
        "a whole number",
    ),
    (
        "autoencoder: {window: [5, 6]}",
        "runs.0, window",
        [5, 6],
        "a window with at least 2 points of the grid -1.6 .. 1.6",
    ),
    (
        "runs: [{name: a, ensemble: low_field, window: [0.1, 0.1001]}]",
        "runs.0, window",
        [0.1, 0.1001],
        "a window with at least 2 points of the grid",
    ),
    ("archive: {date: yesterday}", "archive.date", "yesterday", "a day in quotes, such as "),
    ("archive: {title: 3}", "archive.title", 3, "text or null"),
    ("ensembles: '1'", "ensembles", "1", "keys with values"),
    ("autoencoder: {centring: '1'}", "autoencoder.centring", "1", "true or false"),
    ("seed: 1.5", "seed", 1.5, "a whole number"),
    ("seed: x", "seed", "x", "a whole number"),
    ("seed: null", "seed", None, "a whole number"),
    (
        "sead: 1",
        "keys of top level",
        ["sead"],
        "among archive, autoencoder, conda, ensembles, equations, name, runs, seed, systems",
    ),
    (
        "ensembles: {low_field: {solver: {Lambda: .nan}}}",
        "ensembles.low_field.solver.Lambda",
        NAN,
        "a finite number",
    ),
    (
        "ensembles: {low_field: {solver: {Lambda: .inf}}}",
        "ensembles.low_field.solver.Lambda",
        INFINITY,
        "a finite number",
    ),
    (
        "ensembles: {low_field: {solver: {Lambda: 1e1}}}",
        "ensembles.low_field.solver.Lambda",
        "1e1",
        "a number (YAML reads this as text: write 1.0e-6 or 1.0e+6)",
    ),
    (
        "ensembles: {low_field: {solver: {Lambda: [3]}}}",
        "ensembles.low_field.solver.Lambda",
        [3],
        "a number",
    ),
    (
        "ensembles: {low_field: {solver: {n_keep: 1.0e9}}}",
        "ensembles.low_field.solver.n_keep",
        "1.0e9",
        "a whole number (YAML reads this as text: write 1.0e-6 or 1.0e+6)",
    ),
    (
        "ensembles: {low_field: {solver: {n_keep: 120.0}}}",
        "ensembles.low_field.solver.n_keep",
        120.0,
        "a whole number",
    ),
    (
        "ensembles: {low_field: {solver: {n_z: 1}}}",
        "ensembles.low_field.solver.n_z",
        1,
        "at least 2",
    ),
    (
        "ensembles: {low_field: {solver: {alpha: -0.3}}}",
        "ensembles.low_field.solver.alpha",
        -0.3,
        "at least 0.05",
    ),
    (
        "ensembles: {low_field: {solver: {estimator: exact}}}",
        "ensembles.low_field.solver.estimator",
        "exact",
        "one of ['self_energy', 'ratio', 'direct']",
    ),
    (
        'ensembles: {low_field: {solver: {susceptibility: "yes"}}}',
        "ensembles.low_field.solver.susceptibility",
        "yes",
        "true or false",
    ),
    ("ensembles: {low_field: {solver: 3}}", "ensembles.low_field.solver", 3, "keys with values"),
    (
        "ensembles: {low_field: {solver: null}}",
        "ensembles.low_field.solver",
        None,
        "keys with values",
    ),
    (
        "ensembles: {low_field: {solver: {1: 2, a: 3}}}",
        "key in ensembles.low_field.solver",
        1,
        "text",
    ),
    ("1: 2", "key in top level", 1, "text"),
    (
        "ensembles: {low_field: {omega: {min: .nan}}}",
        "ensembles.low_field.omega.min",
        NAN,
        "a finite number",
    ),
    (
        "ensembles: {low_field: {omega: {max: 1.0e-7}}}",
        "ensembles.low_field.omega.max",
        1e-07,
        "above omega.min",
    ),
    (
        "ensembles: {low_field: {omega: {min: 1.0e-300}}}",
        "ensembles.low_field.omega.min",
        1e-300,
        "at least 1e-09",
    ),
    (
        "ensembles: {low_field: {omega: {n_side: 3}}}",
        "ensembles.low_field.omega.n_side",
        3,
        "at least 8",
    ),
    (
        "ensembles: {low_field: {omega: {max: .inf}}}",
        "ensembles.low_field.omega.max",
        INFINITY,
        "a finite number",
    ),
    ("ensembles: {low_field: {n_samples: 0}}", "ensembles.low_field.n_samples", 0, "at least 3"),
    (
        "ensembles: {low_field: {n_samples: 1.0e+300}}",
        "ensembles.low_field.n_samples",
        1e300,
        "a whole number",
    ),
    ("ensembles: {low_field: {chunk_size: 0}}", "ensembles.low_field.chunk_size", 0, "at least 1"),
    (
        "ensembles: {low_field: {sampling: grid}}",
        "ensembles.low_field.sampling",
        "grid",
        "one of ['sobol', 'furthest_point']",
    ),
    (
        "ensembles: {low_field: {source: magic}}",
        "ensembles.low_field.source",
        "magic",
        "one of ['file']",
    ),
    (
        "ensembles: {low_field: {axes: {Gamma: 0.0}}}",
        "ensembles.low_field.axes.Gamma",
        0.0,
        "between 0.0001 and 0.2",
    ),
    (
        "ensembles: {low_field: {axes: {Gamma: -0.01}}}",
        "ensembles.low_field.axes.Gamma",
        -0.01,
        "between 0.0001 and 0.2",
    ),
    (
        "ensembles: {low_field: {axes: {Gamma: 0.00005}}}",
        "ensembles.low_field.axes.Gamma",
        5e-05,
        "between 0.0001 and 0.2",
    ),
    (
        "ensembles: {low_field: {axes: {Gamma: .nan}}}",
        "ensembles.low_field.axes.Gamma",
        NAN,
        "a finite number",
    ),
    (
        "ensembles: {low_field: {axes: {Gamma: {range: [.nan, 0.1], scale: log}}}}",
        "ensembles.low_field.axes.Gamma.range.0",
        NAN,
        "a finite number",
    ),
    (
        "ensembles: {low_field: {axes: {Gamma: {range: [0.01, .inf], scale: log}}}}",
        "ensembles.low_field.axes.Gamma.range.1",
        INFINITY,
        "a finite number",
    ),
    (
        "ensembles: {low_field: {axes: {Gamma: {range: [0.01], scale: log}}}}",
        "ensembles.low_field.axes.Gamma.range",
        [0.01],
        "a list of at least 2",
    ),
    (
        "ensembles: {low_field: {axes: {Gamma: {range: [0.01, 0.1], scale: cubic}}}}",
        "ensembles.low_field.axes.Gamma.scale",
        "cubic",
        "one of ['linear', 'log', 'signed_log']",
    ),
    (
        "ensembles: {low_field: {axes: {Gamma: wide}}}",
        "ensembles.low_field.axes.Gamma",
        "wide",
        "a number, or a range with a scale",
    ),
    (
        "ensembles: {low_field: {axes: {Gamma: 1e-2}}}",
        "ensembles.low_field.axes.Gamma",
        "1e-2",
        "a number, or a range with a scale (YAML reads this as text: write 1.0e-6 or 1.0e+6)",
    ),
    (
        "ensembles: {low_field: {axes: {U: -0.1}}}",
        "ensembles.low_field.axes.U",
        -0.1,
        "between 0 and 1",
    ),
    (
        "ensembles: {low_field: {axes: {U: {range: [-0.1, 0.1], scale: linear}}}}",
        "ensembles.low_field.axes.U.range",
        [-0.1, 0.1],
        "within 0 and 1",
    ),
    (
        "ensembles: {low_field: {axes: {T: 0}}}",
        "ensembles.low_field.axes.T",
        0,
        "between 1e-09 and 1",
    ),
    (
        "ensembles: {low_field: {axes: {T: -1.0e-6}}}",
        "ensembles.low_field.axes.T",
        -1e-06,
        "between 1e-09 and 1",
    ),
    (
        "ensembles: {low_field: {axes: {B: 3}}}",
        "ensembles.low_field.axes.B",
        3,
        "between -0.5 and 0.5",
    ),
    (
        "ensembles: {low_field: {axes: {B: {range: [-0.1, 0.1], scale: signed_log}}}}",
        "ensembles.low_field.axes.B.range",
        [-0.1, 0.1],
        "positive on a logarithmic scale",
    ),
    (
        "ensembles: {low_field: {axes: {eps_d_over_U: {range: [0.2, -1.2], scale: linear}}}}",
        "ensembles.low_field.axes.eps_d_over_U.range",
        [0.2, -1.2],
        "[low, high] with low < high",
    ),
    (
        "ensembles: {low_field: {accept: {log10_T_K: [-1.0, -4.0]}}}",
        "ensembles.low_field.accept.log10_T_K",
        [-1.0, -4.0],
        "[low, high], low < high",
    ),
    (
        "ensembles: {low_field: {accept: {log10_T_K: [.nan, -4.0]}}}",
        "ensembles.low_field.accept.log10_T_K.0",
        NAN,
        "a finite number",
    ),
    (
        "ensembles: {low_field: {accept: {T_K: [-1.0, -4.0]}}}",
        "keys of ensembles.low_field.accept",
        ["T_K"],
        "among log10_T_K, log10_scale",
    ),
    (
        "ensembles: {low_field: {accept: null}}",
        "ensembles.low_field.accept",
        None,
        "keys with values",
    ),
    (
        "ensembles: {low_field: {split: {train: 1.0, validation: 0.0, test: 0.0}}}",
        "ensembles.low_field.split.validation",
        0.0,
        "above 0",
    ),
    (
        "ensembles: {low_field: {split: {train: 0.5, validation: 0.5}}}",
        "ensembles.low_field.split",
        {"train": 0.5, "validation": 0.5, "test": 0.1},
        "three shares that sum to 1",
    ),
    (
        "ensembles: {low_field: {split: {train: .nan, validation: 0.1, test: 0.1}}}",
        "ensembles.low_field.split.train",
        NAN,
        "a finite number",
    ),
    (
        "ensembles: {low_field: {n_samples: 4, split: {train: 0.1, validation: 0.45, test: 0.45}}}",
        "ensembles.low_field, number of samples",
        4,
        "larger, as the split of these leaves train 0, validation 2, test 2",
    ),
    (
        "ensembles: {low_field: {points: absent.csv}}",
        "ensembles.low_field.n_samples",
        2000,
        "left out beside points (an ensemble of another name inherits nothing)",
    ),
    (
        own_spectra('"../x"'),
        "ensembles",
        "../x",
        "a letter followed by at most 40 letters, digits, _ or -",
    ),
    (
        own_spectra('"a b"'),
        "ensembles",
        "a b",
        "a letter followed by at most 40 letters, digits, _ or -",
    ),
    (
        own_spectra('"ä"'),
        "ensembles",
        "ä",
        "a letter followed by at most 40 letters, digits, _ or -",
    ),
    (
        own_spectra('"a\\n"'),
        "ensembles",
        "a\n",
        "a letter followed by at most 40 letters, digits, _ or -",
    ),
    (
        own_spectra("own").replace("path: absent.nc, ", ""),
        "keys of ensembles.own",
        ["source", "split", "system"],
        "completed by path",
    ),
    (
        "ensembles: {own: {system: anderson}}",
        "keys of ensembles.own",
        ["system"],
        "completed by axes, n_samples",
    ),
    ("ensembles: null", "ensembles", None, "keys with values"),
    ("ensembles: []", "ensembles", [], "keys with values"),
    ("runs: []", "runs", [], "a list of at least 1"),
    ("runs: null", "runs", None, "a list"),
    (
        'runs: [{name: "{x}", ensemble: low_field}]',
        "runs.0.name",
        "{x}",
        "a letter followed by at most 40 letters, digits, _ or -",
    ),
    (
        "runs: [{name: vae, ensemble: low_field}, {name: vae, ensemble: low_field}]",
        "runs.1.name",
        "vae",
        "unique in its ensemble",
    ),
    ("runs: [{name: vae}]", "keys of runs.0", ["name"], "completed by ensemble"),
    (
        "runs: [{name: vae, ensemble: low_field, kl_weigth: 1}]",
        "keys of runs.0",
        ["kl_weigth"],
        "among activation, active_above, batch_size",
    ),
    (
        'runs: [{name: "vae\\n", ensemble: low_field}]',
        "runs.0.name",
        "vae\n",
        "a letter followed by at most 40 letters, digits, _ or -",
    ),
    ("runs: [vae]", "runs.0", "vae", "keys with values"),
    (
        "systems: {anderson: {joint: {x: U}, law: {target: x, run: other, truth: U}}}",
        "systems.anderson.law.run",
        "other",
        "a run on the ensemble low_field: one of ['vae']",
    ),
    (
        "runs: [{name: 7, ensemble: low_field}]",
        "runs.0.name",
        7,
        "a letter followed by at most 40 letters, digits, _ or -",
    ),
    ("autoencoder: {hidden: []}", "autoencoder.hidden", [], "a list of at least 1"),
    ("autoencoder: {hidden: [0]}", "autoencoder.hidden.0", 0, "at least 1"),
    ("autoencoder: {hidden: 64}", "autoencoder.hidden", 64, "a list"),
    ("autoencoder: {n_latents: 0}", "autoencoder.n_latents", 0, "at least 1"),
    ("autoencoder: {kl_weight: -1}", "autoencoder.kl_weight", -1, "at least 0"),
    ("autoencoder: {kl_weight: .inf}", "autoencoder.kl_weight", INFINITY, "a finite number"),
    ("autoencoder: {epochs: 0}", "autoencoder.epochs", 0, "at least 1"),
    (
        "autoencoder: {epochs: 1000000000000}",
        "autoencoder.epochs",
        1000000000000,
        "at most 1000000",
    ),
    (
        "autoencoder: {learning_rate: [0.001]}",
        "autoencoder.learning_rate",
        [0.001],
        "a list of at least 2",
    ),
    ("autoencoder: {learning_rate: 0.001}", "autoencoder.learning_rate", 0.001, "a list"),
    ("autoencoder: {learning_rate: [0.0, 0.001]}", "autoencoder.learning_rate.0", 0.0, "above 0"),
    (
        "autoencoder: {learning_rate: [1.0e+30, 0.001]}",
        "autoencoder.learning_rate.0",
        1e30,
        "at most 1",
    ),
    ("autoencoder: {warmup: 2}", "autoencoder.warmup", 2, "at most 1"),
    (
        "autoencoder: {channel: left}",
        "runs.0, channel",
        "left",
        "one or several of up, down, or all, or mean, or one or several of edge, odd, splitting",
    ),
    ("autoencoder: {batch_size: 0}", "autoencoder.batch_size", 0, "at least 1"),
    ("autoencoder: {batch_size: 2.5}", "autoencoder.batch_size", 2.5, "a whole number"),
    (
        "systems: {anderson: {descriptors: {x: \"__import__('os').system('true')\"}}}",
        "systems.anderson.descriptors.x",
        "__import__('os').system('true')",
        "a formula of numbers, pi, names",
    ),
    (
        'systems: {anderson: {descriptors: {x: "().__class__"}}}',
        "systems.anderson.descriptors.x",
        "().__class__",
        "a formula of numbers, pi, names",
    ),
    (
        "systems: {anderson: {descriptors: {x: \"open('x')\"}}}",
        "systems.anderson.descriptors.x",
        "open('x')",
        "a formula of numbers, pi, names",
    ),
    (
        'systems: {anderson: {descriptors: {x: "9**9**9"}}}',
        "systems.anderson.descriptors.x",
        "9**9**9",
        "a formula of numbers, pi, names",
    ),
    (
        'systems: {anderson: {descriptors: {x: "T_chi +"}}}',
        "systems.anderson.descriptors.x",
        "T_chi +",
        "a formula of numbers, pi, names",
    ),
    (
        'systems: {anderson: {descriptors: {x: ""}}}',
        "systems.anderson.descriptors.x",
        "",
        "a formula of numbers, pi, names",
    ),
    (
        "systems: {anderson: {descriptors: {x: 3}}}",
        "systems.anderson.descriptors.x",
        3,
        "text",
    ),
    (
        'systems: {anderson: {descriptors: {x: "T_chii"}}}',
        "systems.anderson.descriptors.x",
        "T_chii",
        "a formula over B, Gamma, T, ",
    ),
    (
        'systems: {anderson: {descriptors: {x: "T_chi > 1"}}}',
        "systems.anderson.descriptors.x",
        "T_chi > 1",
        "a formula of numbers, pi, names",
    ),
    (
        "systems: {anderson: {descriptors: {x: \"'abc'\"}}}",
        "systems.anderson.descriptors.x",
        "'abc'",
        "a formula of numbers, pi, names",
    ),
    ('systems: {anderson: {region: "U"}}', "systems.anderson.region", "U", "comparisons ("),
    (
        'systems: {anderson: {region: "kondo > 1"}}',
        "systems.anderson.region",
        "kondo > 1",
        "a formula over B, Gamma, T, ",
    ),
    (
        'systems: {anderson: {targets: {latent_0: "U"}}}',
        "systems.anderson.targets",
        "latent_0",
        "another name: latent_0, latent_1 ... are the latents",
    ),
    (
        'systems: {anderson: {inputs: {log: "U"}}}',
        "systems.anderson.inputs",
        "log",
        "a name that is neither a function nor a word of the language",
    ),
    (
        "systems: {anderson: {parameters: [U, V]}}",
        "systems.anderson.parameters.V",
        "V",
        "a formula over B, Gamma, T, ",
    ),
    (
        "systems: {anderson: {parameters: []}}",
        "systems.anderson.parameters",
        [],
        "a list of at least 1",
    ),
    (
        "systems: {anderson: {parameters: [U, U]}}",
        "systems.anderson.parameters",
        ["U", "U"],
        "a list without repetitions",
    ),
    (
        "systems: {anderson: {scale: absent}}",
        "systems.anderson.scale",
        "absent",
        "one of the descriptors [",
    ),
    (
        "systems: {anderson: {colours: [absent]}}",
        "systems.anderson.colours",
        "absent",
        "one of the descriptors [",
    ),
    (
        "systems: {anderson: {landmarks: {t: {quantity: absent, at: 0, below: a, above: b}}}}",
        "systems.anderson.landmarks.t.quantity",
        "absent",
        "one of the descriptors [",
    ),
    (
        "systems: {anderson: {landmarks: {t: "
        "{quantity: n_d, at: 0, below: a, above: b, plane: [U, c, x]}}}}",
        "systems.anderson.landmarks.t.plane",
        ["U", "c", "x"],
        "a list of at most 2",
    ),
    (
        "systems: {anderson: {landmarks: {t: "
        "{quantity: n_d, at: 0, below: a, above: b, plane: [a, x]}}}}",
        "systems.anderson.landmarks.t.plane",
        "x",
        "one of the descriptors and inputs [",
    ),
    (
        'systems: {anderson: {references: {haldane: "log(V)"}}}',
        "systems.anderson.references.haldane",
        "log(V)",
        "a formula over B, Gamma, T, ",
    ),
    (
        "systems: {anderson: {published: {pearson: {x: 0.5}}}}",
        "systems.anderson.published.pearson",
        "x",
        "one of the descriptors [",
    ),
    (
        "systems: {anderson: {published: {source: x, pearson: {log10_T_K: 1.5}}}}",
        "systems.anderson.published.pearson.log10_T_K",
        1.5,
        "at most 1",
    ),
    (
        'systems: {anderson: {labels: {U: ""}}}',
        "systems.anderson.labels.U",
        "",
        "text of at least 1 characters",
    ),
    ("systems: {anderson: null}", "systems.anderson", None, "keys with values"),
    (
        "systems: {anderson: {labels: {log10_Tchi: $x$}}}",
        "systems.anderson.labels.log10_Tchi",
        "$x$",
        "a label of what the system has: B, G, Gamma, T, T_FL, ",
    ),
    (
        "systems: {bcs: {labels: {U: $U$}}}",  # though no ensemble uses it
        "systems.bcs.labels.U",
        "$U$",
        "a label of what the system has: T, T_c, T_over_T_c, ",
    ),
    (
        "systems: {anderson: {descriptors: {log10_Tchi: null}}}",
        "systems.anderson.descriptors.log10_Tchi",
        None,
        "left out, or one of ['Gamma', 'U', 'abs_n_d_minus_1', ",
    ),
    (
        "systems: {anderson: {references: {haldane_bether: null}}}",
        "systems.anderson.references.haldane_bether",
        None,
        "left out, or one of ['asymmetry', 'exponent', 'haldane', 'haldane_bethe', 'paper_z2']",
    ),
    ("systems: {anderson: {joint: {x: null}}}", "systems.anderson.joint.x", None, "left out"),
    (
        "systems: {anderson: {with_unit: {H: null}}}",
        "systems.anderson.with_unit.H",
        None,
        "left out, or one of ['G'], to remove what is there",
    ),
    (
        "systems: {anderson: {law: {smal: null}}}",
        "systems.anderson.law.smal",
        None,
        "left out, or one of ['small', 'symmetries', 'target']",
    ),
    ("systems: {anderson: {lawz: null}}", "systems.anderson.lawz", None, "left out, or one of ["),
    (
        "systems: {anderson: {bounds: {spectral_function: [1, 0]}}}",
        "systems.anderson.bounds.spectral_function",
        [1, 0],
        "[low, high] with low < high",
    ),
    (
        "systems: {anderson: {colours: [n_d, n_d]}}",
        "systems.anderson.colours",
        ["n_d", "n_d"],
        "a list without repetitions",
    ),
    (
        "equations: {latents: [0, 10]}",
        "equations.latents.1",
        10,
        "the number of a latent, 0 to 9 with n_latents: 10",
    ),
    (
        "equations: {engines: [gplearn]}",
        "equations.engines.0",
        "gplearn",
        "one of ['operon', 'pysr']",
    ),
    ("equations: {engines: []}", "equations.engines", [], "a list of at least 1"),
    (
        "equations: {objectives: {latents: rank}}",
        "equations.objectives.latents",
        "rank",
        "one of ['isotonic', 'pearson', 'squared_error']",
    ),
    (
        "equations: {symbols: [pow]}",
        "equations.symbols.0",
        "pow",
        "one of ['add', 'sub', 'mul', 'div', 'log', 'exp',",
    ),
    ("equations: {seconds: 0}", "equations.seconds", 0, "above 0"),
    ("equations: {seconds: .nan}", "equations.seconds", NAN, "a finite number"),
    ("equations: {restarts: -1}", "equations.restarts", -1, "at least 1"),
    ("equations: {recovered_below: 2}", "equations.recovered_below", 2, "at most 1"),
    (
        "equations: {n_points: 1000000000000000000000000}",
        "equations.n_points",
        1000000000000000000000000,
        "at most 100000000",
    ),
    (
        "ensembles: {low_field: {system: hubbard}}",
        "ensembles.low_field.system",
        "hubbard",
        "one of [",
    ),
    (
        "ensembles: {low_field: {axes: {Delta: 0.1}}}",
        "keys of ensembles.low_field.axes",
        ["Delta"],
        "among B, Gamma, T, U, eps_d_over_U",
    ),
    ("ensembles: {low_field: {axes: 3}}", "ensembles.low_field.axes", 3, "keys with values"),
    (
        "ensembles: {low_field: {axes: {U: 0.1, Gamma: 0.01, eps_d_over_U: -0.5}}}",
        "ensembles.low_field.axes",
        {"U": 0.1, "Gamma": 0.01, "eps_d_over_U": -0.5, "B": 0.0, "T": 1e-06},
        "a range for at least one axis",
    ),
    (
        "solver: {Lambda: 3.0}",
        "keys of top level",
        ["solver"],
        "among archive, autoencoder, conda, ensembles",
    ),
    (
        "systems: {anderson: {solver: {Lambda: 0.5}}}",
        "systems.anderson.solver.Lambda",
        0.5,
        "at least 1.5",
    ),
    (
        "systems: {anderson: {solvr: {Lambda: 5.0}}}",
        "keys of systems.anderson",
        ["solvr"],
        "among accuracy, axis, bounds, colours",
    ),
    (
        "systems: {anderson: {parameters: null}}",
        "keys of systems.anderson",
        ANY,
        "completed by parameters",
    ),
    ("systems: {anderson: 3}", "systems.anderson", 3, "keys with values"),
    (
        "ensembles: {low_field: {omega: {min: 1.0, max: 0.5}}}",
        "ensembles.low_field.omega.max",
        0.5,
        "above omega.min",
    ),
]

SENTENCES = [
    ("seed: -1", "config: seed = -1 is not usable: must be at least 0"),
    ("seed: x", "config: seed = 'x' is not usable: must be a whole number"),
    (
        "ensembles: {low_field: {solver: {Lambda: 1e1}}}",
        "config: ensembles.low_field.solver.Lambda = '1e1' is not usable: must be a number"
        " (YAML reads this as text: write 1.0e-6 or 1.0e+6)",
    ),
    (
        "ensembles: {low_field: {axes: {Gamma: 0.0}}}",
        "config: ensembles.low_field.axes.Gamma = 0.0 is not usable: must be between 0.0001 and"
        " 0.2",
    ),
    (
        "ensembles: {low_field: {n_samples: 4, split: {train: 0.1, validation: 0.45, test: 0.45}}}",
        "config: ensembles.low_field, number of samples = 4 is not usable: must be larger,"
        " as the split of these leaves train 0, validation 2, test 2",
    ),
    (
        "runs: [{name: vae, ensemble: low_field}, {name: vae, ensemble: low_field}]",
        "config: runs.1.name = 'vae' is not usable: must be unique in its ensemble",
    ),
    (
        'systems: {anderson: {descriptors: {x: "T_chii"}}}',
        "config: systems.anderson.descriptors.x = 'T_chii' is not usable: must be a formula over B,"
        " Gamma, T, T_K_haldane, T_chi, U, below_grid, causality_cut, cpu_seconds,"
        " distance_to_half, distance_to_half_above, distance_to_half_below, double_occupation,"
        " eps_d, half_width, occupation_down, occupation_up, resonance_height_down,"
        " resonance_height_up, resonance_position_down, resonance_position_up,"
        " resonance_width_above_down, resonance_width_above_up, resonance_width_below_down,"
        " resonance_width_below_up, spectral_function_at_0_down, spectral_function_at_0_up,"
        " spectral_weight_error, spin_susceptibility, truncation_energy; unknown: T_chii",
    ),
    (
        'systems: {anderson: {region: "U"}}',
        "config: systems.anderson.region = 'U' is not usable: must be comparisons (< <= > >= == !=)"
        " of formulas, joined by and, or, not; found the name 'U' where a comparison is expected",
    ),
    (
        "equations: {engines: [gplearn]}",
        "config: equations.engines.0 = 'gplearn' is not usable: must be one of ['operon', 'pysr']",
    ),
    (
        "ensembles: {low_field: {points: absent.csv}}",
        "config: ensembles.low_field.n_samples = 2000 is not usable: must be left out beside points"
        " (an ensemble of another name inherits nothing)",
    ),
]


@pytest.mark.parametrize(
    ("text", "key", "value", "allowed"), CASES, ids=[case[0] for case in CASES]
)
def test_a_bad_configuration_names_key_value_and_range(text, key, value, allowed):
    changes = yaml.safe_load(text)
    with refused("config", key, value, allowed):
        resolved_config(copy.deepcopy(changes))


@pytest.mark.parametrize(("text", "sentence"), SENTENCES)
def test_the_message_is_one_sentence(text, sentence):
    with pytest.raises(InputError) as caught:
        resolved_config(yaml.safe_load(text))
    assert str(caught.value) == sentence


def test_a_choice_without_a_description_has_that_around_it():
    inner = {"oneOf": [{"type": "number"}, {"const": "scan"}]}
    schema = {"description": "a weight", "oneOf": [{"type": "null"}, inner]}
    for each, words in ((schema, r"a weight \(YAML"), (inner, r"valid \(.*\) \(YAML")):
        with pytest.raises(InputError, match=f"must be {words} reads this as text"):
            check_schema("1e-2", each)


@pytest.mark.parametrize(
    ("text", "hinted"),
    [
        ("seed: '1'", True),
        ("ensembles: {low_field: {axes: {U: '1'}}}", True),
        ("ensembles: '1'", False),
        ("autoencoder: {centring: '1'}", False),
        ("autoencoder: {window: '1'}", False),
        ("archive: {date: '1'}", False),
    ],
)
def test_how_numbers_are_written_is_told_where_one_would_do(text, hinted):
    with pytest.raises(InputError) as caught:
        resolved_config(yaml.safe_load(text))
    assert ("write 1.0e-6" in caught.value.allowed) == hinted
