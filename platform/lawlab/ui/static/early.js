// A plain script for the head: large type is set before the first paint, so the page never jumps.
try {
  if (localStorage.getItem("lawlab.type") === "large") document.documentElement.dataset.type = "large";
} catch {
  // A browser that keeps nothing shows the usual size.
}
