// Draws one frame's views onto a canvas: alone, side by side, wiped, or all four.
import { PLAIN, paletteTable } from "./palettes.js";

export const VIEWS = ["visible", "infrared", "fused", "overlay"];
const QUAD = ["infrared", "visible", "fused", "overlay"];
const LISTED_SHARE = 0.0005;

/** The views that a layout shows, in reading order. */
export function shown({ layout, a, b }) {
  if (layout === "all") return QUAD;
  return layout === "one" ? [a] : [a, b];
}

/** The images that must be sent for these views. */
export function imagesFor(views) {
  const images = views.flatMap((view) => (view === "overlay" ? ["fused", "labels"] : [view]));
  return [...new Set(images)].sort();
}

/** Columns and rows of panels. */
export function grid({ layout }, upright) {
  if (layout === "all") return [2, 2];
  if (layout === "side") return upright ? [1, 2] : [2, 1];
  return [1, 1];
}

/** Legend entries ({label, share}) of a label map, largest first; specks are left out. */
export function present(labels) {
  const counts = new Uint32Array(256);
  for (const label of labels) counts[label]++;
  const listed = [];
  for (let label = 1; label < 256; label++) {
    if (counts[label] > LISTED_SHARE * labels.length) listed.push({ label, share: counts[label] / labels.length });
  }
  return listed.sort((one, other) => other.share - one.share);
}

export class Painter {
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
    this.heat = scratch();
    this.tint = scratch();
  }

  paint({ head, images }, look, colours, upright) {
    const { width, height } = head;
    const [columns, rows] = grid(look, upright);
    size(this.canvas, columns * width, rows * height);
    this.images = images;
    this.look = look;
    this.colours = colours;
    this.done = new Set();
    const views = shown(look);
    if (look.layout === "wipe") {
      this.panel(views[1], 0, 0, width, height);
      this.context.save();
      this.context.beginPath();
      this.context.rect(0, 0, width * look.wipe, height);
      this.context.clip();
      this.panel(views[0], 0, 0, width, height);
      this.context.restore();
      return;
    }
    views.forEach((view, index) => {
      this.panel(view, (index % columns) * width, Math.floor(index / columns) * height, width, height);
    });
  }

  panel(view, x, y, width, height) {
    const base = this.images[view === "overlay" ? "fused" : view];
    if (!base) return this.context.clearRect(x, y, width, height);
    const heated = view === "infrared" && this.look.palette !== PLAIN;
    this.context.drawImage(heated ? this.heated(base, width, height) : base, x, y, width, height);
    if (view === "overlay" && this.images.labels) this.context.drawImage(this.tinted(width, height), x, y);
  }

  heated(base, width, height) {
    if (this.done.has("heat")) return this.heat.canvas;
    this.done.add("heat");
    size(this.heat.canvas, width, height);
    this.heat.drawImage(base, 0, 0, width, height);
    const data = this.heat.getImageData(0, 0, width, height);
    const pixels = new Uint32Array(data.data.buffer);
    const table = paletteTable(this.look.palette);
    for (let at = 0; at < pixels.length; at++) pixels[at] = table[pixels[at] & 255];
    this.heat.putImageData(data, 0, 0);
    return this.heat.canvas;
  }

  /** What is labelled, tinted; its outline is opaque. */
  tinted(width, height) {
    if (this.done.has("tint")) return this.tint.canvas;
    this.done.add("tint");
    size(this.tint.canvas, width, height);
    const data = this.tint.createImageData(width, height);
    const pixels = new Uint32Array(data.data.buffer);
    const labels = this.images.labels;
    const inner = colourTable(this.colours, this.look.opacity);
    const outline = colourTable(this.colours, this.look.opacity && 1);
    for (let at = 0; at < pixels.length; at++) {
      const label = labels[at];
      if (!label) continue;
      const edge = label !== labels[at - 1] || label !== labels[at + 1] || label !== labels[at - width] || label !== labels[at + width];
      pixels[at] = (edge ? outline : inner)[label];
    }
    this.tint.putImageData(data, 0, 0);
    return this.tint.canvas;
  }
}

function colourTable(colours, opacity) {
  const bytes = new Uint8ClampedArray(256 * 4);
  for (let label = 1; label < 256; label++) bytes.set([...(colours[label] ?? [255, 0, 255]), 255 * opacity], label * 4);
  return new Uint32Array(bytes.buffer);
}

function scratch() {
  return document.createElement("canvas").getContext("2d", { willReadFrequently: true });
}

function size(canvas, width, height) {
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
}
