// Formulas as trees, evaluated sample by sample: a number, a name, or [function, argument ...].

const FUNCTIONS = {
  add: (a, b) => a + b, sub: (a, b) => a - b, mul: (a, b) => a * b, div: (a, b) => a / b,
  pow: (a, b) => a ** b, neg: (a) => -a, sqrt: Math.sqrt, exp: Math.exp, log: Math.log,
  log10: Math.log10, abs: Math.abs, sign: Math.sign, tanh: Math.tanh,
  sinh: Math.sinh, cosh: Math.cosh, sin: Math.sin, cos: Math.cos,
  square: (a) => a * a, pi: () => Math.PI,
  minimum: (a, b) => Math.min(a, b), maximum: (a, b) => Math.max(a, b),
};

// A function of a lookup (name -> number).
function compileFormula(tree) {
  if (typeof tree === "number") return () => tree;
  if (typeof tree === "string") return (value) => value(tree);
  const [name, ...rest] = tree;
  const apply = FUNCTIONS[name], parts = rest.map(compileFormula);
  if (!apply) throw new Error(`unknown function ${name}`);
  if (parts.length === 1) return (value) => apply(parts[0](value));
  return (value) => apply(...parts.map((part) => part(value)));
}

function namesIn(tree) {
  if (typeof tree === "string") return [tree];
  return Array.isArray(tree) ? tree.slice(1).flatMap(namesIn) : [];
}

function evaluateAll(tree, columns, n) {
  const formula = compileFormula(tree), values = new Float64Array(n);
  let i = 0;
  const value = (name) => columns[name][i];
  for (; i < n; i++) values[i] = formula(value);
  return values;
}

const ROUNDING = 1e-6; // of the range of a map: columns have single precision

// The map that carries an equation onto its target: steps of a monotone one, or a straight line.
function applyMap(map, x) {
  if (!map) return NaN;
  if (map.kind !== "monotone map") return map.offset + map.slope * x;
  if (!Number.isFinite(x)) return NaN;
  const { first, last, y } = map, rounding = ROUNDING * (last[last.length - 1] - first[0]);
  let low = 0, high = first.length; // first step that begins beyond x
  while (low < high) {
    const middle = (low + high) >> 1;
    if (first[middle] <= x + rounding) low = middle + 1; else high = middle;
  }
  const below = Math.max(low - 1, 0);
  if (low === 0 || low === first.length || x <= last[below] + rounding) return y[below];
  return (y[below] + y[low]) / 2;
}
