// Why a message or a batch can't be handled.

// What another error says may quote the message, at whatever length it has.
const LONGEST = 160;

/**
 * A message can't be handled, thrown in the function that `batch.each` calls; anywhere else, the whole
 * batch can't.
 *
 * The reason is for the person who looks after the topic: say what is wrong and where. It isn't the
 * place for the message's data, which may be confidential; the connector cuts it at 1 KiB.
 */
export class Rejection extends Error {
  /** @param {string} reason */
  constructor(reason) {
    super(reason);
    this.name = "Rejection";
  }
}

/**
 * No message of this batch can be handled (a setting is missing, say). The poll stops before the batch:
 * nothing of it is delivered or quarantined, and no offset advances.
 */
export class Refusal extends Error {
  /** @param {string} reason */
  constructor(reason) {
    super(reason);
    this.name = "Refusal";
    // What the contract's error is made of.
    this.payload = reason.toWellFormed();
  }
}

/**
 * Throws a `Rejection`.
 *
 * @param {string} reason
 * @returns {never}
 */
export function reject(reason) {
  throw new Rejection(reason);
}

/**
 * Throws a `Refusal`, within `batch.each` too.
 *
 * @param {string} reason
 * @returns {never}
 */
export function refuse(reason) {
  throw new Refusal(reason);
}

/**
 * For a call that makes no sense: the batch is refused, because no message is to blame.
 *
 * @param {string} what
 */
export function bug(what) {
  return new Refusal(`the parser has a bug: ${what}`);
}

/**
 * The reason for something thrown; for anything but a `Rejection` with its place in the parser and the
 * beginning of its text.
 *
 * @param {unknown} thrown
 * @returns {string}
 */
export function reasonOf(thrown) {
  if (thrown instanceof Rejection) return thrown.message;
  const [kind, said] = thrown instanceof Error ? [thrown.name, thrown.message] : ["thrown", String(thrown)];
  const points = [...said.slice(0, 2 * LONGEST + 2)];
  const beginning = points.length > LONGEST ? `${points.slice(0, LONGEST).join("")}…` : said;
  return `${kind}${place(thrown)}${beginning === "" ? "" : `: ${beginning}`}`;
}

/**
 * The innermost place that isn't the SDK's, as ` in parser.js, line 3`.
 *
 * @param {unknown} thrown
 */
function place(thrown) {
  for (const frame of stackOf(thrown)) {
    const [, path = "", line] = /([^\s(@]+\.[cm]?[jt]s):(\d+):\d+/.exec(frame) ?? [];
    if (line !== undefined) return ` in ${path.slice(path.lastIndexOf("/") + 1)}, line ${line}`;
  }
  return "";
}

// Where this SDK's modules are, as stacks tell it: of an error made here, the file of its first frame.
const SDK = /([^\s(@]*)rejection\.js:\d+/.exec(new Error().stack ?? "")?.[1];

/**
 * The frames of a stack, this SDK's and the engine's aside.
 *
 * @param {unknown} thrown
 * @returns {string[]}
 */
export function stackOf(thrown) {
  const stack = thrown instanceof Error ? (thrown.stack ?? "") : "";
  const frames = stack.split("\n").filter((line) => /:\d+:\d+\)?$/.test(line));
  return frames.filter((frame) => !/node:|\/initializer\.js:/.test(frame) && !isOfSdk(frame)).map((frame) => frame.trim());
}

/** @param {string} frame */
function isOfSdk(frame) {
  const path = /([^\s(@]+):\d+:\d+/.exec(frame)?.[1] ?? "";
  return SDK !== undefined && path.startsWith(SDK) && !path.slice(SDK.length).includes("/");
}
