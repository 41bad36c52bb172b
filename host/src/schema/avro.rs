//! Avro's binary encoding to JSON, along the writer's schema.
//! <https://avro.apache.org/docs/1.12.0/specification/#binary-encoding>
//!
//! Straight to text, without a tree in between, and with bounds on depth and size: a payload
//! comes from whoever may write to the topic, and with a recursive schema it could nest without
//! end.
//!
//! The JSON is what a person expects to read, not Avro's own JSON encoding: unions show the
//! value alone; bytes and fixed are base64; decimals, dates, times and UUIDs are text (times in
//! UTC, as RFC 3339 has them); numbers that JSON doesn't have (NaN, infinities) are text.

use std::{collections::HashMap, fmt::Write as _};

use apache_avro::{
    Schema,
    schema::{InnerDecimalSchema, Name, UuidSchema},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use bigdecimal::{BigDecimal, num_bigint::BigInt};
use jiff::{SignedDuration, Timestamp, civil};

use super::{MAX_DEPTH, MAX_JSON};

/// A parsed schema and the named types in it and in those that it refers to.
pub(super) struct Avro {
    schema: Schema,
    names: HashMap<Name, Schema>,
}

impl Avro {
    pub(super) fn new(text: &str, references: &[(String, String)]) -> Result<Self, String> {
        let others = references.iter().map(|(_, text)| text.as_str());
        let (schema, others) =
            Schema::parse_str_with_list(text, others).map_err(|error| error.to_string())?;
        let mut names = HashMap::new();
        for schema in others.iter().chain([&schema]) {
            collect(schema, &mut names);
        }
        Ok(Self { schema, names })
    }

    pub(super) fn decode(&self, payload: &[u8]) -> Result<String, String> {
        let mut rest = payload;
        let mut out = String::with_capacity(payload.len() * 2);
        self.value(&self.schema, &mut rest, &mut out, 0)?;
        match rest.len() {
            0 => Ok(out),
            left => Err(format!("{left} bytes are left over")),
        }
    }

    fn value(
        &self,
        schema: &Schema,
        rest: &mut &[u8],
        out: &mut String,
        depth: usize,
    ) -> Result<(), String> {
        if depth > MAX_DEPTH {
            return Err(format!("it nests deeper than {MAX_DEPTH} levels"));
        }
        if out.len() > MAX_JSON {
            return Err(format!("it takes more than {} MiB as JSON", MAX_JSON >> 20));
        }
        match schema {
            Schema::Null => out.push_str("null"),
            Schema::Boolean => out.push_str(match take(rest, 1)?[0] {
                0 => "false",
                1 => "true",
                other => return Err(format!("a boolean is {other}")),
            }),
            Schema::Int => number(out, int(rest)?),
            Schema::Long => number(out, varint(rest)?),
            Schema::Float => {
                let value = f32::from_le_bytes(array(rest)?);
                float(out, f64::from(value), || serde_json::to_string(&value));
            }
            Schema::Double => {
                let value = f64::from_le_bytes(array(rest)?);
                float(out, value, || serde_json::to_string(&value));
            }
            Schema::Bytes => base64(out, bytes(rest)?),
            Schema::Fixed(fixed) => base64(out, take(rest, fixed.size)?),
            Schema::String => string(out, text(rest)?),
            Schema::Array(array) => {
                blocks(rest, out, ('[', ']'), |rest, out| {
                    self.value(&array.items, rest, out, depth + 1)
                })?;
            }
            Schema::Map(map) => {
                blocks(rest, out, ('{', '}'), |rest, out| {
                    string(out, text(rest)?);
                    out.push(':');
                    self.value(&map.types, rest, out, depth + 1)
                })?;
            }
            Schema::Union(union) => {
                let branch = varint(rest)?;
                let chosen = usize::try_from(branch)
                    .ok()
                    .and_then(|index| union.variants().get(index))
                    .ok_or_else(|| format!("a union has no branch {branch}"))?;
                self.value(chosen, rest, out, depth + 1)?;
            }
            Schema::Record(record) => {
                out.push('{');
                for (index, field) in record.fields.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    string(out, &field.name);
                    out.push(':');
                    self.value(&field.schema, rest, out, depth + 1)?;
                }
                out.push('}');
            }
            Schema::Enum(symbols) => {
                let index = varint(rest)?;
                let symbol = usize::try_from(index)
                    .ok()
                    .and_then(|index| symbols.symbols.get(index))
                    .ok_or_else(|| format!("an enum has no symbol {index}"))?;
                string(out, symbol);
            }
            Schema::Ref { name } => {
                let named = self
                    .names
                    .get(name)
                    .ok_or_else(|| format!("the schema has no type {name:?}"))?;
                self.value(named, rest, out, depth + 1)?;
            }
            logical => self::logical(logical, rest, out)?,
        }
        Ok(())
    }
}

/// Types that have a meaning beside their encoding.
fn logical(schema: &Schema, rest: &mut &[u8], out: &mut String) -> Result<(), String> {
    match schema {
        Schema::Decimal(decimal) => {
            let unscaled = match &decimal.inner {
                InnerDecimalSchema::Bytes => bytes(rest)?,
                InnerDecimalSchema::Fixed(fixed) => take(rest, fixed.size)?,
            };
            string(out, &scaled(unscaled, decimal.scale)?);
        }
        Schema::BigDecimal => {
            let mut inner = bytes(rest)?;
            let unscaled = bytes(&mut inner)?;
            let scale = usize::try_from(varint(&mut inner)?).map_err(|_| "a scale is negative")?;
            string(out, &scaled(unscaled, scale)?);
        }
        Schema::Uuid(UuidSchema::String) => string(out, text(rest)?),
        Schema::Uuid(UuidSchema::Bytes) => uuid(out, bytes(rest)?)?,
        Schema::Uuid(UuidSchema::Fixed(_)) => uuid(out, take(rest, 16)?)?,
        Schema::Date => {
            let days = int(rest)?;
            let epoch = civil::date(1970, 1, 1);
            let date = epoch.checked_add(SignedDuration::from_hours(days * 24));
            string(out, &date.map_err(|error| error.to_string())?.to_string());
        }
        Schema::TimeMillis => time(out, SignedDuration::from_millis(int(rest)?))?,
        Schema::TimeMicros => time(out, SignedDuration::from_micros(varint(rest)?))?,
        Schema::TimestampMillis => instant(out, Timestamp::from_millisecond(varint(rest)?))?,
        Schema::TimestampMicros => instant(out, Timestamp::from_microsecond(varint(rest)?))?,
        Schema::TimestampNanos => {
            instant(out, Timestamp::from_nanosecond(varint(rest)?.into()))?;
        }
        Schema::LocalTimestampMillis => local(out, Timestamp::from_millisecond(varint(rest)?))?,
        Schema::LocalTimestampMicros => local(out, Timestamp::from_microsecond(varint(rest)?))?,
        Schema::LocalTimestampNanos => {
            local(out, Timestamp::from_nanosecond(varint(rest)?.into()))?;
        }
        Schema::Duration(_) => {
            let mut part = || array(rest).map(u32::from_le_bytes);
            let (months, days, millis) = (part()?, part()?, part()?);
            let _ = write!(
                out,
                r#"{{"months":{months},"days":{days},"milliseconds":{millis}}}"#
            );
        }
        other => return Err(format!("the type {other:?} is unknown")),
    }
    Ok(())
}

/// Every named type by its name.
fn collect(schema: &Schema, names: &mut HashMap<Name, Schema>) {
    match schema {
        Schema::Record(record) => {
            names.insert(record.name.clone(), schema.clone());
            for field in &record.fields {
                collect(&field.schema, names);
            }
        }
        Schema::Enum(symbols) => {
            names.insert(symbols.name.clone(), schema.clone());
        }
        Schema::Fixed(fixed) | Schema::Duration(fixed) | Schema::Uuid(UuidSchema::Fixed(fixed)) => {
            names.insert(fixed.name.clone(), schema.clone());
        }
        Schema::Decimal(decimal) => {
            if let InnerDecimalSchema::Fixed(fixed) = &decimal.inner {
                names.insert(fixed.name.clone(), schema.clone());
            }
        }
        Schema::Array(array) => collect(&array.items, names),
        Schema::Map(map) => collect(&map.types, names),
        Schema::Union(union) => {
            for variant in union.variants() {
                collect(variant, names);
            }
        }
        _ => {}
    }
}

/// Items in blocks: a count and so many items, until a count of zero. A negative count is
/// followed by the block's size in bytes.
fn blocks(
    rest: &mut &[u8],
    out: &mut String,
    (open, close): (char, char),
    mut item: impl FnMut(&mut &[u8], &mut String) -> Result<(), String>,
) -> Result<(), String> {
    out.push(open);
    let mut first = true;
    loop {
        let mut count = varint(rest)?;
        if count < 0 {
            count = count.checked_neg().ok_or("a block is too long")?;
            varint(rest)?;
        }
        if count == 0 {
            out.push(close);
            return Ok(());
        }
        for _ in 0..count {
            if !first {
                out.push(',');
            }
            first = false;
            item(rest, out)?;
        }
    }
}

/// A zigzag varint of 64 bits.
pub(super) fn varint(rest: &mut &[u8]) -> Result<i64, String> {
    let mut value = 0_u64;
    for shift in (0..70).step_by(7) {
        let byte = take(rest, 1)?[0];
        let bits = u64::from(byte & 0x7f);
        if shift == 63 && bits > 1 {
            break;
        }
        value |= bits << shift;
        if byte & 0x80 == 0 {
            let magnitude = i64::try_from(value >> 1).unwrap_or(i64::MAX);
            return Ok(if value & 1 == 0 {
                magnitude
            } else {
                !magnitude
            });
        }
    }
    Err("a number is too long".to_owned())
}

fn int(rest: &mut &[u8]) -> Result<i64, String> {
    let value = varint(rest)?;
    match i32::try_from(value) {
        Ok(_) => Ok(value),
        Err(_) => Err(format!("an int is {value}")),
    }
}

fn take<'a>(rest: &mut &'a [u8], count: usize) -> Result<&'a [u8], String> {
    let (taken, after) = rest.split_at_checked(count).ok_or("it is cut off")?;
    *rest = after;
    Ok(taken)
}

fn array<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], String> {
    take(rest, N)?
        .try_into()
        .map_err(|_| "it is cut off".to_owned())
}

fn bytes<'a>(rest: &mut &'a [u8]) -> Result<&'a [u8], String> {
    let length = varint(rest)?;
    let length = usize::try_from(length).map_err(|_| format!("a length is {length}"))?;
    take(rest, length)
}

fn text<'a>(rest: &mut &'a [u8]) -> Result<&'a str, String> {
    std::str::from_utf8(bytes(rest)?).map_err(|error| format!("a string is not UTF-8: {error}"))
}

fn number(out: &mut String, value: i64) {
    // Writing to a text can't fail.
    let _ = write!(out, "{value}");
}

fn float(out: &mut String, value: f64, json: impl FnOnce() -> serde_json::Result<String>) {
    match json() {
        Ok(text) if value.is_finite() => out.push_str(&text),
        _ if value.is_nan() => out.push_str("\"NaN\""),
        _ if value > 0.0 => out.push_str("\"Infinity\""),
        _ => out.push_str("\"-Infinity\""),
    }
}

fn string(out: &mut String, text: &str) {
    // A text always has a JSON form.
    out.push_str(&serde_json::to_string(text).unwrap_or_default());
}

fn base64(out: &mut String, bytes: &[u8]) {
    out.push('"');
    BASE64_STANDARD.encode_string(bytes, out);
    out.push('"');
}

fn uuid(out: &mut String, bytes: &[u8]) -> Result<(), String> {
    if bytes.len() != 16 {
        return Err(format!("a UUID has {} bytes", bytes.len()));
    }
    out.push('"');
    for (index, byte) in bytes.iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            out.push('-');
        }
        let _ = write!(out, "{byte:02x}");
    }
    out.push('"');
    Ok(())
}

fn time(out: &mut String, since_midnight: SignedDuration) -> Result<(), String> {
    let day = SignedDuration::from_hours(24);
    if since_midnight.is_negative() || since_midnight >= day {
        return Err("a time of day is out of range".to_owned());
    }
    let time = civil::Time::midnight().wrapping_add(since_midnight);
    string(out, &time.to_string());
    Ok(())
}

fn instant(out: &mut String, at: Result<Timestamp, jiff::Error>) -> Result<(), String> {
    string(out, &at.map_err(|error| error.to_string())?.to_string());
    Ok(())
}

fn local(out: &mut String, at: Result<Timestamp, jiff::Error>) -> Result<(), String> {
    let at = at.map_err(|error| error.to_string())?;
    let at = at.to_zoned(jiff::tz::TimeZone::UTC).datetime();
    string(out, &at.to_string());
    Ok(())
}

/// The longest decimal in bytes; a number of so many digits is no number to anyone.
const MAX_DECIMAL: usize = 128;
const MAX_SCALE: usize = 1000;

/// A two's complement number, big-endian, with the point `scale` digits from its end.
fn scaled(unscaled: &[u8], scale: usize) -> Result<String, String> {
    if unscaled.len() > MAX_DECIMAL || scale > MAX_SCALE {
        return Err("a decimal is too long".to_owned());
    }
    let number = BigInt::from_signed_bytes_be(unscaled);
    let scale = i64::try_from(scale).unwrap_or_default();
    Ok(BigDecimal::new(number, scale).to_plain_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(schema: &str, payload: &[u8]) -> Result<String, String> {
        Avro::new(schema, &[]).unwrap().decode(payload)
    }

    fn logical(kind: &str, of: &str, payload: &[u8]) -> String {
        let schema = format!(r#"{{"type": "{of}", "logicalType": "{kind}"}}"#);
        decoded(&schema, payload).unwrap()
    }

    #[test]
    fn numbers_are_zigzag_varints() {
        for (bytes, value) in [
            (&[0][..], "0"),
            (&[1], "-1"),
            (&[2], "1"),
            (&[0xff; 9], "cut off"),
            (
                &[0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1],
                "9223372036854775807",
            ),
            (
                &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1],
                "-9223372036854775808",
            ),
            (
                &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2],
                "too long",
            ),
        ] {
            match decoded("\"long\"", bytes) {
                Ok(found) => assert_eq!(found, value),
                Err(error) => assert!(error.contains(value), "{bytes:?}: {error}"),
            }
        }
        assert_eq!(
            decoded("\"int\"", &[0x80, 0x80, 0x80, 0x80, 0x10]).unwrap_err(),
            "an int is 2147483648"
        );
    }

    #[test]
    fn logical_types_read_as_a_person_reads_them() {
        let zigzag = |value: i64| {
            let mut number = u64::from_ne_bytes(((value << 1) ^ (value >> 63)).to_ne_bytes());
            let mut bytes = Vec::new();
            while number >= 0x80 {
                bytes.push(u8::try_from(number & 0x7f).unwrap() | 0x80);
                number >>= 7;
            }
            bytes.push(u8::try_from(number).unwrap());
            bytes
        };
        assert_eq!(logical("date", "int", &zigzag(-1)), "\"1969-12-31\"");
        assert_eq!(
            logical("time-millis", "int", &zigzag(3_723_004)),
            "\"01:02:03.004\""
        );
        assert_eq!(
            logical("timestamp-millis", "long", &zigzag(1_700_000_000_123)),
            "\"2023-11-14T22:13:20.123Z\""
        );
        assert_eq!(
            logical(
                "local-timestamp-micros",
                "long",
                &zigzag(1_700_000_000_000_001)
            ),
            "\"2023-11-14T22:13:20.000001\""
        );
        let decimal = r#"{"type": "bytes", "logicalType": "decimal", "precision": 20, "scale": 2}"#;
        for (unscaled, text) in [
            (&[0x04, 0xd2][..], "12.34"),
            (&[0xfb, 0x2e], "-12.34"),
            (&[0x05], "0.05"),
            (&[0xff], "-0.01"),
            (&[], "0.00"),
            (&[0x80, 0, 0, 0, 0, 0, 0, 0, 0], "-23611832414348226068.48"),
        ] {
            let payload = [
                zigzag(i64::try_from(unscaled.len()).unwrap()),
                unscaled.to_vec(),
            ]
            .concat();
            let found = decoded(decimal, &payload).unwrap();
            assert_eq!(found, format!("\"{text}\""), "{unscaled:?}");
        }
    }

    #[test]
    fn numbers_that_json_does_not_have_are_text() {
        assert_eq!(
            decoded("\"double\"", &f64::NAN.to_le_bytes()).unwrap(),
            "\"NaN\""
        );
        assert_eq!(
            decoded("\"float\"", &f32::NEG_INFINITY.to_le_bytes()).unwrap(),
            "\"-Infinity\""
        );
        assert_eq!(decoded("\"float\"", &0.1_f32.to_le_bytes()).unwrap(), "0.1");
    }

    #[test]
    fn depth_and_size_are_bounded() {
        let list = r#"{"type": "record", "name": "L", "fields": [{"name": "next", "type": ["null", "L"]}]}"#;
        assert_eq!(
            decoded(list, &[2, 2, 0]).unwrap(),
            r#"{"next":{"next":{"next":null}}}"#
        );
        let deep = vec![2; 1_000_000];
        assert_eq!(
            decoded(list, &deep).unwrap_err(),
            "it nests deeper than 64 levels"
        );
        // A block of 2^40 nulls takes seven bytes.
        let many = [0x80, 0x80, 0x80, 0x80, 0x80, 0x40, 0];
        let error = decoded(r#"{"type": "array", "items": "null"}"#, &many).unwrap_err();
        assert_eq!(error, "it takes more than 16 MiB as JSON");
    }

    #[test]
    fn whatever_arrives_is_an_answer_and_no_panic() {
        let schema = r#"{"type": "record", "name": "R", "fields": [
            {"name": "a", "type": ["null", "string", "R"]},
            {"name": "m", "type": {"type": "map", "values": {"type": "array", "items": "long"}}},
            {"name": "d", "type": {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 3}},
            {"name": "t", "type": {"type": "long", "logicalType": "timestamp-micros"}},
            {"name": "e", "type": {"type": "enum", "name": "E", "symbols": ["X", "Y"]}},
            {"name": "u", "type": {"type": "string", "logicalType": "uuid"}}]}"#;
        let avro = Avro::new(schema, &[]).unwrap();
        // A map with a list, a union's second branch, and the rest short.
        let valid = [
            2, 4, b'a', b'b', 2, 2, b'k', 4, 2, 4, 0, 0, 4, 0xfb, 0x2e, 6, 2, 2, b'u',
        ];
        avro.decode(&valid).unwrap();
        let (mut good, mut bad) = (0, 0);
        for payload in crate::schema::mutations(&valid, 20_000) {
            match avro.decode(&payload) {
                Ok(json) => {
                    good += 1;
                    serde_json::from_str::<serde_json::Value>(&json).expect("JSON");
                }
                Err(reason) => {
                    bad += 1;
                    assert!(!reason.is_empty());
                }
            }
        }
        assert!(good > 100 && bad > 100, "{good} {bad}");
    }
}
