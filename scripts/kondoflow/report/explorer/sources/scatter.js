// A plane of samples: zoom, pan, brush, hover, click, and the same by keyboard.

const MARGINS = { left: 66, right: 16, top: 50, bottom: 48 };
const REACH = 14; // pixels within which a sample is meant
const STEP = 1 / 60; // of the plane, for an arrow key

class Scatter extends View {
  // options: x, y (functions to quantities), colouring, colourLabel, dirtyBy; probe: whether the
  // ring stands here; telling, minor: masks of the samples that set the window, that are drawn small.
  constructor(app, canvas, options) {
    super(app, canvas, options.dirtyBy);
    Object.assign(this, { options, tool: options.probe ? "probe" : "select", pointers: new Map() });
    this.listen();
  }

  get margins() { return this.width < 480 ? { ...MARGINS, left: 52, right: 10 } : MARGINS; }

  get frame() {
    const { left, right, top, bottom } = this.margins;
    return { x: left, y: top, w: this.width - left - right, h: this.height - top - bottom };
  }

  // Scales of both axes; a window is kept until other quantities are shown.
  prepare() {
    const x = this.options.x(), y = this.options.y(), ids = `${x.id} ${y.id} ${x.version ?? 0}`;
    if (this.ids !== ids) {
      this.ids = ids;
      this.home();
    }
    const { x: left, y: top, w, h } = this.frame;
    this.xs.range(left, left + w);
    this.ys.range(top + h, top);
    const n = x.values.length;
    if (this.px?.length !== n) { this.px = new Float32Array(n); this.py = new Float32Array(n); }
    for (let i = 0; i < n; i++) { this.px[i] = this.xs.map(x.values[i]); this.py[i] = this.ys.map(y.values[i]); }
  }

  home() {
    const x = this.options.x(), y = this.options.y();
    const telling = this.options.telling?.(), chosen = (values) => (telling ? values.filter((_, i) => telling[i]) : values);
    this.xs = Scale.around(transformOf(x), chosen(x.values));
    this.ys = Scale.around(transformOf(y), chosen(y.values));
  }

  draw(pen) {
    this.prepare();
    const { theme, selected } = this.app, { frame } = this;
    const colours = this.options.colouring();
    pen.clear(theme.paper);
    drawAxes(pen, frame, this.xs, this.ys, this.options.x().label.axis, this.options.y().label.axis, theme);
    pen.clip(frame.x, frame.y, frame.w, frame.h, () => {
      this.options.before?.(pen, this);
      const back = [], minor = [], front = [], { index } = colours, small = this.options.minor?.();
      for (let i = 0; i < index.length; i++) {
        if (!Number.isFinite(this.px[i]) || !Number.isFinite(this.py[i])) continue;
        ((selected && !selected[i]) || index[i] === 255 ? back : small?.[i] ? minor : front).push(i);
      }
      const radius = clamp(70 / Math.sqrt(index.length), 1, 3.4) * (this.options.size ?? 1);
      const grey = colours.colours.length, groups = [
        { chosen: back, radius: Math.max(0.8, radius * 0.7), colour: grey },
        { chosen: minor, radius: radius * 0.6 },
        { chosen: front, radius },
      ];
      pen.marks(groups, this.px, this.py, index, [...colours.colours, theme.context]);
      this.options.after?.(pen, this);
    });
    drawColours(pen, frame, colours, this.options.colourLabel(), theme);
    this.options.key?.(pen, this);
  }

  overlay(pen) {
    const { app, frame } = this, { theme, state } = app;
    pen.clip(frame.x, frame.y, frame.w, frame.h, () => {
      const box = this.dragged ?? this.boxOfState();
      if (box) {
        pen.rect(box.x, box.y, box.w, box.h, { fill: theme.accent, alpha: 0.1 });
        pen.rect(box.x, box.y, box.w, box.h, { stroke: theme.accent, dash: [5, 4], width: 1.5 });
      }
      const at = (sample, style, radius = 6) => pen.ring(this.px[sample], this.py[sample], radius, style);
      if (this.options.probe) this.drawProbe(pen);
      else if (app.near.sample >= 0) at(app.near.sample, { stroke: theme.ink, width: 2 }, 6);
      state.pins.forEach((sample, k) => {
        at(sample, { stroke: theme.paper, width: 4 }, 7);
        at(sample, { stroke: theme.pins[k], width: 2.5 }, 7);
        pen.text(this.px[sample] + 10, this.py[sample] - 10, PIN_NAMES[k], { fill: theme.pins[k], size: 13, weight: "700", halo: theme.paper });
      });
      if (app.hover >= 0) {
        at(app.hover, { stroke: theme.paper, width: 5 }, 8);
        at(app.hover, { stroke: theme.accent, width: 2 }, 8);
      }
    });
  }

  drawProbe(pen) {
    const { theme, near } = this.app, { x, y } = this.probeAt(), { frame } = this;
    const colour = near.far ? theme.faint : theme.probe;
    pen.line([x, x], [frame.y, frame.y + frame.h], { stroke: colour, alpha: 0.45 });
    pen.line([frame.x, frame.x + frame.w], [y, y], { stroke: colour, alpha: 0.45 });
    if (near.sample >= 0) {
      pen.line([x, this.px[near.sample]], [y, this.py[near.sample]], { stroke: theme.ink, width: 1.2, dash: [3, 3] });
      pen.ring(this.px[near.sample], this.py[near.sample], 5.5, { stroke: theme.ink, width: 2 });
    }
    pen.ring(x, y, 11, { stroke: theme.paper, width: 6 });
    pen.ring(x, y, 11, { stroke: colour, width: 3 });
    pen.ring(x, y, 2.2, { fill: colour });
  }

  probeAt() {
    const { state } = this.app, x = this.options.x(), y = this.options.y();
    const place = (quantity, scale) => (quantity.latent === undefined
      ? scale.map(quantity.values[Math.max(this.app.near.sample, 0)]) : scale.map(state.z[quantity.latent]));
    return { x: place(x, this.xs), y: place(y, this.ys) };
  }

  moveProbe(px, py) {
    const z = [...this.app.state.z], x = this.options.x(), y = this.options.y();
    if (x.latent !== undefined) z[x.latent] = this.xs.invert(px);
    if (y.latent !== undefined) z[y.latent] = this.ys.invert(py);
    this.app.moveTo(z, [x.latent, y.latent]);
  }

  boxOfState() {
    const { box } = this.app.state;
    if (!box || box.x !== this.options.x().id || box.y !== this.options.y().id) return null;
    const x = this.xs.map(box.x0), y = this.ys.map(box.y1);
    return { x, y, w: this.xs.map(box.x1) - x, h: this.ys.map(box.y0) - y };
  }

  selectBox({ x, y, w, h }) {
    this.app.select({
      x: this.options.x().id, y: this.options.y().id,
      x0: this.xs.invert(x), x1: this.xs.invert(x + w), y0: this.ys.invert(y + h), y1: this.ys.invert(y),
    });
  }

  sampleAt(px, py, reach = REACH) {
    let best = -1, least = reach * reach;
    for (let i = 0; i < this.px.length; i++) {
      const sum = (this.px[i] - px) ** 2 + (this.py[i] - py) ** 2;
      if (sum < least) { least = sum; best = i; }
    }
    return best;
  }

  zoom(factor, px = this.frame.x + this.frame.w / 2, py = this.frame.y + this.frame.h / 2) {
    this.xs = this.xs.zoomed(px, factor);
    this.ys = this.ys.zoomed(py, factor);
    this.redraw();
  }

  pan(dx, dy) {
    this.xs = this.xs.moved(dx);
    this.ys = this.ys.moved(dy);
    this.redraw();
  }

  reset() {
    this.home();
    this.redraw();
  }

  listen() {
    const { canvas } = this;
    canvas.addEventListener("pointerdown", (event) => this.press(event));
    canvas.addEventListener("pointermove", (event) => this.move(event));
    canvas.addEventListener("pointerup", (event) => this.release(event));
    canvas.addEventListener("pointercancel", (event) => { this.pointers.delete(event.pointerId); this.drag = null; this.dragged = null; });
    canvas.addEventListener("pointerleave", () => { if (!this.drag) this.app.setHover(-1); });
    canvas.addEventListener("dblclick", () => this.reset());
    canvas.addEventListener("keydown", (event) => { if (this.key(event)) event.preventDefault(); });
    canvas.addEventListener("wheel", (event) => {
      if (document.activeElement !== canvas && !event.ctrlKey) return;
      event.preventDefault();
      const { x, y } = this.point(event);
      this.zoom(Math.exp(clamp(event.deltaY, -200, 200) * 0.002), x, y);
    }, { passive: false });
  }

  press(event) {
    const at = this.point(event);
    this.canvas.setPointerCapture(event.pointerId);
    this.pointers.set(event.pointerId, at);
    if (this.pointers.size === 2) { this.drag = { kind: "pinch" }; this.dragged = null; return; }
    const kind = event.shiftKey ? "select" : event.button === 1 ? "pan" : this.tool;
    this.drag = { kind, start: at, last: at, moved: false };
  }

  move(event) {
    const at = this.point(event), { drag } = this;
    if (!drag) return this.app.setHover(this.sampleAt(at.x, at.y));
    if (drag.kind === "pinch") return this.pinch(event.pointerId, at);
    drag.moved ||= Math.hypot(at.x - drag.start.x, at.y - drag.start.y) > 4;
    if (!drag.moved) return undefined;
    if (drag.kind === "probe") this.moveProbe(at.x, at.y);
    if (drag.kind === "pan") this.pan(at.x - drag.last.x, at.y - drag.last.y);
    if (drag.kind === "select") {
      this.dragged = {
        x: Math.min(at.x, drag.start.x), y: Math.min(at.y, drag.start.y),
        w: Math.abs(at.x - drag.start.x), h: Math.abs(at.y - drag.start.y),
      };
      this.refresh();
    }
    drag.last = at;
    return undefined;
  }

  pinch(id, at) {
    const before = [...this.pointers.values()];
    this.pointers.set(id, at);
    const after = [...this.pointers.values()];
    if (after.length < 2) return;
    const spread = (pair) => Math.hypot(pair[0].x - pair[1].x, pair[0].y - pair[1].y) || 1;
    const middle = (pair) => ({ x: (pair[0].x + pair[1].x) / 2, y: (pair[0].y + pair[1].y) / 2 });
    const [from, to] = [middle(before), middle(after)];
    this.pan(to.x - from.x, to.y - from.y);
    this.zoom(spread(before) / spread(after), to.x, to.y);
  }

  release(event) {
    const { drag, dragged } = this;
    this.pointers.delete(event.pointerId);
    if (!drag || (drag.kind === "pinch" && this.pointers.size)) return;
    this.drag = null;
    this.dragged = null;
    if (drag.kind === "pinch") return;
    if (!drag.moved) return this.click(drag.start);
    if (drag.kind === "select" && dragged?.w > 3 && dragged?.h > 3) this.selectBox(dragged);
    this.refresh();
  }

  click({ x, y }) {
    const sample = this.sampleAt(x, y);
    if (sample >= 0) this.app.goTo(sample);
    else if (this.options.probe) this.moveProbe(x, y);
  }

  // Returns whether the key means something here.
  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return false;
    if (this.stale) this.paint(); // a key may come before the frame that places the samples
    const arrow = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (arrow) {
      if (this.options.probe) this.nudge(arrow, event.shiftKey ? 0.2 : 1); else this.jump(arrow);
      return true;
    }
    const actions = {
      "+": () => this.zoom(0.8), "=": () => this.zoom(0.8), "-": () => this.zoom(1.25), 0: () => this.reset(),
      Escape: () => this.escape(), b: () => this.corner(), p: () => this.app.togglePin(this.meant()),
      n: () => this.app.goTo(this.app.near.sample),
      Enter: () => { if (this.app.hover >= 0) this.app.goTo(this.app.hover); },
    };
    actions[event.key]?.();
    return event.key in actions;
  }

  meant() { return this.app.hover >= 0 ? this.app.hover : this.app.near.sample; }

  nudge([dx, dy], factor) {
    const { x, y } = this.probeAt(), { frame } = this, length = STEP * factor;
    const to = { x: clamp(x + dx * length * frame.w, frame.x, frame.x + frame.w), y: clamp(y + dy * length * frame.h, frame.y, frame.y + frame.h) };
    this.moveProbe(to.x, to.y);
    if (this.anchor) this.boxTo(to);
  }

  // The next sample in a direction; the same sample at the edge, where no other lies that way.
  jump([dx, dy]) {
    const from = Math.max(this.meant(), 0), [x, y] = [this.px[from], this.py[from]];
    let best = from, least = Infinity;
    for (let i = 0; i < this.px.length; i++) {
      const along = (this.px[i] - x) * dx + (this.py[i] - y) * dy;
      const aside = Math.abs((this.px[i] - x) * dy) + Math.abs((this.py[i] - y) * dx);
      const cost = along + 3 * aside;
      if (along > 1 && cost < least) { least = cost; best = i; }
    }
    this.app.setHover(best);
    if (this.anchor) this.boxTo({ x: this.px[best], y: this.py[best] });
  }

  // First call: where a selection begins; second: where it ends.
  corner() {
    if (this.anchor) {
      if (this.dragged) this.selectBox(this.dragged);
      this.anchor = this.dragged = null;
    } else {
      const sample = Math.max(this.meant(), 0);
      this.anchor = this.options.probe ? this.probeAt() : { x: this.px[sample], y: this.py[sample] };
      this.app.say("Selection begun: move with the arrow keys, press B again to end it.");
    }
    this.refresh();
  }

  boxTo({ x, y }) {
    const { anchor } = this;
    this.dragged = { x: Math.min(x, anchor.x), y: Math.min(y, anchor.y), w: Math.abs(x - anchor.x), h: Math.abs(y - anchor.y) };
    this.refresh();
  }

  escape() {
    this.anchor = this.dragged = null;
    this.app.select(null);
  }
}
