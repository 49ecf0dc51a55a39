// One rig on the page: its connection, its pictures, and what lies over them.
import { Connection } from "./connection.js";
import { Painter, grid, imagesFor, present, shown } from "./painter.js";

const SILENT_S = 2;
const WIPE_STEP = 0.02;

export class Stage {
  /** `app` has classes, look (how to show it), isPaused, several, changed(), chosen(), news(), toast() and others. */
  constructor(rig, app) {
    this.rig = rig;
    this.app = app;
    this.names = app.classes.map(([name]) => name);
    this.colours = app.classes.map(([, colour]) => colour);
    this.health = null;
    this.history = [];
    this.isOpen = false;
    this.pointer = null;
    this.build();
    this.painter = new Painter(this.canvas);
    this.connection = new Connection(rig, {
      hello: (message) => this.greet(message),
      health: (message) => this.takeHealth(message),
      error: (text) => app.toast(text),
      frame: (head, images) => this.take(head, images),
      link: (isOpen) => this.link(isOpen),
    });
  }

  build() {
    const element = (tag, name, parent) => {
      const made = document.createElement(tag);
      made.className = name;
      parent.append(made);
      return made;
    };
    this.root = element("article", "stage", document.getElementById("stages"));
    this.root.setAttribute("aria-label", this.rig);
    if (this.app.several) {
      element("div", "title", this.root).textContent = this.rig;
      this.root.tabIndex = 0;
    }
    this.badge = element("div", "badge", this.root);
    this.notice = element("p", "notice", this.root);
    this.frameBox = element("div", "frame", this.root);
    this.canvas = element("canvas", "", this.frameBox);
    this.canvas.setAttribute("role", "img");
    this.tags = element("div", "tags", this.frameBox);
    this.legend = element("ul", "legend", this.frameBox);
    this.legend.setAttribute("aria-label", "Classes in the picture");
    this.tip = element("div", "tip", this.frameBox);
    this.wipe = element("button", "wipe", this.frameBox);
    this.wipe.setAttribute("role", "slider");
    this.wipe.setAttribute("aria-label", "Wipe between the two views");
    this.legend.hidden = this.tip.hidden = this.wipe.hidden = true;
    this.root.addEventListener("pointerdown", () => this.app.chosen(this));
    this.root.addEventListener("focusin", () => this.app.chosen(this));
    this.frameBox.addEventListener("pointermove", (event) => this.point(event));
    this.frameBox.addEventListener("pointerdown", (event) => this.point(event));
    this.frameBox.addEventListener("pointerleave", () => this.point(null));
    this.frameBox.addEventListener("dblclick", () => this.app.fullScreen(this));
    this.wipe.addEventListener("pointerdown", (event) => this.wipe.setPointerCapture(event.pointerId));
    this.wipe.addEventListener("pointermove", (event) => event.buttons && this.drag(event));
    this.wipe.addEventListener("keydown", (event) => this.nudge(event));
    this.tell();
  }

  greet({ history }) {
    this.history = history;
  }

  takeHealth(message) {
    this.app.news(this.rig, message.recording, this.health?.recording);
    this.health = message;
    this.history.push(message);
    if (this.history.length > 240) this.history.shift();
    this.tell();
    this.app.changed(this);
  }

  link(isOpen) {
    this.isOpen = isOpen;
    this.tell();
    this.app.changed(this);
  }

  take(head, images) {
    if (this.app.isPaused && this.isFrozen) return;
    // One that was under way when other views were asked for would only show gaps.
    const isAsked = imagesFor(shown(this.app.look)).every((view) => view in images || !head.views.includes(view));
    if (this.frame && !isAsked) return;
    const isFirst = !this.frame;
    this.frame = { head, images };
    if (isFirst) this.tell();
    this.isFrozen = this.app.isPaused && head.views.every((view) => view in images);
    this.show();
    this.want();
  }

  /** Ask for what the look needs; while paused, once for all views, so that the look can still be changed. */
  want() {
    if (document.hidden || (this.app.isPaused && this.isFrozen)) return this.connection.want([]);
    if (this.app.isPaused) return this.connection.want(["fused", "infrared", "labels", "visible"]);
    const images = imagesFor(shown(this.app.look));
    this.connection.want(this.pointer ? [...new Set([...images, "labels"])].sort() : images);
  }

  show() {
    const { look } = this.app;
    const upright = !this.app.several && innerWidth < innerHeight;
    if (!this.frame) return;
    const { head, images } = this.frame;
    const [columns, rows] = (this.grid = grid(look, upright));
    this.root.style.setProperty("--shape", (columns * head.width) / (rows * head.height));
    this.painter.paint(this.frame, look, this.colours, upright);
    this.canvas.dataset.seq = head.seq;
    this.root.dataset.layout = look.layout;
    this.wipe.hidden = look.layout !== "wipe";
    this.wipe.style.left = `${look.wipe * 100}%`;
    this.wipe.setAttribute("aria-valuenow", Math.round(look.wipe * 100));
    this.tag(shown(look), columns, rows);
    const panel = shown(look).indexOf("overlay");
    // Just after the overlay was asked for there are no labels yet: the legend stays.
    if (panel < 0 || images.labels) this.list(panel < 0 ? [] : present(images.labels), panel, columns, rows);
    this.canvas.setAttribute("aria-label", `${shown(look).join(", ")} of ${this.rig}`);
    this.name();
  }

  tag(views, columns, rows) {
    const key = [views, columns, rows, this.app.look.layout].join();
    if (this.tagged === key) return;
    this.tagged = key;
    this.tags.replaceChildren(...views.map((view, index) => {
      const tag = document.createElement("span");
      tag.className = "name";
      tag.textContent = view;
      const isWiped = this.app.look.layout === "wipe";
      if (isWiped && index === 1) Object.assign(tag.style, { left: "auto", right: "8px", top: "auto", bottom: "8px" });
      else if (!isWiped) {
        tag.style.left = `calc(${((index % columns) * 100) / columns}% + 8px)`;
        const below = Math.floor(index / columns);
        if (below) tag.style.top = `calc(${(below * 100) / rows}% + 8px)`;
      }
      return tag;
    }));
  }

  /** The legend, in the corner of the panel that it belongs to. */
  list(listed, panel, columns, rows) {
    const key = listed.map(({ label }) => label).sort().join();
    this.legend.hidden = !listed.length;
    const row = Math.floor(panel / columns) % rows;
    const isWiped = this.app.look.layout === "wipe";
    const isRight = isWiped && panel === 1;
    this.legend.style.left = isRight ? "auto" : `calc(${((panel % columns) * 100) / columns}% + 8px)`;
    this.legend.style.right = isRight ? "8px" : "auto";
    this.legend.style.bottom = isRight ? "40px" : `calc(${((rows - 1 - row) * 100) / rows}% + 8px)`;
    this.legend.style.maxWidth = `calc(${100 / (isWiped ? 2 : columns)}% - 16px)`;
    if (this.listed === key) return;
    this.listed = key;
    this.legend.replaceChildren(...listed.map(({ label }) => {
      const item = document.createElement("li");
      item.append(this.swatch(label), this.className(label));
      return item;
    }));
  }

  swatch(label) {
    const swatch = document.createElement("span");
    swatch.className = "swatch";
    swatch.style.background = `rgb(${(this.colours[label] ?? [255, 0, 255]).join()})`;
    return swatch;
  }

  className(label) {
    return this.names[label] ?? `class ${label}`;
  }

  point(event) {
    const had = this.pointer;
    this.pointer = null;
    if (event) {
      const box = this.frameBox.getBoundingClientRect();
      this.pointer = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
    }
    if (!had !== !this.pointer) this.want();
    this.name();
  }

  /** Name the class under the pointer. */
  name() {
    const labels = this.frame?.images.labels;
    this.tip.hidden = !this.pointer || !labels;
    if (this.tip.hidden) return;
    const { width, height } = this.frame.head;
    const [x, y] = this.pointer;
    const column = Math.floor(x * this.grid[0] * width) % width;
    const row = Math.floor(y * this.grid[1] * height) % height;
    const label = labels[row * width + column];
    this.tip.hidden = !label;
    this.tip.replaceChildren(this.swatch(label), " ", this.className(label));
    this.tip.classList.toggle("leftward", x > 0.8);
    Object.assign(this.tip.style, { left: `${x * 100}%`, top: `${y * 100}%` });
  }

  drag(event) {
    const box = this.frameBox.getBoundingClientRect();
    this.app.setWipe((event.clientX - box.left) / box.width);
  }

  nudge(event) {
    const step = { ArrowLeft: -WIPE_STEP, ArrowRight: WIPE_STEP, Home: -1, End: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    this.app.setWipe(this.app.look.wipe + step);
  }

  /** Whether nothing comes now: what the strip shows is what was last. */
  get isSilent() {
    return !this.isOpen || !this.health?.state || this.health.silent_s > SILENT_S;
  }

  /** Say how the rig is: in the badge, and over the picture where there is nothing to see. */
  tell() {
    const { health, isOpen, isSilent } = this;
    const [camera, recording] = [document.createElement("span"), document.createElement("b")];
    camera.textContent = health?.visible_lost ? "visible lost" : `infrared ${health?.state}`;
    recording.textContent = isOpen && health?.recording.on ? "rec" : "";
    let [state, said] = [health?.visible_lost ? "lost" : health?.state, [camera, `${health?.fps.toFixed(1)} fps`]];
    if (this.app.isPaused) [state, said] = ["paused", ["paused"]];
    if (isSilent) [state, said] = ["silent", [isOpen ? "no frames" : "offline"]];
    this.badge.dataset.state = state;
    this.badge.replaceChildren(...said, recording);
    let text = "";
    if (!isOpen) text = this.frame ? "Connection lost. Trying again…" : "Connecting…";
    else if (health?.state && isSilent) text = `No frames for ${Math.round(health.silent_s)} s`;
    else if (!health?.state || !this.frame) text = "Waiting for the first frame…";
    this.notice.hidden = !text;
    this.notice.textContent = text;
  }
}
