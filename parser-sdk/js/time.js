// Points in time and how they are written. Not `Date`: a Kafka timestamp has 64 bits, and a `Date`
// ends in the year 275760.

const MINUTE = 60_000n;
const DAY = 24n * 60n * MINUTE;
const LAST = 2n ** 63n - 1n;
const FIRST = -(2n ** 63n);

/**
 * A point in time, to the millisecond. Written as SOAR's `start_time` and the like want it: ISO 8601
 * in UTC, `2023-11-14T22:13:20.123Z`.
 */
export class Timestamp {
  /** Milliseconds since the Unix epoch. @type {bigint} @readonly */
  unixMs;

  /** @param {bigint | number} unixMs milliseconds since the Unix epoch */
  constructor(unixMs) {
    this.unixMs = BigInt(unixMs);
  }

  /**
   * The date and time of day where clocks are `offsetMinutes` east of UTC.
   *
   * @param {number} offsetMinutes
   * @returns {DateTime}
   */
  atOffset(offsetMinutes) {
    const shifted = this.unixMs + BigInt(offsetMinutes) * MINUTE;
    const ms = shifted > LAST ? LAST : shifted < FIRST ? FIRST : shifted;
    // BigInt division rounds towards zero, a calendar down.
    const within = ((ms % DAY) + DAY) % DAY;
    const { year, month, day } = civil(Number((ms - within) / DAY));
    const rest = Number(within);
    return new DateTime(
      year,
      month,
      day,
      Math.floor(rest / 3_600_000),
      Math.floor(rest / 60_000) % 60,
      Math.floor(rest / 1000) % 60,
      rest % 1000,
    );
  }

  /** @returns {Date} an invalid one beyond the years that a `Date` knows */
  toDate() {
    return new Date(Number(this.unixMs));
  }

  toString() {
    const at = this.atOffset(0);
    return `${date(at)}T${timeOfDay(at)}.${String(at.millisecond).padStart(3, "0")}Z`;
  }

  toJSON() {
    return this.toString();
  }
}

/** A date of the Gregorian calendar with a time of day. Written as `2023-11-14 22:13:20`. */
export class DateTime {
  /**
   * @param {number} year
   * @param {number} month 1–12
   * @param {number} day 1–31
   * @param {number} hour
   * @param {number} minute
   * @param {number} second
   * @param {number} millisecond
   */
  constructor(year, month, day, hour, minute, second, millisecond) {
    this.year = year;
    this.month = month;
    this.day = day;
    this.hour = hour;
    this.minute = minute;
    this.second = second;
    this.millisecond = millisecond;
  }

  toString() {
    return `${date(this)} ${timeOfDay(this)}`;
  }

  toJSON() {
    return this.toString();
  }
}

/** @param {DateTime} at */
function date({ year, month, day }) {
  const digits = String(Math.abs(year)).padStart(year < 0 ? 3 : 4, "0");
  return `${year < 0 ? "-" : ""}${digits}-${two(month)}-${two(day)}`;
}

/** @param {DateTime} at */
function timeOfDay({ hour, minute, second }) {
  return `${two(hour)}:${two(minute)}:${two(second)}`;
}

/** @param {number} n */
function two(n) {
  return String(n).padStart(2, "0");
}

/**
 * Year, month and day of a number of days since 1970-01-01, proleptic Gregorian: Howard Hinnant's
 * `civil_from_days`. A year begins in March here, so that the leap day is its last.
 *
 * @param {number} sinceEpoch
 */
function civil(sinceEpoch) {
  const ERA = 146_097;
  const days = sinceEpoch + 719_468;
  const era = Math.floor(days / ERA);
  const dayOfEra = days - era * ERA;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  const month = monthFromMarch + (monthFromMarch < 10 ? 3 : -9);
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day };
}
