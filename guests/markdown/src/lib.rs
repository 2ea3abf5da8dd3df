//! `pulldown-cmark` at work, as a kernel: `run(n)` turns a document into HTML n times, with every extension on, and returns a checksum of it.

use pulldown_cmark::{Options, Parser, html};

/// A text with most of what Markdown has.
const TEXT: &str = include_str!("../text.md");

/// Folds one more value into a checksum, as `guests/kernels/kernel.h` does.
fn mix(sum: u64, value: u64) -> u64 {
    let sum = (sum ^ value).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    sum ^ (sum >> 29)
}

/// Renders the document `n` times.
#[unsafe(no_mangle)]
pub extern "C" fn run(n: i32) -> i64 {
    let mut sum = 1;
    let mut page = String::new();
    for round in 0..n {
        page.clear();
        html::push_html(&mut page, Parser::new_ext(TEXT, Options::all()));
        for part in page.as_bytes().chunks(8) {
            let mut word = [0; 8];
            word[..part.len()].copy_from_slice(part);
            sum = mix(sum, u64::from_le_bytes(word));
        }
        sum = mix(sum, round as u64);
    }
    sum as i64
}
