// The decoder: a perceptron, whose output is a spectrum in the units of the network, or the spectra of
// all channels one after the other.

const ACTIVATIONS = {
  silu: (x) => x / (1 + Math.exp(-x)),
  relu: (x) => Math.max(x, 0),
};

const OUTPUTS = {
  linear: (x) => x,
  softplus: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
};

// What undoes the transform of the spectra.
const BACK = {
  none: (t) => t,
  log: Math.exp,
  sqrt: (t) => t * Math.abs(t),
  arcsinh: Math.sinh,
};

class Decoder {
  constructor({ n_layers, activation, output, scale, transform, unit }, arrays) {
    this.activation = ACTIVATIONS[activation];
    this.output = OUTPUTS[output];
    this.scale = scale;
    this.transform = transform;
    this.back = BACK[transform];
    this.unit = unit;
    this.offset = arrays.offset;
    this.layers = Array.from({ length: n_layers }, (_, index) => {
      const bias = arrays[`bias_${index}`];
      return { kernel: arrays[`kernel_${index}`], bias, out: new Float64Array(bias.length) };
    });
  }

  // The spectrum (of all channels) at a point of the latent space, as a new array.
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
      spectrum[j] = this.unit * this.back(this.scale * this.output(values[j]) + this.offset[j]);
    }
    return spectrum;
  }
}
