//! Goldens: components as text in, plans out.
//!
//! Each `.wat` of `tests/goldens` has a `.txt` with its plan. `WHIT_BLESS=1 cargo test -p whit-component --test goldens` writes them.

use std::path::Path;

use whit_component::Component;
use whit_core::Engine;

#[test]
fn goldens() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/goldens");
    let bless = std::env::var_os("WHIT_BLESS").is_some();
    let engine = Engine::default();
    let mut seen = 0;
    for entry in std::fs::read_dir(&folder).expect("the goldens are there") {
        let wat_path = entry.expect("readable").path();
        if wat_path.extension().is_none_or(|extension| extension != "wat") {
            continue;
        }
        seen += 1;
        let bytes = wat::parse_file(&wat_path).expect("valid text");
        let found = Component::new(&engine, bytes).expect("a valid component").disassemble();
        let golden = wat_path.with_extension("txt");
        if bless {
            std::fs::write(&golden, &found).expect("writable");
        }
        let wanted = std::fs::read_to_string(&golden).unwrap_or_default();
        assert_eq!(wanted, found, "{} differs; WHIT_BLESS=1 accepts what is found", golden.display());
    }
    assert!(seen > 0, "no goldens in {}", folder.display());
}
