export type Level = import("./host.js").Level;
/** @typedef {import("./host.js").Level} Level */
/**
 * Writes one line.
 *
 * @param {Level} level
 * @param {string} text
 */
export declare function write(level: Level, text: string): void;
/** @param {string} text */
export declare function debug(text: string): void;
/** @param {string} text */
export declare function info(text: string): void;
/** @param {string} text */
export declare function warn(text: string): void;
/** @param {string} text */
export declare function error(text: string): void;
