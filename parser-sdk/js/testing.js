// Running a parser natively, in a test:
//
//     const parsed = batch("topic").value("hi").tombstone().parse(parser);
//     assert.equal(parsed.ingests[0].artifacts[0].cef.message, "hi");
//     assert.equal(parsed.rejections[0].reason, "the message has no value (a tombstone)");

import { connect } from "./host.js";

/** @typedef {import("./columns.js").WitColumn} WitColumn */
/** @typedef {import("./columns.js").WitBatch} WitBatch */
/** @typedef {import("./host.js").Level} Level */
/** @typedef {import("./parser.js").MessageParser} MessageParser */

/** Text stands for its UTF-8. @typedef {Uint8Array | string} Bytes */

/**
 * A Kafka record; without members, a tombstone at offset 0 of partition 0.
 *
 * @typedef {object} Record
 * @property {number | undefined} [partition]
 * @property {bigint | undefined} [offset]
 * @property {bigint | undefined} [timestamp] milliseconds since the Unix epoch
 * @property {Bytes | undefined} [key]
 * @property {Bytes | undefined} [value]
 * @property {(readonly [string, Bytes | undefined])[] | undefined} [headers] names and values
 */

/**
 * What a parser made of a batch.
 *
 * @typedef {object} Parsed
 * @property {string} text the JSON text as the connector gets it; empty when there is no container
 * @property {{ container: any, artifacts: any[] }[]} ingests the same, read
 * @property {number[]} sources for each artifact the index of its message; empty when the parser doesn't tell
 * @property {{ index: number, reason: string }[]} rejections by index
 * @property {{ level: Level, text: string }[]} log lines that the parser wrote
 */

/**
 * Begins a batch of messages of a topic.
 *
 * @param {string} topic
 */
export function batch(topic) {
  return new Given(topic);
}

/** What a parser is given: messages, settings and the time. */
export class Given {
  #topic;
  /** @type {Record[]} */
  #records = [];
  #settings = "{}";
  #started = { unixMs: 0n, utcOffsetMinutes: 0 };

  /** @param {string} topic */
  constructor(topic) {
    this.#topic = topic;
  }

  /**
   * Adds a message with this value to partition 0, without key, timestamp or headers.
   *
   * @param {Bytes} value
   */
  value(value) {
    return this.record({ offset: this.#nextOffset(), value });
  }

  /** Adds a message without a value to partition 0. */
  tombstone() {
    return this.record({ offset: this.#nextOffset() });
  }

  /** @param {Record} record */
  record(record) {
    this.#records.push(record);
    return this;
  }

  /**
   * Sets `parser_settings`, an object or its JSON text; `{}` otherwise.
   *
   * @param {object | string} settings
   */
  settings(settings) {
    this.#settings = typeof settings === "string" ? settings : JSON.stringify(settings);
    return this;
  }

  /**
   * Sets when the poll began, and how far east of UTC the host's clock is; 1970 in UTC otherwise.
   *
   * @param {bigint | number} unixMs
   * @param {number} [utcOffsetMinutes]
   */
  started(unixMs, utcOffsetMinutes = 0) {
    this.#started = { unixMs: BigInt(unixMs), utcOffsetMinutes };
    return this;
  }

  /**
   * Runs a parser and reads what it wrote.
   *
   * @param {MessageParser} parser
   * @returns {Parsed}
   * @throws {import("./rejection.js").Refusal} when the parser refuses the batch
   */
  parse(parser) {
    /** @type {Parsed["log"]} */
    const log = [];
    const before = connect({
      settings: () => this.#settings,
      started: () => this.#started,
      log: (level, text) => log.push({ level, text }),
    });
    try {
      const { ingests, sources, rejections } = parser.parseMessages(this.#columns());
      const read = ingests === "" ? [] : JSON.parse(ingests);
      return { text: ingests, ingests: read, sources: [...sources], rejections, log };
    } finally {
      connect(before);
    }
  }

  #nextOffset() {
    const last = this.#records.findLast(({ partition = 0 }) => partition === 0);
    return last === undefined ? 0n : (last.offset ?? 0n) + 1n;
  }

  /** @returns {WitBatch} */
  #columns() {
    const records = this.#records;
    const headers = records.flatMap((record) => record.headers ?? []);
    let end = 0;
    const ends = records.map((record) => (end += record.headers?.length ?? 0));
    return {
      topic: this.#topic,
      partitions: Int32Array.from(records, ({ partition = 0 }) => partition),
      offsets: BigInt64Array.from(records, ({ offset = 0n }) => offset),
      timestamps: BigInt64Array.from(records, ({ timestamp = -1n }) => timestamp),
      keys: column(records.map(({ key }) => key)),
      values: column(records.map(({ value }) => value)),
      // A batch without headers has no list of their ends.
      headerEnds: Uint32Array.from(headers.length === 0 ? [] : ends),
      headerNames: column(headers.map(([name]) => name)),
      headerValues: column(headers.map(([, value]) => value)),
    };
  }
}

/**
 * A column as the connector makes it.
 *
 * @param {(Bytes | undefined)[]} items
 * @returns {WitColumn}
 */
function column(items) {
  if (items.every((item) => item === undefined)) {
    return { bytes: new Uint8Array(), ends: new Uint32Array(), nulls: new Uint32Array() };
  }
  const encoder = new TextEncoder();
  const parts = items.map((item = "") => (typeof item === "string" ? encoder.encode(item) : item));
  let end = 0;
  const ends = Uint32Array.from(parts, (part) => (end += part.length));
  const bytes = new Uint8Array(end);
  parts.forEach((part, index) => bytes.set(part, (ends[index] ?? 0) - part.length));
  const nulls = items.flatMap((item, index) => (item === undefined ? [index] : []));
  return { bytes, ends, nulls: Uint32Array.from(nulls) };
}
