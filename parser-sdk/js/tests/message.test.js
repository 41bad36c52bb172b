import assert from "node:assert/strict";
import { test } from "node:test";

import { defineParser } from "../index.js";
import { batch } from "../testing.js";

/**
 * Calls `look` with the messages of a batch.
 *
 * @param {import("../testing.js").Given} given
 * @param {(messages: import("../index.js").Message[]) => void} look
 */
function messages(given, look) {
  given.parse(defineParser((seen) => look([...seen])));
}

const bytes = (/** @type {number[]} */ ...all) => Uint8Array.from(all);

test("a message gives back what Kafka held", () => {
  const given = batch("t")
    .record({
      partition: 3,
      offset: 2n ** 63n - 1n,
      timestamp: 1_700_000_000_123n,
      key: "k",
      headers: [
        ["a", "1"],
        ["a", "2"],
        ["b", undefined],
      ],
    })
    .value("plain");
  messages(given, ([first, second]) => {
    assert(first && second);
    assert.deepEqual([first.partition, first.offset, first.index], [3, 9223372036854775807n, 0]);
    assert.equal(String(first.timestamp), "2023-11-14T22:13:20.123Z");
    assert.equal(first.keyText(), "k");
    assert.throws(() => first.text(), { name: "Rejection", message: "the message has no value (a tombstone)" });
    assert.deepEqual(
      first.headers.map(({ name, value }) => [name, value && new TextDecoder().decode(value)]),
      [
        ["a", "1"],
        ["a", "2"],
        ["b", undefined],
      ],
    );
    assert.deepEqual(first.header("a"), bytes(0x32));
    assert.equal(first.header("b"), undefined);

    assert.deepEqual([second.key, second.timestamp, second.offset], [undefined, undefined, 0n]);
    assert.equal(second.text(), "plain");
    assert.deepEqual(second.headers, []);
  });
});

test("an empty value, key or header isn't a missing one", () => {
  const given = batch("t").record({ key: "", value: "", headers: [["h", ""]] }).tombstone();
  messages(given, ([first, second]) => {
    assert(first && second);
    assert.deepEqual([first.key, first.value, first.header("h")], [bytes(), bytes(), bytes()]);
    assert.deepEqual([second.key, second.value, second.header("h")], [undefined, undefined, undefined]);
  });
});

test("offsets go on within partition 0", () => {
  const given = batch("t").record({ offset: 7n }).record({ partition: 1, offset: 99n }).value("x").tombstone();
  messages(given, (all) => assert.deepEqual(all.map(({ offset }) => offset), [7n, 99n, 8n, 9n]));
});

test("a byte order mark is part of the text", () => {
  messages(batch("t").value(bytes(0xef, 0xbb, 0xbf, 0x61)), ([message]) => assert.equal(message?.text(), "\ufeffa"));
});

test("text that isn't UTF-8 names the byte", () => {
  const cases = /** @type {const} */ ([
    [[...Buffer.from("0123456789abcdefg"), 0xff], "0xff at position 17"],
    [[0xe2, 0x82], "0xe2 at position 0"],
    [[0xc3, 0xa9, 0xc0, 0x80], "0xc0 at position 2"],
    [[0xed, 0xa0, 0x80], "0xed at position 0"],
    [[0xe0, 0x9f, 0xbf], "0xe0 at position 0"],
    [[0xf0, 0x8f, 0xbf, 0xbf], "0xf0 at position 0"],
    [[0xf4, 0x90, 0x80, 0x80], "0xf4 at position 0"],
    [[0xf4, 0x8f, 0xbf, 0xbf, 0x80], "0x80 at position 4"],
    [[0x61, 0x05, 0xf0, 0x9f, 0x98], "0xf0 at position 2"],
  ]);
  for (const [value, where] of cases) {
    messages(batch("t").value(bytes(...value)), ([message]) =>
      assert.throws(() => message?.text(), { message: `the value isn't UTF-8 text (byte ${where})` }),
    );
  }
  messages(batch("t").record({ key: bytes(0xff) }), ([message]) =>
    assert.throws(() => message?.keyText(), { message: "the key isn't UTF-8 text (byte 0xff at position 0)" }),
  );
});

test("JSON is read, and what isn't JSON is told", () => {
  messages(batch("t").value('{"host":"h1"}').value("{host}").tombstone(), ([good, bad, none]) => {
    /** @type {{ host: string } | undefined} */
    const event = good?.json();
    assert.equal(event?.host, "h1");
    assert.throws(() => bad?.json(), { name: "Rejection", message: /^the value isn't JSON: ./ });
    assert.throws(() => none?.json(), { message: "the message has no value (a tombstone)" });
  });
});
