// The health strip: a number and a short history plot for each thing worth watching.
const number = (value, digits = 1) => (value == null ? "–" : value.toFixed(digits));
const STATES = { live: 1, held: 0.6, lost: 0.25 };
const TONES = ["accent", "soft", "good", "warn", "bad"];
const COLOURS = { live: "good", held: "warn", lost: "bad" };

const METRICS = [
  { id: "fps", name: "Fused", unit: "fps", of: (health) => health.fps },
  { id: "p50", name: "Latency p50", unit: "ms", of: (health) => health.latency_p50_ms },
  { id: "p95", name: "Latency p95", unit: "ms", of: (health) => health.latency_p95_ms },
  { id: "state", name: "Infrared", of: (health) => STATES[health.state] ?? 0, text: (health) => health.state ?? "–", colour: (health) => COLOURS[health.state] ?? "soft" },
  { id: "skew", name: "Skew", unit: "ms", of: (health) => health.skew_ms },
  { id: "drops", name: "Dropped", of: (health, before) => Math.max(0, (health.drops ?? 0) - (before?.drops ?? health.drops ?? 0)), text: (health) => String(health.drops ?? "–"), note: (health) => mostly(health.dropped) },
  { id: "residual", name: "Registration", unit: "px", of: (health) => health.residual_px, colour: (health) => (health.misaligned ? "bad" : "good") },
];

export class Strip {
  constructor(root) {
    this.root = root;
    this.cards = METRICS.map((metric) => {
      const card = document.createElement("article");
      card.className = "metric";
      card.id = `metric-${metric.id}`;
      card.innerHTML = "<h3></h3><p><span></span> <small></small></p><canvas aria-hidden=\"true\"></canvas>";
      const [name, value, unit, canvas] = ["h3", "span", "small", "canvas"].map((tag) => card.querySelector(tag));
      name.textContent = metric.name;
      root.append(card);
      return { metric, card, value, unit, canvas };
    });
  }

  show(history) {
    const health = history.at(-1);
    if (!health) return;
    const colours = this.colours();
    for (const { metric, card, value, unit, canvas } of this.cards) {
      value.textContent = metric.text ? metric.text(health) : number(metric.of(health));
      card.hidden = metric.id === "residual" && health.residual_px == null;
      card.title = metric.id === "drops" ? reasons(health.dropped) : "";
      unit.textContent = metric.unit ?? metric.note?.(health) ?? "";
      value.className = metric.colour?.(health) ?? "";
      if (!card.hidden) plot(canvas, history, metric, colours);
    }
  }

  /** The tones as they are in the theme in use: a canvas knows no variables. */
  colours() {
    return Object.fromEntries(TONES.map((tone) => {
      this.root.style.color = `var(--${tone})`;
      const { color } = getComputedStyle(this.root);
      this.root.style.color = "";
      return [tone, color];
    }));
  }
}

/** The reason of most drops. */
function mostly(dropped) {
  const [most] = Object.entries(dropped ?? {}).sort(([, one], [, other]) => other - one);
  return most?.[0].replaceAll("_", " ") ?? "";
}

function reasons(dropped) {
  const lines = Object.entries(dropped ?? {}).map(([reason, count]) => `${reason}: ${count}`);
  return lines.join("\n") || "nothing dropped";
}

function plot(canvas, history, metric, colours) {
  const scale = devicePixelRatio || 1;
  const [width, height] = [canvas.clientWidth * scale, canvas.clientHeight * scale].map(Math.round);
  if (!width) return;
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d");
  const values = history.map((health, index) => metric.of(health, history[index - 1]));
  const known = values.filter((value) => value != null);
  const [low, high] = [Math.min(0, ...known), Math.max(metric.id === "state" ? 1 : 0.001, ...known)];
  const step = width / (240 - 1);
  const x = (index) => width - (values.length - 1 - index) * step;
  const y = (value) => height - 2 * scale - ((value - low) / (high - low)) * (height - 4 * scale);
  context.clearRect(0, 0, width, height);
  context.lineWidth = 1.5 * scale;
  values.forEach((value, index) => {
    const before = values[index - 1];
    if (value == null || before == null) return;
    context.strokeStyle = colours[metric.colour ? metric.colour(history[index]) : "accent"];
    context.beginPath();
    context.moveTo(x(index - 1), y(before));
    context.lineTo(x(index), y(value));
    context.stroke();
  });
}
