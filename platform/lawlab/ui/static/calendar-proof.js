/** A picture that proves why somebody is on leave: chosen or taken, and made small enough to send. */
import { h, show, sign } from "./dom.js";

const MOST_EDGE = 1280;
const MOST_BYTES = 400000;
const BEST = 0.85;

/** A field to choose a picture; `value` is its data URL or null, `onchange(value)` after each change. */
export class Proof {
  constructor(value, onchange) {
    this.value = value;
    this.onchange = onchange;
    this.busy = false;
    this.input = h("input", { type: "file", accept: "image/*", class: "only-read", id: "leave-proof", onchange: () => this.take() });
    this.word = h("label", { class: "button button-quiet", for: "leave-proof" });
    this.preview = h("div", { class: "proof-preview", role: "status" });
    this.node = h("div", { class: "field" }, h("p", { class: "label" }, "证明的照片"), h("p", { class: "quiet small" }, "例如病历、通知。没有可以先不交，以后再补。"),
      this.input, this.word, this.preview);
    this.draw();
  }

  /** A picture is taken over when it has been made small; until then `busy` is true. */
  async take() {
    const [file] = this.input.files;
    this.input.value = "";
    if (!file) return;
    this.busy = true;
    show(this.preview, h("p", { class: "quiet" }, "正在处理照片…"));
    try {
      this.value = await shrink(file);
      this.draw();
      this.onchange(this.value);
    } catch {
      this.draw();
      this.preview.append(h("p", { class: "wrong-text" }, sign("wrong"), " 这张照片打不开。请换一张，或者重新拍一张。"));
    } finally {
      this.busy = false;
    }
  }

  draw() {
    show(this.word, this.value ? "换一张照片" : "拍照或选照片");
    show(this.preview, this.value && h("img", { src: this.value, alt: "证明的照片" }));
  }
}

/** The picture as a data URL of a JPEG: no edge beyond MOST_EDGE, no more than MOST_BYTES. */
async function shrink(file) {
  const picture = await decode(file);
  let edge = MOST_EDGE;
  let quality = BEST;
  for (;;) {
    const made = render(picture, edge, quality);
    if ((made.length * 3) / 4 <= MOST_BYTES) return made;
    if (quality > 0.5) quality -= 0.12;
    else edge *= 0.8;
  }
}

async function decode(file) {
  try {
    return await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    // Older phones know neither the call nor its option.
    const image = new Image();
    image.src = await new Promise((done, failed) => {
      const reader = new FileReader();
      reader.onload = () => done(reader.result);
      reader.onerror = failed;
      reader.readAsDataURL(file);
    });
    await image.decode();
    return image;
  }
}

function render(picture, edge, quality) {
  const scale = Math.min(1, edge / Math.max(picture.width, picture.height));
  const canvas = h("canvas", { width: Math.max(1, Math.round(picture.width * scale)), height: Math.max(1, Math.round(picture.height * scale)) });
  const pen = canvas.getContext("2d");
  // A JPEG has no transparency: without this it would be black.
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL("image/jpeg", quality);
}
