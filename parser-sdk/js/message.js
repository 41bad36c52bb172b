// One Kafka record.

import { parse } from "./json.js";
import { Rejection } from "./rejection.js";
import { Timestamp } from "./time.js";
import { text } from "./utf8.js";

/** @typedef {import("./columns.js").Columns} Columns */

/**
 * A record's header. Names may repeat within a record; a header without a value isn't the same as one
 * with an empty value.
 *
 * @typedef {{ name: string, value: Uint8Array | undefined }} Header
 */

/** A Kafka record: a view into its batch. */
export class Message {
  /** @type {Columns} */
  #columns;

  /**
   * @param {Columns} columns
   * @param {number} index
   */
  constructor(columns, index) {
    this.#columns = columns;
    /** Index in the batch, from 0. @readonly */
    this.index = index;
  }

  /** The partition it was read from. @returns {number} */
  get partition() {
    return this.#columns.partitions[this.index] ?? 0;
  }

  /** Its offset in that partition. @returns {bigint} */
  get offset() {
    return this.#columns.offsets[this.index] ?? 0n;
  }

  /**
   * When it was produced or appended, whichever the topic keeps; `undefined` when it keeps nothing.
   *
   * @returns {Timestamp | undefined}
   */
  get timestamp() {
    const ms = this.#columns.timestamps[this.index] ?? -1n;
    return ms < 0n ? undefined : new Timestamp(ms);
  }

  /** The key's bytes. @returns {Uint8Array | undefined} */
  get key() {
    return this.#columns.keys.get(this.index);
  }

  /** The value's bytes; `undefined` is a tombstone. See also `bytes()`. @returns {Uint8Array | undefined} */
  get value() {
    return this.#columns.values.get(this.index);
  }

  /**
   * The key as text; `undefined` for a message without a key.
   *
   * @returns {string | undefined}
   * @throws {Rejection} when the key isn't UTF-8
   */
  keyText() {
    const key = this.key;
    return key && text("the key", key);
  }

  /**
   * The value's bytes.
   *
   * @returns {Uint8Array}
   * @throws {Rejection} when the message has no value
   */
  bytes() {
    const value = this.value;
    if (value === undefined) throw new Rejection("the message has no value (a tombstone)");
    return value;
  }

  /**
   * The value as text.
   *
   * @returns {string}
   * @throws {Rejection} when the message has no value, or one that isn't UTF-8; the reason names the
   *   first byte at fault and its position from 0
   */
  text() {
    return text("the value", this.bytes());
  }

  /**
   * The value as JSON. The type is yours to claim: nothing checks it. Integers beyond 2^53 are rounded.
   *
   * @template [T=any]
   * @returns {T}
   * @throws {Rejection} when the message has no value, or one that isn't JSON
   */
  json() {
    return parse("the value", this.text());
  }

  /** The headers in order. @returns {Header[]} */
  get headers() {
    const { headerEnds, headerNames, headerValues } = this.#columns;
    const end = headerEnds[this.index];
    if (end === undefined) return [];
    const headers = [];
    for (let at = headerEnds[this.index - 1] ?? 0; at < end; at += 1) {
      const name = headerNames.get(at);
      headers.push({ name: name ? text("a header's name", name) : "", value: headerValues.get(at) });
    }
    return headers;
  }

  /**
   * The value of the last header with this name: where a name repeats, Kafka's clients take the last
   * one. `undefined` when there is no such header or it has no value.
   *
   * @param {string} name
   * @returns {Uint8Array | undefined}
   */
  header(name) {
    return this.headers.findLast((header) => header.name === name)?.value;
  }
}
