/** localStorage that never throws: a browser that keeps nothing gets memory until the page is left. */

const fallback = new Map();
let disk = null;
try {
  disk = window.localStorage;
  disk.setItem("lawlab.try", "1");
  disk.removeItem("lawlab.try");
} catch {
  disk = null;
}

/** The value kept under a key, or null. */
export function recall(key) {
  try {
    const text = fallback.get(key) || (disk && disk.getItem(key));
    return text ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}

/** Keep a value; null forgets it. */
export function keep(key, value) {
  fallback.delete(key);
  try {
    if (value === null) disk?.removeItem(key);
    else if (disk) disk.setItem(key, JSON.stringify(value));
    else fallback.set(key, JSON.stringify(value));
  } catch {
    // The disk is full: better in memory than nowhere.
    fallback.set(key, JSON.stringify(value));
  }
}

/** All kept keys that begin with `prefix`. */
export function keys(prefix) {
  const found = new Set(fallback.keys());
  for (let n = 0; disk && n < disk.length; n += 1) found.add(disk.key(n));
  return [...found].filter((key) => key.startsWith(prefix));
}
