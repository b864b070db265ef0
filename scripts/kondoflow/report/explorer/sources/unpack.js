// Containers: base64 -> gzip -> header and typed arrays. See coding.py for the format.

async function unpack(text) {
  const binary = atob(text.trim());
  const packed = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) packed[i] = binary.charCodeAt(i);
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  const buffer = await new Response(stream).arrayBuffer();
  const start = 4 + new DataView(buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, start - 4)));
  const arrays = {};
  for (const [name, place] of Object.entries(header.arrays)) {
    const size = place.shape.reduce((product, length) => product * length, 1);
    arrays[name] = typedArray(place.type, buffer, start + place.offset, size);
  }
  return { content: header.content, arrays };
}

function typedArray(type, buffer, offset, size) {
  switch (type) {
    case "float64": return new Float64Array(buffer, offset, size);
    case "float32": return new Float32Array(buffer, offset, size);
    case "uint32": return new Uint32Array(buffer, offset, size);
    case "uint8": return new Uint8Array(buffer, offset, size);
    case "float16": return Float32Array.from(new Uint16Array(buffer, offset, size), half);
  }
  throw new Error(`unknown type ${type}`);
}

// A half-precision number from its sixteen bits.
function half(bits) {
  const sign = bits & 0x8000 ? -1 : 1, exponent = (bits >> 10) & 31, fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

// All spectra as one array, row after row.
function unpackSpectra(arrays, nOmega) {
  const { spectra_low: low, spectra_high: high, spectra_max: largest, spectra_decades: ends } = arrays;
  const spectra = new Float32Array(low.length), step = ends && (ends[1] - ends[0]) / 4095;
  for (let row = 0, i = 0; i < low.length; row++) {
    const unit = ends ? 1 : largest[row] / 4095;
    for (let k = 0, slope = 0, level = 0; k < nOmega; k++, i++) {
      const folded = high[i] * 256 + low[i];
      slope += (folded >> 1) ^ -(folded & 1);
      level += slope;
      spectra[i] = ends ? Math.exp(ends[0] + level * step) : level * unit;
    }
  }
  return spectra;
}
