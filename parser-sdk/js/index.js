// The SDK for message parsers of kafka-soar in JavaScript and TypeScript.

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

/** @typedef {import("./json.js").Json} Json */
/** @typedef {import("./json.js").Fields} Fields */
/** @typedef {import("./message.js").Header} Header */
/** @typedef {import("./parser.js").MessageParser} MessageParser */
/** @typedef {import("./soar.js").Artifact} Artifact */
/** @typedef {import("./soar.js").Container} Container */
/** @typedef {import("./soar.js").Sensitivity} Sensitivity */
/** @typedef {import("./soar.js").Severity} Severity */
/** @typedef {import("./host.js").Level} Level */
