import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { MODULES } from "./compiler.js";

const here = import.meta.dirname;
const sdk = join(here, "..");
const wit = join(sdk, "../../wit/v1");

/**
 * Makes a project of a template, as `kafka-soar parser new` does.
 *
 * @param {string} template
 * @param {(project: string) => void} use
 */
function project(template, use) {
  const folder = mkdtempSync(join(tmpdir(), "kafka-soar-template-"));
  try {
    cpSync(join(sdk, template), folder, { recursive: true });
    for (const name of readdirSync(sdk)) {
      if (/\.(js|ts|json)$/.test(name)) cpSync(join(sdk, name), join(folder, "sdk", name));
    }
    symlinkSync(MODULES, join(folder, "node_modules"));
    use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

for (const [template, language] of /** @type {const} */ ([
  ["template", "js"],
  ["template-typescript", "ts"],
])) {
  test(`${template}: hello does what its case says, in under 15 lines, and its own tests pass`, () =>
    project(template, (folder) => {
      const lines = readFileSync(join(folder, `parser.${language}`), "utf8").split("\n");
      assert(lines.filter((line) => line.trim() !== "" && !line.startsWith("//")).length < 15);

      // In a process of its own: the project has its own copy of the SDK.
      const path = join(folder, "tests/cases/hello");
      const script = `
        import { readFileSync } from "node:fs";
        import parser from "./parser.${language}";
        import { batch } from "./sdk/testing.js";
        const given = batch("topic");
        for (const line of readFileSync("tests/cases/hello/in.ndjson", "utf8").trim().split("\\n")) {
          const { value, value_base64: base64 } = JSON.parse(line);
          given.record({ value: base64 ? Buffer.from(base64, "base64") : value });
        }
        const { ingests, rejections } = given.parse(parser);
        console.log(JSON.stringify({ ingests, rejections }));
      `;
      const written = execFileSync(process.execPath, ["--input-type=module", "--eval", script], { cwd: folder, encoding: "utf8" });
      assert.deepEqual(JSON.parse(written), JSON.parse(readFileSync(join(path, "expected.json"), "utf8")));

      const tests = spawnSync(process.execPath, ["--test", `tests/parser.test.${language}`], { cwd: folder, env: {}, encoding: "utf8" });
      assert.equal(tests.status, 0, tests.stdout);
      if (language === "ts") execFileSync(join(folder, "node_modules/.bin/tsc"), ["-p", folder]);
    }));

  test(`${template}: hello becomes a component`, () =>
    project(template, (folder) => {
      execFileSync(process.execPath, [join(folder, "sdk/build.js"), join(folder, "out.wasm"), folder, wit]);
      const component = readFileSync(join(folder, "out.wasm"));
      // A component, not a core module.
      assert.equal(component.subarray(0, 8).toString("hex"), "0061736d0d000100");
      assert(component.includes("kafka-soar:parser/message-parser@1.0.0"));
    }));
}

test("a build says what is missing", () =>
  project("template", (folder) => {
    const build = () => spawnSync(process.execPath, [join(folder, "sdk/build.js"), join(folder, "out.wasm"), folder, wit], { encoding: "utf8" });
    rmSync(join(folder, "node_modules"));
    const uninstalled = build();
    assert.equal(uninstalled.stderr, "build: componentize-js isn't installed: run npm install in the project's folder\n");
    assert.equal(uninstalled.status, 69);
    symlinkSync(MODULES, join(folder, "node_modules"));
    rmSync(join(folder, "parser.js"));
    const empty = build();
    assert.equal(empty.stderr, `build: there is no parser.js or parser.ts in ${folder}\n`);
    assert.equal(empty.status, 66);
    assert(!existsSync(join(folder, "out.wasm")));
  }));
