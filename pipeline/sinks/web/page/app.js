// The page: one look for all rigs, its controls and keys.
import { Controls } from "./controls.js";
import { learnPalettes, paletteNames } from "./palettes.js";
import { VIEWS, shown } from "./painter.js";
import { Stage } from "./stage.js";
import { Strip } from "./strip.js";

const LOOK = { layout: "one", a: "fused", b: "visible", palette: "inferno", opacity: 0.4, wipe: 0.5, record: "mp4" };
const KEPT = "irvis-look";
const TOAST_MS = 6000;
const LINK_MS = 30000;

class App {
  constructor({ rigs, classes }) {
    this.classes = classes;
    this.several = rigs.length > 1;
    this.isPaused = false;
    this.look = { ...LOOK, ...kept() };
    document.getElementById("stages").classList.toggle("several", this.several);
    this.strip = new Strip(document.getElementById("strip"));
    this.stages = rigs.map((rig) => new Stage(rig, this));
    this.controls = new Controls(this);
    this.chosen(this.stages[0]);
    this.set({});
    document.addEventListener("visibilitychange", () => this.stages.forEach((stage) => stage.want()));
    addEventListener("resize", () => this.stages.forEach((stage) => stage.show()));
  }

  /** Change the look, and show it everywhere. */
  set(change) {
    Object.assign(this.look, change);
    localStorage.setItem(KEPT, JSON.stringify(this.look));
    this.controls.show();
    for (const stage of this.stages) {
      stage.want();
      stage.show();
    }
  }

  setWipe(share) {
    this.set({ wipe: Math.min(1, Math.max(0, share)) });
  }

  pause() {
    this.isPaused = !this.isPaused;
    for (const stage of this.stages) {
      stage.isFrozen = false;
      stage.want();
      stage.tell();
    }
    this.controls.show();
  }

  /** The rig that the strip and the buttons are about. */
  chosen(stage) {
    this.stage = stage;
    for (const each of this.stages) each.root.setAttribute("aria-current", each === stage);
    this.changed(stage);
  }

  changed(stage) {
    if (stage !== this.stage) return;
    this.strip.show(stage.history);
    this.controls?.showHealth(stage);
  }

  snapshot() {
    const { canvas, frame, rig } = this.stage;
    if (!frame) return;
    canvas.toBlob((blob) => {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(blob);
      link.download = `${rig}-${shown(this.look).join("-")}-${frame.head.seq}.png`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), TOAST_MS);
      this.toast(`Saved ${link.download}`);
    }, "image/png");
  }

  record() {
    this.stage.connection.send({ record: this.stage.health?.recording.on ? "stop" : this.look.record });
  }

  fullScreen(stage = this.stage) {
    if (document.fullscreenElement) document.exitFullscreen();
    else stage.root.requestFullscreen?.();
  }

  theme() {
    const root = document.documentElement;
    const isDark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = isDark ? "light" : "dark";
    localStorage.setItem("irvis-theme", root.dataset.theme);
    this.strip.show(this.stage.history);
  }

  /** Step through the palettes, or set how opaque the overlay is. */
  nextPalette() {
    const names = paletteNames();
    this.set({ palette: names[(names.indexOf(this.look.palette) + 1) % names.length] });
  }

  addOpacity(step) {
    this.set({ opacity: Math.min(1, Math.max(0, Math.round((this.look.opacity + step) * 20) / 20)) });
  }

  /** Say what a rig's recording came to since it was last heard of. */
  news(rig, { error, finished }, before) {
    if (error && error !== before?.error) this.toast(error);
    for (const name of before ? finished.slice(before.finished.length) : []) {
      const link = document.createElement("a");
      link.href = `recordings/${encodeURIComponent(rig)}/${encodeURIComponent(name)}`;
      link.textContent = name;
      this.toast("Recorded ", link);
    }
  }

  toast(text, link = "") {
    const [toast, toasts] = [document.createElement("div"), document.getElementById("toasts")];
    toast.append(text, link);
    toasts.append(toast);
    // Shown anew, it lies above whatever is in full screen by now.
    if (toasts.matches(":popover-open")) toasts.hidePopover();
    toasts.showPopover();
    setTimeout(() => toast.remove(), link ? LINK_MS : TOAST_MS);
  }
}

function kept() {
  const theme = localStorage.getItem("irvis-theme");
  if (theme) document.documentElement.dataset.theme = theme;
  try {
    const look = JSON.parse(localStorage.getItem(KEPT)) ?? {};
    const isKnown = [look.a, look.b].every((view) => VIEWS.includes(view)) && paletteNames().includes(look.palette);
    return isKnown ? look : {};
  } catch {
    return {};
  }
}

const about = await (await fetch("about")).json();
learnPalettes(about.palettes);
window.irvis = new App(about);
