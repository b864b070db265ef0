// Numbers as text, with few digits and a proper minus sign.

const MINUS = "\u2212";

function significant(value, digits = 3) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "\u2013";
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e5)) {
    const [head, power] = value.toExponential(digits - 1).split("e");
    return `${head}\u00d710${raised(Number(power))}`.replace("-", MINUS);
  }
  return Number(value.toPrecision(digits)).toString().replace("-", MINUS);
}

function fixed(value, digits = 3) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "\u2013";
  const text = value.toFixed(digits);
  return (Number(text) === 0 ? text.replace("-", "") : text).replace("-", MINUS);
}

function raised(power) {
  const digits = "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079";
  const text = [...String(Math.abs(power))].map((digit) => digits[digit]).join("");
  return (power < 0 ? "\u207b" : "") + text;
}

// 1,234 with thin spaces would break searches: commas, as in the report.
function counted(value) {
  return value.toLocaleString("en-US");
}

// Quantile of numbers, those that are not finite left out.
function quantiles(values, shares) {
  const sorted = Float64Array.from(values.filter(Number.isFinite)).sort();
  if (!sorted.length) return shares.map(() => NaN);
  return shares.map((share) => {
    const place = share * (sorted.length - 1), low = Math.floor(place);
    const high = Math.min(low + 1, sorted.length - 1);
    return sorted[low] + (place - low) * (sorted[high] - sorted[low]);
  });
}

function clamp(value, low, high) {
  return Math.min(Math.max(value, low), high);
}
