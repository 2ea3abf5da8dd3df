//! The WASI test suite, run by the program as a user would run it.

mod wasi;

#[test]
fn the_wasi_0_1_suite_passes() {
    let scratch = tempfile::tempdir().unwrap();
    let (mut passed, mut failures) = (0, Vec::new());
    for (number, suite) in wasi::suites().iter().enumerate() {
        let scratch = wasi::scratch_for(scratch.path(), number);
        for program in &suite.programs {
            match suite.run(program, &scratch, &|invocation| wasi::whit(invocation, invocation.wasm)) {
                Ok(()) => passed += 1,
                Err(why) => failures.push(format!("{} {}: {why}", suite.name, program.name())),
            }
        }
    }
    wasi::tell(&format!("WASI 0.1 suite: {passed} of {} programs", passed + failures.len()));
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
