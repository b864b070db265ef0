// The state of the page, which an address can carry: what is shown, where the probe is, the pins, what is tried.

const MAX_PINS = 5;
const TEXTS = ["run", "x", "y", "colour", "axis", "channel", "histogram", "px", "py", "target", "joint"];

function startState(samples, run) {
  const [first, second] = samples.latents, { set } = samples;
  const leading = samples.latents.find(({ index }) => index === samples.run.leading), inputs = Object.keys(set.inputs);
  const plane = [...inputs.map((id) => (set.parameters.includes(set.inputs[id]) ? set.inputs[id] : id)), ...set.parameters,
    ...Object.keys(set.descriptors)].filter((id, k, all) => all.indexOf(id) === k && varies(samples, id));
  const x = leading ?? first, y = [first, second].find((latent) => latent && latent !== x);
  return {
    run,
    x: `latent_${x.index}`,
    y: y ? `latent_${y.index}` : set.parameters[0],
    colour: set.colours.map((id) => samples.place(id)).find(Boolean) ?? set.parameters[0],
    axis: startAxis(samples.omega),
    channel: samples.channels[0] ?? null,
    histogram: [set.scale, ...Object.keys(set.descriptors)].map((id) => samples.place(id)).find(Boolean) ?? set.parameters[0],
    px: plane[0], py: plane[1] ?? `latent_${x.index}`,
    target: samples.run.targets.some(({ name }) => name === `latent_${x.index}`) ? `latent_${x.index}` : samples.run.targets[0]?.name ?? "",
    joint: samples.run.joint[0]?.name ?? null, formula: null, follow: false, pins: [], box: null, law: null, try: null,
    z: samples.centre,
  };
}

// Parameters that a law names, of which the page holds the values.
function triedOfLaw({ run, columns }) { return Object.keys(run.law?.ranges ?? {}).filter((name) => name in columns); }

function varies(samples, id) {
  const quantity = samples.quantity(id), [low, high] = quantity ? quantiles(quantity.values, [0, 1]) : [0, 0];
  return high > low;
}

// Logarithmic where the frequencies crowd near 0.
function startAxis(omega) {
  const sizes = omega.filter((value) => value !== 0).map(Math.abs), [middle, largest] = quantiles(sizes, [0.5, 1]);
  return largest / middle > 10 && omega[0] !== 0 ? "log" : "linear";
}

function writeState(state, samples) {
  const address = new URLSearchParams();
  for (const key of TEXTS) if (state[key]) address.set(key, state[key]);
  if (state.formula !== null) address.set("formula", state.formula);
  if (state.follow) address.set("follow", "1");
  if (state.pins.length) address.set("pins", state.pins.map((i) => samples.sample[i]).join(","));
  address.set("z", state.z.map((value) => Number(value.toFixed(4))).join(","));
  if (state.box) {
    const { x, y, ...bounds } = state.box;
    address.set("box", JSON.stringify([x, y ?? "", bounds.x0, bounds.x1, bounds.y0 ?? 0, bounds.y1 ?? 0].map((value) => (typeof value === "number" ? Number(value.toPrecision(6)) : value))));
  }
  for (const key of ["law", "try"]) {
    if (state[key]) address.set(key, JSON.stringify(state[key], (name, value) => (typeof value === "number" ? Number(value.toPrecision(6)) : value)));
  }
  return address.toString();
}

// What an address says, as far as it fits the samples; everything else stays as it starts.
function readState(text, samples, state) {
  const address = new URLSearchParams(text), known = (id) => samples.place(id) !== undefined;
  for (const key of ["x", "y", "colour", "histogram", "px", "py"]) if (known(address.get(key))) state[key] = samples.place(address.get(key));
  if (["log", "linear", ...(samples.set.energy ? ["scale"] : [])].includes(address.get("axis"))) state.axis = address.get("axis");
  if (samples.channels.includes(address.get("channel"))) state.channel = address.get("channel");
  const target = samples.run.targets.find(({ name }) => name === address.get("target"));
  if (target) state.target = target.name;
  if (samples.run.joint.some(({ name }) => name === address.get("joint"))) state.joint = address.get("joint");
  const formula = Number(address.get("formula") ?? NaN);
  if (target?.formulas[formula]) state.formula = formula;
  state.follow = address.get("follow") === "1";
  const z = (address.get("z") ?? "").split(",").map(Number);
  if (z.length === state.z.length && z.every(Number.isFinite) && address.has("z")) state.z = z;
  const names = (address.get("pins") ?? "").split(",").filter(Boolean).map(Number);
  state.pins = names.map((name) => samples.sample.indexOf(name)).filter((i) => i >= 0).slice(0, MAX_PINS);
  state.law = readTried(address.get("law"), samples, triedOfLaw(samples));
  state.try = readTried(address.get("try"), samples, samples.set.parameters);
  try {
    const [x, y, x0, x1, y0, y1] = JSON.parse(address.get("box"));
    if (known(x) && [x0, x1].every(Number.isFinite)) state.box = known(y) ? { x, y, x0, x1, y0, y1 } : { x, x0, x1 };
  } catch { /* no selection in the address */ }
  return state;
}
