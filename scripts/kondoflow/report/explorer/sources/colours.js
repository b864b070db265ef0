// Palettes. Each is drawn for its background: every colour keeps a contrast of 3 to 1 on it.
// Lightness rises evenly in Oklab (Ottosson 2020), so that equal steps look equal and remain
// ordered without colour vision.

const PALETTE_SIZE = 64;

const SEQUENTIAL = {
  light: { lightness: [0.28, 0.655], chroma: [0.13, 0.15], hue: [285, 415] },
  dark: { lightness: [0.53, 0.94], chroma: [0.19, 0.13], hue: [285, 465] },
};
const DIVERGING = {
  light: { ends: [{ lightness: 0.38, chroma: 0.15, hue: 255 }, { lightness: 0.46, chroma: 0.17, hue: 40 }], middle: 0.655 },
  dark: { ends: [{ lightness: 0.80, chroma: 0.13, hue: 240 }, { lightness: 0.80, chroma: 0.15, hue: 60 }], middle: 0.52 },
};
const CATEGORIES = {
  light: ["#0072B2", "#C24E00", "#00805F", "#A8478A", "#8A6200"],
  dark: ["#56B4E9", "#FF9A57", "#2CC99B", "#E79CC9", "#F2D04E"],
};

function sequential(theme) {
  const { lightness, chroma, hue } = SEQUENTIAL[theme];
  return palette((share) => [mix(lightness, share), mix(chroma, share), mix(hue, share)]);
}

function diverging(theme) {
  const { ends, middle } = DIVERGING[theme];
  return palette((share) => {
    const end = ends[share < 0.5 ? 0 : 1], away = Math.abs(2 * share - 1);
    return [mix([middle, end.lightness], away), end.chroma * away ** 0.8, end.hue];
  });
}

function palette(colourAt) {
  return Array.from({ length: PALETTE_SIZE }, (_, index) => oklch(...colourAt(index / (PALETTE_SIZE - 1))));
}

function mix([start, end], share) {
  return start + (end - start) * share;
}

// Oklch to a CSS colour; chroma is lowered until the colour exists in sRGB.
function oklch(lightness, chroma, hue) {
  for (let c = chroma; ; c -= 0.004) {
    const rgb = linearRgb(lightness, Math.max(c, 0), (hue * Math.PI) / 180);
    if (c <= 0 || rgb.every((value) => value >= -1e-4 && value <= 1.0001)) {
      return `#${rgb.map((value) => hex(gamma(clamp(value, 0, 1)))).join("")}`;
    }
  }
}

function linearRgb(lightness, chroma, angle) {
  const a = chroma * Math.cos(angle), b = chroma * Math.sin(angle);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s,
  ];
}

function gamma(value) {
  return value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055;
}

function hex(value) {
  return Math.round(255 * value).toString(16).padStart(2, "0");
}

const PINS = { // unlike the curves at the ring
  light: ["#00805F", "#A8478A", "#8A6200", "#5847B0", "#00758A"],
  dark: ["#2CC99B", "#E79CC9", "#F2D04E", "#B3A6FF", "#5FD6E6"],
};

// How a quantity is coloured: palette, index of each sample (255 where undefined), range.
function colouring(quantity, theme) {
  const { coloured } = quantity;
  if (coloured?.theme !== theme || coloured.values !== quantity.values) {
    quantity.coloured = { theme, values: quantity.values, result: colourAll(quantity, theme) };
  }
  return quantity.coloured.result;
}

function colourAll(quantity, theme) {
  const { values } = quantity, n = values.length, index = new Uint8Array(n);
  if (quantity.names) {
    for (let i = 0; i < n; i++) index[i] = values[i];
    return { colours: CATEGORIES[theme], index, names: quantity.names };
  }
  const transform = quantity.signed ? LINEAR : transformOf(quantity);
  const telling = quantity.within ? values.filter((_, i) => quantity.within[i]) : values;
  let [low, high] = quantiles(telling, [0.01, 0.99]).map(transform.to);
  const isSigned = quantity.signed || (low < 0 && high > 0 && Math.min(-low, high) > 0.2 * Math.max(-low, high));
  if (isSigned) { high = Math.max(-low, high) || 1; low = -high; }
  if (!(high > low)) high = low + 1;
  for (let i = 0; i < n; i++) {
    const share = (transform.to(values[i]) - low) / (high - low);
    index[i] = Number.isFinite(share) ? clamp(Math.round(share * (PALETTE_SIZE - 1)), 0, PALETTE_SIZE - 1) : 255;
  }
  const colours = isSigned ? diverging(theme) : sequential(theme);
  return { colours, index, scale: new Scale(transform, low, high) };
}
