// What is made a component of: the project's parser, connected to the contract's imports.

import { get } from "kafka-soar:parser/settings@1.0.0";
import { started } from "kafka-soar:parser/poll@1.0.0";
import { write } from "kafka-soar:parser/log@1.0.0";
// Before the parser, whose modules may look at the clock when they are loaded.
import "./enter.js";
import parser from "../parser.js";
import { connect } from "./host.js";

connect({ settings: get, started, log: write });

export const messageParser = parser;
