// The samples of a run: columns, quantities by name, spectra, and who is near whom.

const NEIGHBOURS = 12;
const DECADE = 10; // least span of a logarithmic axis of spectra
const LABELS = {
  split: "part of the data",
  error: "mean error of the reconstruction",
  residual: "residual of the chosen formula",
};

function plainLabel(text) {
  return { pieces: [[text, ""]], axis: [[text, ""]], text, html: escapeText(text), with_unit: escapeText(text) };
}

class Samples {
  constructor(set, run) {
    const { arrays, content } = set;
    Object.assign(this, {
      set: content, run: run.content, omega: arrays.omega, nOmega: arrays.omega.length,
      split: arrays.split, region: arrays.region, sample: arrays.sample, n: arrays.sample.length,
      withSpectrum: arrays.with_spectrum, codes: run.arrays.codes, error: run.arrays.error, runArrays: run.arrays,
    });
    this.channels = content.channels;
    this.nValues = this.nOmega * Math.max(1, this.channels.length); // of all channels of a sample
    this.latents = run.content.latents;
    this.nLatents = this.latents.length;
    set.spectra ??= unpackSpectra(arrays, this.nOmega);
    this.spectra = set.spectra;
    this.row = new Int32Array(this.n).fill(-1);
    this.withSpectrum.forEach((sample, row) => { this.row[sample] = row; });
    this.columns = {};
    for (const name of content.variables) this.columns[name] = arrays[`variable_${name}`];
    this.decoder = new Decoder(run.content.decoder, run.arrays);
    run.content.joint.forEach((quantity, k) => {
      if (quantity.function) quantity.together ??= new Together(quantity.function, run.arrays.joint_codes, run.arrays[`joint_weight_${k}`]);
    });
    this.aliases = new Map(); // other names of parameters
    this.hasRegion = this.region.some((inside) => !inside);
    this.quantities = this.listQuantities();
    // The code nearest to the medians of all latents: a point where there are data.
    this.centre = this.code(this.nearest(this.latents.map(({ quantiles: each }) => each["0.5"])).sample);
  }

  // Whether spectra are drawn on a logarithmic axis: the network sees logarithms, and tells spectra apart decades below the largest values. The report draws the same.
  inDecades(values) {
    if (this.decoder.transform !== "log") return false;
    let least = Infinity, most = 0;
    for (const value of values) { least = Math.min(least, value); most = Math.max(most, value); }
    return least > 0 && most >= DECADE * least;
  }

  label(name) { return this.set.labels[name] ?? plainLabel(name); }

  listQuantities() {
    const found = new Map();
    const add = (id, group, label, compute, extra = {}) => {
      if (!found.has(id)) found.set(id, { id, group, label, compute, ...extra });
    };
    this.latents.forEach((latent, k) => {
      const label = plainLabel(`latent ${latent.index}${latent.active ? "" : " (not active)"}`);
      const column = () => Float32Array.from({ length: this.n }, (_, i) => this.codes[i * this.nLatents + k]);
      add(`latent_${latent.index}`, "latents", label, column, { latent: k });
    });
    for (const name of this.set.parameters) add(name, "parameters", this.label(name), () => this.columns[name]);
    for (const group of ["descriptors", "inputs", "targets"]) {
      for (const [name, tree] of Object.entries(this.set[group])) {
        if (group !== "targets" && this.set.parameters.includes(tree)) { // it has stood among the parameters
          this.aliases.set(name, tree);
          continue;
        }
        add(name, group, this.label(name), () => evaluateAll(tree, this.columns, this.n), { tree });
      }
    }
    this.run.joint.forEach((quantity, k) => this.addJoint(add, quantity, k));
    add("split", "quality", plainLabel(LABELS.split), () => this.split, { names: this.run.splits });
    add("error", "quality", plainLabel(LABELS.error), () => this.error);
    if (this.run.targets.length) {
      add("residual", "quality", plainLabel(LABELS.residual), null, { signed: true });
    }
    return found;
  }

  // What the latents say of a joint quantity, its value, the truth, and what the latents miss.
  addJoint(add, { name, label, function: known, has_truth: hasTruth }, k) {
    const column = (kind) => this.runArrays[`joint_${kind}_${k}`];
    const own = (start, end) => ({
      pieces: [...(start ? [[start, ""]] : []), ...label.pieces, ...(end ? [[end, ""]] : [])],
      axis: [...(start ? [[start, ""]] : []), ...label.axis, ...(end ? [[end, ""]] : [])],
      text: `${start}${label.text}${end}`, html: `${start}${label.html}${end}`, with_unit: `${start}${label.with_unit}${end}`, symbol: `${start}${label.symbol}${end}`,
    });
    if (!known) return;
    add(`said.${name}`, "joint", own("joint latents: ", ""), () => column("said"));
    add(`read.${name}`, "joint", own("", ""), () => column("read"));
    if (hasTruth) add(`truth.${name}`, "joint", own("", ", truth of the law"), () => column("truth"));
    add(`missed.${name}`, "joint", own("", ", latents minus value"), () => column("said").map((value, i) => value - column("read")[i]), { signed: true });
  }

  // The values for which the equations of a target are sought.
  target(name) { return this.quantity(`said.${name}`) ?? this.quantity(name); }

  // The name under which a quantity stands in the menus; undefined where there is none.
  place(id) { return this.quantities.has(id) ? id : this.aliases.get(id); }

  // A quantity with its values; computed when first asked for.
  quantity(id) {
    const found = this.quantities.get(this.place(id));
    if (found && !found.values && found.compute) found.values = found.compute();
    return found;
  }

  code(sample) { return Array.from(this.codes.subarray(sample * this.nLatents, (sample + 1) * this.nLatents)); }

  // The real spectrum of a sample (of all channels), or null where the page does not hold it.
  spectrum(sample) {
    const row = this.row[sample];
    return row < 0 ? null : this.spectra.subarray(row * this.nValues, (row + 1) * this.nValues);
  }

  // Of the spectra of all channels those of one.
  ofChannel(values, channel) {
    const place = Math.max(0, this.channels.indexOf(channel)) * this.nOmega;
    return values && values.subarray(place, place + this.nOmega);
  }

  // The nearest sample with a spectrum, and the distance to the nearest training code.
  nearest(z) {
    const { codes, nLatents, row, split } = this, { spread } = this.run;
    let best = -1, least = Infinity, known = Infinity;
    for (let i = 0, place = 0; i < this.n; i++, place += nLatents) {
      let sum = 0;
      for (let k = 0; k < nLatents; k++) {
        const difference = (codes[place + k] - z[k]) / spread[k];
        sum += difference * difference;
      }
      if (sum < known && split[i] === 0) known = sum;
      if (sum < least && row[i] >= 0) { least = sum; best = i; }
    }
    return { sample: best, distance: Math.sqrt(known), far: Math.sqrt(known) > this.run.far };
  }

  // The samples nearest to z in some of the latents, nearest first.
  neighbours(z, latents, count = NEIGHBOURS) {
    const { spread } = this.run, best = [];
    for (let i = 0; i < this.n; i++) {
      let sum = 0;
      for (const k of latents) {
        const difference = (this.codes[i * this.nLatents + k] - z[k]) / spread[k];
        sum += difference * difference;
      }
      if (best.length < count || sum < best[best.length - 1][0]) {
        const place = best.findIndex(([other]) => other > sum);
        best.splice(place < 0 ? best.length : place, 0, [sum, i]);
        if (best.length > count) best.pop();
      }
    }
    return best.map(([, sample]) => sample);
  }

  // The energy that is the unit of frequency at z: the geometric mean over the neighbours.
  energyAt(z) {
    const column = this.columns[this.set.energy];
    const logs = this.neighbours(z, this.latents.map((_, k) => k)).map((i) => Math.log(column[i])).filter(Number.isFinite);
    return logs.length ? Math.exp(logs.reduce((sum, value) => sum + value, 0) / logs.length) : NaN;
  }

  // The sample nearest to some parameters, each in units of its spread on its own axis.
  nearestParameters(values) {
    this.axes ??= this.set.parameters.map((name) => {
      const column = this.columns[name], { to } = transformFor(column);
      const [low, high] = quantiles(column, [0.05, 0.95]).map(to), unit = high - low || 1;
      return { name, to, unit, scaled: Float64Array.from(column, (value) => to(value) / unit) };
    });
    const at = this.axes.map(({ name, to, unit }) => to(values[name]) / unit);
    let best = 0, least = Infinity;
    for (let i = 0; i < this.n; i++) {
      let sum = 0;
      for (let k = 0; k < at.length; k++) sum += (this.axes[k].scaled[i] - at[k]) ** 2;
      if (sum < least) { least = sum; best = i; }
    }
    return best;
  }
}
