import assert from "node:assert/strict";
import { mkdirSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { declare, tsc } from "./compiler.js";
import { staged } from "./stage.js";

test("the SDK and its tests are typed", () => staged((tests) => tsc(tests)));

test("the .d.ts files are those of the modules", () =>
  staged((tests) => {
    const [committed, fresh] = [join(import.meta.dirname, ".."), join(tests, "fresh")];
    mkdirSync(fresh);
    declare(tests, fresh);
    const names = (/** @type {string} */ folder) => readdirSync(folder).filter((name) => name.endsWith(".d.ts"));
    assert.deepEqual(names(committed), names(fresh), "run npm run types");
    for (const name of names(fresh)) {
      const [old, now] = [committed, fresh].map((folder) => readFileSync(join(folder, name), "utf8"));
      assert.equal(old, now, `${name} is old: run npm run types`);
    }
  }));
