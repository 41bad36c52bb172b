//! Fewer data segments.
//!
//! Go's linker begins a new segment wherever a dozen bytes are zero, which makes 40,000 of a small
//! program and more than an engine takes of a larger one. Memory is zero before it is filled, so
//! segments and the zeros between them are one segment.

use std::borrow::Cow;

use wasm_encoder::{ConstExpr, DataSection, Module, RawSection};
use wasmparser::{DataKind, DataSectionReader, Operator, Parser, Payload};

/// Zeros that are written out rather than begin another segment. Further zeros are the module's
/// variables, and there may be megabytes of them.
const GAP: usize = 64;

/// The module with its data in as few segments as that gives, or as it is when its segments aren't
/// all plain ones.
pub(crate) fn merge(module: &[u8]) -> anyhow::Result<Cow<'_, [u8]>> {
    let mut merged = Module::new();
    for payload in Parser::new(0).parse_all(module) {
        match payload? {
            // Its code may name segments by number.
            Payload::DataCountSection { .. } => return Ok(module.into()),
            Payload::DataSection(section) => {
                let Some(segments) = plain(section)? else {
                    return Ok(module.into());
                };
                merged.section(&join(&segments));
            }
            other => {
                if let Some((id, range)) = other.as_section() {
                    let data = &module[range];
                    merged.section(&RawSection { id, data });
                }
            }
        }
    }
    Ok(merged.finish().into())
}

/// Address and contents.
type Segment<'a> = (usize, &'a [u8]);

/// The segments in ascending order; `None` when one goes to an address that
/// isn't constant or over another one.
fn plain(section: DataSectionReader<'_>) -> anyhow::Result<Option<Vec<Segment<'_>>>> {
    let mut segments = Vec::new();
    for segment in section {
        let segment = segment?;
        let DataKind::Active {
            memory_index: 0,
            offset_expr,
        } = segment.kind
        else {
            return Ok(None);
        };
        let mut operators = offset_expr.get_operators_reader();
        let Operator::I32Const { value } = operators.read()? else {
            return Ok(None);
        };
        if !matches!(operators.read()?, Operator::End) {
            return Ok(None);
        }
        segments.push((value.cast_unsigned() as usize, segment.data));
    }
    segments.sort_by_key(|&(address, _)| address);
    let overlap = segments
        .windows(2)
        .any(|pair| pair[0].0 + pair[0].1.len() > pair[1].0);
    Ok((!overlap).then_some(segments))
}

fn join(segments: &[Segment<'_>]) -> DataSection {
    let mut section = DataSection::new();
    let mut segments = segments.iter().peekable();
    while let Some(&(start, first)) = segments.next() {
        let mut data = first.to_vec();
        while let Some((address, more)) =
            segments.next_if(|(address, _)| address - start - data.len() <= GAP)
        {
            data.resize(address - start, 0);
            data.extend_from_slice(more);
        }
        let start = i32::from_le_bytes(u32::try_from(start).expect("from 32 bits").to_le_bytes());
        section.active(0, &ConstExpr::i32_const(start), data);
    }
    section
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Address and contents of the segments of a module after merging.
    fn merged(text: &str) -> Vec<(usize, Vec<u8>)> {
        let module = wat::parse_str(text).unwrap();
        let module = merge(&module).unwrap();
        wasmparser::validate(&module).unwrap();
        for payload in Parser::new(0).parse_all(&module) {
            if let Payload::DataSection(section) = payload.unwrap() {
                let segments = plain(section).unwrap().unwrap();
                return segments
                    .iter()
                    .map(|&(at, data)| (at, data.to_vec()))
                    .collect();
            }
        }
        Vec::new()
    }

    #[test]
    fn zeros_join_segments_unless_there_are_many() {
        let segments = merged(
            r#"(module (memory 1) (func (export "f"))
                (data (i32.const 300) "late")
                (data (i32.const 8) "ab")
                (data (i32.const 10) "c")
                (data (i32.const 13) "d")
                (data (i32.const 78) "e")
                (data (i32.const 144) "f"))"#,
        );
        let mut first = b"abc\0\0d".to_vec();
        first.resize(70, 0);
        first.push(b'e');
        assert_eq!(
            segments,
            [(8, first), (144, b"f".to_vec()), (300, b"late".to_vec())]
        );
    }

    #[test]
    fn addresses_have_all_32_bits() {
        let segments =
            merged(r#"(module (memory 65536) (data (i32.const -2) "z") (data (i32.const 0) "a"))"#);
        assert_eq!(segments, [(0, b"a".to_vec()), (0xffff_fffe, b"z".to_vec())]);
    }

    #[test]
    fn a_module_with_other_segments_stays_as_it_is() {
        for text in [
            r#"(module (memory 1) (data (i32.const 0) "aa") (data (i32.const 1) "b"))"#,
            r#"(module (memory 1) (global i32 (i32.const 0)) (data (global.get 0) "a") (data (i32.const 1) "b"))"#,
            r#"(module (memory 1) (data "a") (data (i32.const 1) "b"))"#,
            r#"(module (memory 1) (data $p "a") (func (data.drop $p)))"#,
            r#"(module (memory 1) (memory 1) (data (memory 1) (i32.const 0) "a") (data (i32.const 1) "b"))"#,
            "(module)",
        ] {
            let module = wat::parse_str(text).unwrap();
            assert_eq!(*merge(&module).unwrap(), *module, "{text}");
        }
    }
}
