// One rig's WebSocket: comes back by itself, says what it wants to get, and tells when a frame is drawn.
const LONGEST_WAIT_MS = 4000;
const UNAUTHORIZED = 401;

export class Connection {
  /** `on` has hello(message), health(message), error(text), frame(head, images) and link(isOpen). */
  constructor(rig, on) {
    this.on = on;
    this.views = [];
    this.address = new URL(`stream/${encodeURIComponent(rig)}`, location.href.replace(/^http/, "ws"));
    this.address.search = "";
    this.waitMs = 250;
    this.open();
  }

  open() {
    const socket = (this.socket = new WebSocket(this.address));
    socket.binaryType = "arraybuffer";
    this.drawn = 0;
    this.work = Promise.resolve();
    socket.onopen = () => {
      this.waitMs = 250;
      this.on.link(true);
      this.send({ views: this.views });
    };
    socket.onmessage = ({ data }) => {
      if (typeof data === "string") this.tell(JSON.parse(data));
      else this.work = this.work.then(() => this.take(data, socket));
    };
    socket.onclose = () => {
      this.on.link(false);
      this.ask();
      setTimeout(() => this.open(), this.waitMs);
      this.waitMs = Math.min(LONGEST_WAIT_MS, this.waitMs * 2);
    };
  }

  /** A server that was started again may have another token: its page asks for it. */
  async ask() {
    const answer = await fetch("about").catch(() => null);
    if (answer?.status === UNAUTHORIZED) location.reload();
  }

  want(views) {
    if (views.join() === this.views.join()) return;
    this.views = views;
    this.send({ views });
  }

  send(request) {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(request));
  }

  tell(message) {
    if (message.type === "hello") this.on.hello(message);
    else if (message.type === "health") this.on.health(message);
    else if (message.type === "error") this.on.error(message.message);
  }

  async take(data, socket) {
    try {
      const { head, images } = await decode(data);
      this.on.frame(head, images);
    } catch (error) {
      console.warn("a frame that can't be decoded", error);
    } finally {
      this.drawn += 1;
      if (socket === this.socket) this.send({ drawn: this.drawn });
    }
  }
}

/** A message is: length of the head (uint32), the head as JSON, then the images in the order that it names. */
async function decode(data) {
  const length = new DataView(data).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(new Uint8Array(data, 4, length)));
  const images = {};
  let start = 4 + length;
  const waiting = head.images.map(async ([view, size]) => {
    const bytes = new Uint8Array(data, start, size);
    start += size;
    images[view] = view === "labels" ? await inflate(bytes) : await createImageBitmap(new Blob([bytes], { type: "image/jpeg" }));
  });
  await Promise.all(waiting);
  return { head, images };
}

async function inflate(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
