"""The expressions of the configuration's systems are checked before any work starts."""

import subprocess
import sys

import pytest

from kondoflow.files.errors import InputError
from kondoflow.stage.config import load_config
from kondoflow.stage.expressions_check import check_systems
from kondoflow.stage.paths import ROOT


def test_the_default_systems_pass():
    check_systems(load_config()["systems"])


def test_the_check_needs_the_standard_library_alone():
    program = (
        "import sys; sys.path.insert(0, 'scripts')\n"
        "import kondoflow.stage.expressions_check\n"
        "heavy = {'numpy', 'scipy', 'sympy', 'xarray'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"targets": {"T": "log(T"}},
            r"config: systems.s.targets.T = 'log\(T' is not usable: .* was never closed",
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
    ],
)
def test_mistakes_in_a_system_are_named(changes, message):
    system = {"parameters": ["U"], "descriptors": {"U": "U"}}
    with pytest.raises(InputError, match=message):
        check_systems({"s": {**system, **changes}})
