// From a function to what the contract's world exports.

import { Batch } from "./batch.js";
import * as log from "./log.js";
import { Output } from "./output.js";
import { Refusal, Rejection, reasonOf, stackOf } from "./rejection.js";

/** @typedef {import("./columns.js").WitBatch} WitBatch */
/** @typedef {import("./output.js").Written} Written */

/** @typedef {{ parseMessages(batch: WitBatch): Written }} MessageParser */

/**
 * Makes a parser of a function that turns the messages of a batch into containers and artifacts. No
 * state outlives a call: every batch meets a fresh instance of the component.
 *
 * An error that leaves it fails the whole batch like a crash: the host looks for the message at fault by
 * cutting the batch in halves. `Refusal` and `Rejection` say that no message of the batch can be handled.
 * To reject a single message, use `batch.each`.
 *
 * @param {(batch: Batch, out: Output) => void} parse
 * @returns {MessageParser}
 */
export function defineParser(parse) {
  return {
    parseMessages(columns) {
      const out = new Output();
      try {
        parse(new Batch(columns), out);
        return out.finish();
      } catch (error) {
        if (error instanceof Refusal) throw error;
        if (error instanceof Rejection) throw new Refusal(error.message);
        // Without it nobody learns more than that the parser crashed.
        log.error([reasonOf(error), ...stackOf(error).slice(0, 12)].join(" | "));
        throw error instanceof Error ? error : new Error(String(error));
      }
    },
  };
}
