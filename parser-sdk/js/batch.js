// Kafka messages of one topic.

import { Columns } from "./columns.js";
import { Message } from "./message.js";
import { Refusal, reasonOf } from "./rejection.js";

/** @typedef {import("./columns.js").WitBatch} WitBatch */
/** @typedef {import("./output.js").Output} Output */

/**
 * Kafka messages of one topic in the order in which the host read them: offsets ascend within each
 * partition, partitions may interleave. Never empty.
 *
 * How many messages make a batch is up to the asset (10,000 by default), and a poll may take several
 * batches.
 */
export class Batch {
  #columns;

  /** @param {WitBatch} batch */
  constructor(batch) {
    /** The topic's name. @readonly */
    this.topic = batch.topic;
    /** Number of messages. @readonly */
    this.length = batch.offsets.length;
    this.#columns = new Columns(batch);
  }

  /**
   * The messages in order.
   *
   * @returns {Generator<Message, void>}
   */
  *[Symbol.iterator]() {
    for (let index = 0; index < this.length; index += 1) yield new Message(this.#columns, index);
  }

  /**
   * Calls `parse` with every message in order. When it throws, that message is rejected, what was
   * written on `out` for it is taken back, and the next message follows.
   *
   * The reason is that of a `Rejection`; of any other error it is its kind, its place in the parser and
   * the beginning of its text. A `Refusal` refuses the whole batch.
   *
   * @param {Output} out
   * @param {(message: Message) => void} parse
   */
  each(out, parse) {
    for (const message of this) {
      const before = out.mark();
      try {
        parse(message);
      } catch (error) {
        if (error instanceof Refusal) throw error;
        out.takeBack(before);
        out.reject(message, reasonOf(error));
      }
    }
  }
}
