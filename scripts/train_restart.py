"""Train the network of one run from one of its seeds, or from several of them together.

The restart saves checkpoints beside its outputs and goes on from them after an interruption. A GPU
is used if JAX sees one. `choose_network` makes one model of all restarts of the run.
"""

from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Any

from kondoflow.autoencoder.checkpoints import write_trained
from kondoflow.autoencoder.devices import training_device
from kondoflow.autoencoder.large_sets import STREAM_ABOVE, prepare_file, streamed_trainer
from kondoflow.autoencoder.restarts import identity_of, own_checkpoints, train_restarts
from kondoflow.autoencoder.weight_scan import with_weight
from kondoflow.files.atomic import read_json, remove
from kondoflow.stage.entry import Input, Option, Output, Setting, run_stage
from kondoflow.stage.seeds import derive_seed


def main(
    *,
    spectra: Annotated[Path, Input("netCDF file of the data set")],
    weights: Annotated[Path, Output("safetensors file of the kept weights")],
    history: Annotated[Path, Output("netCDF file of the losses")],
    settings: Annotated[dict[str, Any], Setting("restart")],
    seed: Annotated[int, Setting("training_seed")],
    checkpoint_every: Annotated[int, Setting("checkpoint_every")],
    scan: Annotated[Path | None, Option("scan of the KL weight (JSON), if the run has one")] = None,
    restart: Annotated[Sequence[int], Option("numbers of the restarts, from 0")] = (0,),
    gpu_memory: Annotated[float, Option("share of a GPU's memory taken at once, 0: as needed")] = 0,
    stream_above: Annotated[float, Option("MB of spectra that are held in memory")] = STREAM_ABOVE,
    code: Annotated[str, Option("version of the code, to tell checkpoints apart")] = "",
) -> None:
    """Train restarts and write what they kept."""
    training_device(gpu_memory)
    settings = with_weight(settings, read_json(scan) if scan else None)
    prepared = prepare_file(spectra, settings, stream_above)
    seeds = [derive_seed(seed, "restart", number) for number in restart]
    identities = [identity_of(prepared, settings, own) for own in seeds]
    checkpoint = weights.with_name("checkpoint.safetensors")
    streamed = streamed_trainer(prepared, spectra, settings, weights.parent)
    with streamed if prepared.sampled_from else nullcontext(prepared.trainer) as trainer:
        trained = train_restarts(trainer, seeds, checkpoint, identities, code, checkpoint_every)
    write_trained(weights, history, trained, identities)
    for file in (checkpoint, *own_checkpoints(checkpoint, len(seeds))):
        remove(file)


if __name__ == "__main__":
    run_stage(main, globals().get("snakemake"))
