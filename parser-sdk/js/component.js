// What is made a component of: the project's parser, connected to the contract's imports.

import { get } from "kafka-soar:parser/settings@1.0.0";
import { started } from "kafka-soar:parser/poll@1.0.0";
import { write } from "kafka-soar:parser/log@1.0.0";
import parser from "../parser.js";
import { redirect } from "./console.js";
import { connect } from "./host.js";

connect({ settings: get, started, log: write });
redirect(globalThis.console);

export const messageParser = parser;
