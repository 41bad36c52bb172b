// The parser {{name}}: a container for each message, named by its first line.

import { defineParser, firstLine } from "./sdk/index.js";

export default defineParser((batch, out) => {
  batch.each(out, (message) => {
    const text = message.text();
    out.container(firstLine(text, 100));
    out.artifact(message, { cef: { message: text } });
  });
});
