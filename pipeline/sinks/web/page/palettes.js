// Infrared palettes, as the server knows them.
export const PLAIN = "white_hot";

const tables = new Map();

/** Take {name: [[red, green, blue], ...]} of the 256 grey levels. */
export function learnPalettes(palettes) {
  for (const [name, colours] of Object.entries(palettes)) {
    const bytes = new Uint8ClampedArray(256 * 4).fill(255);
    colours.forEach((colour, level) => bytes.set(colour, level * 4));
    tables.set(name, new Uint32Array(bytes.buffer));
  }
}

export const paletteNames = () => [...tables.keys()];

/** Uint32 pixels (as ImageData has them in memory) of the 256 grey levels. */
export const paletteTable = (name) => tables.get(name);
