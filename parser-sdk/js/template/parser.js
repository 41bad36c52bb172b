// The parser {{name}}: a container for each message, named by its first line.

import { defineParser } from "./sdk/index.js";

export default defineParser((batch, out) => {
  batch.each(out, (message) => {
    const text = message.text();
    const [firstLine = ""] = text.split("\n", 1);
    out.container([...firstLine].slice(0, 100).join(""));
    out.artifact(message, { cef: { message: text } });
  });
});
