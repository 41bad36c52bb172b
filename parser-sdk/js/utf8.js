// Bytes to text.

import { Rejection } from "./rejection.js";

// A byte order mark is part of the text, as it is in every other language.
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * @param {string} what
 * @param {Uint8Array} bytes
 * @returns {string}
 * @throws {Rejection} naming the first byte at fault and its position from 0
 */
export function text(what, bytes) {
  try {
    return decoder.decode(bytes);
  } catch {
    const position = validUpTo(bytes);
    const byte = (bytes[position] ?? 0).toString(16).padStart(2, "0");
    throw new Rejection(`${what} isn't UTF-8 text (byte 0x${byte} at position ${position})`);
  }
}

/**
 * Where the first sequence that isn't UTF-8 begins.
 *
 * @param {Uint8Array} bytes
 */
function validUpTo(bytes) {
  let at = 0;
  while (at < bytes.length) {
    const length = sequence(bytes, at);
    if (length === 0) return at;
    at += length;
  }
  return at;
}

/**
 * How many bytes the character at `at` takes; 0 when it is none (table 3-7 of the Unicode Standard).
 *
 * @param {Uint8Array} bytes
 * @param {number} at
 */
function sequence(bytes, at) {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  const length = first >= 0xc2 && first < 0xe0 ? 2 : first >= 0xe0 && first < 0xf0 ? 3 : first >= 0xf0 && first < 0xf5 ? 4 : 0;
  const second = bytes[at + 1] ?? 0;
  const low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (length === 0 || second < low || second > high) return 0;
  for (let n = 2; n < length; n += 1) {
    const byte = bytes[at + n] ?? 0;
    if (byte < 0x80 || byte > 0xbf) return 0;
  }
  return length;
}
