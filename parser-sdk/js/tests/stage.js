// A copy of the SDK and its tests without .d.ts files, for the compiler: it would read those instead of
// the modules that it is to check and to write them from.

import { cpSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { MODULES } from "./compiler.js";

const HERE = import.meta.dirname;

/**
 * @template T
 * @param {(tests: string) => T} use gets the copy's folder of tests
 * @returns {T}
 */
export function staged(use) {
  const sdk = mkdtempSync(join(tmpdir(), "kafka-soar-sdk-"));
  try {
    for (const [from, to] of /** @type {const} */ ([
      [join(HERE, ".."), sdk],
      [HERE, join(sdk, "tests")],
    ])) {
      for (const name of readdirSync(from)) {
        if (/\.js(on)?$/.test(name)) cpSync(join(from, name), join(to, name));
      }
    }
    symlinkSync(MODULES, join(sdk, "tests/node_modules"));
    return use(join(sdk, "tests"));
  } finally {
    rmSync(sdk, { recursive: true });
  }
}
