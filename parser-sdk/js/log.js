// Lines for the person who runs the connector. It escapes control characters, cuts a line at 4 KiB,
// and stops a parser whose lines for one batch pass the asset's limit (64 KiB by default): a line a
// batch is fine, a line a message isn't.

import { host } from "./host.js";

/** @typedef {import("./host.js").Level} Level */

/**
 * Writes one line.
 *
 * @param {Level} level
 * @param {string} text
 */
export function write(level, text) {
  host().log(level, text.toWellFormed());
}

/** @param {string} text */
export function debug(text) {
  write("debug", text);
}

/** @param {string} text */
export function info(text) {
  write("info", text);
}

/** @param {string} text */
export function warn(text) {
  write("warn", text);
}

/** @param {string} text */
export function error(text) {
  write("error", text);
}
