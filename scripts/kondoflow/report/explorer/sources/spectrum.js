// The spectrum at the probe beside the nearest real spectrum, its reconstruction, and pins.

const PIN_NAMES = ["A", "B", "C", "D", "E"];
const RESIDUAL_TICKS = 5;
const LEAST_RESIDUAL = 1e-3; // half-height of its panel, in units of the largest value, or in decades
const TOLERANCE = 2e-3; // of a bound, in units of the larger of 1 and the bound
const WINDOW_OF_SCALE = { inner: 1e-2, outer: 300 }; // frequencies shown in units of the scale

class Spectrum extends View {
  constructor(app, canvas) {
    super(app, canvas, []);
    this.cursor = null;
    canvas.addEventListener("pointermove", (event) => this.aim(this.point(event).x));
    canvas.addEventListener("pointerleave", () => this.aim(null));
    canvas.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!step) return;
      event.preventDefault();
      const { omega } = this.app.samples;
      this.aimAt(clamp((this.cursor ?? omega.length >> 1) + step * (event.shiftKey ? 10 : 1), 0, omega.length - 1));
    });
  }

  get frames() {
    const left = this.width < 480 ? 56 : 66, w = this.width - left - 16, bottom = 48, top = 14;
    const residual = clamp(this.height * 0.2, 60, 110), gap = 20;
    const h = this.height - top - bottom - residual - gap;
    return { main: { x: left, y: top, w, h }, below: { x: left, y: top + h + gap, w, h: residual } };
  }

  // Every curve: values over omega, unit of frequency, style.
  curves() {
    const { app } = this, { samples, state, near, theme } = app, found = [];
    const energy = (sample) => (state.axis === "scale" ? samples.columns[samples.set.energy][sample] : 1);
    const real = (sample, style) => {
      const values = app.ofChannel(samples.spectrum(sample));
      if (values) found.push({ values, unit: energy(sample), sample, ...style });
    };
    app.fan.forEach(({ values, colour, z }) => {
      found.push({ values: app.ofChannel(values), unit: state.axis === "scale" ? samples.energyAt(z) : 1, stroke: colour, width: 1.6, key: "fan" });
    });
    if (near.sample >= 0) {
      real(near.sample, { stroke: theme.real, width: 2, key: "real" });
      found.push({ values: app.ofChannel(app.reconstruction), unit: energy(near.sample), stroke: theme.reconstruction, width: 1.8, dash: [6, 4], key: "reconstruction" });
    }
    if (app.hover >= 0 && app.hover !== near.sample) real(app.hover, { stroke: theme.accent, width: 1.5, key: "hover" });
    state.pins.forEach((sample, k) => real(sample, { stroke: theme.pins[k], width: 2, key: "pin", name: PIN_NAMES[k] }));
    const unit = state.axis === "scale" ? samples.energyAt(state.z) : 1;
    const stroke = near.far ? theme.faint : theme.probe;
    found.push({ values: app.ofChannel(app.decoded), unit, stroke, width: 3, dash: near.far ? [2, 4] : [], key: "probe" });
    return found;
  }

  xScale() {
    const { samples, state } = this.app, { omega } = samples;
    if (state.axis === "linear") return new Scale(LINEAR, omega[0], omega[omega.length - 1]);
    if (state.axis === "scale") {
      const { inner, outer } = WINDOW_OF_SCALE;
      const transform = omega[0] < 0 ? signedLog(inner) : LOG;
      return new Scale(transform, transform.to(omega[0] < 0 ? -outer : inner), transform.to(outer));
    }
    const sizes = omega.filter((value) => value !== 0).map(Math.abs), least = Math.min(...sizes);
    const transform = omega[0] > 0 ? LOG : signedLog(least);
    return new Scale(transform, transform.to(omega[0]), transform.to(omega[omega.length - 1]));
  }

  yScale(curves, low, high) {
    const values = curves.flatMap((curve) => Array.from(curve.values));
    if (this.app.samples.inDecades(values)) return Scale.around(LOG, values);
    const top = values.reduce((a, b) => Math.max(a, b), Math.max(high ?? 0, 0)), least = values.reduce((a, b) => Math.min(a, b), Math.min(low ?? 0, 0));
    return new Scale(LINEAR, least < 0 ? least * 1.06 : least, top * 1.06);
  }

  yLabel() {
    const { pieces } = this.app.samples.label("spectral_function");
    return this.app.samples.channels.length ? [...pieces, [`, ${this.app.state.channel}`, ""]] : pieces;
  }

  xLabel() {
    const { samples, state } = this.app;
    if (state.axis !== "scale") return samples.label("omega").axis;
    return [...samples.label("omega").pieces, [" / ", ""], ...samples.label(samples.set.energy).pieces];
  }

  draw(pen) { pen.clear(this.app.theme.paper); }

  overlay(pen) {
    const { app } = this, { samples, theme } = app, { main, below } = this.frames;
    const curves = this.curves(), xs = this.xScale().range(main.x, main.x + main.w);
    const [low, high] = samples.set.bounds;
    const ys = this.yScale(curves, low, high).range(main.y + main.h, main.y);
    this.xs = xs;
    drawAxes(pen, main, withoutText(xs), ys, null, this.yLabel(), theme);
    const path = ({ values, unit }, scale, { x, y, w, h }, width) => {
      const px = Array.from(samples.omega, (value) => xs.map(value / unit));
      return [px, Array.from(values, (value) => scale.map(value))];
    };
    pen.clip(main.x, main.y - 2, main.w, main.h + 3, () => {
      for (const bound of [low, high]) {
        if (bound === null || bound === undefined || bound === 0) continue;
        pen.line([main.x, main.x + main.w], [ys.map(bound), ys.map(bound)], { stroke: theme.warn, width: 1.3, dash: [8, 4] });
        pen.text(main.x + main.w - 6, ys.map(bound) + 11, `physical bound ${significant(bound)}`, { fill: theme.warn, size: 11.5, align: "right", halo: theme.paper });
      }
      for (const curve of curves) {
        pen.line(...path(curve, ys, main), curve);
        if (curve.key === "probe") this.drawViolations(pen, curve, path(curve, ys, main), [low, high]);
      }
      this.drawNames(pen, curves, xs, ys);
    });
    this.drawResidual(pen, below, xs, ys.transform === LOG);
    this.drawCursor(pen, main, below);
  }

  drawViolations(pen, { values }, [px, py], [low, high]) {
    const { theme } = this.app;
    const outside = Array.from(values, (value) => breaks(value, low, high));
    pen.line(px, py.map((y, i) => (outside[i] || outside[i - 1] || outside[i + 1] ? y : NaN)), { stroke: theme.warn, width: 3 });
  }

  // The letter of each pin where its curve is most unlike the others.
  drawNames(pen, curves, xs, ys) {
    const pins = curves.filter(({ key }) => key === "pin"), { omega } = this.app.samples, { main } = this.frames;
    pins.forEach(({ values, unit, stroke, name }, k) => {
      let best = 0, most = -1;
      for (let i = 0; i < omega.length; i++) {
        const x = xs.map(omega[i] / unit);
        if (x < main.x + 14 || x > main.x + main.w - 14) continue;
        const others = pins.length > 1 ? pins.reduce((sum, pin, j) => sum + (j === k ? 0 : pin.values[i]), 0) / (pins.length - 1) : 0;
        const apart = Math.abs(values[i] - others);
        if (apart > most) { most = apart; best = i; }
      }
      pen.text(xs.map(omega[best] / unit), clamp(ys.map(values[best]) - 11, main.y + 8, main.y + main.h), name, { fill: stroke, size: 14, weight: "700", align: "center", halo: this.app.theme.paper });
    });
  }

  drawResidual(pen, frame, xs, inDecades) {
    const { app } = this, { samples, near, theme, state } = app, reconstruction = app.ofChannel(app.reconstruction);
    const values = near.sample >= 0 ? app.ofChannel(samples.spectrum(near.sample)) : null;
    const left = values ? Array.from(values, (value, i) => (inDecades ? Math.log10(value / reconstruction[i]) : value - reconstruction[i])) : [];
    const largest = (curve) => curve.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const size = Math.max(LEAST_RESIDUAL * (inDecades ? 1 : largest(values ?? []) || 1), largest(left)) * 1.1;
    const ys = new Scale(LINEAR, -size, size).range(frame.y + frame.h, frame.y);
    const heights = { map: (value) => ys.map(value), ticks: () => ys.ticks(RESIDUAL_TICKS), transform: LINEAR };
    const power = drawAxes(pen, frame, xs, heights, this.xLabel(), null, theme);
    const what = inDecades ? "log\u2081\u2080(nearest spectrum / its reconstruction)" : "nearest spectrum minus its reconstruction";
    pen.text(frame.x, frame.y - 9, [[what, ""], ...power], { fill: theme.faint, size: 11.5, halo: theme.paper });
    if (!values) return;
    const unit = state.axis === "scale" ? samples.columns[samples.set.energy][near.sample] : 1;
    pen.clip(frame.x, frame.y, frame.w, frame.h, () => {
      pen.line([frame.x, frame.x + frame.w], [ys.map(0), ys.map(0)], { stroke: theme.axis });
      pen.line(Array.from(samples.omega, (value) => xs.map(value / unit)), left.map((value) => ys.map(value)), { stroke: theme.real, width: 1.6 });
    });
  }

  drawCursor(pen, main, below) {
    if (this.cursor === null) return;
    const { samples, state, theme } = this.app;
    const unit = state.axis === "scale" ? samples.energyAt(state.z) : 1;
    const x = this.xs.map(samples.omega[this.cursor] / unit);
    pen.line([x, x], [main.y, below.y + below.h], { stroke: theme.ink, alpha: 0.6, dash: [2, 3] });
  }

  aim(px) {
    if (px === null) return this.aimAt(null);
    const { samples, state } = this.app;
    if (!this.xs) return undefined;
    const unit = state.axis === "scale" ? samples.energyAt(state.z) : 1, target = this.xs.transform.to(this.xs.invert(px));
    let best = 0, least = Infinity;
    samples.omega.forEach((value, i) => {
      const apart = Math.abs(this.xs.transform.to(value / unit) - target);
      if (apart < least) { least = apart; best = i; }
    });
    return this.aimAt(best);
  }

  aimAt(index) {
    this.cursor = index;
    this.refresh();
  }
}

// The same ticks, without their numbers.
function withoutText(scale) {
  return { map: (value) => scale.map(value), ticks: (count) => scale.ticks(count).map(({ value }) => ({ value, text: "" })) };
}

// Whether a value is outside of the physical bounds by more than rounding.
function breaks(value, low, high) {
  const outside = (bound, sign) => bound !== null && bound !== undefined
    && sign * (value - bound) > TOLERANCE * Math.max(1, Math.abs(bound));
  return outside(high, 1) || outside(low, -1);
}
