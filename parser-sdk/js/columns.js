// A batch as the contract hands it over: column by column.

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
export class Column {
  #bytes;
  #ends;
  #nulls;

  /** @param {WitColumn} column */
  constructor({ bytes, ends, nulls }) {
    this.#bytes = bytes;
    this.#ends = ends;
    this.#nulls = new Set(nulls);
  }

  /**
   * @param {number} index
   * @returns {Uint8Array | undefined}
   */
  get(index) {
    const end = this.#ends[index];
    if (end === undefined || this.#nulls.has(index)) return undefined;
    return this.#bytes.subarray(this.#ends[index - 1] ?? 0, end);
  }
}

export class Columns {
  /** @param {WitBatch} batch */
  constructor(batch) {
    this.partitions = batch.partitions;
    this.offsets = batch.offsets;
    this.timestamps = batch.timestamps;
    this.keys = new Column(batch.keys);
    this.values = new Column(batch.values);
    this.headerEnds = batch.headerEnds;
    this.headerNames = new Column(batch.headerNames);
    this.headerValues = new Column(batch.headerValues);
  }
}
