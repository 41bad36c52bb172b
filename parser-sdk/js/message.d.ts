import { Timestamp } from "./time.js";
export type Columns = import("./columns.js").Columns;
export type Header = {
    name: string;
    value: Uint8Array | undefined;
};
/** @typedef {import("./columns.js").Columns} Columns */
/**
 * A record's header. Names may repeat within a record; a header without a value isn't the same as one
 * with an empty value.
 *
 * @typedef {{ name: string, value: Uint8Array | undefined }} Header
 */
/** A Kafka record: a view into its batch. */
export declare class Message {
    #private;
    /** Index in the batch, from 0. @readonly */
    index: number;
    /**
     * @param {Columns} columns
     * @param {number} index
     */
    constructor(columns: Columns, index: number);
    /** The partition it was read from. @returns {number} */
    get partition(): number;
    /** Its offset in that partition. @returns {bigint} */
    get offset(): bigint;
    /**
     * When it was produced or appended, whichever the topic keeps; `undefined` when it keeps nothing.
     *
     * @returns {Timestamp | undefined}
     */
    get timestamp(): Timestamp | undefined;
    /** The key's bytes. @returns {Uint8Array | undefined} */
    get key(): Uint8Array | undefined;
    /** The value's bytes; `undefined` is a tombstone. See also `bytes()`. @returns {Uint8Array | undefined} */
    get value(): Uint8Array | undefined;
    /**
     * The key as text; `undefined` for a message without a key.
     *
     * @returns {string | undefined}
     * @throws {Rejection} when the key isn't UTF-8
     */
    keyText(): string | undefined;
    /**
     * The value's bytes.
     *
     * @returns {Uint8Array}
     * @throws {Rejection} when the message has no value
     */
    bytes(): Uint8Array;
    /**
     * The value as text.
     *
     * @returns {string}
     * @throws {Rejection} when the message has no value, or one that isn't UTF-8; the reason names the
     *   first byte at fault and its position from 0
     */
    text(): string;
    /**
     * The value as JSON. The type is yours to claim: nothing checks it. Integers beyond 2^53 are rounded.
     *
     * @template [T=any]
     * @returns {T}
     * @throws {Rejection} when the message has no value, or one that isn't JSON
     */
    json<T = any>(): T;
    /** The headers in order. @returns {Header[]} */
    get headers(): Header[];
    /**
     * The value of the last header with this name: where a name repeats, Kafka's clients take the last
     * one. `undefined` when there is no such header or it has no value.
     *
     * @param {string} name
     * @returns {Uint8Array | undefined}
     */
    header(name: string): Uint8Array | undefined;
}
