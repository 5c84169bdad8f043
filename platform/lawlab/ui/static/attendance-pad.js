/** A place to sign with a finger, a pen or a mouse; gives the signature as a small picture. */
import { h } from "./dom.js";

const MOST_WIDTH = 600;
const MOST_HEIGHT = 240;
const MOST_BYTES = 60000;
const MARGIN = 8;
const THICK = 3.2;
/** Shorter than this is a slip of the finger, no signature. */
const SHORTEST = 40;

export class Pad {
  constructor(onchange) {
    this.strokes = [];
    this.onchange = onchange;
    this.node = h("canvas", { class: "pad", role: "img", "aria-label": "在这里用手指签名" });
    this.node.addEventListener("pointerdown", (event) => this.begin(event));
    this.node.addEventListener("pointermove", (event) => this.draw(event));
    for (const name of ["pointerup", "pointercancel"]) this.node.addEventListener(name, () => this.end());
    new ResizeObserver(() => this.fit()).observe(this.node);
  }

  /** True when somebody has really written. */
  get signed() {
    const length = this.strokes.reduce((sum, stroke) => sum + stroke.reduce((part, [x, y], n) => (n ? part + Math.hypot(x - stroke[n - 1][0], y - stroke[n - 1][1]) : 0), 0), 0);
    return length >= SHORTEST;
  }

  clear() {
    this.strokes = [];
    this.fit();
    this.onchange();
  }

  point({ clientX, clientY }) {
    const box = this.node.getBoundingClientRect();
    return [clientX - box.left, clientY - box.top];
  }

  begin(event) {
    if (event.button > 0) return;
    event.preventDefault();
    this.node.setPointerCapture(event.pointerId);
    this.pointer = event.pointerId;
    this.strokes.push([this.point(event)]);
    this.paint();
  }

  draw(event) {
    if (event.pointerId !== this.pointer) return;
    for (const one of event.getCoalescedEvents?.() || [event]) this.strokes.at(-1).push(this.point(one));
    this.paint();
  }

  end() {
    this.pointer = null;
    this.onchange();
  }

  /** As many dots as the screen has: a line on a fine screen stays fine. */
  fit() {
    const scale = window.devicePixelRatio || 1;
    this.node.width = Math.round(this.node.clientWidth * scale);
    this.node.height = Math.round(this.node.clientHeight * scale);
    this.paint();
  }

  paint() {
    const scale = window.devicePixelRatio || 1;
    const pen = this.node.getContext("2d");
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    pen.clearRect(0, 0, this.node.clientWidth, this.node.clientHeight);
    strokeAll(pen, this.strokes);
  }

  /** The signature alone, dark on white, as a data URL of a PNG. */
  picture() {
    const xs = this.strokes.flat().map(([x]) => x);
    const ys = this.strokes.flat().map(([, y]) => y);
    const [left, top] = [Math.min(...xs) - MARGIN, Math.min(...ys) - MARGIN];
    const [width, height] = [Math.max(...xs) + MARGIN - left, Math.max(...ys) + MARGIN - top];
    let scale = Math.min(1.5, MOST_WIDTH / width, MOST_HEIGHT / height);
    let made = "";
    do {
      made = this.render(left, top, width, height, scale);
      scale *= 0.7;
    } while ((made.length * 3) / 4 > MOST_BYTES);
    return made;
  }

  render(left, top, width, height, scale) {
    const canvas = h("canvas", { width: Math.max(1, Math.floor(width * scale)), height: Math.max(1, Math.floor(height * scale)) });
    const pen = canvas.getContext("2d");
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.setTransform(scale, 0, 0, scale, -left * scale, -top * scale);
    strokeAll(pen, this.strokes);
    return canvas.toDataURL("image/png");
  }
}

function strokeAll(pen, strokes) {
  Object.assign(pen, { lineWidth: THICK, lineCap: "round", lineJoin: "round", strokeStyle: "#101820" });
  for (const stroke of strokes) {
    pen.beginPath();
    pen.moveTo(...stroke[0]);
    // A dot is a line too.
    for (const point of stroke.length > 1 ? stroke.slice(1) : stroke) pen.lineTo(...point);
    pen.stroke();
  }
}
