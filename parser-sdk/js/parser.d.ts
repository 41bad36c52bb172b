import { Batch } from "./batch.js";
import { Output } from "./output.js";
export type WitBatch = import("./columns.js").WitBatch;
export type Written = import("./output.js").Written;
export type MessageParser = {
    parseMessages(batch: WitBatch): Written;
};
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
export declare function defineParser(parse: (batch: Batch, out: Output) => void): MessageParser;
