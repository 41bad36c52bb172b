/**
 * The first line of a text, at most `limit` characters (code points) of it. Faster than taking a text to
 * pieces: an engine without a compiler, as a component's is, takes its time for each of them.
 *
 * @param {string} text
 * @param {number} limit
 * @returns {string}
 */
export declare function firstLine(text: string, limit: number): string;
