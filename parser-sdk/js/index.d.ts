export { Batch } from "./batch.js";
export { Message } from "./message.js";
export { Output } from "./output.js";
export { defineParser } from "./parser.js";
export { Instant } from "./poll.js";
export { Refusal, Rejection, refuse, reject } from "./rejection.js";
export { DateTime, Timestamp } from "./time.js";
export * as log from "./log.js";
export * as poll from "./poll.js";
export * as settings from "./settings.js";
export type Json = import("./json.js").Json;
export type Fields = import("./json.js").Fields;
export type Header = import("./message.js").Header;
export type MessageParser = import("./parser.js").MessageParser;
export type Artifact = import("./soar.js").Artifact;
export type Container = import("./soar.js").Container;
export type Sensitivity = import("./soar.js").Sensitivity;
export type Severity = import("./soar.js").Severity;
export type Level = import("./host.js").Level;
/** @typedef {import("./json.js").Json} Json */
/** @typedef {import("./json.js").Fields} Fields */
/** @typedef {import("./message.js").Header} Header */
/** @typedef {import("./parser.js").MessageParser} MessageParser */
/** @typedef {import("./soar.js").Artifact} Artifact */
/** @typedef {import("./soar.js").Container} Container */
/** @typedef {import("./soar.js").Sensitivity} Sensitivity */
/** @typedef {import("./soar.js").Severity} Severity */
/** @typedef {import("./host.js").Level} Level */
