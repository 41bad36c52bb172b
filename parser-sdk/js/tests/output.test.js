import assert from "node:assert/strict";
import { test } from "node:test";

import { Timestamp, defineParser, log, poll, refuse, reject, settings } from "../index.js";
import { batch } from "../testing.js";

/** @typedef {import("../index.js").Batch} Batch */
/** @typedef {import("../index.js").Output} Output */

const two = () => batch("t").value("a").value("b");

/**
 * @param {(batch: Batch, out: Output) => void} parse
 * @param {import("../testing.js").Given} [given]
 */
function run(parse, given = two()) {
  return given.parse(defineParser(parse));
}

test("members are written in their order, escaped as the contract's other languages do", () => {
  const { text, sources } = run((batch, out) => {
    out.container('q"\\', { severity: "low", tags: ["é", "\u2028\x7f"], start_time: new Timestamp(0), fields: { x: 1n } });
    const [first] = batch;
    out.artifact(/** @type {import("../index.js").Message} */ (first), {
      name: "\0\b\f\n\r\t\x1f",
      cef: { big: 9223372036854775807n, missing: undefined, none: null, list: [true, 1.5], when: new Date(0) },
      type: "host",
    });
  });
  assert.equal(
    text,
    '[{"container":{"name":"q\\"\\\\","severity":"low","tags":["é","\u2028\x7f"],"start_time":"1970-01-01T00:00:00.000Z","x":1},' +
      '"artifacts":[{"name":"\\u0000\\b\\f\\n\\r\\t\\u001f","cef":{"big":9223372036854775807,"none":null,"list":[true,1.5],' +
      '"when":"1970-01-01T00:00:00.000Z"},"type":"host"}]}]',
  );
  assert.deepEqual(sources, [0]);
});

test("playbooks run after a container's last artifact, unless an artifact says otherwise", () => {
  const { text } = run((_, out) => {
    for (const container of ["c", "d"]) {
      out.container(container);
      out.artifactOfBatch({});
      out.artifactOfBatch({ run_automation: true });
      out.artifactOfBatch({ name: "n" });
      out.artifactOfBatch({ name: "last" });
    }
  });
  const artifacts = '[{"run_automation":false},{"run_automation":true},{"name":"n","run_automation":false},{"name":"last"}]';
  assert.equal(text, `[{"container":{"name":"c"},"artifacts":${artifacts}},{"container":{"name":"d"},"artifacts":${artifacts}}]`);
});

test("sources tell the message of every artifact, or nothing", () => {
  const all = run((batch, out) => {
    out.container("c");
    for (const message of [...batch].reverse()) out.artifact(message, {});
  });
  assert.deepEqual(all.sources, [1, 0]);
  const some = run((batch, out) => {
    out.container("c");
    for (const message of batch) out.artifact(message, {});
    out.artifactOfBatch({});
  });
  assert.deepEqual(some.sources, []);
});

test("what is written for a rejected message is taken back", () => {
  const parsed = run(
    (batch, out) => {
      out.container("first");
      batch.each(out, (message) => {
        const text = message.text();
        out.artifact(message, { name: text });
        if (text === "new") out.container("second");
        if (text === "bad") {
          out.container("gone");
          out.artifact(message, {});
          reject("it is bad");
        }
      });
    },
    batch("t").value("a").value("bad").value("new").value("bad").value("b").tombstone(),
  );
  assert.deepEqual(
    parsed.ingests.map(({ container, artifacts }) => [container.name, artifacts.map(({ name }) => name)]),
    [
      ["first", ["a", "new"]],
      ["second", ["b"]],
    ],
  );
  assert.deepEqual(parsed.sources, [0, 2, 4]);
  assert.deepEqual(parsed.rejections, [
    { index: 1, reason: "it is bad" },
    { index: 3, reason: "it is bad" },
    { index: 5, reason: "the message has no value (a tombstone)" },
  ]);
});

test("any error rejects a message, with its place and the beginning of its text", () => {
  const { rejections } = run((batch, out) => {
    batch.each(out, (message) => {
      if (message.text() === "a") throw new RangeError("secret".repeat(100));
      JSON.parse("{");
    });
  });
  const [long, json] = rejections;
  assert.match(long?.reason ?? "", /^RangeError in output\.test\.js, line \d+: (secret){26}secr…$/);
  assert.match(json?.reason ?? "", /^SyntaxError in output\.test\.js, line \d+: ./);
});

test("a container without artifacts stays, unless it is to be skipped", () => {
  const parsed = run((_, out) => {
    out.container("kept");
    out.container("skipped", {}, { skipIfEmpty: true });
    out.container("full", {}, { skipIfEmpty: true });
    out.artifactOfBatch({});
    assert.equal(out.artifacts, 1);
  });
  assert.deepEqual(parsed.ingests.map(({ container }) => container.name), ["kept", "full"]);
  assert.equal(run(() => {}).text, "");
});

test("a member that isn't JSON rejects the message and is named", () => {
  /** @type {Record<string, any>} */
  const circular = {};
  circular["again"] = circular;
  for (const [members, reason] of /** @type {const} */ ([
    [{ cef: { half: "\ud800" } }, "`cef` can't be written as JSON: a text in it has half a surrogate pair"],
    [{ name: "\\\udfff" }, "`name` can't be written as JSON: a text in it has half a surrogate pair"],
    [{ name: "n", data: circular }, /^`data` can't be written as JSON: ./],
  ])) {
    const { rejections, text } = run((batch, out) => {
      batch.each(out, (message) => {
        out.container("c");
        out.artifact(message, members);
      });
    }, batch("t").value("x"));
    assert.equal(text, "");
    if (typeof reason === "string") assert.equal(rejections[0]?.reason, reason);
    else assert.match(rejections[0]?.reason ?? "", reason);
  }
  // Text that only looks like half a pair.
  assert.equal(run((_, out) => out.container("\\ud800 😀")).ingests[0]?.container.name, "\\ud800 😀");
});

test("a call that makes no sense refuses the batch", () => {
  const first = (/** @type {Batch} */ batch) => /** @type {import("../index.js").Message} */ ([...batch][0]);
  /** @type {[(batch: Batch, out: Output) => void, string][]} */
  const cases = [
    [(batch, out) => out.artifact(first(batch), {}), "it adds an artifact before it opens a container"],
    [(batch, out) => batch.each(out, (message) => out.artifact(message, {})), "it adds an artifact before it opens a container"],
    [(_, out) => out.container("c", { fields: { name: "d" } }), "it sets `name` twice"],
    [
      (batch, out) => {
        out.container("c");
        out.artifact(first(batch), {});
        out.reject(first(batch), "no");
      },
      "it rejects message 0 of the batch and makes an artifact of it",
    ],
  ];
  for (const [parse, what] of cases) {
    assert.throws(() => run(parse), { name: "Refusal", message: `the parser has a bug: ${what}` });
  }
});

test("a refusal refuses the batch wherever it is thrown, a rejection outside of `each`", () => {
  assert.throws(() => run(() => reject("no label")), { name: "Refusal", payload: "no label" });
  assert.throws(() => run((batch, out) => batch.each(out, () => refuse("no label"))), { name: "Refusal", payload: "no label" });
});

test("any other error fails the batch", () => {
  const broken = () => {
    throw new TypeError("broken");
  };
  assert.throws(() => run(broken), { name: "TypeError", message: "broken" });
});

test("a message that is rejected twice keeps the first reason", () => {
  const { rejections } = run((batch, out) => {
    for (const message of [...batch].reverse()) {
      out.reject(message, "one");
      out.reject(message, "two");
    }
    assert.equal(out.rejections, 2);
  });
  assert.deepEqual(rejections, [
    { index: 0, reason: "one" },
    { index: 1, reason: "one" },
  ]);
});

test("settings, the poll's start and the log are the test's", () => {
  const given = two().settings({ label: "é" }).started(1_700_000_000_000, 60);
  for (let round = 0; round < 2; round += 1) {
    const parsed = run((_, out) => {
      const { label } = settings.get();
      const { utc, utcOffsetMinutes, local } = poll.started();
      out.container(`${label} ${utc} ${utcOffsetMinutes} ${local}`);
      log.debug("one");
      log.warn("half \ud800");
      log.error("three");
    }, given);
    assert.equal(parsed.ingests[0]?.container.name, "é 2023-11-14T22:13:20.000Z 60 2023-11-14 23:13:20");
    assert.deepEqual(parsed.log, [
      { level: "debug", text: "one" },
      { level: "warn", text: "half \ufffd" },
      { level: "error", text: "three" },
    ]);
  }
  assert.throws(() => settings.get(), { message: /^there is no connector here: / });
});
