import { Message } from "./message.js";
export type WitBatch = import("./columns.js").WitBatch;
export type Output = import("./output.js").Output;
/** @typedef {import("./columns.js").WitBatch} WitBatch */
/** @typedef {import("./output.js").Output} Output */
/**
 * Kafka messages of one topic in the order in which the host read them: offsets ascend within each
 * partition, partitions may interleave. Never empty.
 *
 * How many messages make a batch is up to the asset (10,000 by default), and a poll may take several
 * batches.
 */
export declare class Batch {
    #private;
    /** The topic's name. @readonly */
    topic: string;
    /** Number of messages. @readonly */
    length: number;
    /** @param {WitBatch} batch */
    constructor(batch: WitBatch);
    /**
     * The messages in order.
     *
     * @returns {Generator<Message, void>}
     */
    [Symbol.iterator](): Generator<Message, void>;
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
    each(out: Output, parse: (message: Message) => void): void;
}
