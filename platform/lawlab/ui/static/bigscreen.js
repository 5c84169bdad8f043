/** <lawlab-bigscreen>: a contest for the hall. */
import { h } from "./dom.js";

document.head.append(h("link", { rel: "stylesheet", href: new URL("./bigscreen.css", import.meta.url).href }));

class BigScreen extends HTMLElement {}

customElements.define("lawlab-bigscreen", BigScreen);
