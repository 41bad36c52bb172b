// The asset's `parser_settings`.

import { host } from "./host.js";
import { parse } from "./json.js";

/** @typedef {import("./json.js").Fields} Fields */

/**
 * The settings; an asset without settings has an empty object. They are the same for a whole poll.
 * The type is yours to claim: nothing checks it.
 *
 * @template [T=Fields]
 * @returns {T}
 */
export function get() {
  return parse("`parser_settings`", text());
}

/**
 * The settings as JSON text, always of an object.
 *
 * @returns {string}
 */
export function text() {
  return host().settings();
}
