export type Json = null | boolean | number | bigint | string | Json[] | {
    toJSON(): unknown;
} | {
    [field: string]: Json | undefined;
};
export type Fields = {
    [field: string]: Json | undefined;
};
/**
 * What can be written as JSON. A `bigint` becomes an integer with all its digits; what has a `toJSON`
 * (a `Date`, a `Timestamp`) becomes what that returns; a member that is `undefined` is left out.
 *
 * @typedef {null | boolean | number | bigint | string | Json[] | { toJSON(): unknown } | { [field: string]: Json | undefined }} Json
 */
/** @typedef {{ [field: string]: Json | undefined }} Fields */
/**
 * The text of an object. Escaped is what RFC 8259 demands, nothing else.
 *
 * @param {Fields} object
 * @returns {string}
 * @throws {Rejection} naming the member that can't be written
 */
export declare function stringify(object: Fields): string;
/**
 * Reads JSON text and says in the SDK's words what is wrong with it.
 *
 * @param {string} what
 * @param {string} text
 * @returns {any}
 */
export declare function parse(what: string, text: string): any;
