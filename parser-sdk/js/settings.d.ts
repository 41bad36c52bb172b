export type Fields = import("./json.js").Fields;
/** @typedef {import("./json.js").Fields} Fields */
/**
 * The settings; an asset without settings has an empty object. They are the same for a whole poll.
 * The type is yours to claim: nothing checks it.
 *
 * @template [T=Fields]
 * @returns {T}
 */
export declare function get<T = Fields>(): T;
/**
 * The settings as JSON text, always of an object.
 *
 * @returns {string}
 */
export declare function text(): string;
