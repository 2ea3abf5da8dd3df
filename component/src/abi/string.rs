//! Strings, from each encoding to each, and how room for them is asked of `realloc` ("Loading" and "Storing" of the Canonical ABI).
//!
//! The guest sees the calls of its `realloc`, so they are the document's: first for the length that is right if nothing is special, then for
//! the worst case, then for what was needed. The characters come from a [`Source`], the host's or another guest's, in chunks of whole
//! characters; nothing between source and destination is allocated. Promises that nothing is written beyond what was allocated, even if the
//! source changes meanwhile.

use alloc::string::String;
use core::char::DecodeUtf16;
use core::str;

use whit_core::Error;

use crate::abi::context::{CopyContext, LowerContext};
use crate::abi::load::{self, MAX_BYTE_LENGTH};
use crate::abi::store::{Allocation, ReallocTraps, allocate, reallocate};
use crate::plan::StringEncoding;
use crate::trap::TrapCode;

/// Of a length, that the string is UTF-16 where it could be Latin-1 (`utf16_tag`).
pub const UTF16_TAG: u32 = 1 << 31;

/// What a string consists of, where the encoding leaves no choice.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Repr {
    /// Bytes of UTF-8.
    Utf8,
    /// Little-endian units of UTF-16.
    Utf16,
    /// One byte for each character below U+0100.
    Latin1,
}

impl Repr {
    /// Bytes of a code unit.
    fn unit(self) -> u32 {
        match self {
            Self::Utf8 | Self::Latin1 => 1,
            Self::Utf16 => 2,
        }
    }

    /// Bytes of a character.
    fn width(self, c: char) -> usize {
        match self {
            Self::Utf8 => c.len_utf8(),
            Self::Utf16 => 2 * c.len_utf16(),
            Self::Latin1 => 1,
        }
    }
}

/// Where a guest says that a string is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StringRange {
    /// What is there.
    pub repr: Repr,
    ptr: u32,
    code_units: u32,
    align: u32,
}

/// The range that a pointer and a length mean (the first half of `load_string_from_range`).
///
/// # Errors
/// It is too long.
pub fn load_range(encoding: StringEncoding, ptr: u32, tagged_len: u32) -> Result<StringRange, TrapCode> {
    let (repr, code_units, align) = match encoding {
        StringEncoding::Utf8 => (Repr::Utf8, tagged_len, 1),
        StringEncoding::Utf16 => (Repr::Utf16, tagged_len, 2),
        StringEncoding::Latin1Utf16 if tagged_len & UTF16_TAG != 0 => (Repr::Utf16, tagged_len ^ UTF16_TAG, 2),
        StringEncoding::Latin1Utf16 => (Repr::Latin1, tagged_len, 2),
    };
    match code_units <= MAX_BYTE_LENGTH / repr.unit() {
        true => Ok(StringRange { repr, ptr, code_units, align }),
        false => Err(TrapCode::StringTooLong),
    }
}

impl StringRange {
    fn byte_length(&self) -> u32 {
        self.code_units * self.repr.unit()
    }

    /// Bytes that suffice for it in UTF-8.
    pub fn max_utf8_length(&self) -> usize {
        self.code_units as usize
            * match self.repr {
                Repr::Utf8 => 1,
                Repr::Utf16 => 3,
                Repr::Latin1 => 2,
            }
    }

    /// What is there.
    ///
    /// # Errors
    /// It is not aligned, or out of bounds.
    pub fn bytes<'m>(&self, memory: &'m [u8], out_of_bounds: TrapCode) -> Result<&'m [u8], TrapCode> {
        load::range(memory, self.ptr, self.byte_length(), self.align, out_of_bounds)
    }
}

/// Bytes, and how they are to be read.
#[derive(Clone, Copy, Debug)]
pub struct StringRef<'m> {
    /// How.
    pub repr: Repr,
    /// The bytes.
    pub bytes: &'m [u8],
}

impl StringRef<'_> {
    /// The string, in the host's memory (the second half of `load_string_from_range`).
    ///
    /// # Errors
    /// It is not of its encoding, or there is no memory.
    pub fn to_string(self) -> Result<String, Error> {
        match self.repr {
            Repr::Utf8 => {
                let text = self.utf8()?;
                let mut string = String::new();
                string.try_reserve_exact(text.len())?;
                string.push_str(text);
                Ok(string)
            }
            Repr::Utf16 | Repr::Latin1 => {
                let mut utf8 = 0;
                self.characters()?.try_for_each(|c| c.map(|c| utf8 += c.len_utf8()))?;
                let mut string = String::new();
                string.try_reserve_exact(utf8)?;
                self.characters()?.try_for_each(|c| c.map(|c| string.push(c)))?;
                Ok(string)
            }
        }
    }

    /// Checks that it is of its encoding.
    ///
    /// # Errors
    /// It is not.
    pub fn validate(self) -> Result<(), TrapCode> {
        match self.repr {
            Repr::Utf8 => self.utf8().map(drop),
            Repr::Utf16 => self.characters()?.try_for_each(|c| c.map(drop)),
            Repr::Latin1 => Ok(()),
        }
    }

    fn utf8(&self) -> Result<&str, TrapCode> {
        str::from_utf8(self.bytes).map_err(|error| match error.error_len() {
            Some(_) => TrapCode::InvalidUtf8,
            None => TrapCode::IncompleteUtf8,
        })
    }

    fn characters(&self) -> Result<Characters<'_>, TrapCode> {
        Ok(match self.repr {
            Repr::Utf8 => Characters::Utf8(self.utf8()?.chars()),
            Repr::Utf16 => Characters::Utf16(char::decode_utf16(Units(self.bytes))),
            Repr::Latin1 => Characters::Latin1(self.bytes.iter()),
        })
    }
}

/// The characters of a string.
enum Characters<'m> {
    Utf8(str::Chars<'m>),
    Utf16(DecodeUtf16<Units<'m>>),
    Latin1(core::slice::Iter<'m, u8>),
}

impl Iterator for Characters<'_> {
    type Item = Result<char, TrapCode>;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Utf8(chars) => chars.next().map(Ok),
            Self::Utf16(chars) => Some(chars.next()?.map_err(|_| TrapCode::UnpairedSurrogate)),
            Self::Latin1(bytes) => bytes.next().map(|byte| Ok(char::from(*byte))),
        }
    }
}

/// Little-endian code units.
#[derive(Clone)]
struct Units<'m>(&'m [u8]);

impl Iterator for Units<'_> {
    type Item = u16;

    fn next(&mut self) -> Option<u16> {
        let (unit, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u16::from_le_bytes(*unit))
    }
}

/// Room for a chunk of a guest's string, on its way to another memory.
type Buffer = [u8; 256];

/// Where the characters come from.
pub trait Source<C: ?Sized> {
    /// How they are encoded.
    fn repr(&self) -> Repr;

    /// Whether the source's encoding is one that chooses between Latin-1 and UTF-16.
    fn is_latin1_utf16(&self) -> bool;

    /// How many code units; [`MAX_BYTE_LENGTH`] bytes at most.
    fn code_units(&self) -> u32;

    /// Some whole characters that begin at byte `at`, which is not the end.
    ///
    /// # Errors
    /// Where the string has changed since it was checked, there may be none.
    fn chunk<'b>(&'b self, cx: &C, at: u32, buffer: &'b mut Buffer) -> Result<StringRef<'b>, TrapCode>;

    /// Copies all bytes to the destination, which has room for them.
    fn copy(&self, cx: &mut C, to: u32);
}

/// The host's strings, of at most [`MAX_BYTE_LENGTH`] bytes.
impl<C: LowerContext + ?Sized> Source<C> for &str {
    fn repr(&self) -> Repr {
        Repr::Utf8
    }

    fn is_latin1_utf16(&self) -> bool {
        false
    }

    fn code_units(&self) -> u32 {
        self.len() as u32
    }

    fn chunk<'b>(&'b self, _: &C, at: u32, _: &'b mut Buffer) -> Result<StringRef<'b>, TrapCode> {
        Ok(StringRef { repr: Repr::Utf8, bytes: self.as_bytes().get(at as usize..).unwrap_or_default() })
    }

    fn copy(&self, cx: &mut C, to: u32) {
        cx.destination()[to as usize..][..self.len()].copy_from_slice(self.as_bytes());
    }
}

/// A guest's string; in bounds and of its encoding.
#[derive(Clone, Copy, Debug)]
struct Guest {
    encoding: StringEncoding,
    range: StringRange,
}

impl<C: CopyContext + ?Sized> Source<C> for Guest {
    fn repr(&self) -> Repr {
        self.range.repr
    }

    fn is_latin1_utf16(&self) -> bool {
        self.encoding == StringEncoding::Latin1Utf16
    }

    fn code_units(&self) -> u32 {
        self.range.code_units
    }

    fn chunk<'b>(&'b self, cx: &C, at: u32, buffer: &'b mut Buffer) -> Result<StringRef<'b>, TrapCode> {
        let bytes = self.range.bytes(cx.source(), TrapCode::StringContentOutOfBounds)?;
        let rest = bytes.get(at as usize..).unwrap_or_default();
        let len = whole_characters(self.range.repr, rest, buffer.len());
        if len == 0 {
            return Err(TrapCode::InvalidUtf8);
        }
        buffer[..len].copy_from_slice(&rest[..len]);
        Ok(StringRef { repr: self.range.repr, bytes: &buffer[..len] })
    }

    fn copy(&self, cx: &mut C, to: u32) {
        cx.copy(self.range.ptr, to, self.range.byte_length());
    }
}

/// The greatest length, up to `limit`, at which no character is cut; 0 if the string is not what it should be.
fn whole_characters(repr: Repr, bytes: &[u8], limit: usize) -> usize {
    if bytes.len() <= limit {
        return bytes.len();
    }
    match repr {
        Repr::Utf8 => (0..=limit).rev().find(|len| bytes[*len] & 0xc0 != 0x80).unwrap_or(0),
        // A low surrogate belongs to the unit before it.
        Repr::Utf16 => match bytes[limit + 1] & 0xfc == 0xdc {
            true => limit - 2,
            false => limit,
        },
        Repr::Latin1 => limit,
    }
}

/// Copies a string of one guest into the memory of another; returns pointer and tagged length (`load_string_from_range`, then
/// `store_string_into_range`).
///
/// # Errors
/// Those of lifting and of lowering it.
pub fn copy_string(
    cx: &mut dyn CopyContext,
    (from, ptr, tagged_len): (StringEncoding, u32, u32),
    to: StringEncoding,
) -> Result<(u32, u32), Error> {
    let range = load_range(from, ptr, tagged_len)?;
    let bytes = range.bytes(cx.source(), TrapCode::StringContentOutOfBounds)?;
    StringRef { repr: range.repr, bytes }.validate()?;
    cx.work(range.byte_length())?;
    store_string(cx, to, &Guest { encoding: from, range }, ReallocTraps::STRING)
}

/// Stores a string; returns its pointer and its tagged length (`store_string_into_range`).
///
/// # Errors
/// It is too long, or there is no room for it.
pub fn store_string<C: LowerContext + ?Sized, S: Source<C>>(
    cx: &mut C,
    encoding: StringEncoding,
    source: &S,
    traps: ReallocTraps,
) -> Result<(u32, u32), Error> {
    let mut writer = Writer { cx, source, traps };
    let code_units = source.code_units();
    match (encoding, source.repr()) {
        (StringEncoding::Utf8, Repr::Utf8) => writer.store_copy(1),
        (StringEncoding::Utf8, Repr::Utf16) => writer.store_to_utf8(3 * code_units),
        (StringEncoding::Utf8, Repr::Latin1) => writer.store_to_utf8(2 * code_units),
        (StringEncoding::Utf16, Repr::Utf8) => writer.store_utf8_to_utf16(),
        (StringEncoding::Utf16, Repr::Utf16) => writer.store_copy(2),
        (StringEncoding::Utf16, Repr::Latin1) => writer.store_latin1_to_utf16(),
        (StringEncoding::Latin1Utf16, Repr::Latin1) => writer.store_copy(2),
        (StringEncoding::Latin1Utf16, Repr::Utf16) if source.is_latin1_utf16() => writer.store_probably_utf16(),
        (StringEncoding::Latin1Utf16, Repr::Utf8 | Repr::Utf16) => writer.store_to_latin1_or_utf16(),
    }
}

/// Writes the characters of a source.
struct Writer<'w, C: ?Sized, S> {
    cx: &'w mut C,
    source: &'w S,
    traps: ReallocTraps,
}

/// How far a [`Writer`] is.
#[derive(Clone, Copy)]
struct Progress {
    /// Bytes read.
    read: u32,
    /// Bytes written.
    written: u32,
}

impl<C: LowerContext + ?Sized, S: Source<C>> Writer<'_, C, S> {
    /// Bytes of the source.
    fn byte_length(&self) -> u32 {
        self.source.code_units() * self.source.repr().unit()
    }

    fn allocate(&mut self, align: u32, size: u32) -> Result<Allocation, Error> {
        allocate(self.cx, align, size, self.traps)
    }

    fn reallocate(&mut self, old: Allocation, align: u32, size: u32) -> Result<Allocation, Error> {
        reallocate(self.cx, old, align, size, self.traps)
    }

    /// Writes characters, as they are encoded by `to`, until the end or to the first one that is not below `limit`.
    fn write(&mut self, to: Repr, limit: u32, room: Allocation, mut done: Progress) -> Result<Progress, Error> {
        let end = self.byte_length();
        let mut buffer = [0; 256];
        while done.read < end {
            let chunk = self.source.chunk(self.cx, done.read, &mut buffer)?;
            let memory = self.cx.destination().get_mut(room.ptr as usize..);
            let memory = memory.and_then(|memory| memory.get_mut(..room.size as usize)).unwrap_or_default();
            for c in chunk.characters()? {
                let c = c?;
                if u32::from(c) >= limit {
                    return Ok(done);
                }
                done.read += chunk.repr.width(c) as u32;
                let written = encode(c, to, memory.get_mut(done.written as usize..).unwrap_or_default());
                // There is room for the worst case, unless the source has changed since.
                done.written += written.ok_or(self.traps.out_of_bounds)? as u32;
            }
        }
        Ok(done)
    }

    /// The bytes as they are (`store_string_copy`).
    fn store_copy(&mut self, align: u32) -> Result<(u32, u32), Error> {
        let room = self.allocate(align, self.byte_length())?;
        self.source.copy(self.cx, room.ptr);
        Ok((room.ptr, self.source.code_units()))
    }

    /// Each byte as a unit (`store_string_copy`).
    fn store_latin1_to_utf16(&mut self) -> Result<(u32, u32), Error> {
        let code_units = self.source.code_units();
        let room = self.allocate(2, 2 * code_units)?;
        self.write(Repr::Utf16, u32::MAX, room, START)?;
        Ok((room.ptr, code_units))
    }

    /// In the hope that it is ASCII (`store_string_to_utf8`).
    fn store_to_utf8(&mut self, worst_case: u32) -> Result<(u32, u32), Error> {
        let code_units = self.source.code_units();
        let mut room = self.allocate(1, code_units)?;
        let ascii = self.write(Repr::Utf8, 0x80, room, START)?;
        if ascii.read == self.byte_length() {
            return Ok((room.ptr, code_units));
        }
        room = self.reallocate(room, 1, worst_case)?;
        let Progress { written, .. } = self.write(Repr::Utf8, u32::MAX, room, ascii)?;
        if written < worst_case {
            room = self.reallocate(room, 1, written)?;
        }
        Ok((room.ptr, written))
    }

    /// In the hope that it is ASCII (`store_utf8_to_utf16`).
    fn store_utf8_to_utf16(&mut self) -> Result<(u32, u32), Error> {
        let worst_case = 2 * self.source.code_units();
        let mut room = self.allocate(2, worst_case)?;
        let Progress { written, .. } = self.write(Repr::Utf16, u32::MAX, room, START)?;
        if written < worst_case {
            room = self.reallocate(room, 2, written)?;
        }
        Ok((room.ptr, written / 2))
    }

    /// In the hope that it is Latin-1 (`store_string_to_latin1_or_utf16`).
    fn store_to_latin1_or_utf16(&mut self) -> Result<(u32, u32), Error> {
        let code_units = self.source.code_units();
        let mut room = self.allocate(2, code_units)?;
        let latin1 = self.write(Repr::Latin1, 0x100, room, START)?;
        if latin1.read == self.byte_length() {
            if latin1.written < code_units {
                room = self.reallocate(room, 2, latin1.written)?;
            }
            return Ok((room.ptr, latin1.written));
        }
        let worst_case = 2 * code_units;
        room = self.reallocate(room, 2, worst_case)?;
        inflate(&mut self.cx.destination()[room.ptr as usize..], latin1.written as usize);
        let rest = Progress { read: latin1.read, written: 2 * latin1.written };
        let Progress { written, .. } = self.write(Repr::Utf16, u32::MAX, room, rest)?;
        if written < worst_case {
            room = self.reallocate(room, 2, written)?;
        }
        Ok((room.ptr, (written / 2) | UTF16_TAG))
    }

    /// In the belief that who chose UTF-16 had to (`store_probably_utf16_to_latin1_or_utf16`).
    fn store_probably_utf16(&mut self) -> Result<(u32, u32), Error> {
        let code_units = self.source.code_units();
        let mut room = self.allocate(2, 2 * code_units)?;
        self.source.copy(self.cx, room.ptr);
        let written = &mut self.cx.destination()[room.ptr as usize..][..room.size as usize];
        if Units(written).any(|unit| unit > 0xff) {
            return Ok((room.ptr, code_units | UTF16_TAG));
        }
        deflate(written);
        room = self.reallocate(room, 1, code_units)?;
        Ok((room.ptr, code_units))
    }
}

const START: Progress = Progress { read: 0, written: 0 };

/// Writes a character that the encoding has; returns how many bytes, `None` if there is no room.
fn encode(c: char, to: Repr, room: &mut [u8]) -> Option<usize> {
    match to {
        Repr::Utf8 => {
            let width = c.len_utf8();
            c.encode_utf8(room.get_mut(..width)?);
            Some(width)
        }
        Repr::Utf16 => {
            let mut units = [0; 2];
            let units = c.encode_utf16(&mut units);
            let room = room.get_mut(..2 * units.len())?;
            for (bytes, unit) in room.chunks_exact_mut(2).zip(&*units) {
                bytes.copy_from_slice(&unit.to_le_bytes());
            }
            Some(room.len())
        }
        Repr::Latin1 => {
            *room.first_mut()? = c as u8;
            Some(1)
        }
    }
}

/// Makes UTF-16 of the first `len` bytes, which are Latin-1, in place.
fn inflate(bytes: &mut [u8], len: usize) {
    for at in (0..len).rev() {
        bytes[2 * at] = bytes[at];
        bytes[2 * at + 1] = 0;
    }
}

/// Makes Latin-1 of UTF-16, all of whose units are below 0x100, in place.
fn deflate(bytes: &mut [u8]) {
    for at in 0..bytes.len() / 2 {
        bytes[at] = bytes[2 * at];
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;
    use alloc::vec::Vec;

    use super::*;
    use crate::abi::testing::{Guest, Pair};

    /// A guest with a string at address 0, and its tagged length.
    fn guest(encoding: StringEncoding, text: &str) -> (Guest, u32) {
        let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let (mut bytes, len) = match encoding {
            StringEncoding::Utf8 => (text.as_bytes().to_vec(), text.len() as u32),
            StringEncoding::Utf16 => (utf16.clone(), utf16.len() as u32 / 2),
            StringEncoding::Latin1Utf16 if text.chars().all(|c| c <= '\u{ff}') => {
                (text.chars().map(|c| c as u8).collect(), text.chars().count() as u32)
            }
            StringEncoding::Latin1Utf16 => (utf16.clone(), (utf16.len() as u32 / 2) | UTF16_TAG),
        };
        bytes.resize(bytes.len().max(64), 0);
        (Guest::with_memory(bytes), len)
    }

    /// Passes a string; gives the length at the other side, and the calls of `realloc`, with a 0 where a pointer stood.
    fn pass(from: StringEncoding, to: StringEncoding, text: &str) -> (u32, Vec<[u32; 3]>) {
        let (from_guest, len) = guest(from, text);
        let mut pair = Pair { from: from_guest, to: Guest::new() };
        let (ptr, copied) = copy_string(&mut pair, (from, 0, len), to).unwrap();
        let range = load_range(to, ptr, copied).unwrap();
        let bytes = range.bytes(&pair.to.memory, TrapCode::StringOutOfBounds).unwrap();
        assert_eq!(StringRef { repr: range.repr, bytes }.to_string().unwrap(), text);
        (copied, pair.to.reallocs.iter().map(|[_, old_size, align, size]| [*old_size, *align, *size]).collect())
    }

    use StringEncoding::{Latin1Utf16, Utf8, Utf16};

    #[test]
    fn equal_encodings_are_copied() {
        assert_eq!(pass(Utf8, Utf8, "hö☃"), (6, [[0, 1, 6]].into()));
        assert_eq!(pass(Utf16, Utf16, "hö☃🍰"), (5, [[0, 2, 10]].into()));
        assert_eq!(pass(Latin1Utf16, Latin1Utf16, "höla"), (4, [[0, 2, 4]].into()));
        assert_eq!(pass(Latin1Utf16, Latin1Utf16, "☃n"), (2 | UTF16_TAG, [[0, 2, 4]].into()));
        assert_eq!(pass(Utf8, Utf8, ""), (0, [[0, 1, 0]].into()));
    }

    #[test]
    fn to_utf8_room_is_for_ascii_then_for_the_worst_case_then_for_what_it_is() {
        assert_eq!(pass(Utf16, Utf8, "ascii"), (5, [[0, 1, 5]].into()));
        assert_eq!(pass(Utf16, Utf8, "hö☃🍰"), (10, [[0, 1, 5], [5, 1, 15], [15, 1, 10]].into()));
        assert_eq!(pass(Utf16, Utf8, "☃☃"), (6, [[0, 1, 2], [2, 1, 6]].into()));
        assert_eq!(pass(Latin1Utf16, Utf8, "höla"), (5, [[0, 1, 4], [4, 1, 8], [8, 1, 5]].into()));
        assert_eq!(pass(Latin1Utf16, Utf8, "öö"), (4, [[0, 1, 2], [2, 1, 4]].into()));
        assert_eq!(pass(Latin1Utf16, Utf8, "☃🍰"), (7, [[0, 1, 3], [3, 1, 9], [9, 1, 7]].into()));
    }

    #[test]
    fn to_utf16_room_is_for_ascii_then_for_what_it_is() {
        assert_eq!(pass(Utf8, Utf16, "ascii"), (5, [[0, 2, 10]].into()));
        assert_eq!(pass(Utf8, Utf16, "hö☃🍰"), (5, [[0, 2, 20], [20, 2, 10]].into()));
        assert_eq!(pass(Latin1Utf16, Utf16, "höla"), (4, [[0, 2, 8]].into()));
    }

    #[test]
    fn to_latin1_or_utf16_room_is_for_latin1_first() {
        assert_eq!(pass(Utf8, Latin1Utf16, "ascii"), (5, [[0, 2, 5]].into()));
        assert_eq!(pass(Utf8, Latin1Utf16, "höla"), (4, [[0, 2, 5], [5, 2, 4]].into()));
        assert_eq!(pass(Utf16, Latin1Utf16, "höla"), (4, [[0, 2, 4]].into()));
        assert_eq!(pass(Utf8, Latin1Utf16, "ö☃"), (2 | UTF16_TAG, [[0, 2, 5], [5, 2, 10], [10, 2, 4]].into()));
        assert_eq!(pass(Utf16, Latin1Utf16, "ö☃🍰"), (4 | UTF16_TAG, [[0, 2, 4], [4, 2, 8]].into()));
    }

    #[test]
    fn utf16_that_could_be_latin1_becomes_latin1() {
        let (from, _) = guest(Utf16, "AB");
        let mut pair = Pair { from, to: Guest::new() };
        let (ptr, len) = copy_string(&mut pair, (Latin1Utf16, 0, 2 | UTF16_TAG), Latin1Utf16).unwrap();
        assert_eq!(len, 2);
        assert_eq!(pair.to.memory[ptr as usize..][..2], *b"AB");
        assert_eq!(pair.to.reallocs, [[0, 0, 2, 4], [ptr, 4, 1, 2]]);
    }

    #[test]
    fn long_strings_are_passed_in_chunks_of_whole_characters() {
        for start in 0..4 {
            let text = "x".repeat(start) + &"🍰ö☃".repeat(200);
            for from in [Utf8, Utf16, Latin1Utf16] {
                for to in [Utf8, Utf16, Latin1Utf16] {
                    pass(from, to, &text);
                }
            }
        }
    }

    #[test]
    fn strings_are_checked_before_realloc_is_called() {
        let broken = |from, bytes: &[u8], tagged_len| {
            let mut memory = bytes.to_vec();
            memory.resize(8, 0);
            let mut pair = Pair { from: Guest::with_memory(memory), to: Guest::new() };
            let error = copy_string(&mut pair, (from, 0, tagged_len), Utf8).unwrap_err();
            assert!(pair.to.reallocs.is_empty());
            *error.downcast_ref::<TrapCode>().unwrap()
        };
        assert_eq!(broken(Utf8, b"\xff", 1), TrapCode::InvalidUtf8);
        assert_eq!(broken(Utf8, b"\xed\xa0\x80", 3), TrapCode::InvalidUtf8);
        assert_eq!(broken(Utf8, b"\xc3", 1), TrapCode::IncompleteUtf8);
        assert_eq!(broken(Utf16, b"\x00\xd8a\0", 2), TrapCode::UnpairedSurrogate);
        assert_eq!(broken(Utf16, b"\x00\xdc", 1), TrapCode::UnpairedSurrogate);
        assert_eq!(broken(Latin1Utf16, b"\x00\xd8", 1 | UTF16_TAG), TrapCode::UnpairedSurrogate);
        assert_eq!(broken(Utf8, b"", 9), TrapCode::StringContentOutOfBounds);
        assert_eq!(broken(Utf16, b"", 5), TrapCode::StringContentOutOfBounds);
        assert_eq!(broken(Utf16, b"", 1 << 27), TrapCode::StringTooLong);
        assert_eq!(broken(Utf16, b"", u32::MAX), TrapCode::StringTooLong);
        assert_eq!(broken(Latin1Utf16, b"", 1 << 27 | UTF16_TAG), TrapCode::StringTooLong);
    }

    #[test]
    fn pointers_are_aligned_to_code_units_even_of_nothing() {
        for (encoding, len) in [(Utf16, 0), (Latin1Utf16, 0), (Latin1Utf16, UTF16_TAG)] {
            let mut pair = Pair { from: Guest::new(), to: Guest::new() };
            let error = copy_string(&mut pair, (encoding, 1, len), Utf8).unwrap_err();
            assert_eq!(error.downcast_ref(), Some(&TrapCode::UnalignedPointer));
        }
    }

    /// A guest's own `realloc` may change a string that it passes to itself.
    #[test]
    fn a_string_that_changes_under_way_is_an_error_at_worst() {
        for to in [Utf8, Utf16, Latin1Utf16] {
            for from in [Utf8, Utf16, Latin1Utf16] {
                for returned in 0..8 {
                    let (mut one, len) = guest(from, "ö☃🍰ö☃🍰");
                    one.returned = Some(2 * returned);
                    let _ = copy_string(&mut one, (from, 0, len), to);
                }
            }
        }
    }

    #[test]
    fn every_message_begins_as_the_scripts_expect() {
        assert!(TrapCode::InvalidUtf8.to_string().starts_with("invalid utf-8"));
        assert!(TrapCode::IncompleteUtf8.to_string().starts_with("incomplete utf-8 byte sequence"));
    }
}
