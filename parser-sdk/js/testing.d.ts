export type WitColumn = import("./columns.js").WitColumn;
export type WitBatch = import("./columns.js").WitBatch;
export type Level = import("./host.js").Level;
export type MessageParser = import("./parser.js").MessageParser;
export type Bytes = Uint8Array | string;
export type Record = {
    partition?: number | undefined;
    offset?: bigint | undefined;
    /**
     * milliseconds since the Unix epoch
     */
    timestamp?: bigint | undefined;
    key?: Bytes | undefined;
    value?: Bytes | undefined;
    /**
     * names and values
     */
    headers?: (readonly [string, Bytes | undefined])[] | undefined;
};
export type Parsed = {
    /**
     * the JSON text as the connector gets it; empty when there is no container
     */
    text: string;
    /**
     * the same, read
     */
    ingests: {
        container: any;
        artifacts: any[];
    }[];
    /**
     * for each artifact the index of its message; empty when the parser doesn't tell
     */
    sources: number[];
    /**
     * by index
     */
    rejections: {
        index: number;
        reason: string;
    }[];
    /**
     * lines that the parser wrote
     */
    log: {
        level: Level;
        text: string;
    }[];
};
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
export declare function batch(topic: string): Given;
/** What a parser is given: messages, settings and the time. */
export declare class Given {
    #private;
    /** @param {string} topic */
    constructor(topic: string);
    /**
     * Adds a message with this value to partition 0, without key, timestamp or headers.
     *
     * @param {Bytes} value
     */
    value(value: Bytes): this;
    /** Adds a message without a value to partition 0. */
    tombstone(): this;
    /** @param {Record} record */
    record(record: Record): this;
    /**
     * Sets `parser_settings`, an object or its JSON text; `{}` otherwise.
     *
     * @param {object | string} settings
     */
    settings(settings: object | string): this;
    /**
     * Sets when the poll began, and how far east of UTC the host's clock is; 1970 in UTC otherwise.
     *
     * @param {bigint | number} unixMs
     * @param {number} [utcOffsetMinutes]
     */
    started(unixMs: bigint | number, utcOffsetMinutes?: number): this;
    /**
     * Runs a parser and reads what it wrote.
     *
     * @param {MessageParser} parser
     * @returns {Parsed}
     * @throws {import("./rejection.js").Refusal} when the parser refuses the batch
     */
    parse(parser: MessageParser): Parsed;
}
