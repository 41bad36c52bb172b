// Makes what JavaScript itself offers fit a parser: its lines go to the log, its clock is the poll's,
// and there is no chance. In a component only, and before the parser's modules are loaded.

import * as log from "./log.js";
import * as poll from "./poll.js";

/** @param {typeof globalThis} global */
export function enter(global) {
  redirect(global.console);
  global.Date = clock(global.Date);
  // It stands still, too.
  if (global.performance) global.performance.now = () => 0;
  global.Math.random = () => chance("Math.random()");
  for (const name of /** @type {const} */ (["getRandomValues", "randomUUID"])) {
    if (global.crypto) Object.defineProperty(global.crypto, name, { value: () => chance(`crypto.${name}()`) });
  }
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
  const now = () => Number(poll.started().utc.unixMs);
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
