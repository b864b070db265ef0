"""The expressions of the configuration's systems are checked before any work starts."""

import pytest

from kondoflow.files.errors import InputError
from kondoflow.stage.checks.expressions import check_systems
from kondoflow.stage.config import load_config


def test_the_default_systems_pass():
    check_systems(load_config()["systems"])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"targets": {"T": "log(T"}},
            r"config: systems.s.targets.T = 'log\(T' is not usable: .* was never closed",
        ),
        (
            {"descriptors": {"f": "log10(U)"}, "targets": {"f": "log(U)"}},
            r"config: systems.s.targets.f = 'log\(U\)' is not usable: must be log10\(U\), as "
            "systems.s.descriptors.f, or of another name",
        ),
        ({"region": "U*2"}, r"config: systems.s.region = 'U\*2' is not usable: must be compar"),
        (
            {"inputs": {"log": "U"}},
            "config: systems.s.inputs = 'log' is not usable: must be a name that is neither a "
            "function nor a word of the language",
        ),
        (
            {"targets": {"latent_3": "U"}},
            "config: systems.s.targets = 'latent_3' is not usable: must be another name: "
            r"latent_0, latent_1 \.\.\. are the latents",
        ),
        (
            {"joint": {"latent_3": "U"}},
            "config: systems.s.joint = 'latent_3' is not usable: must be another name",
        ),
        (
            {"joint": {"mine": "U +"}},
            r"config: systems.s.joint.mine = 'U \+' is not usable",
        ),
        (
            {"targets": {"mine": "U"}, "joint": {"mine": "U"}},
            "config: systems.s.joint = 'mine' is not usable: must be a name that no target has",
        ),
        (
            {"joint": {"mine": "U"}, "law": {"target": "yours"}},
            r"config: systems.s.law.target = 'yours' is not usable: must be one of the targets "
            r"\[\] or of the joint quantities \['mine'\]",
        ),
        (
            {"joint": {"mine": "U"}, "law": {"target": "mine", "run": "vae"}},
            "config: systems.s.law.truth = None is not usable: must be given, as the target mine "
            "is a joint quantity",
        ),
        (
            {"targets": {"mine": "U"}, "law": {"target": "mine", "run": "vae"}},
            "config: systems.s.law.run = 'vae' is not usable: must be left out",
        ),
    ],
)
def test_mistakes_in_a_system_are_named(changes, message):
    system = {"parameters": ["U"], "descriptors": {"U": "U"}}
    with pytest.raises(InputError, match=message):
        check_systems({"s": {**system, **changes}})


def test_what_can_be_read_off_spectra_is_known_to_joint_quantities_alone():
    known = {"anderson": ["U", "Gamma", "eps_d"]}
    system = {"parameters": ["U"], "descriptors": {"U": "U"}}
    joint = {"joint": {"log_T_FL": "log(T_FL)"}}
    check_systems({"anderson": {**system, **joint}}, known)
    with pytest.raises(InputError, match="must be a formula over Gamma, T_FL, U, eps_d, wilson"):
        check_systems({"anderson": {**system, "joint": {"log_T": "log(T_chi)"}}}, known)
    with pytest.raises(InputError, match=r"systems.anderson.targets.mine = 'log\(T_FL\)'"):
        check_systems({"anderson": {**system, "targets": {"mine": "log(T_FL)"}}}, known)
