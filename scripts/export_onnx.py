r"""Write a trained model as two ONNX files, an encoder and a decoder, as a command.

    make onnx                       # adds the package onnx to the environment, once
    .venv/bin/python scripts/export_onnx.py --model results/models/low_field/vae \
      --encoder encoder.onnx --decoder decoder.onnx

The graphs take and give spectra in their own units, on the model's grid, and latents in the order,
sign and unit of `latents.nc`. Grid and channel stand in the metadata of the files.
"""

from pathlib import Path
from typing import Annotated

from kondoflow.autoencoder.devices import use_cpu
from kondoflow.autoencoder.encoding import load_model
from kondoflow.files.atomic import replacing
from kondoflow.stage.entry import Input, Output, run_stage


def main(
    *,
    model: Annotated[Path, Input("folder of the model, with weights.safetensors and model.json")],
    encoder: Annotated[Path, Output("ONNX file: spectra to mean and log variance of latents")],
    decoder: Annotated[Path, Output("ONNX file: latents to spectra")],
) -> None:
    """Export one model."""
    # Here, so that --help works where onnx is not installed.
    from kondoflow.autoencoder.onnx_graphs import decoder_graph, encoder_graph

    use_cpu()
    trained = load_model(model)
    for path, graph in ((encoder, encoder_graph(trained)), (decoder, decoder_graph(trained))):
        with replacing(path) as temporary:
            temporary.write_bytes(graph.SerializeToString(deterministic=True))


if __name__ == "__main__":
    run_stage(main, globals().get("snakemake"))
