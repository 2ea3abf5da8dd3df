//! Guest text → text that a terminal can be given.
//!
//! A terminal obeys escape sequences: they can rewrite its title, its clipboard, lines printed earlier, even what is typed next. A guest is
//! not trusted with that. What reaches a terminal is printable text, line ends, tabs, backspaces, and colours (`ESC [ … m`); any other control is
//! *shown* as its picture (`␛`), so nothing disappears. Files and pipes are not terminals and get the exact bytes. Assumes a
//! terminal that reads UTF-8. Promises that a sequence split over two writes is judged as a whole, and that colours end with the stream.

use std::sync::Arc;

use whit_wasi::host::HostError;
use whit_wasi::host::stream::OutputStream;
use whit_wasi::host::wait::Source;

/// How much is taken from the guest at a time: bounds the memory held for a terminal that reads slowly.
const BLOCK: usize = 4096;

/// A longest colour sequence: real ones have a dozen bytes.
const MAX_SEQUENCE: usize = 64;

/// An output whose reader is a terminal.
pub struct TerminalOutput {
    inner: Box<dyn OutputStream>,
    filter: Filter,
    /// Filtered text the terminal has not taken yet.
    waiting: Vec<u8>,
}

impl TerminalOutput {
    /// Filters what goes to `inner`.
    pub fn new(inner: Box<dyn OutputStream>) -> Self {
        Self { inner, filter: Filter::default(), waiting: Vec::new() }
    }

    fn drain(&mut self) -> Result<(), HostError> {
        while !self.waiting.is_empty() {
            let taken = self.inner.write(&self.waiting)?;
            self.waiting.drain(..taken);
        }
        Ok(())
    }
}

impl OutputStream for TerminalOutput {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, HostError> {
        self.drain()?;
        let taken = bytes.len().min(BLOCK);
        self.filter.push(&bytes[..taken], &mut self.waiting);
        // The bytes are ours now, so a terminal that is full delays the next write, not this one.
        match self.drain() {
            Ok(()) | Err(HostError::WouldBlock) => Ok(taken),
            Err(error) => Err(error),
        }
    }

    fn source(&self) -> Arc<dyn Source> {
        self.inner.source()
    }

    fn is_terminal(&self) -> bool {
        true
    }
}

impl Drop for TerminalOutput {
    fn drop(&mut self) {
        self.filter.finish(&mut self.waiting);
        // A terminal that is gone or full loses the end of the guest's output, like that of any program that exits.
        let _ = self.drain();
    }
}

/// The state between two pieces of text.
#[derive(Debug, Default)]
struct Filter {
    /// An unfinished character or escape sequence.
    held: Vec<u8>,
    coloured: bool,
}

impl Filter {
    /// Appends what `bytes` may do to a terminal to `out`.
    fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        self.held.extend_from_slice(bytes);
        let held = std::mem::take(&mut self.held);
        let mut rest = held.as_slice();
        while !rest.is_empty() {
            match self.next(rest, out) {
                Some(used) => rest = &rest[used..],
                None => break,
            }
        }
        self.held = rest.to_vec();
    }

    /// Ends the text: what is unfinished is shown, colours are switched off.
    fn finish(&mut self, out: &mut Vec<u8>) {
        for byte in std::mem::take(&mut self.held) {
            if byte.is_ascii() { show(char::from(byte), out) } else { push_char(char::REPLACEMENT_CHARACTER, out) }
        }
        if std::mem::take(&mut self.coloured) {
            out.extend_from_slice(b"\x1b[0m");
        }
    }

    /// Handles the first character or sequence of `text` and says how long it was, or `None` if its end has not come yet.
    fn next(&mut self, text: &[u8], out: &mut Vec<u8>) -> Option<usize> {
        match text[0] {
            0x1b => match colour(text) {
                Sequence::Colour(length) => {
                    out.extend_from_slice(&text[..length]);
                    self.coloured = true;
                    Some(length)
                }
                Sequence::Other => {
                    show('\x1b', out);
                    Some(1)
                }
                Sequence::Unfinished => None,
            },
            byte if byte.is_ascii() => {
                show(char::from(byte), out);
                Some(1)
            }
            lead => {
                let length = match lead {
                    0xc2..=0xdf => 2,
                    0xe0..=0xef => 3,
                    0xf0..=0xf4 => 4,
                    _ => 1,
                };
                let character = &text[..length.min(text.len())];
                match std::str::from_utf8(character) {
                    Ok(valid) => valid.chars().for_each(|c| show(c, out)),
                    Err(error) if error.error_len().is_none() => return None,
                    Err(_) => {
                        push_char(char::REPLACEMENT_CHARACTER, out);
                        return Some(1);
                    }
                }
                Some(character.len())
            }
        }
    }
}

enum Sequence {
    Colour(usize),
    Other,
    Unfinished,
}

/// What the escape sequence at the start of `text` is.
fn colour(text: &[u8]) -> Sequence {
    match text.get(1) {
        None => return Sequence::Unfinished,
        Some(b'[') => {}
        Some(_) => return Sequence::Other,
    }
    match text[2..].iter().position(|byte| !matches!(byte, b'0'..=b'9' | b';' | b':')) {
        Some(end) if text[2 + end] == b'm' && end < MAX_SEQUENCE => Sequence::Colour(end + 3),
        None if text.len() < MAX_SEQUENCE => Sequence::Unfinished,
        _ => Sequence::Other,
    }
}

/// Appends `c`, or the picture of a control.
fn show(c: char, out: &mut Vec<u8>) {
    push_char(harmless(c, "\n\r\t\x08"), out);
}

fn push_char(c: char, out: &mut Vec<u8>) {
    out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
}

/// `c`, unless it is a control that is not in `allowed`: then a picture of it.
fn harmless(c: char, allowed: &str) -> char {
    match c {
        _ if allowed.contains(c) => c,
        '\0'..='\x1f' => char::from_u32(0x2400 + u32::from(c)).unwrap_or(char::REPLACEMENT_CHARACTER),
        '\x7f' => '\u{2421}',
        // The second set of controls has no pictures. Direction marks reorder text on its way to the eye.
        '\u{80}'..='\u{9f}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            char::REPLACEMENT_CHARACTER
        }
        _ => c,
    }
}

/// A name out of a module, for a message: a guest chooses its names, so they get the same treatment, and no line ends either.
pub fn printable(name: &str) -> String {
    name.chars().map(|c| harmless(c, "")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filtered(pieces: &[&[u8]]) -> String {
        let (mut filter, mut out) = (Filter::default(), Vec::new());
        for piece in pieces {
            filter.push(piece, &mut out);
        }
        filter.finish(&mut out);
        String::from_utf8(out).expect("filtered text is UTF-8")
    }

    #[test]
    fn text_and_colours_pass_and_colours_end_with_the_stream() {
        assert_eq!(filtered(&[b"a\tb\r\n", "grün 🦀".as_bytes()]), "a\tb\r\ngrün 🦀");
        assert_eq!(filtered(&[b"\x1b[1;38:5:9mred"]), "\x1b[1;38:5:9mred\x1b[0m");
    }

    #[test]
    fn other_sequences_are_shown_and_not_obeyed() {
        assert_eq!(filtered(&[b"\x1b]0;title\x07"]), "␛]0;title␇");
        assert_eq!(filtered(&[b"\x1b[2J\x1b[?25l\x1bc"]), "␛[2J␛[?25l␛c");
        assert_eq!(filtered(&[b"\x1b]52;c;Zm9v\x1b\\"]), "␛]52;c;Zm9v␛\\");
        // The eight-bit forms of the same.
        assert_eq!(filtered(&["\u{9b}2J".as_bytes()]), "\u{fffd}2J");
        assert_eq!(filtered(&[b"\x9b2J\xff"]), "\u{fffd}2J\u{fffd}");
        assert_eq!(filtered(&["\u{202e}exe.".as_bytes()]), "\u{fffd}exe.");
    }

    #[test]
    fn a_sequence_split_between_writes_is_judged_as_a_whole() {
        let text = "\x1b[31mü\x1b[2J🦀".as_bytes();
        for cut in 0..text.len() {
            assert_eq!(filtered(&[&text[..cut], &text[cut..]]), "\x1b[31mü␛[2J🦀\x1b[0m", "cut at {cut}");
        }
        assert_eq!(filtered(&[b"\x1b", b"[", b"1"]), "␛[1");
        assert_eq!(filtered(&[&[0xf0, 0x9f]]), "\u{fffd}\u{fffd}");
    }

    #[test]
    fn an_endless_sequence_is_not_held_for_ever() {
        let (mut filter, mut out) = (Filter::default(), Vec::new());
        filter.push(b"\x1b[", &mut out);
        for _ in 0..100 {
            filter.push(b"1;1;1;1;", &mut out);
        }
        assert!(filter.held.len() <= MAX_SEQUENCE && out.len() > 500);
    }

    #[test]
    fn names_in_messages_stay_on_their_line() {
        assert_eq!(printable("a\n\x1b[2Jb"), "a␊␛[2Jb");
    }
}
