import assert from "node:assert/strict";
import { test } from "node:test";

import parser from "../parser.js";
import { batch } from "../sdk/testing.js";

test("a message becomes a container that is named by its first line", () => {
  const parsed = batch("topic").value("Hello, parser\nand more").parse(parser);
  const [{ container, artifacts }] = parsed.ingests;
  assert.equal(container.name, "Hello, parser");
  assert.deepEqual(artifacts, [{ cef: { message: "Hello, parser\nand more" } }]);
});

test("a message without text is rejected", () => {
  const parsed = batch("topic").tombstone().parse(parser);
  assert.deepEqual(parsed.rejections, [{ index: 0, reason: "the message has no value (a tombstone)" }]);
});
