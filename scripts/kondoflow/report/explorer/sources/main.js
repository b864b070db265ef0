// The page: one state, the views that show it, the menus that change it.

const byId = (id) => document.getElementById(id);

function fillMenu(menu, entries) {
  menu.replaceChildren(...entries.map(([value, text]) => new Option(text, value)));
}

function makeSlider(html, low, high, value, onInput, asText, name) {
  const row = document.createElement("label"), input = document.createElement("input"), output = document.createElement("output");
  row.className = "slider";
  Object.assign(input, { type: "range", min: low, max: high, step: (high - low) / 200, value });
  input.setAttribute("aria-label", name);
  const say = (number) => {
    output.textContent = asText(number);
    input.setAttribute("aria-valuetext", output.textContent);
  };
  input.addEventListener("input", () => { say(Number(input.value)); onInput(Number(input.value)); });
  const head = document.createElement("span");
  head.innerHTML = html;
  row.append(head, input, output);
  row.set = (number) => { input.value = number; say(number); }; // the ring may be beyond the slider
  say(value);
  return row;
}

class App {
  constructor() {
    Object.assign(this, { views: [], hover: -1, fan: [], selected: null, near: { sample: -1 }, sets: {}, runs: {}, timings: [] });
    const motion = matchMedia("(prefers-reduced-motion: reduce)"), dark = matchMedia("(prefers-color-scheme: dark)");
    this.still = motion.matches;
    motion.addEventListener("change", () => { this.still = motion.matches; });
    dark.addEventListener("change", () => { this.readTheme(); this.cards.draw(); this.changed("theme"); });
    this.readTheme();
  }

  async start() {
    this.plane = new Scatter(this, byId("plane"), {
      x: () => this.samples.quantity(this.state.x), y: () => this.samples.quantity(this.state.y),
      colouring: () => this.colours(), colourLabel: () => this.samples.quantity(this.state.colour).label.axis,
      dirtyBy: ["axes", "colour", "box"], probe: true,
    });
    this.spectrum = new Spectrum(this, byId("spectrum"));
    this.histogram = new Histogram(this, byId("histogram"));
    this.parameters = new Scatter(this, byId("parameters"), {
      x: () => this.samples.quantity(this.state.px), y: () => this.samples.quantity(this.state.py),
      colouring: () => this.colours(), colourLabel: () => this.samples.quantity(this.state.colour).label.axis,
      dirtyBy: ["parameters", "colour", "box"],
    });
    this.cards = new Cards(this);
    this.joint = new Joint(this);
    this.law = byId("law") && new Law(this);
    this.equations = new Equations(this);
    this.listen();
    offerTakeaway(this);
    const address = location.hash.slice(1), asked = new URLSearchParams(address).get("run");
    const runs = [...byId("run").options].map(({ value }) => value);
    await this.open(runs.includes(asked) ? asked : runs[0], address);
    addEventListener("hashchange", () => this.readAddress());
    addEventListener("beforeprint", () => this.toPaper());
    addEventListener("afterprint", () => this.fromPaper());
  }

  async open(name, address = "") {
    this.cards.stop();
    this.runs[name] ??= await unpack(byId(`run-${name}`).textContent);
    const run = this.runs[name], key = run.content.set;
    this.sets[key] ??= await unpack(byId(`set-${key}`).textContent);
    this.samples = new Samples(this.sets[key], run);
    this.state = readState(address, this.samples, startState(this.samples, name));
    byId("run").value = name;
    this.fan = [];
    byId("fan-key").hidden = true;
    this.hover = -1;
    this.spectrum.cursor = null;
    this.fillMenus();
    this.describe();
    this.joint.open();
    this.law?.open();
    this.equations.open();
    this.cards.open();
    this.mask();
    this.place(this.state.z);
    this.changed("run");
    document.documentElement.classList.add("ready");
  }

  readAddress() {
    const address = location.hash.slice(1);
    if (address === this.written) return;
    const run = new URLSearchParams(address).get("run");
    this.open([...byId("run").options].some(({ value }) => value === run) ? run : this.state.run, address);
  }

  writeAddress() {
    this.written = writeState(this.state, this.samples);
    try {
      history.replaceState(null, "", `#${this.written}`);
    } catch { /* the page stands in a frame whose address can't change */ }
  }

  readTheme() {
    const style = getComputedStyle(document.documentElement), css = (name) => style.getPropertyValue(`--${name}`).trim();
    const name = !this.onPaper && matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
    this.theme = { name, sequential: sequential(name), pins: PINS[name], parts: [css("bars"), css("hot"), css("context")] };
    for (const key of ["paper", "ink", "faint", "accent", "grid", "axis", "context", "bars", "probe", "real", "reconstruction", "warn"]) this.theme[key] = css(key);
  }

  listen() {
    const menu = (id, key, kind) => byId(id).addEventListener("change", (event) => {
      this.state[key] = event.target.value;
      this.changed(kind);
    });
    menu("axis-x", "x", "axes");
    menu("axis-y", "y", "axes");
    menu("colour", "colour", "colour");
    menu("frequency", "axis", "frequency");
    byId("channel").addEventListener("change", (event) => { this.state.channel = event.target.value; this.cards.draw(); this.changed("frequency"); });
    menu("histogram-of", "histogram", "histogram");
    menu("parameters-x", "px", "parameters");
    menu("parameters-y", "py", "parameters");
    byId("run").addEventListener("change", (event) => this.open(event.target.value));
    byId("follow").addEventListener("change", (event) => { this.state.follow = event.target.checked; this.moveTo(this.state.z, this.planeLatents()); });
    for (const radio of document.querySelectorAll("input[name=tool]")) {
      radio.addEventListener("change", () => { this.plane.tool = radio.value; });
    }
    byId("zoom-in").addEventListener("click", () => this.plane.zoom(0.7));
    byId("zoom-out").addEventListener("click", () => this.plane.zoom(1 / 0.7));
    byId("zoom-reset").addEventListener("click", () => this.plane.reset());
    byId("clear-selection").addEventListener("click", () => this.select(null));
    byId("pin").addEventListener("click", () => this.togglePin(this.near.sample));
    byId("fan-clear").addEventListener("click", () => { this.fan = []; byId("fan-key").hidden = true; this.changed("probe"); });
  }

  fillMenus() {
    const { samples, state } = this, all = [...samples.quantities.values()].filter(({ id, names }) => names || id === "residual" || varies(samples, id));
    const titles = { latents: "Latents", parameters: "Parameters", descriptors: "Descriptors", inputs: "Inputs of the search", targets: "Targets", joint: "Joint quantities", quality: "Quality" };
    const grouped = (id, chosen) => {
      const parts = Object.entries(titles).map(([group, label]) => {
        const part = Object.assign(document.createElement("optgroup"), { label });
        part.append(...chosen.filter((quantity) => quantity.group === group).map(({ id: value, label: { text } }) => new Option(text, value)));
        return part;
      });
      byId(id).replaceChildren(...parts.filter(({ children }) => children.length));
    };
    const latents = all.filter(({ group }) => group === "latents"), numbers = all.filter(({ names, id }) => !names && id !== "residual");
    grouped("axis-x", latents);
    grouped("axis-y", latents.length > 1 ? latents : numbers);
    grouped("colour", all);
    grouped("histogram-of", all.filter(({ id }) => id !== "residual"));
    for (const id of ["parameters-x", "parameters-y"]) grouped(id, numbers);
    const { energy } = samples.set;
    fillMenu(byId("frequency"), [["log", "logarithmic"], ["linear", "linear"], ...(energy ? [["scale", `in units of ${samples.label(energy).symbol}`]] : [])]);
    fillMenu(byId("channel"), samples.channels.map((channel) => [channel, channel]));
    byId("channel-label").hidden = !samples.channels.length;
    if (samples.omega[0] < 0) byId("frequency").options[0].text = "signed logarithmic";
    byId("sliders").replaceChildren(...samples.latents.map((latent, k) => {
      const slider = makeSlider(escapeText(`latent ${latent.index}`), latent.quantiles["0.01"], latent.quantiles["0.99"], state.z[k], (value) => {
        const z = [...this.state.z];
        z[k] = value;
        this.place(z);
      }, (value) => fixed(value, 2), `latent ${latent.index}`);
      const show = Object.assign(document.createElement("button"), { type: "button", textContent: "Show", ariaLabel: `Show what latent ${latent.index} does` });
      show.addEventListener("click", () => this.cards.sweep(k));
      const row = document.createElement("div");
      row.className = "latent";
      row.append(slider, show);
      row.set = slider.set;
      return row;
    }));
    this.syncMenus();
  }

  syncMenus() {
    const { state } = this, values = { "axis-x": state.x, "axis-y": state.y, colour: state.colour, frequency: state.axis, channel: state.channel,
      "histogram-of": state.histogram, "parameters-x": state.px, "parameters-y": state.py };
    for (const [id, value] of Object.entries(values)) byId(id).value = value;
    byId("follow").checked = state.follow;
  }

  describe() {
    const { samples } = this, { n_total: total } = samples.set, shown = samples.n, spectra = samples.withSpectrum.length;
    const active = samples.latents.filter((latent) => latent.active).length;
    byId("extent").textContent = `${counted(total)} spectra, compressed to ${active || "no"} active latent${active === 1 ? "" : "s"}.`;
    const parts = [];
    if (shown < total) parts.push(`${counted(shown)} of ${counted(total)} samples, drawn at random, are on this page`);
    if (spectra < shown) parts.push(`the spectra of ${counted(spectra)} of ${counted(shown)} samples, drawn at random, are on this page`);
    byId("sampled").textContent = parts.length ? `To keep the page small, ${parts.join("; ")}.` : "";
    byId("sampled").hidden = !parts.length;
    byId("sample").innerHTML = this.sampleIds().map((id) => `<div><dt>${id === "error" ? "error" : samples.quantity(id).label.with_unit}</dt><dd></dd></div>`).join("");
  }

  // Of the spectra of all channels those of the chosen one.
  ofChannel(values) { return this.samples.ofChannel(values, this.state.channel); }

  colours() { return colouring(this.samples.quantity(this.state.colour), this.theme.name); }

  planeLatents() {
    return [this.state.x, this.state.y].map((id) => this.samples.quantity(id).latent).filter((k) => k !== undefined);
  }

  // The probe moves in some latents; the others stay, or follow the neighbours there.
  moveTo(z, moved) {
    this.cards.stop();
    if (this.state.follow) {
      const kept = moved.filter((k) => k !== undefined), near = this.samples.neighbours(z, kept);
      z = z.map((value, k) => (kept.includes(k) ? value : near.reduce((sum, i) => sum + this.samples.codes[i * z.length + k], 0) / near.length));
    }
    this.place(z);
  }

  place(z) {
    const { samples } = this;
    this.state.z = z;
    this.near = samples.nearest(z);
    this.decoded = samples.decoder.decode(z);
    this.reconstruction = this.near.sample < 0 ? null : samples.decoder.decode(samples.code(this.near.sample));
    [...byId("sliders").children].forEach((slider, k) => slider.set(z[k]));
    this.changed("probe");
  }

  goTo(sample) {
    if (sample < 0) return;
    this.cards.stop();
    this.place(this.samples.code(sample));
  }

  setHover(sample) {
    if (sample === this.hover) return;
    this.hover = sample;
    this.changed("hover");
  }

  togglePin(sample) {
    const { pins } = this.state, place = pins.indexOf(sample);
    if (sample < 0) return;
    if (place >= 0) pins.splice(place, 1);
    else if (pins.length === MAX_PINS) { this.say(`${MAX_PINS} spectra are pinned: remove one first.`); return; }
    else if (this.samples.row[sample] < 0) { this.say("The page does not hold this spectrum."); return; }
    else pins.push(sample);
    this.changed("pins");
  }

  select(box) {
    this.state.box = box;
    this.mask();
    this.changed("box");
  }

  mask() {
    const { box } = this.state, { samples } = this;
    this.selected = null;
    if (box) {
      const x = samples.quantity(box.x).values, y = box.y ? samples.quantity(box.y).values : null;
      this.selected = Uint8Array.from({ length: samples.n }, (_, i) => Number(x[i] >= box.x0 && x[i] <= box.x1 && (!y || (y[i] >= box.y0 && y[i] <= box.y1))));
    }
    const n = this.selected?.reduce((sum, inside) => sum + inside, 0);
    byId("selection").textContent = this.selected ? `${counted(n)} of ${counted(samples.n)} samples selected.` : "";
    byId("clear-selection").hidden = !this.selected;
  }

  changed(kind) {
    if (kind === "formula" && this.state.colour === "residual") kind = "colour";
    for (const view of this.views) view.changed(kind);
    if (kind === "colour") for (const view of [...this.equations.views, ...this.joint.views]) view.redraw();
    this.moved ||= kind === "probe";
    this.remember();
  }

  // Write the address, once things stand still.
  remember() {
    clearTimeout(this.writing);
    this.writing = setTimeout(() => this.writeAddress(), 250);
  }

  // For print: all views in the sizes and colours of paper, formulas with their widths (style.css).
  toPaper() {
    this.onPaper = true;
    document.documentElement.classList.add("on-paper");
    this.readTheme();
    for (const formula of document.querySelectorAll("math")) {
      const width = formula.getBoundingClientRect().width / parseFloat(getComputedStyle(formula).fontSize);
      formula.style.setProperty("--em", Math.max(1, 1.03 * width));
    }
    this.cards.draw();
    for (const view of this.views) {
      view.stale = true;
      if (this.isShown(view)) view.paint();
    }
  }

  fromPaper() {
    this.onPaper = false;
    document.documentElement.classList.remove("on-paper");
    this.readTheme();
    this.cards.draw();
    this.changed("theme");
  }

  isShown(view) {
    return (this.equations.targets.length || !this.equations.views.includes(view)) && (this.joint.shown || !this.joint.views.includes(view));
  }

  schedule() {
    if (this.frame || !this.samples) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      const began = performance.now();
      this.readout();
      for (const view of this.views) if (view.pending && view.near && this.isShown(view)) view.paint();
      this.timings.push(performance.now() - began);
      if (this.timings.length > 600) this.timings.shift();
    });
  }

  // What is under the probe, in words.
  readout() {
    const { samples, near, state } = this, [low, high] = samples.set.bounds;
    const distance = `${fixed(near.distance, 2)} from the nearest training spectrum (limit ${fixed(samples.run.far, 2)})`;
    byId("distance").textContent = near.far ? `No data here: ${distance}. The curve is a guess.` : `Within the data: ${distance}.`;
    byId("distance").classList.toggle("warn", near.far);
    const most = this.decoded.reduce((a, b) => Math.max(a, b), 0), least = this.decoded.reduce((a, b) => Math.min(a, b), Infinity);
    const broken = breaks(most, low, high) ? most : breaks(least, low, high) ? least : null;
    byId("violation").hidden = broken === null;
    const which = samples.channels.length && broken !== null ? ` (${samples.channels[Math.floor(this.decoded.indexOf(broken) / samples.nOmega)]})` : "";
    byId("violation").textContent = broken === null ? "" : `The decoded curve${which} breaks the physical bound: it reaches ${significant(broken)}.`;
    byId("curve-key-probe").textContent = near.far ? "decoded at the ring (no data here)" : "decoded at the ring";
    byId("curve-key-hover").hidden = this.hover < 0 || this.hover === near.sample;
    this.sampleTable();
    this.pinList();
    this.readFrequency(this.spectrum.cursor);
    if (this.moved) {
      this.moved = false;
      clearTimeout(this.saying);
      const place = samples.latents.map((latent, k) => `latent ${latent.index} ${fixed(state.z[k], 2)}`).join(", ");
      this.saying = setTimeout(() => this.say(`${place}. ${byId("distance").textContent}`), 500);
    }
  }

  sampleTable() {
    const { samples, near, hover } = this, shown = hover >= 0 ? hover : near.sample;
    if (shown < 0) return;
    const title = hover >= 0 ? "Sample under the pointer" : "Nearest sample";
    const pinned = this.state.pins.includes(near.sample);
    byId("pin").textContent = pinned ? "Unpin this spectrum" : "Pin this spectrum";
    byId("sample-title").textContent = `${title}: ${samples.sample[shown]} (${samples.run.splits[samples.split[shown]]})`;
    this.joint.readout(shown);
    this.law?.readout(shown);
    const values = this.sampleIds().map((id) => significant(samples.quantity(id).values[shown]));
    byId("sample").querySelectorAll("dd").forEach((cell, k) => { cell.textContent = values[k]; });
  }

  sampleIds() {
    const known = [...this.samples.quantities.values()].filter(({ group }) => group === "parameters" || group === "descriptors");
    return [...known.map(({ id }) => id), "error"];
  }

  pinList() {
    const { samples, state, theme } = this, key = `${state.pins.join()} ${theme.name}`;
    if (this.pinKey === key) return;
    this.pinKey = key;
    byId("pins").replaceChildren(...state.pins.map((sample, k) => {
      const item = document.createElement("li"), remove = document.createElement("button"), go = document.createElement("button");
      go.textContent = `${PIN_NAMES[k]}: sample ${samples.sample[sample]}`;
      go.style.borderColor = theme.pins[k];
      go.addEventListener("click", () => this.goTo(sample));
      Object.assign(remove, { textContent: "\u00d7", ariaLabel: `Remove pin ${PIN_NAMES[k]}` });
      remove.addEventListener("click", () => this.togglePin(sample));
      item.append(go, remove);
      return item;
    }));
    byId("pins-empty").hidden = state.pins.length > 0;
  }

  readFrequency(index) {
    const { samples } = this, place = byId("frequency-readout");
    if (index === null || !this.decoded) { place.textContent = ""; return; }
    const real = this.near.sample >= 0 ? this.ofChannel(samples.spectrum(this.near.sample)) : null;
    const unit = samples.set.unit ? ` ${escapeText(samples.set.unit)}` : "";
    place.innerHTML = `${samples.label("omega").html} = ${significant(samples.omega[index])}${unit}: decoded ${height(this.ofChannel(this.decoded)[index])}${real ? `, nearest spectrum ${height(real[index])}` : ""}`;
  }

  say(text) { byId("live").textContent = text; }

  // For the console.
  get tables() { return { samples: () => samplesTable(this), spectra: () => spectraTable(this) }; }

  palettes() { return [sequential(this.theme.name), diverging(this.theme.name), CATEGORIES[this.theme.name], PINS[this.theme.name]]; }
}

if (typeof DecompressionStream === "undefined") {
  byId("problem").hidden = false;
} else {
  const app = new App();
  window.explorer = app; // for the console: explorer.samples, explorer.decoded, explorer.state
  app.start();
}
