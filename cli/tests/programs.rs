//! Real programs do what they do in Wasmtime: standard output, standard error, exit status and the files they leave.
//!
//! `programs/cases.json` holds the cases with what Wasmtime did; `cases/expect.py` fills that in again. Larger programs, which are not checked in, are
//! compared by the commands in `docs/testing.md`.

mod cases;

use std::path::Path;

#[test]
fn programs_do_what_they_do_in_wasmtime() {
    let guests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../guests/wasm");
    let cases = cases::read(include_str!("programs/cases.json"));
    let mut differences = Vec::new();
    for engine in ["engine=auto", "engine=loop"] {
        for case in &cases {
            let guest = guests.join(format!("{}.wasm", case["guest"].as_str().expect("a guest")));
            differences.extend(cases::difference(case, &guest, engine));
        }
    }
    assert!(cases.len() >= 37, "{} cases", cases.len());
    assert!(differences.is_empty(), "{}", differences.join("\n\n"));
}
