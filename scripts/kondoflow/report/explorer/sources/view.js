const PAPER = { width: 470, height: 300, tall: 350, ratio: 3 }; // of a canvas that is printed, in half a page

// A canvas that keeps what seldom changes apart from what follows the pointer, and axes.

class View {
  // dirtyBy: the changes after which everything is drawn anew.
  constructor(app, canvas, dirtyBy) {
    Object.assign(this, { app, canvas, dirtyBy: new Set([...dirtyBy, "theme", "run"]), stale: true });
    this.back = document.createElement("canvas");
    new ResizeObserver(() => this.redraw()).observe(canvas);
    // What is out of sight is drawn when it comes near.
    new IntersectionObserver(([entry]) => {
      this.near = entry.isIntersecting;
      if (this.near && this.pending) app.schedule();
    }, { rootMargin: "200px" }).observe(canvas);
    app.views.push(this);
  }

  get width() { return this.app.onPaper ? PAPER.width : this.canvas.clientWidth; }

  get height() {
    if (!this.app.onPaper) return this.canvas.clientHeight;
    return this.canvas.classList.contains("tall") ? PAPER.tall : PAPER.height;
  }

  changed(kind) {
    if (this.dirtyBy.has(kind)) this.stale = true;
    this.refresh();
  }

  redraw() {
    this.stale = true;
    this.refresh();
  }

  refresh() {
    this.pending = true;
    this.app.schedule();
  }

  paint() {
    this.pending = false;
    const { width, height } = this, ratio = this.app.onPaper ? PAPER.ratio : window.devicePixelRatio || 1;
    if (!width || !height || !this.app.samples) return;
    if (this.stale) {
      this.draw(new CanvasPen(this.back, width, height, ratio));
      this.stale = false;
    }
    const pen = new CanvasPen(this.canvas, width, height, ratio);
    pen.clear();
    pen.image(this.back);
    this.overlay(pen);
  }

  // Everything through another pen, for a file.
  print(pen) {
    this.draw(pen);
    this.overlay(pen);
  }

  point(event) {
    const box = this.canvas.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  overlay() {}
}

// Very large or small heights count in a power of ten, which stands in the label; gives its pieces.
function drawAxes(pen, frame, xs, ys, xLabel, yLabel, theme) {
  const { x, y, w, h } = frame, size = 12.5, upward = ys.ticks(Math.max(2, h / 55)), power = ys.transform === LINEAR ? powerOf(upward) : 0;
  const unit = power ? [[" (10", ""], [String(power).replace("-", MINUS), "^"], [")", ""]] : [];
  for (const { value, text } of xs.ticks(w / 80)) {
    const at = xs.map(value);
    pen.line([at, at], [y, y + h], { stroke: theme.grid });
    pen.text(at, y + h + 14, text, { fill: theme.faint, size, align: "center" });
  }
  for (const { value, text } of upward) {
    const at = ys.map(value);
    pen.line([x, x + w], [at, at], { stroke: theme.grid });
    pen.text(x - 8, at, power ? shortNumber(value / 10 ** power) : text, { fill: theme.faint, size, align: "right" });
  }
  pen.line([x, x + w], [y + h, y + h], { stroke: theme.axis });
  pen.line([x, x], [y, y + h], { stroke: theme.axis });
  if (xLabel) pen.text(x + w / 2, y + h + 35, xLabel, { fill: theme.ink, size: 15, align: "center" });
  if (yLabel) pen.text(11, y + h / 2, [...asPieces(yLabel), ...unit], { fill: theme.ink, size: 15, align: "center", turn: -Math.PI / 2 });
  return unit;
}

// The power of ten of ticks whose numbers would be written with one; 0 for those of ordinary size.
function powerOf(ticks) {
  const largest = Math.max(0, ...ticks.map(({ value }) => Math.abs(value)));
  return largest >= LARGE || (largest > 0 && largest < SMALL) ? Math.floor(Math.log10(largest) + 1e-9) : 0;
}

// The key to the colours, above a frame.
function drawColours(pen, frame, colours, label, theme) {
  const top = 14;
  if (colours.names) {
    let x = frame.x;
    pen.text(x, top, label, { fill: theme.ink, size: 12.5 });
    colours.names.forEach((name, k) => {
      pen.ring(x + 5, top + 20, 4.5, { fill: colours.colours[k] });
      pen.text(x + 14, top + 20, name, { fill: theme.ink, size: 12 });
      x += 30 + pen.measure(name, 12);
    });
    return;
  }
  const width = clamp(frame.w - pen.measure(label, 14) - 16, 60, 180), left = frame.x + frame.w - width;
  pen.text(frame.x, top, label, { fill: theme.ink, size: 14 });
  colours.colours.forEach((fill, k) => {
    pen.rect(left + (k * width) / PALETTE_SIZE, top - 5, width / PALETTE_SIZE + 0.6, 10, { fill });
  });
  const scale = colours.scale.range(left, left + width);
  const few = scale.ticks(width / 45);
  for (const { value, text } of few.length > 1 ? few : scale.ticks(width / 30)) {
    pen.text(scale.map(value), top + 16, text, { fill: theme.faint, size: 11, align: "center" });
  }
}
