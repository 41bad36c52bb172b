// The poll that a batch belongs to, and the only clock there is.

import { host } from "./host.js";
import { Timestamp } from "./time.js";

/** When a poll began. */
export class Instant {
  /**
   * @param {Timestamp} utc
   * @param {number} utcOffsetMinutes
   */
  constructor(utc, utcOffsetMinutes) {
    /** The instant itself. */
    this.utc = utc;
    /** The host's local time is UTC plus this, in minutes east. */
    this.utcOffsetMinutes = utcOffsetMinutes;
  }

  /** The host's local date and time. */
  get local() {
    return this.utc.atOffset(this.utcOffsetMinutes);
  }
}

/**
 * When the poll began. It doesn't advance, and a batch that is delivered again after a crash sees the
 * same instant.
 *
 * @returns {Instant}
 */
export function started() {
  const { unixMs, utcOffsetMinutes } = host().started();
  return new Instant(new Timestamp(unixMs), utcOffsetMinutes);
}
