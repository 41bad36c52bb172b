// See sandbox.js.

import { enter } from "./sandbox.js";

enter(globalThis);
