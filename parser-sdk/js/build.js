// Makes a component of a project's parser:
//
//     node sdk/build.js OUT.wasm [FOLDER] [WIT]
//
// FOLDER holds parser.js or parser.ts, this SDK as sdk/ and node_modules/; the one above this file by
// default. WIT is the folder with the contract, FOLDER/wit/v1 by default.

import { existsSync } from "node:fs";
import { cp, mkdtemp, readFile, readdir, realpath, rename, rm, writeFile } from "node:fs/promises";
import * as modules from "node:module";
import { tmpdir } from "node:os";
import { dirname, extname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const COMPILER = "node_modules/@bytecodealliance/componentize-js";
const HERE = dirname(fileURLToPath(import.meta.url));
/** What isn't part of a parser. */
const LEFT_OUT = new Set(["node_modules", "tests", "wit"]);

const [out, folder = join(HERE, ".."), wit = join(folder, "wit/v1")] = process.argv.slice(2);
if (out === undefined) fail(64, "name the file to write: node sdk/build.js OUT.wasm [FOLDER] [WIT]");
// Node.js says that it may yet change how it strips types.
process.removeAllListeners("warning");
try {
  await build(resolve(folder), resolve(wit), resolve(out));
} catch (error) {
  fail(1, error instanceof Error ? error.message : String(error));
}

/**
 * @param {string} project
 * @param {string} wit
 * @param {string} out
 */
async function build(project, wit, out) {
  const compiler = findCompiler(project);
  const stage = await realpath(await mkdtemp(join(tmpdir(), "kafka-soar-parser-")));
  try {
    const entry = await fill(stage, project);
    // componentize-js lets a module import only what is below the current folder.
    process.chdir(stage);
    const { component } = await (await import(compiler)).componentize({
      sourcePath: entry,
      witPath: wit,
      worldName: "parser",
      // No WASI: a parser has no output, time or chance of its own.
      disableFeatures: ["stdio", "random", "clocks", "http", "fetch-event"],
    });
    await writeFile(`${out}.new`, component);
    await rename(`${out}.new`, out);
  } finally {
    process.chdir(project);
    await rm(stage, { recursive: true });
  }
}

/**
 * The address of componentize-js, which `npm install` puts into the project's folder or one above it.
 *
 * @param {string} project
 * @returns {string}
 */
function findCompiler(project) {
  for (let folder = project; ; folder = dirname(folder)) {
    const found = join(folder, COMPILER, "src/componentize.js");
    if (existsSync(found)) return pathToFileURL(found).href;
    if (folder === dirname(folder)) fail(69, "componentize-js isn't installed: run npm install in the project's folder");
  }
}

/**
 * Copies the parser's modules to where they are compiled, without types, and returns the first of them.
 *
 * @param {string} stage
 * @param {string} project
 * @returns {Promise<string>}
 */
async function fill(stage, project) {
  const parser = ["parser.ts", "parser.js"].find((name) => existsSync(join(project, name)));
  if (parser === undefined) fail(66, `there is no parser.js or parser.ts in ${project}`);
  for (const name of await readdir(project)) {
    if (LEFT_OUT.has(name) || name.startsWith(".") || name.endsWith(".wasm")) continue;
    // The SDK's own tests are there when it isn't a project's copy.
    const filter = (/** @type {string} */ path) => !/[\\/]sdk[\\/](tests|template)/.test(path.slice(project.length));
    await cp(join(project, name), join(stage, name), { recursive: true, dereference: true, filter });
  }
  for (const entry of await readdir(stage, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || extname(entry.name) !== ".ts" || entry.name.endsWith(".d.ts")) continue;
    const path = join(entry.parentPath, entry.name);
    if (!("stripTypeScriptTypes" in modules)) fail(69, "TypeScript needs Node.js 22.13 or newer");
    await writeFile(path, modules.stripTypeScriptTypes(await readFile(path, "utf8")));
  }
  const entry = join(stage, "sdk", "component.js");
  const text = await readFile(entry, "utf8");
  await writeFile(entry, text.replace("../parser.js", `../${parser}`));
  return entry;
}

/**
 * @param {number} code as in sysexits.h
 * @param {string} what
 * @returns {never}
 */
function fail(code, what) {
  console.error(`build: ${what}`);
  process.exit(code);
}
