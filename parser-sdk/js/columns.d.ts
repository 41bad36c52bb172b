export type WitColumn = {
    bytes: Uint8Array;
    ends: Uint32Array;
    nulls: Uint32Array;
};
export type WitBatch = {
    topic: string;
    partitions: Int32Array;
    offsets: BigInt64Array;
    timestamps: BigInt64Array;
    keys: WitColumn;
    values: WitColumn;
    headerEnds: Uint32Array;
    headerNames: WitColumn;
    headerValues: WitColumn;
};
/** @typedef {{ bytes: Uint8Array, ends: Uint32Array, nulls: Uint32Array }} WitColumn */
/**
 * @typedef {object} WitBatch
 * @property {string} topic
 * @property {Int32Array} partitions
 * @property {BigInt64Array} offsets
 * @property {BigInt64Array} timestamps
 * @property {WitColumn} keys
 * @property {WitColumn} values
 * @property {Uint32Array} headerEnds
 * @property {WitColumn} headerNames
 * @property {WitColumn} headerValues
 */
/** A column of optional byte strings; its lists are empty when every item is null. */
export declare class Column {
    #private;
    /** @param {WitColumn} column */
    constructor({ bytes, ends, nulls }: WitColumn);
    /**
     * @param {number} index
     * @returns {Uint8Array | undefined}
     */
    get(index: number): Uint8Array | undefined;
}
export declare class Columns {
    partitions: Int32Array<ArrayBufferLike>;
    offsets: BigInt64Array<ArrayBufferLike>;
    timestamps: BigInt64Array<ArrayBufferLike>;
    keys: Column;
    values: Column;
    headerEnds: Uint32Array<ArrayBufferLike>;
    headerNames: Column;
    headerValues: Column;
    /** @param {WitBatch} batch */
    constructor(batch: WitBatch);
}
