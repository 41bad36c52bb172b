//! Escaping text for JSON, fast where text is full of quotes.
//!
//! Log lines that are JSON themselves have a quote every few bytes, so looking for the next one
//! and copying what lies before it is slow: every quote is a mispredicted branch and a short
//! copy. Here eight bytes at a time become up to sixteen, without a branch on what they are;
//! with SIMD that is one table look-up and one shuffle. Only control characters take a slow way.

/// Appends `text` as a JSON string, with its quotes.
///
/// Escaped is what RFC 8259 demands (quotes, backslashes and U+0000 to U+001F), nothing else.
pub(crate) fn write_string(json: &mut Vec<u8>, text: &str) {
    // One reservation for text without anything to escape and two for all but control characters.
    json.reserve(text.len() + 2 + SPREAD);
    json.push(b'"');
    write_escaped(json, text);
    json.push(b'"');
}

/// Appends what stands between the quotes of `text` as a JSON string.
pub(crate) fn write_escaped(json: &mut Vec<u8>, text: &str) {
    let (chunks, rest) = text.as_bytes().as_chunks::<CHUNK>();
    for chunk in chunks {
        write_chunk(json, *chunk, CHUNK);
    }
    if !rest.is_empty() {
        // Padded with what needs no escape and is cut off again.
        let mut chunk = [b' '; CHUNK];
        chunk[..rest.len()].copy_from_slice(rest);
        write_chunk(json, chunk, rest.len());
    }
}

/// How many bytes are looked at together.
const CHUNK: usize = 8;

/// How many bytes a chunk becomes at most, unless it has a control character.
const SPREAD: usize = 2 * CHUNK;

/// Appends the first `used` bytes of `chunk`; those after it need no escape.
#[inline]
fn write_chunk(json: &mut Vec<u8>, chunk: [u8; CHUNK], used: usize) {
    let bytes = u64::from_le_bytes(chunk);
    if has_control(bytes) {
        return write_slowly(json, &chunk[..used]);
    }
    let (spread, escapes) = spread(bytes);
    // A copy of fixed length and a cut: one store instead of a call to copy a few bytes.
    let end = json.len() + used + escapes;
    json.extend_from_slice(&spread);
    json.truncate(end);
}

/// Whether one of the eight bytes is below 0x20.
#[inline]
const fn has_control(bytes: u64) -> bool {
    const ONES: u64 = u64::MAX / 255;
    // Subtracting 0x20 borrows from the top bit of a byte below it. A borrow can spill into a
    // higher byte only from one that counts itself.
    bytes.wrapping_sub(ONES * 0x20) & !bytes & (ONES * 0x80) != 0
}

#[cold]
fn write_slowly(json: &mut Vec<u8>, bytes: &[u8]) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    for &byte in bytes {
        let short = match byte {
            b'"' | b'\\' => byte,
            b'\n' => b'n',
            b'\r' => b'r',
            b'\t' => b't',
            0x08 => b'b',
            0x0c => b'f',
            0..0x20 => {
                json.extend_from_slice(b"\\u00");
                json.push(HEX[usize::from(byte >> 4)]);
                json.push(HEX[usize::from(byte & 15)]);
                continue;
            }
            _ => {
                json.push(byte);
                continue;
            }
        };
        json.extend_from_slice(&[b'\\', short]);
    }
}

/// The eight bytes with a backslash before each quote and backslash, and how many those are.
/// What follows them is arbitrary.
#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
#[inline]
fn spread(bytes: u64) -> ([u8; SPREAD], usize) {
    let mut spread = [0; SPREAD];
    let mut end = 0;
    for byte in bytes.to_le_bytes() {
        let escape = usize::from(byte == b'"') | usize::from(byte == b'\\');
        // The byte lands on the backslash, or after it. `end` is below SPREAD; the mask tells
        // the compiler.
        spread[end % SPREAD] = b'\\';
        spread[(end + escape) % SPREAD] = byte;
        end += 1 + escape;
    }
    (spread, end - CHUNK)
}

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
use simd::spread;

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod simd {
    use core::arch::wasm32::{
        i8x16_bitmask, u8x16, u8x16_eq, u8x16_splat, u8x16_swizzle, u64x2, u64x2_extract_lane,
        v128, v128_and, v128_or,
    };

    use super::{CHUNK, SPREAD};

    /// Stands for an inserted backslash. The shuffle takes it as "no byte" and gives 0.
    const BACKSLASH: u8 = 0xff;

    /// For each set of bytes to escape (one bit a byte, the first the lowest): which byte goes
    /// to which place.
    static SHUFFLES: [v128; 256] = {
        const PLACES: [u8; CHUNK] = [0, 1, 2, 3, 4, 5, 6, 7];
        let mut shuffles = [u64x2(0, 0); 256];
        let mut escaped = 0;
        while escaped < 256 {
            let mut from = [0_u8; SPREAD];
            let (mut end, mut byte) = (0, 0);
            while byte < CHUNK {
                if escaped >> byte & 1 == 1 {
                    from[end] = BACKSLASH;
                    end += 1;
                }
                from[end] = PLACES[byte];
                end += 1;
                byte += 1;
            }
            shuffles[escaped] = u8x16(
                from[0], from[1], from[2], from[3], from[4], from[5], from[6], from[7], from[8],
                from[9], from[10], from[11], from[12], from[13], from[14], from[15],
            );
            escaped += 1;
        }
        shuffles
    };

    #[inline]
    pub(super) fn spread(bytes: u64) -> ([u8; SPREAD], usize) {
        let bytes = u64x2(bytes, 0);
        let quotes = u8x16_eq(bytes, u8x16_splat(b'"'));
        let backslashes = u8x16_eq(bytes, u8x16_splat(b'\\'));
        let escaped = usize::from(i8x16_bitmask(v128_or(quotes, backslashes)));
        let shuffle = SHUFFLES[escaped & 0xff];
        let inserted = u8x16_eq(shuffle, u8x16_splat(BACKSLASH));
        let spread = v128_or(
            u8x16_swizzle(bytes, shuffle),
            v128_and(inserted, u8x16_splat(b'\\')),
        );
        let mut out = [0; SPREAD];
        out[..CHUNK].copy_from_slice(&u64x2_extract_lane::<0>(spread).to_le_bytes());
        out[CHUNK..].copy_from_slice(&u64x2_extract_lane::<1>(spread).to_le_bytes());
        (out, escaped.count_ones() as usize)
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    /// The plain way, to compare with.
    fn reference(text: &str) -> String {
        let mut json = String::from('"');
        for char in text.chars() {
            match char {
                '"' => json.push_str("\\\""),
                '\\' => json.push_str("\\\\"),
                '\n' => json.push_str("\\n"),
                '\r' => json.push_str("\\r"),
                '\t' => json.push_str("\\t"),
                '\u{8}' => json.push_str("\\b"),
                '\u{c}' => json.push_str("\\f"),
                '\0'..' ' => write!(json, "\\u{:04x}", u32::from(char)).unwrap(),
                _ => json.push(char),
            }
        }
        json + "\""
    }

    fn check(text: &str) {
        let mut json = Vec::new();
        write_string(&mut json, text);
        assert_eq!(
            String::from_utf8(json).unwrap(),
            reference(text),
            "{text:?}"
        );
    }

    #[test]
    fn every_character_of_ascii_is_escaped_at_every_place() {
        for char in '\0'..='\u{7f}' {
            for before in 0..18 {
                for after in [0, 1, 7, 8, 9] {
                    check(&format!(
                        "{}{char}{}",
                        "a".repeat(before),
                        "é".repeat(after)
                    ));
                    check(&format!(
                        "{}{char}{}",
                        "\"".repeat(before),
                        "\\".repeat(after)
                    ));
                }
            }
        }
    }

    #[test]
    fn every_set_of_quotes_in_a_chunk_is_escaped() {
        for set in 0..=255_u8 {
            for quote in ['"', '\\'] {
                let text: String = (0..8)
                    .map(|at| if set >> at & 1 == 1 { quote } else { 'x' })
                    .collect();
                check(&text);
                check(&format!("{text}{text}abc"));
            }
        }
    }

    #[test]
    fn text_outside_ascii_stays_as_it_is() {
        for text in [
            "",
            "\u{7f}",
            "\u{80}",
            "\u{2028}\u{2029}",
            "naïve \"😀\"\u{10ffff}",
            "日本語\n日本語",
        ] {
            check(text);
        }
    }

    #[test]
    fn it_appends() {
        let mut json = b"[1,".to_vec();
        write_string(&mut json, "\"");
        write_escaped(&mut json, "\\");
        assert_eq!(json, br#"[1,"\""\\"#);
    }
}
