// What the connector offers a parser. In a component component.js connects it to the imports, in a
// test testing.js stands in; the rest of the SDK knows only this.

/** @typedef {"debug" | "info" | "warn" | "error"} Level */

/**
 * @typedef {object} Host
 * @property {() => string} settings
 * @property {() => { unixMs: bigint, utcOffsetMinutes: number }} started
 * @property {(level: Level, text: string) => void} log
 */

/** @type {Host | undefined} */
let connected;

/**
 * @param {Host | undefined} host
 * @returns {Host | undefined} the one before
 */
export function connect(host) {
  const before = connected;
  connected = host;
  return before;
}

/** @returns {Host} */
export function host() {
  if (connected === undefined) {
    throw new Error(
      "there is no connector here: settings, the poll's time and the log are there while a parser is called, not while its modules are loaded; a test calls a parser with batch(…).parse(parser)",
    );
  }
  return connected;
}
