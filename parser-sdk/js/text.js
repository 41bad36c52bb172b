// Names for containers.

/**
 * The first line of a text, at most `limit` characters (code points) of it. Faster than taking a text to
 * pieces: an engine without a compiler, as a component's is, takes its time for each of them.
 *
 * @param {string} text
 * @param {number} limit
 * @returns {string}
 */
export function firstLine(text, limit) {
  const end = text.indexOf("\n");
  // A character has one or two units.
  const line = text.slice(0, end < 0 ? 2 * limit : Math.min(end, 2 * limit));
  if (line.length <= limit) return line;
  return /[\ud800-\udfff]/.test(line) ? Array.from(line).slice(0, limit).join("") : line.slice(0, limit);
}
