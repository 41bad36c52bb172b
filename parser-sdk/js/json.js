// JSON as the contract wants it: the same text for the same value as every other SDK.

import { Rejection } from "./rejection.js";

/**
 * What can be written as JSON. A `bigint` becomes an integer with all its digits; what has a `toJSON`
 * (a `Date`, a `Timestamp`) becomes what that returns; a member that is `undefined` is left out.
 *
 * @typedef {null | boolean | number | bigint | string | Json[] | { toJSON(): unknown } | { [field: string]: Json | undefined }} Json
 */
/** @typedef {{ [field: string]: Json | undefined }} Fields */

/**
 * The text of an object. Escaped is what RFC 8259 demands, nothing else.
 *
 * @param {Fields} object
 * @returns {string}
 * @throws {Rejection} naming the member that can't be written
 */
export function stringify(object) {
  const text = attempt(object);
  if (typeof text === "string") return text;
  for (const [key, value] of Object.entries(object)) {
    const one = attempt({ [key]: value });
    if (typeof one !== "string") throw cannot(key, one.fault);
  }
  throw cannot("cef", text.fault);
}

/**
 * @param {string} key
 * @param {string} fault
 */
function cannot(key, fault) {
  return new Rejection(`\`${key}\` can't be written as JSON: ${fault}`);
}

/**
 * @param {Fields} object
 * @returns {string | { fault: string }}
 */
function attempt(object) {
  let text;
  try {
    text = JSON.stringify(object);
  } catch {
    // A bigint, or something that no second try helps. A replacer takes its time, so not at first.
    try {
      text = JSON.stringify(object, digits);
    } catch (error) {
      return { fault: error instanceof Error ? error.message : String(error) };
    }
  }
  return hasLoneSurrogate(text) ? { fault: "a text in it has half a surrogate pair" } : text;
}

/**
 * @param {string} _key
 * @param {unknown} value
 */
function digits(_key, value) {
  return typeof value === "bigint" ? rawJson(String(value)) : value;
}

/** Newer than TypeScript's library. @type {(text: string) => unknown} */
const rawJson = /** @type {any} */ (JSON).rawJSON;

/**
 * Whether JSON text has an escape of half a surrogate pair: `JSON.stringify` writes these and no
 * other that begins with `\ud`.
 *
 * @param {string} json
 */
function hasLoneSurrogate(json) {
  if (!json.includes("\\ud")) return false;
  // An escaped backslash may stand before `ud`.
  return json.replaceAll("\\\\", "").includes("\\ud");
}

/**
 * Reads JSON text and says in the SDK's words what is wrong with it.
 *
 * @param {string} what
 * @param {string} text
 * @returns {any}
 */
export function parse(what, text) {
  try {
    return JSON.parse(text);
  } catch (error) {
    const fault = error instanceof Error ? error.message : String(error);
    const plain = fault.replace(/^JSON\.parse: /, "").replace(/ of the JSON data$/, "");
    throw new Rejection(`${what} isn't JSON: ${plain}`);
  }
}
