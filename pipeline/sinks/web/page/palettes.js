// Infrared palettes: stops of [position, red, green, blue], spread over the 256 grey levels.
const STOPS = {
  "white hot": [[0, 0, 0, 0], [1, 255, 255, 255]],
  "black hot": [[0, 255, 255, 255], [1, 0, 0, 0]],
  iron: [[0, 0, 0, 10], [0.18, 45, 0, 130], [0.4, 165, 0, 150], [0.6, 230, 70, 40], [0.8, 255, 165, 0], [0.93, 255, 235, 110], [1, 255, 255, 245]],
  inferno: [[0, 0, 0, 4], [0.25, 87, 16, 110], [0.5, 188, 55, 84], [0.75, 249, 142, 9], [1, 252, 255, 164]],
  rainbow: [[0, 48, 18, 59], [0.15, 70, 107, 227], [0.3, 40, 187, 236], [0.45, 49, 242, 153], [0.6, 162, 252, 60], [0.75, 237, 208, 58], [0.88, 251, 128, 34], [1, 122, 4, 3]],
  arctic: [[0, 4, 10, 36], [0.35, 20, 70, 170], [0.6, 70, 170, 215], [0.75, 200, 200, 190], [0.88, 245, 190, 70], [1, 255, 250, 215]],
};
export const PALETTES = Object.keys(STOPS);
export const PLAIN = PALETTES[0];

const tables = new Map();

/** Uint32 pixels (as ImageData has them in memory) of the 256 grey levels. */
export function paletteTable(name) {
  if (!tables.has(name)) tables.set(name, build(STOPS[name]));
  return tables.get(name);
}

function build(stops) {
  const bytes = new Uint8ClampedArray(256 * 4);
  for (let level = 0; level < 256; level++) {
    const at = level / 255;
    const upper = Math.max(1, stops.findIndex((stop) => stop[0] >= at));
    const [low, high] = [stops[upper - 1], stops[upper]];
    const part = (at - low[0]) / (high[0] - low[0]);
    for (let channel = 0; channel < 3; channel++) {
      bytes[level * 4 + channel] = low[channel + 1] + part * (high[channel + 1] - low[channel + 1]);
    }
    bytes[level * 4 + 3] = 255;
  }
  return new Uint32Array(bytes.buffer);
}
