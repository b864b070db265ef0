// Pens: the same drawing calls onto a canvas and into an SVG file.

const SANS = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';
const SERIF = '"STIX Two Text", "Cambria Math", Cambria, "Times New Roman", Times, serif';
const PHASES = 4; // places of a mark within a pixel, each way
const DISCS = new Map();

function asPieces(text) {
  return typeof text === "string" ? [[text, ""]] : text;
}

function pieceFont(style, size, weight = "400") {
  const small = style === "_" || style === "^";
  const slanted = style === "i";
  return {
    css: `${slanted ? "italic " : ""}${weight} ${small ? size * 0.8 : size * (slanted ? 1.1 : 1)}px ${slanted || small ? SERIF : SANS}`,
    size: small ? size * 0.8 : size * (slanted ? 1.1 : 1),
    family: slanted || small ? SERIF : SANS,
    slant: slanted ? "italic" : "normal",
    shift: style === "_" ? size * 0.22 : style === "^" ? -size * 0.36 : 0,
  };
}

// Coverage (0 to 255) of the pixels around a disc, for each phase of its centre.
function discsOf(radius) {
  const key = radius.toFixed(2);
  if (!DISCS.has(key)) {
    const reach = Math.ceil(radius + 1), all = [];
    for (let phase = 0; phase < PHASES * PHASES; phase++) {
      const x = ((phase % PHASES) + 0.5) / PHASES, y = (Math.floor(phase / PHASES) + 0.5) / PHASES, disc = [];
      for (let row = -reach; row <= reach; row++) {
        for (let column = -reach; column <= reach; column++) {
          disc.push(Math.round(255 * clamp(radius + 0.5 - Math.hypot(column + 0.5 - x, row + 0.5 - y), 0, 1)));
        }
      }
      all.push(Uint8Array.from(disc));
    }
    const at = (x, y) => all[Math.floor(y * PHASES) * PHASES + Math.floor(x * PHASES)];
    DISCS.set(key, { reach, at });
  }
  return DISCS.get(key);
}

// Set a disc over what has been set.
function stamp({ pixels, words, width, height, ratio, rgb }, { reach, at }, px, py, colour) {
  const x = px * ratio, y = py * ratio, left = Math.floor(x), top = Math.floor(y), [r, g, b] = rgb[colour];
  if (!(left >= reach && top >= reach && left < width - reach && top < height - reach)) return;
  const disc = at(x - left, y - top), solid = (0xff000000 | (b << 16) | (g << 8) | r) >>> 0;
  for (let row = -reach, k = 0; row <= reach; row++) {
    const start = (top + row) * width + left - reach;
    for (let place = start; place <= start + 2 * reach; place++, k++) {
      const cover = disc[k];
      if (cover === 0) continue;
      if (cover === 255) { words[place] = solid; continue; }
      const p = 4 * place, below = (pixels[p + 3] * (255 - cover)) / 255, alpha = cover + below;
      pixels[p] = (r * cover + pixels[p] * below) / alpha;
      pixels[p + 1] = (g * cover + pixels[p + 1] * below) / alpha;
      pixels[p + 2] = (b * cover + pixels[p + 2] * below) / alpha;
      pixels[p + 3] = alpha;
    }
  }
}

class CanvasPen {
  constructor(canvas, width, height, ratio) {
    this.width = width;
    this.height = height;
    this.ratio = ratio;
    this.canvas = canvas;
    const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (canvas.width !== w || canvas.height !== h) { canvas.width = w; canvas.height = h; }
    this.context = canvas.getContext("2d");
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
  }

  clear(colour) {
    this.context.clearRect(0, 0, this.width, this.height);
    if (colour) this.rect(0, 0, this.width, this.height, { fill: colour });
  }

  image(canvas) {
    this.context.drawImage(canvas, 0, 0, this.width, this.height);
  }

  line(xs, ys, { stroke, width = 1, dash = [], alpha = 1 }) {
    const { context } = this;
    context.beginPath();
    for (let i = 0, down = false; i < xs.length; i++) {
      if (!Number.isFinite(xs[i]) || !Number.isFinite(ys[i])) { down = false; continue; }
      if (down) context.lineTo(xs[i], ys[i]); else context.moveTo(xs[i], ys[i]);
      down = true;
    }
    Object.assign(context, { strokeStyle: stroke, lineWidth: width, lineJoin: "round", globalAlpha: alpha });
    context.setLineDash(dash);
    context.stroke();
    context.setLineDash([]);
    context.globalAlpha = 1;
  }

  area(xs, ys, { fill, alpha = 1 }) {
    const { context } = this;
    context.beginPath();
    for (let i = 0; i < xs.length; i++) context.lineTo(xs[i], ys[i]);
    Object.assign(context, { fillStyle: fill, globalAlpha: alpha });
    context.fill();
    context.globalAlpha = 1;
  }

  rect(x, y, w, h, { fill, stroke, width = 1, dash = [], alpha = 1 }) {
    const { context } = this;
    context.globalAlpha = alpha;
    if (fill) { context.fillStyle = fill; context.fillRect(x, y, w, h); }
    context.globalAlpha = 1;
    if (!stroke) return;
    Object.assign(context, { strokeStyle: stroke, lineWidth: width });
    context.setLineDash(dash);
    context.strokeRect(x, y, w, h);
    context.setLineDash([]);
  }

  ring(x, y, radius, { stroke, fill, width = 1.5 }) {
    const { context } = this;
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    if (fill) { context.fillStyle = fill; context.fill(); }
    if (stroke) { Object.assign(context, { strokeStyle: stroke, lineWidth: width }); context.stroke(); }
  }

  // Marks at xs, ys in the colours of their indices: discs with soft edges, set pixel by pixel,
  // which is faster than paths by an order of magnitude. A group holds the samples `chosen`, their
  // radius and, if they share it, their colour.
  marks(groups, xs, ys, index, colours) {
    const { width, height } = this.canvas, image = new ImageData(width, height);
    const painter = { pixels: image.data, words: new Uint32Array(image.data.buffer), width, height, ratio: this.ratio };
    painter.rgb = colours.map((colour) => [1, 3, 5].map((k) => parseInt(colour.slice(k, k + 2), 16)));
    for (const { chosen, radius, colour } of groups) {
      const disc = discsOf(radius * this.ratio);
      for (const i of chosen) stamp(painter, disc, xs[i], ys[i], colour ?? index[i]);
    }
    const layer = new OffscreenCanvas(width, height);
    layer.getContext("2d").putImageData(image, 0, 0);
    this.context.drawImage(layer, 0, 0, this.width, this.height);
  }

  measure(text, size, weight) {
    return asPieces(text).reduce((total, [piece, style]) => {
      this.context.font = pieceFont(style, size, weight).css;
      return total + this.context.measureText(piece).width;
    }, 0);
  }

  text(x, y, text, { fill, size = 12, align = "left", turn = 0, weight = "400", halo }) {
    const { context } = this;
    context.save();
    context.translate(x, y);
    context.rotate(turn);
    context.textBaseline = "middle";
    let place = align === "left" ? 0 : -this.measure(text, size, weight) * (align === "right" ? 1 : 0.5);
    for (const [piece, style] of asPieces(text)) {
      const font = pieceFont(style, size, weight);
      context.font = font.css;
      if (halo) {
        Object.assign(context, { strokeStyle: halo, lineWidth: 4, lineJoin: "round" });
        context.strokeText(piece, place, font.shift);
      }
      context.fillStyle = fill;
      context.fillText(piece, place, font.shift);
      place += context.measureText(piece).width;
    }
    context.restore();
  }

  clip(x, y, w, h, draw) {
    this.context.save();
    this.context.beginPath();
    this.context.rect(x, y, w, h);
    this.context.clip();
    draw();
    this.context.restore();
  }
}

class SvgPen {
  constructor(width, height) {
    Object.assign(this, { width, height, parts: [], clips: 0 });
    this.ruler = new CanvasPen(document.createElement("canvas"), 1, 1, 1);
  }

  add(tag, attributes, content) {
    const list = Object.entries(attributes)
      .filter(([, value]) => value !== undefined && value !== "")
      .map(([name, value]) => ` ${name}="${value}"`).join("");
    this.parts.push(content === undefined ? `<${tag}${list}/>` : `<${tag}${list}>${content}</${tag}>`);
  }

  clear(colour) { if (colour) this.rect(0, 0, this.width, this.height, { fill: colour }); }

  line(xs, ys, { stroke, width = 1, dash = [], alpha = 1 }) {
    let path = "";
    for (let i = 0, down = false; i < xs.length; i++) {
      if (!Number.isFinite(xs[i]) || !Number.isFinite(ys[i])) { down = false; continue; }
      path += `${down ? "L" : "M"}${round(xs[i])} ${round(ys[i])}`;
      down = true;
    }
    this.add("path", { d: path, fill: "none", stroke, "stroke-width": width, "stroke-dasharray": dash.join(" "),
      "stroke-opacity": alpha, "stroke-linejoin": "round" });
  }

  area(xs, ys, { fill, alpha = 1 }) {
    const points = Array.from(xs, (x, i) => `${round(x)},${round(ys[i])}`).join(" ");
    this.add("polygon", { points, fill, "fill-opacity": alpha });
  }

  rect(x, y, w, h, { fill = "none", stroke, width = 1, dash = [], alpha = 1 }) {
    this.add("rect", { x: round(x), y: round(y), width: round(w), height: round(h), fill, stroke,
      "fill-opacity": alpha, "stroke-width": stroke && width, "stroke-dasharray": dash.join(" ") });
  }

  ring(x, y, radius, { stroke, fill = "none", width = 1.5 }) {
    this.add("circle", { cx: round(x), cy: round(y), r: radius, fill, stroke, "stroke-width": stroke && width });
  }

  marks(groups, xs, ys, index, colours) {
    for (const { chosen, radius, colour } of groups) {
      const paths = colours.map(() => "");
      for (const i of chosen) paths[colour ?? index[i]] += `M${round(xs[i])} ${round(ys[i])}h0`;
      paths.forEach((d, k) => {
        if (d) this.add("path", { d, stroke: colours[k], "stroke-width": round(2 * radius), "stroke-linecap": "round" });
      });
    }
  }

  measure(text, size, weight) { return this.ruler.measure(text, size, weight); }

  text(x, y, text, { fill, size = 12, align = "left", turn = 0, weight = "400", halo }) {
    const anchor = { left: "start", center: "middle", right: "end" }[align];
    let risen = 0;
    const spans = asPieces(text).map(([piece, style]) => {
      const font = pieceFont(style, size, weight), dy = round(font.shift - risen);
      risen = font.shift;
      return `<tspan dy="${dy}" font-size="${round(font.size)}" font-style="${font.slant}" font-family="${escapeText(font.family)}">${escapeText(piece)}</tspan>`;
    }).join("");
    this.add("text", {
      x: round(x), y: round(y + 0.35 * size), fill, "text-anchor": anchor, "font-weight": weight,
      stroke: halo, "stroke-width": halo && 4, "paint-order": halo && "stroke", "stroke-linejoin": halo && "round",
      transform: turn ? `rotate(${round((turn * 180) / Math.PI)} ${round(x)} ${round(y)})` : "",
    }, spans);
  }

  clip(x, y, w, h, draw) {
    const id = `c${this.clips++}-${Math.round(x)}-${Math.round(y)}`;
    this.parts.push(`<clipPath id="${id}"><rect x="${round(x)}" y="${round(y)}" width="${round(w)}" height="${round(h)}"/></clipPath><g clip-path="url(#${id})">`);
    draw();
    this.parts.push("</g>");
  }
}

function round(value) {
  return Math.round(value * 100) / 100;
}

function escapeText(text) {
  return text.replace(/[&<>"]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[sign]);
}
