// Buttons, selects and keys: each does what the app offers, and shows what the app says.
import { paletteNames } from "./palettes.js";
import { VIEWS, shown } from "./painter.js";

const LAYOUTS = { one: "One", side: "Side by side", wipe: "Wipe", all: "All four" };
const KEYS = [
  ["1 – 4", "visible, infrared, fused, overlay"],
  ["Shift 1 – 4", "the second view"],
  ["B", "side by side, or one"],
  ["W", "wipe, or one; ← → move it"],
  ["A", "all four, or one"],
  ["P", "next infrared palette"],
  ["[  ]", "overlay fainter, stronger"],
  ["Space", "pause"],
  ["S", "save this picture"],
  ["R", "record"],
  ["F", "full screen"],
  ["T", "light or dark"],
  ["?", "these keys"],
];
const $ = (id) => document.getElementById(id);

export class Controls {
  constructor(app) {
    this.app = app;
    this.layout = radios($("layout"), LAYOUTS, (layout) => app.set({ layout }));
    const views = Object.fromEntries(VIEWS.map((view) => [view, view[0].toUpperCase() + view.slice(1)]));
    this.a = radios($("view-a"), views, (a) => app.set({ a }));
    this.b = radios($("view-b"), views, (b) => app.set({ b }));
    $("palette").append(...paletteNames().map((name) => new Option(name.replace("_", " "), name)));
    $("palette").onchange = ({ target }) => app.set({ palette: target.value });
    $("record-as").onchange = ({ target }) => app.set({ record: target.value });
    $("opacity").oninput = ({ target }) => app.set({ opacity: target.value / 100 });
    $("pause").onclick = () => app.pause();
    $("snapshot").onclick = () => app.snapshot();
    $("record").onclick = () => app.record();
    $("full").onclick = () => app.fullScreen();
    $("full").hidden = !document.fullscreenEnabled;
    $("theme").onclick = () => app.theme();
    $("help").onclick = () => $("keys").showModal();
    $("keys").querySelector("dl").append(...KEYS.flatMap(([key, meaning]) => entry(key, meaning)));
    addEventListener("keydown", (event) => this.key(event));
  }

  show() {
    const { look, isPaused } = this.app;
    this.layout(look.layout);
    this.a(look.a);
    this.b(look.b);
    $("view-a").hidden = look.layout === "all";
    $("view-b").hidden = !["side", "wipe"].includes(look.layout);
    $("palette-field").hidden = !shown(look).includes("infrared");
    $("opacity-field").hidden = !shown(look).includes("overlay");
    $("palette").value = look.palette;
    $("record-as").value = look.record;
    $("opacity").value = Math.round(look.opacity * 100);
    $("opacity-shown").textContent = `${$("opacity").value} %`;
    $("pause").setAttribute("aria-pressed", isPaused);
    $("pause").querySelector("span").textContent = isPaused ? "Resume" : "Pause";
  }

  showHealth({ rig, health, isOpen, isSilent }) {
    const recording = health?.recording;
    $("summary").textContent = isOpen && health?.engine ? `${rig} · ${health.engine}` : rig;
    $("summary").title = $("summary").textContent;
    document.title = `${rig} · irvis`;
    $("strip").classList.toggle("stale", isSilent);
    if (!recording) return;
    $("record").setAttribute("aria-pressed", recording.on);
    $("record").querySelector("span").textContent = recording.on ? `${recording.frames}` : "Record";
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || $("keys").open) return;
    const isField = event.target.matches("select, input");
    const digit = /^Digit([1-4])$/.exec(event.code)?.[1];
    const { app } = this;
    const toggle = (layout) => app.set({ layout: app.look.layout === layout ? "one" : layout });
    const actions = {
      b: () => toggle("side"), w: () => toggle("wipe"), a: () => toggle("all"), p: () => app.nextPalette(),
      "[": () => app.addOpacity(-0.05), "]": () => app.addOpacity(0.05), s: () => app.snapshot(), r: () => app.record(),
      f: () => app.fullScreen(), t: () => app.theme(), "?": () => $("keys").showModal(),
    };
    if (digit && !isField) return app.set({ [event.shiftKey ? "b" : "a"]: VIEWS[digit - 1] });
    if (event.key === " " && !event.target.matches("button, select")) {
      event.preventDefault();
      return app.pause();
    }
    if (!isField) actions[event.key.toLowerCase()]?.();
  }
}

/** A radio group of buttons; returns the function that checks one. */
function radios(group, options, choose) {
  const buttons = Object.entries(options).map(([value, text]) => {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", textContent: text, onclick: () => choose(value) });
    button.setAttribute("role", "radio");
    button.dataset.value = value;
    return button;
  });
  group.append(...buttons);
  group.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const next = buttons[(buttons.indexOf(document.activeElement) + step + buttons.length) % buttons.length];
    next.focus();
    choose(next.dataset.value);
  });
  return (value) => {
    for (const button of buttons) {
      const isChosen = button.dataset.value === value;
      button.setAttribute("aria-checked", isChosen);
      button.tabIndex = isChosen ? 0 : -1;
    }
  };
}

function entry(key, meaning) {
  const [term, detail, cap] = ["dt", "dd", "kbd"].map((tag) => document.createElement(tag));
  cap.textContent = key;
  term.append(cap);
  detail.textContent = meaning;
  return [term, detail];
}
