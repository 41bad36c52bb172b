import { Timestamp } from "./time.js";
/** When a poll began. */
export declare class Instant {
    /** The instant itself. */
    utc: Timestamp;
    /** The host's local time is UTC plus this, in minutes east. */
    utcOffsetMinutes: number;
    /**
     * @param {Timestamp} utc
     * @param {number} utcOffsetMinutes
     */
    constructor(utc: Timestamp, utcOffsetMinutes: number);
    /** The host's local date and time. */
    get local(): import("./time.js").DateTime;
}
/**
 * When the poll began. It doesn't advance, and a batch that is delivered again after a crash sees the
 * same instant.
 *
 * @returns {Instant}
 */
export declare function started(): Instant;
