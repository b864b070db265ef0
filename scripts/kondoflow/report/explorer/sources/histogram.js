// How often the values of a quantity occur, all samples and the selected ones.

const LEAST_BINS = 5, MOST_BINS = 40;

// Bars of a histogram of some samples, as many as in the report.
function binsOf(n) { return clamp(Math.ceil(Math.sqrt(n)), LEAST_BINS, MOST_BINS); }

class Histogram extends View {
  constructor(app, canvas) {
    super(app, canvas, ["box", "histogram", "formula"]);
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      this.from = this.point(event).x;
    });
    canvas.addEventListener("pointermove", (event) => {
      if (this.from === undefined) return;
      this.to = this.point(event).x;
      this.refresh();
    });
    canvas.addEventListener("pointerup", () => this.finish());
    canvas.addEventListener("dblclick", () => app.select(null));
    canvas.addEventListener("keydown", (event) => { if (this.key(event)) event.preventDefault(); });
  }

  get quantity() { return this.app.samples.quantity(this.app.state.histogram); }

  get frame() {
    const left = this.width < 480 ? 56 : 66;
    return { x: left, y: 14, w: this.width - left - 16, h: this.height - 62 };
  }

  draw(pen) {
    const { app, frame, quantity } = this, { theme, selected } = app, { values } = quantity;
    const transform = quantity.names ? LINEAR : transformOf(quantity);
    const n = quantity.names ? quantity.names.length : binsOf(values.length);
    this.xs = (quantity.names ? new Scale(LINEAR, -0.5, n - 0.5) : Scale.around(transform, values, 0.01)).range(frame.x, frame.x + frame.w);
    const all = new Float64Array(n), chosen = new Float64Array(n);
    this.binOf = (value) => Math.floor(((transform.to(value) - this.xs.low) / (this.xs.high - this.xs.low)) * n);
    for (let i = 0; i < values.length; i++) {
      const bin = this.binOf(values[i]);
      if (!(bin >= 0 && bin < n)) continue;
      all[bin] += 1;
      if (!selected || selected[i]) chosen[bin] += 1;
    }
    this.counts = all;
    const ys = new Scale(LINEAR, 0, Math.max(1, ...all) * 1.05).range(frame.y + frame.h, frame.y);
    pen.clear(theme.paper);
    const xAxis = quantity.names ? { map: (value) => this.xs.map(value), ticks: () => quantity.names.map((text, value) => ({ value, text })) } : this.xs;
    drawAxes(pen, frame, xAxis, ys, quantity.label.axis, "samples", theme);
    const width = frame.w / n;
    for (let k = 0; k < n; k++) {
      const x = frame.x + k * width + 0.5, base = frame.y + frame.h;
      pen.rect(x, ys.map(all[k]), width - 1, base - ys.map(all[k]), { fill: theme.context });
      pen.rect(x, ys.map(chosen[k]), width - 1, base - ys.map(chosen[k]), { fill: theme.bars });
    }
  }

  overlay(pen) {
    const { app, frame, quantity } = this, { theme, state } = app;
    const mark = (value, stroke, width) => {
      const x = this.xs.map(value);
      if (x >= frame.x && x <= frame.x + frame.w) pen.line([x, x], [frame.y, frame.y + frame.h], { stroke, width });
    };
    const range = this.range();
    if (range) {
      pen.rect(range[0], frame.y, range[1] - range[0], frame.h, { fill: theme.accent, alpha: 0.12 });
      pen.rect(range[0], frame.y, range[1] - range[0], frame.h, { stroke: theme.accent, dash: [5, 4], width: 1.5 });
    }
    if (app.near.sample >= 0) mark(quantity.values[app.near.sample], theme.ink, 1.5);
    state.pins.forEach((sample, k) => mark(quantity.values[sample], theme.pins[k], 2));
    if (app.hover >= 0) mark(quantity.values[app.hover], theme.accent, 2);
  }

  // The selected range in pixels: as it is dragged, or of the state.
  range() {
    if (this.from !== undefined && this.to !== undefined) return [this.from, this.to].sort((a, b) => a - b);
    const { box } = this.app.state;
    return box && box.x === this.quantity.id && !box.y ? [this.xs.map(box.x0), this.xs.map(box.x1)] : null;
  }

  finish() {
    const range = this.to === undefined ? null : this.range();
    this.from = this.to = undefined;
    if (range && range[1] - range[0] > 3) this.selectPixels(...range);
    else this.refresh();
  }

  selectPixels(left, right) {
    this.app.select({ x: this.quantity.id, x0: this.xs.invert(left), x1: this.xs.invert(right) });
  }

  // Arrows move a bin; with Shift the selection grows to it.
  key(event) {
    if (event.key === "Escape") { this.app.select(null); return true; }
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step || event.ctrlKey || event.metaKey || event.altKey) return false;
    const n = this.counts.length, { frame } = this, width = frame.w / n;
    this.bin = clamp((this.bin ?? (step > 0 ? -1 : n)) + step, 0, n - 1);
    this.start = event.shiftKey ? this.start ?? this.bin : this.bin;
    const [low, high] = [this.start, this.bin].sort((a, b) => a - b);
    this.selectPixels(frame.x + low * width, frame.x + (high + 1) * width);
    return true;
  }
}
