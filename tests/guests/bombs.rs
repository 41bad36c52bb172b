//! Components that are made to be dear before any of them runs: for whoever reads, validates or
//! compiles them. Written in binary, since as text they would have many megabytes.
//!
//! Most are a parser that breaks no rule, with another module behind it that nobody uses.

type Bomb = fn() -> Vec<u8>;

/// What there is. `tests/build.rs` reads this table.
const COMMANDS: [(&str, Bomb); 15] = [
    ("functions", functions),
    ("giant-function", giant_function),
    ("calls", calls),
    ("locals", locals),
    ("branches", branches),
    ("blocks", blocks),
    ("types", types),
    ("parameters", parameters),
    ("globals", globals),
    ("exports", exports),
    ("imports", imports),
    ("names", names),
    ("nested-shallow", nested_shallow),
    ("nested-deep", nested_deep),
    ("instances-squared", instances_squared),
];

/// The component of that name.
pub(super) fn component(name: &str) -> Vec<u8> {
    let (_, make) = COMMANDS
        .iter()
        .find(|(known, _)| *known == name)
        .expect("a row of the table");
    make()
}

const MODULE: &[u8] = b"\0asm\x01\0\0\0";
const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";

/// Types of the values in the modules.
const I32: u8 = 0x7f;
const I64: u8 = 0x7e;

/// What ends an expression.
const END: u8 = 0x0b;

/// A number as WebAssembly writes it (LEB128, without a sign).
fn number(mut value: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = u8::try_from(value & 0x7f).expect("seven bits");
        value >>= 7;
        if value == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

fn section(id: u8, content: &[u8]) -> Vec<u8> {
    [&[id], &*number(content.len()), content].concat()
}

/// A section of `count` items.
fn items(id: u8, count: usize, item: impl Fn(usize) -> Vec<u8>) -> Vec<u8> {
    let mut content = number(count);
    for index in 0..count {
        content.extend(item(index));
    }
    section(id, &content)
}

fn text(text: &str) -> Vec<u8> {
    [&*number(text.len()), text.as_bytes()].concat()
}

fn function_type(parameters: &[u8], results: &[u8]) -> Vec<u8> {
    let parameters = [&*number(parameters.len()), parameters].concat();
    let results = [&*number(results.len()), results].concat();
    [&[0x60], &*parameters, &*results].concat()
}

/// A module with `count` functions of this type; `body` begins with the local variables.
fn module(function_type: &[u8], count: usize, body: &[u8]) -> Vec<u8> {
    let body = [&*number(body.len() + 1), body, &[END]].concat();
    [
        MODULE,
        &items(1, 1, |_| function_type.to_vec()),
        &items(3, count, |_| vec![0]),
        &items(10, count, |_| body.clone()),
    ]
    .concat()
}

/// A parser, and this section of a component behind it.
fn parser_with(section: &[u8]) -> Vec<u8> {
    [&*super::text("pure"), section].concat()
}

fn parser_with_module(module: &[u8]) -> Vec<u8> {
    parser_with(&section(1, module))
}

/// 300,000 functions.
fn functions() -> Vec<u8> {
    parser_with_module(&module(&function_type(&[], &[]), 300_000, &[0]))
}

/// One function whose body has three megabytes.
fn giant_function() -> Vec<u8> {
    // local.get 0, i32.const 42, i32.xor, local.set 0
    let body = [0x20, 0, 0x41, 42, 0x73, 0x21, 0].repeat(450_000);
    let body = [&[0], &*body].concat();
    parser_with_module(&module(&function_type(&[I32], &[]), 1, &body))
}

/// One function that calls itself in 100,000 places, each of which the compiler has to save
/// registers for.
fn calls() -> Vec<u8> {
    // local.get 0, call 0
    let body = [&[0], &*[0x20, 0, 0x10, 0].repeat(100_000)].concat();
    parser_with_module(&module(&function_type(&[I32], &[]), 1, &body))
}

/// 500 functions with 49,000 variables each: a few bytes stand for all of them.
fn locals() -> Vec<u8> {
    let body = [&[1], &*number(49_000), &[I32]].concat();
    parser_with_module(&module(&function_type(&[], &[]), 500, &body))
}

/// A jump table with 60,000 ways, in each of thirty functions.
fn branches() -> Vec<u8> {
    // block, local.get 0, br_table
    let start = [0, 0x02, 0x40, 0x20, 0, 0x0e];
    let body = [&start, &*number(60_000), &*vec![0; 60_001], &[END]].concat();
    parser_with_module(&module(&function_type(&[I32], &[]), 30, &body))
}

/// 100,000 blocks inside one another.
fn blocks() -> Vec<u8> {
    let body = [&[0], &*[0x02, 0x40].repeat(100_000), &*vec![END; 100_000]].concat();
    parser_with_module(&module(&function_type(&[], &[]), 1, &body))
}

/// 300,000 types of functions, all different.
fn types() -> Vec<u8> {
    let types = items(1, 300_000, |index| {
        let bit = |bit: usize| if index >> bit & 1 == 0 { I32 } else { I64 };
        let parameters: Vec<u8> = (0..19).map(bit).collect();
        function_type(&parameters, &[])
    });
    parser_with_module(&[MODULE, &types].concat())
}

/// A hundred functions with 1,000 parameters and as many results.
fn parameters() -> Vec<u8> {
    let body = [&[0], &*[0x41, 0].repeat(1_000)].concat();
    let many = [I32; 1_000];
    parser_with_module(&module(&function_type(&many, &many), 100, &body))
}

/// 300,000 global variables.
fn globals() -> Vec<u8> {
    let globals = items(6, 300_000, |_| vec![I64, 1, 0x42, 0, END]);
    parser_with_module(&[MODULE, &globals].concat())
}

/// 101,000 exports beside the one that counts.
fn exports() -> Vec<u8> {
    parser_with(&items(11, 101_000, |index| {
        // The parser's module under another name, without a type.
        let name = text(&format!("more-x{index}"));
        [&[0], &*name, &[0, 0x11, 0, 0]].concat()
    }))
}

/// 101,000 imports.
fn imports() -> Vec<u8> {
    importing(&|index| format!("acme:more/x{index}@1.0.0"), 101_000)
}

/// An import with a name of 90,000 bytes.
fn names() -> Vec<u8> {
    importing(&|_| format!("acme:{}/x@1.0.0", "a".repeat(90_000)), 1)
}

fn importing(name: &dyn Fn(usize) -> String, count: usize) -> Vec<u8> {
    let empty_instance = items(7, 1, |_| vec![0x42, 0]);
    let imports = items(10, count, |index| {
        [&[0], &*text(&name(index)), &[0x05, 0]].concat()
    });
    [COMPONENT, &empty_instance, &imports].concat()
}

/// Ten components inside one another: harmless.
fn nested_shallow() -> Vec<u8> {
    nested(10)
}

/// A thousand components inside one another.
fn nested_deep() -> Vec<u8> {
    nested(1_000)
}

fn nested(depth: usize) -> Vec<u8> {
    let innermost = COMPONENT.to_vec();
    let inside = (1..depth).fold(innermost, |inside, _| {
        [COMPONENT, &section(4, &inside)].concat()
    });
    parser_with(&section(4, &inside))
}

/// Components that instantiate the one inside of them ten times, six levels deep: a million
/// instances from a few hundred bytes.
fn instances_squared() -> Vec<u8> {
    let mut inside = "(component $c (core module $m) (core instance (instantiate $m)))".to_owned();
    for _ in 0..6 {
        let instances = "(instance (instantiate $c))".repeat(10);
        inside = format!("(component $c {inside} {instances})");
    }
    let text = super::read("pure.wat").replacen(
        "(component",
        &format!("(component {inside} (instance (instantiate $c))"),
        1,
    );
    wat::parse_str(text).expect("text of a component")
}
