//! WASI with nothing behind it.

use std::{fmt::Write as _, path::Path};

use wasi_preview1_component_adapter_provider::WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER as WASI;
use wasmparser::{CompositeInnerType, ExternalKind, FuncType, Parser, Payload, TypeRef, ValType};

fn contract() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wit/v1")
}

/// The functions of WASI 0.1: what the adapter exports under that name.
fn wasi() -> Vec<(String, FuncType)> {
    let (mut types, mut functions, mut exports) = (Vec::new(), Vec::new(), Vec::new());
    for payload in Parser::new(0).parse_all(WASI) {
        match payload.unwrap() {
            Payload::TypeSection(section) => {
                for group in section {
                    types.extend(group.unwrap().into_types().map(|one| one.composite_type));
                }
            }
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    if let TypeRef::Func(index) = import.unwrap().ty {
                        functions.push(index);
                    }
                }
            }
            Payload::FunctionSection(section) => {
                functions.extend(section.into_iter().map(Result::unwrap));
            }
            Payload::ExportSection(section) => {
                for export in section {
                    let export = export.unwrap();
                    if export.kind == ExternalKind::Func {
                        exports.push((export.name.to_owned(), export.index));
                    }
                }
            }
            _ => {}
        }
    }
    exports
        .into_iter()
        .filter(|(name, _)| {
            [
                "args_", "environ_", "clock_", "fd_", "path_", "poll_", "proc_", "sched_",
                "random_", "sock_",
            ]
            .iter()
            .any(|kind| name.starts_with(kind))
        })
        .map(
            |(name, index)| match &types[functions[index as usize] as usize].inner {
                CompositeInnerType::Func(function) => (name, function.clone()),
                other => panic!("{name} is {other}"),
            },
        )
        .collect()
}

/// A parser that imports all of these, and that would be none without a contract.
fn module(functions: &[(String, FuncType)]) -> Vec<u8> {
    let mut text = String::from("(module\n");
    for (name, function) in functions {
        let list = |types: &[ValType]| {
            types
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(" ")
        };
        writeln!(
            text,
            "(import \"wasi_snapshot_preview1\" \"{name}\" (func ${name} (param {}) (result {})))",
            list(function.params()),
            list(function.results())
        )
        .unwrap();
    }
    text += r#"
        (memory (export "memory") 1)
        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 64))
        (func (export "kafka-soar:parser/message-parser@1.0.0#parse-messages") (param i32) (result i32)
            (i32.const 0))
    "#;
    // What isn't called is left out, whoever implements it.
    for (name, function) in functions {
        let zeros = function.params().iter().fold(String::new(), |zeros, of| {
            zeros + &format!("({of}.const 0) ")
        });
        let drop = if function.results().is_empty() {
            ""
        } else {
            "drop"
        };
        writeln!(
            text,
            "(func (export \"call_{name}\") {zeros} call ${name} {drop})"
        )
        .unwrap();
    }
    wat::parse_str(text + ")").unwrap()
}

/// The names of what a component imports.
fn imports(component: &[u8]) -> Vec<String> {
    let mut names = Vec::new();
    let mut depth = 0;
    for payload in Parser::new(0).parse_all(component) {
        match payload.unwrap() {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth -= 1,
            Payload::ComponentImportSection(section) if depth == 0 => {
                names.extend(
                    section
                        .into_iter()
                        .map(|import| import.unwrap().name.name.to_owned()),
                );
            }
            _ => {}
        }
    }
    names
}

#[test]
fn every_function_of_wasi_is_there_and_a_component_imports_none() {
    let functions = wasi();
    assert!(functions.len() >= 45, "{functions:?}");
    let module = module(&functions);
    let component = parser_build::encode_nothing(&module, &contract()).unwrap();
    assert_eq!(imports(&component), [""; 0]);
    // The same with WASI behind it, for comparison.
    let component = parser_build::encode_wasi(&module, &contract()).unwrap();
    assert!(
        imports(&component)
            .iter()
            .any(|name| name.starts_with("wasi:filesystem/"))
    );
}

#[test]
fn a_module_that_wants_more_than_wasi_is_refused() {
    let function = FuncType::new([ValType::I32], [ValType::I32]);
    let module = module(&[("fd_teleport".to_owned(), function)]);
    let error = parser_build::encode_nothing(&module, &contract()).unwrap_err();
    assert!(format!("{error:#}").contains("fd_teleport"), "{error:#}");
}

#[test]
fn its_memory_has_one_owner() {
    let adapter = wat::parse_str(include_str!("../src/nothing.wat")).unwrap();
    let mut code = 0;
    for payload in Parser::new(0).parse_all(&adapter) {
        match payload.unwrap() {
            Payload::ImportSection(section) => {
                let names: Vec<_> = section
                    .into_imports()
                    .map(|import| import.unwrap())
                    .map(|import| (import.module, import.name))
                    .collect();
                assert_eq!(names, [("env", "memory")]);
            }
            Payload::CodeSectionEntry(body) => {
                code += 1;
                for operator in body.get_operators_reader().unwrap() {
                    let operator = operator.unwrap();
                    assert!(!matches!(operator, wasmparser::Operator::MemoryGrow { .. }));
                }
            }
            _ => {}
        }
    }
    assert!(code >= 45, "{code}");
}
