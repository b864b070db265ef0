"""Names, dimensions, types and units of the file that the discovery stages write in netCDF."""

from __future__ import annotations

from collections.abc import Mapping

from kondoflow.files.contract import Variable, per_sample

REGION = ("outside", "fitted", "shown")  # meanings of the values 0, 1, 2 of `region`

PREDICTIONS: Mapping[str, Variable] = {
    "value": Variable(("target", "sample"), "float64", "1", "value of the target"),
    "equation": Variable(("target", "sample"), "float64", "1", "value of the chosen equation"),
    "mapped": Variable(
        ("target", "sample"), "float64", "1", "chosen equation, mapped onto the target"
    ),
    "reference": Variable(
        ("target",), "str", "1", "telling reference that leaves least unexplained, or nothing"
    ),
    "reference_mapped": Variable(
        ("target", "sample"), "float64", "1", "that reference, mapped onto the target"
    ),
    "region": Variable(
        ("target", "sample"),
        "int8",
        "1",
        "samples of the region on which the equation was fitted, and those held out",
        flags=REGION,
    ),
}

JOINT: Mapping[str, Variable] = {
    "read": Variable(("quantity", "sample"), "float64", "1", "value of the quantity"),
    "joint": Variable(
        ("quantity", "sample"),
        "float64",
        "1",
        "what all active latents together say of it, fitted without the sample itself",
    ),
    "weight": Variable(
        ("quantity", "sample"),
        "float64",
        "1",
        "weight of the sample in the smooth function of the latents, 0 where it took no part",
    ),
    "centre": Variable(
        ("quantity", "latent"), "float64", "1", "what the function subtracts from the latent"
    ),
    "width": Variable(
        ("quantity", "latent"),
        "float64",
        "1",
        "by what it then divides the latent, NaN where the latent takes no part",
    ),
    "length": Variable(("quantity",), "float64", "1", "length of its kernel, in these widths"),
    "offset": Variable(("quantity",), "float64", "1", "what it adds to the weighted kernels"),
}

FRESH: Mapping[str, Variable] = {
    "target": per_sample("1", "value of the target"),
    "law": per_sample("1", "what the law says of it"),
    "region": Variable(("sample",), "int8", "1", "whether the point lies in the region"),
}
