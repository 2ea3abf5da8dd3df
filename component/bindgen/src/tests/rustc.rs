//! The compiler, for crates that use `whit_component` as it was built for these tests.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

/// What the compiler has against a crate; nothing if it compiles.
pub(super) fn errors(name: &str, text: &str) -> String {
    let libraries = libraries();
    let folder = libraries.join("whit-bindgen-tests");
    fs::create_dir_all(&folder).expect("writable");
    let source = folder.join(format!("{name}.rs"));
    fs::write(&source, text).expect("writable");
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let compiler = Command::new(&rustc).arg("--version").output().expect("rustc runs").stdout;
    let compiler = String::from_utf8_lossy(&compiler).trim().to_owned();
    let output = Command::new(rustc)
        .args(["--edition", "2024", "--crate-type", "lib", "--emit", "metadata", "--out-dir"])
        .arg(&folder)
        .arg("-L")
        .arg(format!("dependency={}", libraries.display()))
        .arg("--extern")
        .arg(format!("whit_component={}", whit_component(&libraries, &compiler).display()))
        .arg(&source)
        .output()
        .expect("rustc runs");
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.success(), errors.is_empty(), "{errors}");
    errors
}

/// Where cargo puts what it builds: beside this test.
fn libraries() -> PathBuf {
    std::env::current_exe().expect("known").parent().expect("in a folder").to_owned()
}

/// The library. There may be builds of it with other features and by other compilers: the newest is taken of those with the macro.
fn whit_component(libraries: &Path, compiler: &str) -> PathBuf {
    let built = |path: &PathBuf| fs::metadata(path).and_then(|data| data.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
    let fits = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if !name.starts_with("libwhit_component-") || !name.ends_with(".rlib") {
            return false;
        }
        let bytes = fs::read(path).expect("readable");
        let text = String::from_utf8_lossy(&bytes);
        text.contains("whit_bindgen") && text.contains(compiler)
    };
    let paths = fs::read_dir(libraries).expect("readable").filter_map(|entry| Some(entry.ok()?.path()));
    paths.filter(fits).max_by_key(built).expect("built for this test")
}
