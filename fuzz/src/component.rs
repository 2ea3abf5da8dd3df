//! Bytes of a fuzzer → types and values of the component model, and a component that they pass through.
//!
//! The component hands values on and never looks at them, so it needs no code for a type: a function lowered and lifted again has the same core
//! parameters, a result in memory is passed on by its address, and a list is an address and a length whatever is in it. `sink` passes its
//! parameters to the host, `source` a result from it, and `echo` lists to another component and back, with another encoding of strings. `look-at-noise`
//! and `echo-noise` do the same with a list that is whatever bytes the memory has.

use std::fmt::Write;
use std::sync::Arc;

use arbitrary::{Result, Unstructured};
use whit_component::Val;

/// A component, and the values for its functions.
#[derive(Debug)]
pub struct Case {
    /// The component's text.
    pub text: String,
    /// For `sink`.
    pub params: Vec<Val>,
    /// For `source`.
    pub result: Val,
    /// For `echo`: a list.
    pub list: Val,
}

/// What is in a memory where values are expected, and where a list of them is said to be.
struct Noise {
    words: Vec<u32>,
    address: u32,
    length: u32,
}

impl Noise {
    fn generate(entropy: &mut Unstructured<'_>) -> Result<Self> {
        // Small numbers are cases and lengths, multiples of four are addresses of more of it, and what is left is text or nonsense.
        let word = |entropy: &mut Unstructured<'_>| {
            Ok(match entropy.int_in_range(0..=4_u8)? {
                0 | 1 => entropy.int_in_range(0..=6)?,
                2 | 3 => NOISE + 4 * entropy.int_in_range(0..=63)?,
                _ => entropy.arbitrary()?,
            })
        };
        let words = (0..entropy.int_in_range(0..=64)?).map(|_| word(entropy)).collect::<Result<_>>()?;
        let (address, length) = match entropy.ratio(1, 16)? {
            true => (entropy.arbitrary()?, entropy.arbitrary()?),
            false => (NOISE, entropy.int_in_range(0..=5)?),
        };
        Ok(Self { words, address, length })
    }

    fn data(&self) -> String {
        self.words.iter().flat_map(|word| word.to_le_bytes()).map(|byte| format!("\\{byte:02x}")).collect()
    }
}

/// Where noise lies.
const NOISE: u32 = 32 << 10;

/// Makes types, values and a component.
///
/// # Errors
/// The input is too short.
pub fn generate(entropy: &mut Unstructured<'_>) -> Result<Case> {
    let mut types = Types { definitions: Vec::new(), budget: 24 };
    let params = (0..entropy.int_in_range(0..=20)?).map(|_| types.generate(entropy, 3)).collect::<Result<Vec<_>>>()?;
    types.budget += 12;
    let result = types.generate(entropy, 3)?;
    types.budget += 12;
    let list = Type::List(Box::new(types.generate(entropy, 3)?));
    let encodings = ["utf8", "utf16", "latin1+utf16"];
    let (outer, inner) = (*entropy.choose(&encodings)?, *entropy.choose(&encodings)?);
    let text = text(&types.definitions, &params, &result, &list, [outer, inner], &Noise::generate(entropy)?);
    crate::generate::show(text.as_bytes());
    Ok(Case {
        text,
        params: params.iter().map(|ty| ty.value(entropy)).collect::<Result<_>>()?,
        result: result.value(entropy)?,
        list: list.value(entropy)?,
    })
}

/// A type, and what is needed to write values of it.
#[derive(Debug, Clone)]
enum Type {
    Primitive(&'static str),
    List(Box<Type>),
    Tuple(Vec<Type>),
    Option(Box<Type>),
    Result(Option<Box<Type>>, Option<Box<Type>>),
    /// The others have names, which are places in the list of definitions.
    Record(usize, Vec<Type>),
    Variant(usize, Vec<Option<Type>>),
    Enum(usize, usize),
    Flags(usize, usize),
}

struct Types {
    /// What the named types are.
    definitions: Vec<String>,
    /// How many more types there may be.
    budget: usize,
}

const PRIMITIVES: [&str; 13] =
    ["bool", "s8", "u8", "s16", "u16", "s32", "u32", "s64", "u64", "f32", "f64", "char", "string"];

impl Types {
    fn generate(&mut self, entropy: &mut Unstructured<'_>, depth: usize) -> Result<Type> {
        let choice = entropy.int_in_range(0..=20_u8)?;
        if depth == 0 || self.budget == 0 || choice < 11 {
            return Ok(Type::Primitive(entropy.choose(&PRIMITIVES)?));
        }
        self.budget -= 1;
        let depth = depth - 1;
        Ok(match choice {
            11 | 12 => Type::List(Box::new(self.generate(entropy, depth)?)),
            13 => Type::Tuple(self.several(entropy, depth)?),
            14 => Type::Option(Box::new(self.generate(entropy, depth)?)),
            15 => {
                let (ok, error) = (self.maybe(entropy, depth)?, self.maybe(entropy, depth)?);
                Type::Result(ok.map(Box::new), error.map(Box::new))
            }
            16 | 17 => {
                let fields = self.several(entropy, depth)?;
                let text = fields.iter().enumerate().map(|(at, ty)| format!(" (field \"f{at}\" {})", ty.text()));
                Type::Record(self.define(format!("record{}", text.collect::<String>())), fields)
            }
            18 => {
                let count = 1 + entropy.int_in_range(0..=4)?;
                let cases = (0..count).map(|_| self.maybe(entropy, depth)).collect::<Result<Vec<_>>>()?;
                let text = cases.iter().enumerate().map(|(at, ty)| {
                    let payload = ty.as_ref().map_or_else(String::new, |ty| ty.text());
                    format!(" (case \"c{at}\" {payload})")
                });
                Type::Variant(self.define(format!("variant{}", text.collect::<String>())), cases)
            }
            19 => {
                // Beyond 256 cases the discriminant has two bytes.
                let count = if entropy.ratio(1, 8)? { 257 } else { 1 + entropy.int_in_range(0..=5)? };
                let text = (0..count).map(|at| format!(" \"e{at}\""));
                Type::Enum(self.define(format!("enum{}", text.collect::<String>())), count)
            }
            _ => {
                let count = 1 + entropy.int_in_range(0..=31)?;
                let text = (0..count).map(|at| format!(" \"g{at}\""));
                Type::Flags(self.define(format!("flags{}", text.collect::<String>())), count)
            }
        })
    }

    fn several(&mut self, entropy: &mut Unstructured<'_>, depth: usize) -> Result<Vec<Type>> {
        (0..1 + entropy.int_in_range(0..=3)?).map(|_| self.generate(entropy, depth)).collect()
    }

    fn maybe(&mut self, entropy: &mut Unstructured<'_>, depth: usize) -> Result<Option<Type>> {
        Ok(match entropy.ratio(2, 3)? {
            true => Some(self.generate(entropy, depth)?),
            false => None,
        })
    }

    fn define(&mut self, text: String) -> usize {
        self.definitions.push(text);
        self.definitions.len() - 1
    }
}

impl Type {
    fn text(&self) -> String {
        match self {
            Self::Primitive(name) => (*name).to_string(),
            Self::List(element) => format!("(list {})", element.text()),
            Self::Tuple(fields) => format!("(tuple {})", fields.iter().map(Self::text).collect::<Vec<_>>().join(" ")),
            Self::Option(some) => format!("(option {})", some.text()),
            Self::Result(ok, error) => {
                let ok = ok.as_ref().map_or_else(String::new, |ty| ty.text());
                let error = error.as_ref().map_or_else(String::new, |ty| format!("(error {})", ty.text()));
                format!("(result {ok} {error})")
            }
            Self::Record(name, _) | Self::Variant(name, _) | Self::Enum(name, _) | Self::Flags(name, _) => {
                format!("$t{name}")
            }
        }
    }

    /// How many core values it is ("flatten_type").
    fn flat(&self) -> usize {
        let payload = |ty: &Option<Box<Type>>| ty.as_ref().map_or(0, |ty| ty.flat());
        match self {
            Self::Primitive("string") | Self::List(_) => 2,
            Self::Primitive(_) | Self::Enum(..) | Self::Flags(..) => 1,
            Self::Tuple(fields) | Self::Record(_, fields) => fields.iter().map(Self::flat).sum(),
            Self::Option(some) => 1 + some.flat(),
            Self::Result(ok, error) => 1 + payload(ok).max(payload(error)),
            Self::Variant(_, cases) => 1 + cases.iter().flatten().map(Self::flat).max().unwrap_or(0),
        }
    }

    fn value(&self, entropy: &mut Unstructured<'_>) -> Result<Val> {
        let payload = |ty: &Option<Box<Type>>, entropy: &mut Unstructured<'_>| {
            ty.as_ref().map(|ty| ty.value(entropy).map(Box::new)).transpose()
        };
        Ok(match self {
            Self::Primitive(name) => primitive(name, entropy)?,
            Self::List(element) => {
                let count = entropy.int_in_range(0..=6)?;
                Val::List((0..count).map(|_| element.value(entropy)).collect::<Result<_>>()?)
            }
            Self::Tuple(fields) => Val::Tuple(fields.iter().map(|ty| ty.value(entropy)).collect::<Result<_>>()?),
            Self::Record(_, fields) => {
                let field = |(at, ty): (usize, &Type)| Ok((name('f', at), ty.value(entropy)?));
                Val::Record(fields.iter().enumerate().map(field).collect::<Result<_>>()?)
            }
            Self::Option(some) => Val::Option(match entropy.arbitrary()? {
                true => Some(Box::new(some.value(entropy)?)),
                false => None,
            }),
            Self::Result(ok, error) => Val::Result(match entropy.arbitrary()? {
                true => Ok(payload(ok, entropy)?),
                false => Err(payload(error, entropy)?),
            }),
            Self::Variant(_, cases) => {
                let case = entropy.choose_index(cases.len())?;
                let value = cases[case].as_ref().map(|ty| ty.value(entropy).map(Box::new)).transpose()?;
                Val::Variant(name('c', case), value)
            }
            Self::Enum(_, count) => Val::Enum(name('e', entropy.choose_index(*count)?)),
            Self::Flags(_, count) => {
                let bits: u32 = entropy.arbitrary()?;
                Val::Flags((0..*count).filter(|at| bits >> at & 1 == 1).map(|at| name('g', at)).collect())
            }
        })
    }
}

fn primitive(name: &str, entropy: &mut Unstructured<'_>) -> Result<Val> {
    Ok(match name {
        "bool" => Val::Bool(entropy.arbitrary()?),
        "s8" => Val::S8(entropy.arbitrary()?),
        "u8" => Val::U8(entropy.arbitrary()?),
        "s16" => Val::S16(entropy.arbitrary()?),
        "u16" => Val::U16(entropy.arbitrary()?),
        "s32" => Val::S32(entropy.arbitrary()?),
        "u32" => Val::U32(entropy.arbitrary()?),
        "s64" => Val::S64(entropy.arbitrary()?),
        "u64" => Val::U64(entropy.arbitrary()?),
        "f32" => Val::F32(entropy.arbitrary()?),
        "f64" => Val::F64(entropy.arbitrary()?),
        "char" => Val::Char(entropy.arbitrary()?),
        _ => {
            let mut text: String = entropy.arbitrary()?;
            // A string that is Latin-1 for long and then is not has to be recoded.
            if entropy.ratio(1, 4)? {
                text = "é".repeat(entropy.int_in_range(0..=200)?) + &text;
            }
            Val::String(text)
        }
    })
}

fn name(kind: char, at: usize) -> Arc<str> {
    format!("{kind}{at}").into()
}

/// A memory and a `realloc` that never frees. Results lie at 16.
const MEMORY: &str = r#"
    (memory (export "memory") 2)
    (global $next (mut i32) (i32.const 65536))
    (func (export "realloc") (param $old i32) (param $old-size i32) (param $align i32) (param $size i32) (result i32)
        (local $at i32)
        (local.set $at (i32.and (i32.sub (i32.add (global.get $next) (local.get $align)) (i32.const 1))
            (i32.sub (i32.const 0) (local.get $align))))
        (global.set $next (i32.add (local.get $at) (local.get $size)))
        (if (i32.gt_u (global.get $next) (i32.mul (memory.size) (i32.const 65536)))
            (then (drop (memory.grow (i32.add (i32.const 1) (i32.div_u (local.get $size) (i32.const 65536)))))))
        (memory.copy (local.get $at) (local.get $old)
            (select (local.get $size) (local.get $old-size) (i32.lt_u (local.get $size) (local.get $old-size))))
        (local.get $at))"#;

fn text(
    definitions: &[String],
    params: &[Type],
    result: &Type,
    list: &Type,
    [outer, inner]: [&str; 2],
    noise: &Noise,
) -> String {
    // Types with names are imported, so that functions may mention them; the host need not supply them.
    let (mut types, mut with) = (String::new(), String::new());
    for (at, definition) in definitions.iter().enumerate() {
        let _ = writeln!(types, "(type $d{at} ({definition})) (import \"t{at}\" (type $t{at} (eq $d{at})))");
        let _ = write!(with, " (with \"t{at}\" (type $t{at}))");
    }
    let params: String =
        params.iter().enumerate().map(|(at, ty)| format!("(param \"p{at}\" {}) ", ty.text())).collect();
    let (spills, result, list) = (result.flat() > 1, result.text(), list.text());
    let options = |instance: &str, encoding: &str| {
        format!(
            "(memory (core memory {instance} \"memory\")) (realloc (core func {instance} \"realloc\")) string-encoding={encoding}"
        )
    };
    let (inner, outer) = (options("$i", inner), options("$memory", outer));
    // A single core value is passed on as it is.
    let (source_import, source_export, source) = match spills {
        true => (
            r#"(import "" "source" (func $source (param i32)))"#,
            r#"(func (export "source") (result i32) (call $source (i32.const 16)) (i32.const 16))"#,
            r#"(core func $glue "source")"#,
        ),
        false => ("", "", "(core func $source)"),
    };
    let source_with = if spills { r#"(export "source" (func $source))"# } else { "" };
    let (data, at, length) = (noise.data(), noise.address, noise.length);
    let imports = format!(
        r#"{types}
(import "look" (func $look (param "v" {list})))
(import "sink" (func $sink {params}))
(import "source" (func $source (result {result})))"#
    );
    // Siblings: in Wasmtime a component cannot call one that is nested in it.
    format!(
        r#"(component
{imports}
(component $Inner
    {types}
    (core module $m {MEMORY}
        (func (export "echo") (param i32 i32) (result i32)
            (i32.store (i32.const 16) (local.get 0)) (i32.store (i32.const 20) (local.get 1)) (i32.const 16)))
    (core instance $i (instantiate $m))
    (func (export "echo") (param "v" {list}) (result {list}) (canon lift (core func $i "echo") {inner})))
(component $Outer
    {imports}
    (import "echo" (func $echo (param "v" {list}) (result {list})))
    (core module $memory {MEMORY} (data (i32.const {NOISE}) "{data}"))
    (core instance $memory (instantiate $memory))
    (core func $look (canon lower (func $look) {outer}))
    (core func $sink (canon lower (func $sink) {outer}))
    (core func $source (canon lower (func $source) {outer}))
    (core func $echo (canon lower (func $echo) {outer}))
    (core module $glue
        {source_import}
        (import "" "echo" (func $echo (param i32 i32 i32)))
        (import "" "look" (func $look (param i32 i32)))
        {source_export}
        (func (export "echo") (param i32 i32) (result i32)
            (call $echo (local.get 0) (local.get 1) (i32.const 16)) (i32.const 16))
        (func (export "look-at-noise") (call $look (i32.const {at}) (i32.const {length})))
        (func (export "echo-noise") (result i32)
            (call $echo (i32.const {at}) (i32.const {length}) (i32.const 16)) (i32.const 16)))
    (core instance $glue (instantiate $glue
        (with "" (instance {source_with} (export "echo" (func $echo)) (export "look" (func $look))))))
    (func (export "sink") {params} (canon lift (core func $sink) {outer}))
    (func (export "source") (result {result}) (canon lift {source} {outer}))
    (func (export "echo") (param "v" {list}) (result {list}) (canon lift (core func $glue "echo") {outer}))
    (func (export "look-at-noise") (canon lift (core func $glue "look-at-noise")))
    (func (export "echo-noise") (result {list}) (canon lift (core func $glue "echo-noise") {outer})))
(instance $inner (instantiate $Inner{with}))
(instance $outer (instantiate $Outer{with} (with "look" (func $look)) (with "sink" (func $sink))
    (with "source" (func $source)) (with "echo" (func $inner "echo"))))
(export "sink" (func $outer "sink"))
(export "source" (func $outer "source"))
(export "echo" (func $outer "echo"))
(export "look-at-noise" (func $outer "look-at-noise"))
(export "echo-noise" (func $outer "echo-noise")))"#
    )
}
