import assert from "node:assert/strict";
import { test } from "node:test";

import { Timestamp } from "../index.js";

test("dates are those of the calendar", () => {
  for (const ms of [0, -1, 951_782_399_999, 951_782_400_000, 951_868_800_000, 1_700_000_000_123, 4_107_542_400_000, 253_402_300_799_999, -62_135_596_800_000]) {
    assert.equal(new Timestamp(ms).toString(), new Date(ms).toISOString());
    assert.equal(JSON.stringify(new Timestamp(ms)), JSON.stringify(new Date(ms)));
    assert.deepEqual(new Timestamp(ms).toDate(), new Date(ms));
  }
  // Every day of eight centuries, against Date.
  for (let day = -146_097; day < 146_097; day += 1) {
    const ms = day * 86_400_000 + 12_345_678;
    assert.equal(new Timestamp(ms).toString(), new Date(ms).toISOString());
  }
});

test("a timestamp may lie beyond what a Date knows", () => {
  assert.equal(new Timestamp(2n ** 63n - 1n).toString(), "292278994-08-17T07:12:55.807Z");
  assert.equal(new Timestamp(253_402_300_800_000n).toString(), "10000-01-01T00:00:00.000Z");
});

test("local time is ahead in the east", () => {
  const time = new Timestamp(1_700_000_000_999n);
  assert.equal(String(time.atOffset(120)), "2023-11-15 00:13:20");
  assert.equal(String(time.atOffset(-210)), "2023-11-14 18:43:20");
  assert.equal(new Timestamp(2n ** 63n - 1n).atOffset(1080).month, 8);
});
