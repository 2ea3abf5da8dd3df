//! Goldens: worlds as WIT in, Rust out.
//!
//! Each `.wit` of `tests/goldens` has a `.rs` with what is generated from it; a comment in its first line has the options.
//! `WHIT_BLESS=1 cargo test -p whit-bindgen --lib` writes them. That they compile and work is what the tests beside them show.

mod errors;
mod options;
mod rustc;
mod wasi;

use std::fs;
use std::path::Path;

use super::*;

/// What precedes the options in the first line.
const MARK: &str = "// bindgen!";

#[test]
fn goldens() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/goldens");
    let bless = std::env::var_os("WHIT_BLESS").is_some();
    let mut seen = 0;
    for entry in fs::read_dir(&folder).expect("the goldens are there") {
        let path = entry.expect("readable").path();
        if path.extension().is_none_or(|extension| extension != "wit") {
            continue;
        }
        seen += 1;
        let wit = fs::read_to_string(&path).expect("readable");
        let first = wit.lines().next().unwrap_or_default();
        let options = first.strip_prefix(MARK).expect("the first line has the options");
        let options: TokenStream = options.parse().expect("tokens");
        let mut options: Options = syn::parse2(options).expect("options");
        options.paths = vec![syn::LitStr::new(path.to_str().expect("readable"), options.span)];
        let (found, files) = generate(&options, &folder).expect("supported");
        assert_eq!(files, std::slice::from_ref(&path));
        let golden = path.with_extension("rs");
        if bless {
            fs::write(&golden, &found).expect("writable");
        }
        let wanted = fs::read_to_string(&golden).unwrap_or_default();
        assert!(wanted == found, "{} differs; WHIT_BLESS=1 accepts this:\n{found}", golden.display());
    }
    assert!(seen > 0, "no goldens in {}", folder.display());
}
