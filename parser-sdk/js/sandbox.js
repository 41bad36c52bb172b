// Makes what JavaScript itself offers fit a parser: its lines go to the log, its clock is the poll's,
// and there is no chance. In a component only, and before the parser's modules are loaded.
//
// While modules are loaded, which is when the component is built, there is no poll. Libraries look at the
// clock and prepare for chance then, so both are there, and the same in every build.

import { isConnected } from "./host.js";
import * as log from "./log.js";
import * as poll from "./poll.js";

/** @param {typeof globalThis} global */
export function enter(global) {
  redirect(global.console);
  global.Date = clock(global.Date);
  // It stands still, too.
  if (global.performance) global.performance.now = () => 0;
  const next = numbers();
  global.Math.random = () => (isConnected() ? chance("Math.random()") : next());
  if (global.crypto) {
    const values = (/** @type {Uint8Array} */ array) =>
      isConnected() ? chance("crypto.getRandomValues()") : fill(array, next);
    Object.defineProperty(global.crypto, "getRandomValues", { value: values });
    Object.defineProperty(global.crypto, "randomUUID", { value: () => chance("crypto.randomUUID()") });
  }
}

/** The numbers that there are instead of chance: mulberry32. */
function numbers() {
  let state = 1;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * @template {ArrayBufferView} T
 * @param {T} array
 * @param {() => number} next
 * @returns {T}
 */
function fill(array, next) {
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  bytes.forEach((_, index) => (bytes[index] = Math.floor(next() * 256)));
  return array;
}

/** @param {Console} console */
function redirect(console) {
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

/**
 * `Date` whose present is the poll's start.
 *
 * @param {DateConstructor} date
 * @returns {DateConstructor}
 */
function clock(date) {
  const now = () => (isConnected() ? Number(poll.started().utc.unixMs) : 0);
  date.now = now;
  return new Proxy(date, {
    apply: () => new date(now()).toString(),
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
  });
}

/**
 * @param {string} what
 * @returns {never}
 */
function chance(what) {
  throw new Error(
    `${what} has no place in a parser: a batch that is delivered again must give the same output; use the message's partition and offset`,
  );
}
