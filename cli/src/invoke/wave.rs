//! Text in WAVE ↔ component-level values.
//!
//! The crate `wasm-wave` reads and writes the notation. What a text means for a type is decided here, so that a refusal can say where it is, what was
//! expected there and what was found.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::ops::Range;

use wasm_wave::ast::{Node, NodeType};
use wasm_wave::parser::{Parser, ParserError, ParserErrorKind};
use wasm_wave::untyped::UntypedValue;
use wasm_wave::wasm::{WasmTypeKind, WasmValue};
use whit_component::{Type, TypeKind, Val};

/// The longest example, and the longest text of a type, that helps anybody.
const MAX_SHOWN: usize = 400;

/// A text that is no value of its type.
#[derive(Debug)]
pub struct Refusal {
    /// Where, in bytes of the text.
    pub place: Range<usize>,
    /// Why.
    pub why: String,
}

/// Arguments as they are written: values that have no type yet.
pub struct Arguments<'t>(Option<UntypedValue<'t>>);

impl<'t> Arguments<'t> {
    /// Reads `(…, …)`; nothing at all stands for no arguments.
    pub fn parse(text: &'t str) -> Result<Self, Refusal> {
        if text.trim().is_empty() {
            return Ok(Self(None));
        }
        let mut parser = Parser::new(text);
        match parser.parse_raw_value() {
            Ok(value) => {
                parser.finish().map_err(refusal)?;
                match value.node().ty() {
                    NodeType::Tuple => Ok(Self(Some(value))),
                    _ => Err(Refusal { place: value.node().span(), why: "arguments stand in parentheses".into() }),
                }
            }
            // WAVE has no empty tuple, and a call without arguments looks like one.
            Err(error) if error.kind() == ParserErrorKind::EmptyTuple && text[error.span().end..].trim().is_empty() => {
                Ok(Self(None))
            }
            Err(error) => Err(refusal(error)),
        }
    }

    /// The values for parameters of these types. As WAVE allows, options at the end may be left out.
    pub fn values<'c>(&self, params: &[(&str, Type<'c>)]) -> Result<Vec<Val>, Refusal> {
        let text = self.0.as_ref().map_or("", |value| value.source());
        let nodes: Vec<&Node> = match &self.0 {
            Some(value) => value.node().as_tuple().map_err(refusal)?.collect(),
            None => Vec::new(),
        };
        let optional = params.iter().rev().take_while(|(_, ty)| matches!(ty.kind(), TypeKind::Option(_))).count();
        if nodes.len() > params.len() || nodes.len() < params.len() - optional {
            let place = match nodes.get(params.len()) {
                Some(extra) => extra.span(),
                None => text.len().saturating_sub(1)..text.len(),
            };
            let takes = match params.len() {
                0 => "no arguments".into(),
                1 => "1 argument".into(),
                count => format!("{count} arguments"),
            };
            return Err(Refusal { place, why: format!("it takes {takes}, not {}", nodes.len()) });
        }
        let given = nodes.iter().zip(params).map(|(node, (name, ty))| {
            value(node, *ty, text).map_err(|refusal| Refusal { why: format!("`{name}`: {}", refusal.why), ..refusal })
        });
        given.chain(params[nodes.len()..].iter().map(|_| Ok(Val::Option(None)))).collect()
    }
}

fn refusal(error: ParserError) -> Refusal {
    let why = match error.detail() {
        Some(detail) => format!("{}: {detail}", error.kind()),
        None => error.kind().to_string(),
    };
    Refusal { place: error.span(), why }
}

/// What is written at `node` as a value of type `ty`.
fn value(node: &Node, ty: Type<'_>, text: &str) -> Result<Val, Refusal> {
    let refuse = |why: String| Refusal { place: node.span(), why };
    let expected = || refuse(format!("expected {}, found {}", shown(ty), found(node.ty())));
    // Each of these is an error only if the node is of another kind, which `expected` says better.
    macro_rules! number {
        ($variant:ident) => {
            match node.as_number(text) {
                Ok(number) => Val::$variant(number),
                Err(_) if node.ty() == NodeType::Number => {
                    let written = text.get(node.span()).unwrap_or_default();
                    return Err(refuse(format!("`{written}` is not a value of type {}", shown(ty))));
                }
                Err(_) => return Err(expected()),
            }
        };
    }
    let all = |nodes: &mut dyn Iterator<Item = &Node>, ty: Type<'_>| {
        nodes.map(|node| value(node, ty, text)).collect::<Result<Vec<Val>, Refusal>>()
    };
    Ok(match ty.kind() {
        TypeKind::Bool => Val::Bool(node.as_bool().map_err(|_| expected())?),
        TypeKind::S8 => number!(S8),
        TypeKind::U8 => number!(U8),
        TypeKind::S16 => number!(S16),
        TypeKind::U16 => number!(U16),
        TypeKind::S32 => number!(S32),
        TypeKind::U32 => number!(U32),
        TypeKind::S64 => number!(S64),
        TypeKind::U64 => number!(U64),
        TypeKind::F32 => number!(F32),
        TypeKind::F64 => number!(F64),
        TypeKind::Char if node.ty() == NodeType::Char => Val::Char(node.as_char(text).map_err(refusal)?),
        TypeKind::String if matches!(node.ty(), NodeType::String | NodeType::MultilineString) => {
            Val::String(node.as_str(text).map_err(refusal)?.into_owned())
        }
        TypeKind::List(element) => Val::List(all(&mut node.as_list().map_err(|_| expected())?, element)?),
        TypeKind::FixedList(element, length) => {
            let mut nodes = node.as_list().map_err(|_| expected())?;
            if nodes.len() != length as usize {
                return Err(refuse(format!("expected {length} values, found {}", nodes.len())));
            }
            Val::FixedList(all(&mut nodes, element)?)
        }
        TypeKind::Tuple(types) => {
            let nodes = node.as_tuple().map_err(|_| expected())?;
            if nodes.len() != types.len() {
                return Err(refuse(format!("expected {} values, found {}", types.len(), nodes.len())));
            }
            Val::Tuple(nodes.zip(types).map(|(node, ty)| value(node, ty, text)).collect::<Result<_, _>>()?)
        }
        TypeKind::Record(fields) if node.ty() == NodeType::TupleSet => record(node, &fields, text)?,
        TypeKind::Map(key, element) => map(node, key, element, text)?.ok_or_else(expected)?,
        TypeKind::Variant(cases) => {
            let (label, payload) = node.as_variant(text).map_err(|_| expected())?;
            let Some((_, ty)) = cases.iter().find(|(case, _)| *case == label) else {
                return Err(refuse(unknown("case", label, cases.iter().map(|(case, _)| *case))));
            };
            Val::Variant(label.into(), self::payload(node, label, *ty, payload, text)?)
        }
        TypeKind::Enum(labels) => {
            let label = node.as_enum(text).map_err(|_| expected())?;
            if !labels.contains(&label) {
                return Err(refuse(unknown("case", label, labels.into_iter())));
            }
            Val::Enum(label.into())
        }
        TypeKind::Flags(labels) => {
            let set: Vec<&str> = node.as_flags(text).map_err(|_| expected())?.collect();
            if let Some(label) = set.iter().find(|label| !labels.contains(label)) {
                return Err(refuse(unknown("flag", label, labels.into_iter())));
            }
            Val::Flags(labels.into_iter().filter(|label| set.contains(label)).map(Into::into).collect())
        }
        TypeKind::Option(inner) => match node.as_option() {
            Ok(None) => Val::Option(None),
            Ok(Some(node)) => Val::Option(Some(Box::new(value(node, inner, text)?))),
            // WAVE lets a value stand for an option that holds it, unless that could be mistaken.
            Err(_) if is_plain(inner) => Val::Option(Some(Box::new(value(node, inner, text)?))),
            Err(_) => return Err(expected()),
        },
        TypeKind::Result(ok, error) => match (node.as_result(), ok) {
            (Ok(Ok(node_of)), _) => Val::Result(Ok(payload(node, "ok", ok, node_of, text)?)),
            (Ok(Err(node_of)), _) => Val::Result(Err(payload(node, "err", error, node_of, text)?)),
            (Err(_), Some(ok)) if is_plain(ok) => Val::Result(Ok(Some(Box::new(value(node, ok, text)?)))),
            (Err(_), _) => return Err(expected()),
        },
        TypeKind::Own(_) | TypeKind::Borrow(_) | TypeKind::Stream(_) | TypeKind::Future(_) | TypeKind::ErrorContext => {
            return Err(refuse(format!("no text stands for a value of type {}", shown(ty))));
        }
        _ => return Err(expected()),
    })
}

/// Whether a value of the type cannot be mistaken for an option or a result.
fn is_plain(ty: Type<'_>) -> bool {
    !matches!(ty.kind(), TypeKind::Option(_) | TypeKind::Result(..))
}

/// The payload of a case, if its type has one.
fn payload(
    whole: &Node,
    case: &str,
    ty: Option<Type<'_>>,
    node: Option<&Node>,
    text: &str,
) -> Result<Option<Box<Val>>, Refusal> {
    match (ty, node) {
        (None, None) => Ok(None),
        (Some(ty), Some(node)) => Ok(Some(Box::new(value(node, ty, text)?))),
        (Some(ty), None) => {
            let why = format!("`{case}` needs a value of type {}: `{case}({})`", shown(ty), example(ty));
            Err(Refusal { place: whole.span(), why })
        }
        (None, Some(node)) => Err(Refusal { place: node.span(), why: format!("`{case}` has no value") }),
    }
}

/// The fields in the order of the type. As WAVE allows, options may be left out.
fn record(node: &Node, fields: &[(&str, Type<'_>)], text: &str) -> Result<Val, Refusal> {
    let given: Vec<(&str, &Node)> = node.as_record(text).map_err(refusal)?.collect();
    if let Some((name, node)) = given.iter().find(|(name, _)| !fields.iter().any(|(field, _)| field == name)) {
        return Err(Refusal {
            place: node.span(),
            why: unknown("field", name, fields.iter().map(|(field, _)| *field)),
        });
    }
    let field = |(name, ty): &(&str, Type<'_>)| {
        let value = match given.iter().find(|(given, _)| given == name) {
            Some((_, node)) => value(node, *ty, text)?,
            None if matches!(ty.kind(), TypeKind::Option(_)) => Val::Option(None),
            None => {
                let why = format!("the field `{name}` is missing: `{name}: {}`", example(*ty));
                return Err(Refusal { place: node.span(), why });
            }
        };
        Ok(((*name).into(), value))
    };
    Ok(Val::Record(fields.iter().map(field).collect::<Result<_, _>>()?))
}

/// A map; `None` if none is written at `node`. Of entries with one key the last counts.
fn map(node: &Node, key: Type<'_>, element: Type<'_>, text: &str) -> Result<Option<Val>, Refusal> {
    let Ok(nodes) = node.as_map() else { return Ok(None) };
    let mut entries: Vec<(Val, Val)> = Vec::new();
    for (key_node, node) in nodes {
        let key = match (key_node.ty(), key.kind(), text.get(key_node.span())) {
            // Keywords are read as labels there.
            (NodeType::Label, TypeKind::Bool, Some("true")) => Val::Bool(true),
            (NodeType::Label, TypeKind::Bool, Some("false")) => Val::Bool(false),
            _ => value(key_node, key, text)?,
        };
        let element = value(node, element, text)?;
        match entries.iter_mut().find(|(known, _)| *known == key) {
            Some(entry) => entry.1 = element,
            None => entries.push((key, element)),
        }
    }
    Ok(Some(Val::Map(entries)))
}

fn unknown<'n>(what: &str, name: &str, known: impl Iterator<Item = &'n str>) -> String {
    let known: Vec<String> = known.map(|name| format!("`{name}`")).collect();
    cut(format!("there is no {what} `{name}`; there are {}", known.join(", ")))
}

/// What is written, with its article.
fn found(node: NodeType) -> &'static str {
    match node {
        NodeType::BoolTrue | NodeType::BoolFalse => "a bool",
        NodeType::Number => "a number",
        NodeType::Char => "a char",
        NodeType::String | NodeType::MultilineString => "a string",
        NodeType::Tuple => "a tuple",
        NodeType::List => "a list",
        NodeType::TupleSet => "a record or map",
        NodeType::EmptySet => "empty flags or an empty map",
        NodeType::Label => "a label (a string stands in double quotes)",
        NodeType::VariantWithPayload => "a case with a value",
        NodeType::OptionSome | NodeType::OptionNone => "an option",
        NodeType::ResultOk | NodeType::ResultErr => "a result",
        NodeType::Flags => "flags",
    }
}

/// A type for a message.
pub fn shown(ty: Type<'_>) -> String {
    format!("`{}`", cut(ty.to_string()))
}

/// `text`, unless it is too long for a message: then its beginning.
pub fn cut(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(MAX_SHOWN) {
        text.truncate(end);
        text.push('…');
    }
    text
}

/// Some value of the type, as text; `…` where there is none, and for what is too long.
pub fn example(ty: Type<'_>) -> String {
    let mut text = String::new();
    match write_example(ty, &mut text) {
        true => text,
        false => "…".into(),
    }
}

/// Whether there is an example that is short enough.
fn write_example(ty: Type<'_>, text: &mut String) -> bool {
    let list = |types: &mut dyn Iterator<Item = (Option<&str>, Type<'_>)>, text: &mut String| {
        for (at, (name, ty)) in types.enumerate() {
            text.push_str(if at == 0 { "" } else { ", " });
            if let Some(name) = name {
                let _ = write!(text, "{name}: ");
            }
            if !write_example(ty, text) {
                return false;
            }
        }
        true
    };
    let within = |open: &str, ty: Option<Type<'_>>, text: &mut String| {
        text.push_str(open);
        let Some(ty) = ty else { return true };
        text.push('(');
        let made = write_example(ty, text);
        text.push(')');
        made
    };
    let made = match ty.kind() {
        TypeKind::Bool => text.write_str("true").is_ok(),
        TypeKind::F32 | TypeKind::F64 => text.write_str("1.5").is_ok(),
        TypeKind::Char => text.write_str("'a'").is_ok(),
        TypeKind::String => text.write_str("\"text\"").is_ok(),
        TypeKind::List(ty) => {
            text.push('[');
            let made = write_example(ty, text);
            text.push(']');
            made
        }
        TypeKind::FixedList(ty, length) => {
            text.push('[');
            let made = list(&mut (0..length.min(MAX_SHOWN as u32)).map(|_| (None, ty)), text);
            text.push(']');
            made
        }
        TypeKind::Map(key, value) => {
            text.push('{');
            let mut made = write_example(key, text);
            text.push_str(": ");
            made &= write_example(value, text);
            text.push('}');
            made
        }
        TypeKind::Record(fields) => {
            text.push('{');
            let made = list(&mut fields.into_iter().map(|(name, ty)| (Some(name), ty)), text);
            text.push('}');
            made
        }
        TypeKind::Tuple(types) => {
            text.push('(');
            let made = list(&mut types.into_iter().map(|ty| (None, ty)), text);
            text.push(')');
            made
        }
        TypeKind::Variant(cases) => cases.first().is_some_and(|(case, ty)| within(case, *ty, text)),
        TypeKind::Enum(labels) => labels.first().is_some_and(|label| text.write_str(label).is_ok()),
        TypeKind::Flags(labels) => write!(text, "{{{}}}", labels.first().unwrap_or(&"")).is_ok(),
        TypeKind::Option(ty) => within("some", Some(ty), text),
        TypeKind::Result(ty, _) => within("ok", ty, text),
        TypeKind::Own(_) | TypeKind::Borrow(_) | TypeKind::Stream(_) | TypeKind::Future(_) | TypeKind::ErrorContext => {
            false
        }
        _ => text.write_str("1").is_ok(),
    };
    made && text.len() <= MAX_SHOWN
}

/// The value as text; `None` if something in it has none.
pub fn text(value: &Val) -> Option<String> {
    wasm_wave::to_string(&Shown(value)).ok()
}

/// A value, for `wasm-wave` to write. It asks for what the kind says, and for nothing else.
#[derive(Clone, Copy)]
struct Shown<'v>(&'v Val);

macro_rules! unwrap {
    ($($function:ident = $variant:ident -> $ty:ty;)*) => { $(
        fn $function(&self) -> $ty {
            match self.0 {
                Val::$variant(value) => *value,
                _ => Default::default(),
            }
        }
    )* };
}

impl<'v> Shown<'v> {
    fn cow<'c>(value: &'v Val) -> Cow<'c, Self> {
        Cow::Owned(Self(value))
    }

    fn payload(value: &'v Option<Box<Val>>) -> Option<Cow<'v, Self>> {
        value.as_deref().map(Self::cow)
    }
}

impl WasmValue for Shown<'_> {
    // Types are needed for reading alone.
    type Type = wasm_wave::value::Type;

    fn kind(&self) -> WasmTypeKind {
        match self.0 {
            Val::Bool(_) => WasmTypeKind::Bool,
            Val::S8(_) => WasmTypeKind::S8,
            Val::U8(_) => WasmTypeKind::U8,
            Val::S16(_) => WasmTypeKind::S16,
            Val::U16(_) => WasmTypeKind::U16,
            Val::S32(_) => WasmTypeKind::S32,
            Val::U32(_) => WasmTypeKind::U32,
            Val::S64(_) => WasmTypeKind::S64,
            Val::U64(_) => WasmTypeKind::U64,
            Val::F32(_) => WasmTypeKind::F32,
            Val::F64(_) => WasmTypeKind::F64,
            Val::Char(_) => WasmTypeKind::Char,
            Val::String(_) => WasmTypeKind::String,
            Val::List(_) | Val::FixedList(_) => WasmTypeKind::List,
            Val::Map(_) => WasmTypeKind::Map,
            Val::Record(_) => WasmTypeKind::Record,
            Val::Tuple(_) => WasmTypeKind::Tuple,
            Val::Variant(..) => WasmTypeKind::Variant,
            Val::Enum(_) => WasmTypeKind::Enum,
            Val::Flags(_) => WasmTypeKind::Flags,
            Val::Option(_) => WasmTypeKind::Option,
            Val::Result(_) => WasmTypeKind::Result,
            // Handles.
            _ => WasmTypeKind::Unsupported,
        }
    }

    unwrap! {
        unwrap_bool = Bool -> bool;
        unwrap_s8 = S8 -> i8;
        unwrap_u8 = U8 -> u8;
        unwrap_s16 = S16 -> i16;
        unwrap_u16 = U16 -> u16;
        unwrap_s32 = S32 -> i32;
        unwrap_u32 = U32 -> u32;
        unwrap_s64 = S64 -> i64;
        unwrap_u64 = U64 -> u64;
        unwrap_f32 = F32 -> f32;
        unwrap_f64 = F64 -> f64;
        unwrap_char = Char -> char;
    }

    fn unwrap_string(&self) -> Cow<'_, str> {
        match self.0 {
            Val::String(text) => text.into(),
            _ => "".into(),
        }
    }

    fn unwrap_list(&self) -> Box<dyn Iterator<Item = Cow<'_, Self>> + '_> {
        let values: &[Val] = match self.0 {
            Val::List(values) | Val::FixedList(values) => values,
            _ => &[],
        };
        Box::new(values.iter().map(Self::cow))
    }

    fn unwrap_tuple(&self) -> Box<dyn Iterator<Item = Cow<'_, Self>> + '_> {
        let values: &[Val] = if let Val::Tuple(values) = self.0 { values } else { &[] };
        Box::new(values.iter().map(Self::cow))
    }

    fn unwrap_record(&self) -> Box<dyn Iterator<Item = (Cow<'_, str>, Cow<'_, Self>)> + '_> {
        let fields = if let Val::Record(fields) = self.0 { fields.as_slice() } else { &[] };
        Box::new(fields.iter().map(|(name, value)| ((&**name).into(), Self::cow(value))))
    }

    fn unwrap_map(&self) -> Box<dyn Iterator<Item = (Cow<'_, Self>, Cow<'_, Self>)> + '_> {
        let entries = if let Val::Map(entries) = self.0 { entries.as_slice() } else { &[] };
        Box::new(entries.iter().map(|(key, value)| (Self::cow(key), Self::cow(value))))
    }

    fn unwrap_flags(&self) -> Box<dyn Iterator<Item = Cow<'_, str>> + '_> {
        let names = if let Val::Flags(names) = self.0 { names.as_slice() } else { &[] };
        Box::new(names.iter().map(|name| (&**name).into()))
    }

    fn unwrap_variant(&self) -> (Cow<'_, str>, Option<Cow<'_, Self>>) {
        match self.0 {
            Val::Variant(case, payload) => ((&**case).into(), Self::payload(payload)),
            _ => ("".into(), None),
        }
    }

    fn unwrap_enum(&self) -> Cow<'_, str> {
        if let Val::Enum(case) = self.0 { (&**case).into() } else { "".into() }
    }

    fn unwrap_option(&self) -> Option<Cow<'_, Self>> {
        if let Val::Option(payload) = self.0 { Self::payload(payload) } else { None }
    }

    fn unwrap_result(&self) -> Result<Option<Cow<'_, Self>>, Option<Cow<'_, Self>>> {
        match self.0 {
            Val::Result(Ok(payload)) => Ok(Self::payload(payload)),
            Val::Result(Err(payload)) => Err(Self::payload(payload)),
            _ => Ok(None),
        }
    }
}
