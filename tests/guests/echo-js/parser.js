// "Echo" in JavaScript: see tests/cases/contract/README.md.

import { defineParser, log, poll, refuse, settings } from "./sdk/index.js";

export default defineParser((batch, out) => {
  const { note = "" } = settings.get();
  const { utc, utcOffsetMinutes } = poll.started();
  let trap = false;
  batch.each(out, (message) => {
    const text = message.text();
    if (text === "!refuse") refuse("refused as asked");
    if (text === "!trap") {
      // Here an error would reject the message alone.
      trap = true;
      return;
    }
    if (text.startsWith("!log ")) log.info(text.slice("!log ".length));
    out.container(`${batch.topic}/${message.partition}/${message.offset}`, {
      description: note,
      start_time: message.timestamp,
    });
    out.artifact(message, {
      name: "echo",
      cef: {
        key: encoded(message.key),
        message: text,
        headers: message.headers.map(({ name, value }) => [name, encoded(value)]),
        poll: utc.unixMs,
        offset_minutes: utcOffsetMinutes,
      },
    });
  });
  if (trap) throw new Error("trapped as asked");
});

function encoded(bytes) {
  return bytes === undefined ? null : btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}
