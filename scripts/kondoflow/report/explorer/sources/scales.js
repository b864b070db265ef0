// Scales: a transform (linear, logarithmic, signed logarithmic), its window, and its ticks.

const SMALL = 1e-3, LARGE = 1e5; // beyond these a tick is written with a power of ten
const LINEAR = { kind: "linear", to: (x) => x, from: (t) => t };
const LOG = { kind: "log", to: (x) => Math.log10(x), from: (t) => 10 ** t };

// Linear between -width and width, logarithmic beyond; a decade has the length 1.
function signedLog(width) {
  return {
    kind: "signed log",
    width,
    to: (x) => {
      const size = Math.abs(x) / width;
      return Math.sign(x) * (size <= 1 ? 0.4 * size : 0.4 + Math.log10(size));
    },
    from: (t) => {
      const size = Math.abs(t);
      return Math.sign(t) * width * (size <= 0.4 ? size / 0.4 : 10 ** (size - 0.4));
    },
  };
}

class Scale {
  // `low` and `high` bound the window in transformed values.
  constructor(transform, low, high) {
    this.transform = transform;
    this.low = low;
    this.high = high > low ? high : low + 1;
    this.range(0, 1);
  }

  static around(transform, values, margin = 0.05) {
    let low = Infinity, high = -Infinity;
    for (const value of values) {
      const t = transform.to(value);
      if (Number.isFinite(t)) { low = Math.min(low, t); high = Math.max(high, t); }
    }
    if (!Number.isFinite(low)) [low, high] = [0, 1];
    const room = margin * (high - low || Math.abs(high) || 1);
    return new Scale(transform, low - room, high + room);
  }

  range(start, end) {
    this.start = start;
    this.factor = (end - start) / (this.high - this.low);
    return this;
  }

  map(value) { return this.start + (this.transform.to(value) - this.low) * this.factor; }

  invert(pixel) { return this.transform.from(this.low + (pixel - this.start) / this.factor); }

  zoomed(pixel, factor) {
    const fixed = this.low + (pixel - this.start) / this.factor;
    const low = fixed + (this.low - fixed) * factor, high = fixed + (this.high - fixed) * factor;
    return new Scale(this.transform, low, high);
  }

  moved(pixels) {
    const shift = pixels / this.factor;
    return new Scale(this.transform, this.low - shift, this.high - shift);
  }

  // Ticks as { value, text }, at most about `count`.
  ticks(count) {
    const { kind } = this.transform;
    if (kind === "signed log") return this.signedTicks(count);
    if (kind === "log" && this.high - this.low > 1.3) return this.powerTicks(count);
    const low = this.transform.from(this.low), high = this.transform.from(this.high);
    return niceSteps(low, high, count).map((value) => ({ value, text: shortNumber(value) }));
  }

  powerTicks(count) {
    const low = Math.ceil(this.low - 1e-9), high = Math.floor(this.high + 1e-9);
    const step = Math.max(1, Math.ceil((high - low + 1) / count));
    const ticks = [];
    for (let power = high; power >= low; power -= step) ticks.push(powerTick(1, power));
    return ticks.reverse();
  }

  signedTicks(count) {
    const { transform } = this, ticks = [];
    const inside = (value) => {
      const t = transform.to(value);
      return t >= this.low - 1e-9 && t <= this.high + 1e-9;
    };
    const largest = Math.max(Math.abs(this.low), Math.abs(this.high)) - 0.4;
    const top = Math.floor(Math.log10(transform.width) + largest + 1e-9);
    const least = Math.ceil(Math.log10(transform.width) + 0.5 * (this.high - this.low) / count);
    const step = Math.max(1, Math.ceil((this.high - this.low) / count));
    for (let power = top; power >= least; power -= step) {
      for (const sign of [-1, 1]) if (inside(sign * 10 ** power)) ticks.push(powerTick(sign, power));
    }
    if (inside(0)) ticks.push({ value: 0, text: "0" });
    return ticks.sort((a, b) => a.value - b.value);
  }
}

function powerTick(sign, power) {
  const head = sign < 0 ? MINUS : "";
  const text = power === 0 ? `${head}1` : [[`${head}10`, ""], [String(power).replace("-", MINUS), "^"]];
  return { value: sign * 10 ** power, text };
}

function niceSteps(low, high, count) {
  const raw = (high - low) / Math.max(count, 1);
  if (!(raw > 0)) return [];
  const unit = 10 ** Math.floor(Math.log10(raw));
  const step = unit * [1, 2, 5, 10].find((factor) => factor * unit >= raw * 0.999);
  const values = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k++) {
    values.push(Number((k * step).toPrecision(12)));
  }
  return values;
}

function shortNumber(value) {
  const size = Math.abs(value);
  if (size !== 0 && (size < SMALL || size >= LARGE)) {
    const [head, power] = value.toExponential().split("e");
    const digits = Number(Number(head).toPrecision(3)).toString().replace("-", MINUS);
    return [[`${digits}\u00d710`, ""], [String(Number(power)).replace("-", MINUS), "^"]];
  }
  return Number(value.toPrecision(6)).toString().replace("-", MINUS);
}

// A logarithmic axis for what is positive and spans more than a decade and a half, its middle half
// more than a factor of four, but not for what is a logarithm itself.
function transformOf({ values, tree, label }) {
  const isLog = Array.isArray(tree) ? ["log", "log10"].includes(tree[0]) : /^log/.test(label?.text ?? "");
  return isLog ? LINEAR : transformFor(values);
}

function transformFor(values) {
  const [low, first, third, high] = quantiles(values, [0, 0.25, 0.75, 1]);
  return low > 0 && high / low > 30 && third / first > 4 ? LOG : LINEAR;
}
