//! `fields` of `wasi:http`: headers and trailers.
//!
//! Names keep their case and entries their order; equal names are equal whatever their case. Fields that manage the
//! connection belong to the host and are forbidden to the guest.

use core::fmt;
use std::sync::Arc;

use super::super::quota::Held;
use super::{ErrorCode, is_token};

/// Bounds on a set of fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldLimits {
    /// The number of entries.
    pub max_fields: usize,
    /// The bytes of all names and values.
    pub max_bytes: usize,
}

impl Default for FieldLimits {
    fn default() -> Self {
        FieldLimits { max_fields: 1_000, max_bytes: 128 << 10 }
    }
}

/// Why fields were not changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldsError {
    /// A name or value that is none.
    InvalidSyntax,
    /// A name that belongs to the host.
    Forbidden,
    /// These fields cannot be changed.
    Immutable,
    /// More than [`FieldLimits`] allow.
    TooLarge,
}

impl fmt::Display for FieldsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            FieldsError::InvalidSyntax => "a field's name or value is malformed",
            FieldsError::Forbidden => "the field belongs to the host",
            FieldsError::Immutable => "the fields cannot be changed",
            FieldsError::TooLarge => "too many or too large fields",
        })
    }
}

impl core::error::Error for FieldsError {}

/// What the host decides for each connection and each message.
const FORBIDDEN: [&str; 9] = [
    "connection",
    "host",
    "http2-settings",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "transfer-encoding",
    "upgrade",
];

/// What must be known before the body, and has no meaning behind it: framing, routing, authentication, modifiers.
const NOT_IN_TRAILERS: [&str; 18] = [
    "age",
    "authorization",
    "cache-control",
    "content-encoding",
    "content-length",
    "content-range",
    "content-type",
    "date",
    "expect",
    "expires",
    "location",
    "max-forwards",
    "range",
    "retry-after",
    "set-cookie",
    "te",
    "trailer",
    "www-authenticate",
];

/// A name and a value.
type Entry = (Box<str>, Box<[u8]>);

/// Headers or trailers.
#[derive(Debug)]
pub struct Fields {
    /// Copies share them until one is changed.
    entries: Arc<Vec<Entry>>,
    bytes: usize,
    limits: FieldLimits,
    is_immutable: bool,
    /// The place of the entries among those that a guest may have made.
    place: Option<Arc<Held>>,
}

/// A copy that can be changed, whether or not the original can.
impl Clone for Fields {
    fn clone(&self) -> Self {
        let Fields { entries, bytes, limits, place, .. } = self;
        let (entries, place) = (entries.clone(), place.clone());
        Fields { entries, bytes: *bytes, limits: *limits, is_immutable: false, place }
    }
}

impl Fields {
    /// No fields.
    pub fn new(limits: FieldLimits) -> Self {
        Fields { entries: Arc::default(), bytes: 0, limits, is_immutable: false, place: None }
    }

    /// The same fields in a place of their own, which is free again when they and all that was shown of them are gone.
    pub fn in_place(self, place: Held) -> Self {
        Fields { place: Some(Arc::new(place)), ..self }
    }

    /// `from-list`.
    pub fn from_list<'a>(
        limits: FieldLimits,
        entries: impl IntoIterator<Item = (&'a str, &'a [u8])>,
    ) -> Result<Self, FieldsError> {
        let mut fields = Fields::new(limits);
        for (name, value) in entries {
            fields.append(name, value)?;
        }
        Ok(fields)
    }

    /// The fields of a message that came in: without those of the connection, and immutable. What is malformed was for the
    /// connection to refuse, and is an error here.
    pub fn received<'a>(
        limits: FieldLimits,
        entries: impl IntoIterator<Item = (&'a str, &'a [u8])>,
    ) -> Result<Self, FieldsError> {
        let mut fields = Fields::from_list(limits, entries.into_iter().filter(|(name, _)| !is_in(&FORBIDDEN, name)))?;
        fields.freeze();
        Ok(fields)
    }

    /// A copy that cannot be changed: how a message shows its fields.
    pub fn shown(&self) -> Self {
        Fields { is_immutable: true, ..self.clone() }
    }

    /// Makes the fields immutable.
    pub fn freeze(&mut self) {
        self.is_immutable = true;
    }

    /// `get`: all values of `name`.
    pub fn get(&self, name: &str) -> impl Iterator<Item = &[u8]> {
        self.entries.iter().filter(move |(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| &**value)
    }

    /// `has`.
    pub fn has(&self, name: &str) -> bool {
        self.get(name).next().is_some()
    }

    /// `set`: replaces all values of `name`; all of them or none.
    pub fn set<'a>(
        &mut self,
        name: &str,
        values: impl ExactSizeIterator<Item = &'a [u8]> + Clone,
    ) -> Result<(), FieldsError> {
        self.check_change(name)?;
        if !values.clone().all(is_value) {
            return Err(FieldsError::InvalidSyntax);
        }
        let (old_count, old_bytes) =
            self.get(name).fold((0, 0), |(count, bytes), value| (count + 1, bytes + name.len() + value.len()));
        let added = values.clone().fold(0_usize, |sum, value| sum.saturating_add(name.len() + value.len()));
        let bytes = (self.bytes - old_bytes).saturating_add(added);
        if self.entries.len() - old_count + values.len() > self.limits.max_fields || bytes > self.limits.max_bytes {
            return Err(FieldsError::TooLarge);
        }
        let entries = Arc::make_mut(&mut self.entries);
        entries.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        entries.extend(values.map(|value| (name.into(), value.into())));
        self.bytes = bytes;
        Ok(())
    }

    /// `delete`: removes all values of `name`.
    pub fn delete(&mut self, name: &str) -> Result<(), FieldsError> {
        self.set(name, [].into_iter())
    }

    /// `append`: adds a value of `name` at the end.
    pub fn append(&mut self, name: &str, value: &[u8]) -> Result<(), FieldsError> {
        self.check_change(name)?;
        if !is_value(value) {
            return Err(FieldsError::InvalidSyntax);
        }
        let bytes = self.bytes.saturating_add(name.len()).saturating_add(value.len());
        if self.entries.len() >= self.limits.max_fields || bytes > self.limits.max_bytes {
            return Err(FieldsError::TooLarge);
        }
        Arc::make_mut(&mut self.entries).push((name.into(), value.into()));
        self.bytes = bytes;
        Ok(())
    }

    /// `entries`: all names and values, in order.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.entries.iter().map(|(name, value)| (&**name, &**value))
    }

    /// The length that the fields declare for the body. More than one that do not agree, or one that is no number, would
    /// let two readers see two messages.
    pub fn content_length(&self) -> Result<Option<u64>, ErrorCode> {
        let mut declared = None;
        for value in self.get("content-length") {
            let text = core::str::from_utf8(value).map_err(|_| ErrorCode::HttpProtocolError)?;
            // A sign, which `parse` would take, is no part of a length.
            let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            let length: u64 = text.parse().ok().filter(|_| digits).ok_or(ErrorCode::HttpProtocolError)?;
            if declared.is_some_and(|declared| declared != length) {
                return Err(ErrorCode::HttpProtocolError);
            }
            declared = Some(length);
        }
        Ok(declared)
    }

    /// Whether these can be trailers.
    pub fn check_trailers(&self) -> Result<(), ErrorCode> {
        if self.entries().any(|(name, _)| is_in(&NOT_IN_TRAILERS, name)) {
            return Err(ErrorCode::HttpProtocolError);
        }
        Ok(())
    }

    fn check_change(&self, name: &str) -> Result<(), FieldsError> {
        if self.is_immutable {
            return Err(FieldsError::Immutable);
        }
        if name.is_empty() || !name.bytes().all(is_token) {
            return Err(FieldsError::InvalidSyntax);
        }
        if is_in(&FORBIDDEN, name) { Err(FieldsError::Forbidden) } else { Ok(()) }
    }
}

fn is_in(list: &[&str], name: &str) -> bool {
    list.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// Visible characters, spaces and tabs between them, and bytes that are no ASCII.
fn is_value(value: &[u8]) -> bool {
    value.iter().all(|&byte| byte == b'\t' || (byte >= b' ' && byte != 0x7f))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(entries: &[(&str, &str)]) -> Fields {
        let entries = entries.iter().map(|(name, value)| (*name, value.as_bytes()));
        Fields::from_list(FieldLimits::default(), entries).unwrap()
    }

    fn listed(fields: &Fields) -> Vec<(&str, &str)> {
        fields.entries().map(|(name, value)| (name, core::str::from_utf8(value).unwrap())).collect()
    }

    #[test]
    fn names_keep_their_case_and_are_equal_without_it() {
        let mut fields = fields(&[("Accept", "a"), ("X-Y", "1"), ("aCCEPT", "b"), ("empty", "")]);
        assert_eq!(fields.get("ACCEPT").collect::<Vec<_>>(), [b"a", b"b"]);
        assert_eq!(fields.get("empty").collect::<Vec<_>>(), [b""]);
        assert!(fields.has("x-y") && !fields.has("y") && !fields.has("x y"));
        fields.set("accePt", [&b"c"[..], b"d"].into_iter()).unwrap();
        assert_eq!(listed(&fields), [("X-Y", "1"), ("empty", ""), ("accePt", "c"), ("accePt", "d")]);
        fields.delete("ACCEPT").unwrap();
        fields.delete("never-there").unwrap();
        assert_eq!(listed(&fields), [("X-Y", "1"), ("empty", "")]);
        assert_eq!(fields.bytes, "X-Y1empty".len());
    }

    #[test]
    fn no_line_ends_or_other_controls_get_into_a_message() {
        let mut fields = fields(&[("a", "kept")]);
        for name in ["", " ", "a b", "a:", "a\r\nb", "a\0", "ä", "(a)", "a\x7f"] {
            assert_eq!(fields.append(name, b"v"), Err(FieldsError::InvalidSyntax), "{name:?}");
            assert_eq!(fields.delete(name), Err(FieldsError::InvalidSyntax), "{name:?}");
            assert!(!fields.has(name));
        }
        for value in ["\r", "\n", "x\r\nevil: 1", "\0", "\x7f", "\x0b"] {
            assert_eq!(fields.append("a", value.as_bytes()), Err(FieldsError::InvalidSyntax), "{value:?}");
            let values = [b"good", value.as_bytes()].into_iter();
            assert_eq!(fields.set("a", values), Err(FieldsError::InvalidSyntax), "{value:?}");
        }
        assert_eq!(listed(&fields), [("a", "kept")]);
        fields.append("a", b" spaces\tand \xff\x80 ").unwrap();
    }

    #[test]
    fn the_connection_is_the_hosts() {
        let mut fields = fields(&[]);
        for name in FORBIDDEN {
            let name = name.to_uppercase();
            assert_eq!(fields.append(&name, b"v"), Err(FieldsError::Forbidden), "{name}");
            assert_eq!(fields.set(&name, [].into_iter()), Err(FieldsError::Forbidden), "{name}");
        }
        let entries = [("Host", &b"a"[..]), ("Transfer-Encoding", b"chunked"), ("X", b"1")];
        let received = Fields::received(FieldLimits::default(), entries).unwrap();
        assert_eq!(listed(&received), [("X", "1")]);
    }

    #[test]
    fn received_fields_do_not_change_but_their_copies_do() {
        let mut received = Fields::received(FieldLimits::default(), [("a", &b"1"[..])]).unwrap();
        assert_eq!(received.append("a", b"2"), Err(FieldsError::Immutable));
        assert_eq!(received.set("a", [].into_iter()), Err(FieldsError::Immutable));
        assert_eq!(received.delete("a"), Err(FieldsError::Immutable));
        let mut copy = received.clone();
        copy.append("a", b"2").unwrap();
        assert_eq!(listed(&received), [("a", "1")]);
    }

    #[test]
    fn count_and_size_are_bounded_and_room_comes_back() {
        let limits = FieldLimits::default();
        let mut fields = Fields::new(limits);
        let mut failures = 0;
        for number in 0..40_000 {
            failures += usize::from(fields.append(&format!("n{number}"), b"") == Err(FieldsError::TooLarge));
        }
        assert_eq!(failures, 40_000 - limits.max_fields);
        assert_eq!(fields.set("new", [&b"v"[..]].into_iter()), Err(FieldsError::TooLarge));
        fields.delete("n7").unwrap();
        fields.set("new", [&b"v"[..]].into_iter()).unwrap();

        let mut fields = Fields::new(limits);
        let huge = vec![b'x'; limits.max_bytes];
        assert_eq!(fields.append("a", &huge), Err(FieldsError::TooLarge));
        fields.append("a", &huge[1..]).unwrap();
        assert_eq!(fields.append("b", b""), Err(FieldsError::TooLarge));
        // Replacing counts only what stays.
        fields.set("A", [&huge[1..]].into_iter()).unwrap();
        fields.delete("a").unwrap();
        assert_eq!(fields.bytes, 0);
    }

    #[test]
    fn a_length_is_one_number() {
        let length = |values: &[&str]| {
            let entries: Vec<_> = values.iter().map(|value| ("Content-Length", *value)).collect();
            fields(&entries).content_length()
        };
        assert_eq!(length(&[]), Ok(None));
        assert_eq!(length(&["17"]), Ok(Some(17)));
        assert_eq!(length(&["17", "17"]), Ok(Some(17)));
        for values in
            [&["17", "18"][..], &["+17"], &["-1"], &["17, 17"], &[""], &["0x11"], &["1 7"], &["18446744073709551616"]]
        {
            assert_eq!(length(values), Err(ErrorCode::HttpProtocolError), "{values:?}");
        }
    }

    #[test]
    fn what_frames_or_routes_a_message_is_no_trailer() {
        assert_eq!(fields(&[("X-Checksum", "1")]).check_trailers(), Ok(()));
        for name in NOT_IN_TRAILERS {
            let name = name.to_uppercase();
            assert_eq!(fields(&[(&name, "1")]).check_trailers(), Err(ErrorCode::HttpProtocolError), "{name}");
        }
    }
}
