// Writes the .d.ts files beside the SDK's modules: npm run types.

import { join } from "node:path";

import { declare } from "./compiler.js";
import { staged } from "./stage.js";

staged((tests) => declare(tests, join(import.meta.dirname, "..")));
