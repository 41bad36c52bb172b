import { spawnSync } from "node:child_process";
import { join } from "node:path";

/** Where npm has put what package.json asks for, if not here. */
export const MODULES = process.env["SDK_TEST_MODULES"] ?? join(import.meta.dirname, "node_modules");

/**
 * Runs TypeScript's compiler; throws what it says when there is something to say.
 *
 * @param {string} tests the folder with a configuration
 * @param {...string} options
 */
export function tsc(tests, ...options) {
  const ran = spawnSync(join(MODULES, ".bin/tsc"), options, { cwd: tests, encoding: "utf8" });
  if (ran.error) throw ran.error;
  if (ran.status !== 0) throw new Error(ran.stdout + ran.stderr);
}

/**
 * Writes the .d.ts files of a copy of the SDK.
 *
 * @param {string} tests
 * @param {string} out
 */
export function declare(tests, out) {
  tsc(tests, "-p", "tsconfig.types.json", "--outDir", out);
}
