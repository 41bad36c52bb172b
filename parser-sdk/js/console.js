// `console` in a component, where there is no other output: lines in the log.

import * as log from "./log.js";

/**
 * Makes `console.log` and its like write to the log.
 *
 * @param {Console} console
 */
export function redirect(console) {
  console.debug = (...items) => log.debug(line(items));
  console.log = console.info = (...items) => log.info(line(items));
  console.warn = (...items) => log.warn(line(items));
  console.error = console.trace = (...items) => log.error(line(items));
}

/** @param {unknown[]} items */
function line(items) {
  return items.map(shown).join(" ");
}

/** @param {unknown} item */
function shown(item) {
  if (typeof item !== "object" || item === null || item instanceof Error) return String(item);
  try {
    return JSON.stringify(item);
  } catch {
    return String(item);
  }
}
