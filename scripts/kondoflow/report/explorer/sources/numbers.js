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

// A number below 1 that does not read as 1, however near: with more decimals, or as 1 \u2212 3\u00d710\u207b\u2079. The report's numbers.py has the same rule.
function shortOf1(value, digits = 3) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "\u2013";
  const left = 1 - Math.abs(value);
  if (left < 1e-12) return fixed(value, digits);
  for (let k = digits; k <= 7; k++) if (Math.abs(Number(value.toFixed(k))) < 1) return fixed(value, k);
  return `${value > 0 ? `1 ${MINUS}` : `${MINUS}1 +`} ${significant(left, 1)}`;
}

// R\u00b2 with two digits of what it lacks to 1.
function rSquared(value) {
  return shortOf1(value, value < 0.9 ? 2 : value < 0.99 ? 3 : value < 0.999 ? 4 : 5);
}

// A value of a spectrum: with decimals where its size is ordinary.
function height(value, digits = 3) {
  const size = Math.abs(value);
  return size === 0 || (size >= 0.01 && size < 1000) ? fixed(value, digits) : significant(value, digits);
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
