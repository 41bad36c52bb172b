/**
 * @param {string} what
 * @param {Uint8Array} bytes
 * @returns {string}
 * @throws {Rejection} naming the first byte at fault and its position from 0
 */
export declare function text(what: string, bytes: Uint8Array): string;
