import assert from "node:assert/strict";
import { test } from "node:test";
import { createContext, runInContext } from "node:vm";

import { defineParser } from "../index.js";
import { enter } from "../sandbox.js";
import { batch } from "../testing.js";

test("in a component the clock is the poll's, lines go to the log and there is no chance", () => {
  const other = createContext({ console: {}, performance: {}, crypto: {}, failure: new Error("c") });
  enter(/** @type {any} */ (runInContext("globalThis", other)));
  const parsed = batch("t")
    .value("x")
    .started(1_700_000_000_123n)
    .parse(
      defineParser(() => {
        const run = (/** @type {string} */ text) => runInContext(text, other);
        assert.equal(run("Date.now()"), 1_700_000_000_123);
        assert.equal(run("new Date().toISOString()"), "2023-11-14T22:13:20.123Z");
        assert.equal(run("new Date(0).toISOString()"), "1970-01-01T00:00:00.000Z");
        assert.equal(run("new Date(1e3) instanceof Date"), true);
        assert.equal(run("performance.now()"), 0);
        assert.throws(() => run("Math.random()"), { message: /^Math\.random\(\) has no place in a parser: / });
        assert.throws(() => run("crypto.randomUUID()"), { message: /^crypto\.randomUUID\(\) has no place/ });
        run("console.log('a', 1, { b: [2] }); console.error(failure); console.warn(undefined)");
      }),
    );
  assert.deepEqual(parsed.log, [
    { level: "info", text: 'a 1 {"b":[2]}' },
    { level: "error", text: "Error: c" },
    { level: "warn", text: "undefined" },
  ]);
  // Without a poll there is no present.
  assert.throws(() => runInContext("Date.now()", other), { message: /^there is no connector here: / });
});
