// The decoder: a perceptron with softplus at its end.

const ACTIVATIONS = {
  silu: (x) => x / (1 + Math.exp(-x)),
  relu: (x) => Math.max(x, 0),
};

class Decoder {
  constructor({ n_layers, activation, scale }, arrays) {
    this.activation = ACTIVATIONS[activation];
    this.scale = scale;
    this.layers = Array.from({ length: n_layers }, (_, index) => {
      const bias = arrays[`bias_${index}`];
      return { kernel: arrays[`kernel_${index}`], bias, out: new Float64Array(bias.length) };
    });
  }

  // The spectrum at a point of the latent space, as a new array.
  decode(z) {
    let values = z;
    this.layers.forEach(({ kernel, bias, out }, index) => {
      out.set(bias);
      const width = bias.length;
      for (let i = 0, place = 0; i < values.length; i++, place += width) {
        const input = index ? this.activation(values[i]) : values[i];
        for (let j = 0; j < width; j++) out[j] += input * kernel[place + j];
      }
      values = out;
    });
    const spectrum = new Float64Array(values.length);
    for (let j = 0; j < values.length; j++) {
      const x = values[j];
      spectrum[j] = this.scale * (Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))));
    }
    return spectrum;
  }
}
