/** Which key does what while an answer is marked. Typing is never taken for a command. */

/** What a key asks for: ["toggle", 0], ["half", 2], ["all"], ["clear"], ["save"] … or null. */
export function keyAct(event) {
  const { target, key, code, shiftKey, repeat } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || repeat) return null;
  if (target.closest?.("input, textarea, select, summary")) return null;
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(code)?.[1];
  if (digit === "0") return shiftKey ? null : ["clear"];
  if (digit) return [shiftKey ? "half" : "toggle", Number(digit) - 1];
  if (shiftKey) return null;
  // A button keeps its own Enter, but for the points: there the space bar presses.
  if (key === "Enter") return target.closest?.("a, button") && !target.closest(".point") ? null : ["save"];
  return { a: ["all"], c: ["comment"], ArrowLeft: ["previous"] }[key.length === 1 ? key.toLowerCase() : key] || null;
}
