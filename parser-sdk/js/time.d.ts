/**
 * A point in time, to the millisecond. Written as SOAR's `start_time` and the like want it: ISO 8601
 * in UTC, `2023-11-14T22:13:20.123Z`.
 */
export declare class Timestamp {
    /** Milliseconds since the Unix epoch. @type {bigint} @readonly */
    readonly unixMs: bigint;
    /** @param {bigint | number} unixMs milliseconds since the Unix epoch */
    constructor(unixMs: bigint | number);
    /**
     * The date and time of day where clocks are `offsetMinutes` east of UTC.
     *
     * @param {number} offsetMinutes
     * @returns {DateTime}
     */
    atOffset(offsetMinutes: number): DateTime;
    /** @returns {Date} an invalid one beyond the years that a `Date` knows */
    toDate(): Date;
    toString(): string;
    toJSON(): string;
}
/** A date of the Gregorian calendar with a time of day. Written as `2023-11-14 22:13:20`. */
export declare class DateTime {
    year: number;
    month: number;
    day: number;
    hour: number;
    minute: number;
    second: number;
    millisecond: number;
    /**
     * @param {number} year
     * @param {number} month 1–12
     * @param {number} day 1–31
     * @param {number} hour
     * @param {number} minute
     * @param {number} second
     * @param {number} millisecond
     */
    constructor(year: number, month: number, day: number, hour: number, minute: number, second: number, millisecond: number);
    toString(): string;
    toJSON(): string;
}
