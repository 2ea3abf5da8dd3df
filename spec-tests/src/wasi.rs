//! Folders of the WASI test suite → one verdict for each program.
//!
//! A program is a `.wasm` beside an optional `.json` with its arguments, environment, root folder and expected outcome. It runs in a process of
//! its own, started by [`Command`]: the suite then also tests the command line it is run with, and a program that hangs can be killed.
//! Assumes the layout of the upstream repository. Promises that every program gets a fresh copy of its root, that its output is read while it
//! runs (no pipe fills up), and that no program runs longer than [`Suite::timeout`].

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde::Deserialize;

/// What the suite says of a program; every key is optional.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Specification {
    /// Arguments after the program's name.
    #[serde(default)]
    args: Vec<String>,
    /// The whole environment.
    #[serde(default)]
    env: BTreeMap<String, String>,
    /// The folder preopened as the guest's `/`, relative to the program.
    root: Option<PathBuf>,
    /// The expected exit status.
    #[serde(default)]
    exit_code: i32,
    /// The expected standard output, if the suite cares.
    stdout: Option<String>,
    /// The expected standard error, if the suite cares.
    stderr: Option<String>,
}

/// A folder of programs.
#[derive(Debug)]
pub struct Suite {
    /// The name in its manifest.
    pub name: String,
    /// Its programs, sorted by name.
    pub programs: Vec<Program>,
    /// How long one program may run.
    pub timeout: Duration,
}

/// One program of a suite.
#[derive(Debug)]
pub struct Program {
    /// The file.
    pub wasm: PathBuf,
    specification: Specification,
}

/// What a program is started with: all that a runtime's command line must express.
#[derive(Debug)]
pub struct Invocation<'a> {
    /// The program.
    pub wasm: &'a Path,
    /// Arguments after the program's name.
    pub args: &'a [String],
    /// The whole environment.
    pub env: &'a BTreeMap<String, String>,
    /// A host folder to preopen as `/`.
    pub root: Option<&'a Path>,
}

/// What a program did.
#[derive(Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Its exit status; `None` when it was killed.
    pub status: Option<i32>,
    /// Its standard output.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
}

#[derive(Deserialize)]
struct Manifest {
    name: String,
}

impl Suite {
    /// Reads the folder at `path`: a manifest and programs.
    ///
    /// # Errors
    /// The folder cannot be read, or a specification in it is not one this runner knows in full.
    pub fn open(path: &Path) -> io::Result<Self> {
        let manifest: Manifest = read_json(&path.join("manifest.json"))?;
        let mut programs = Vec::new();
        for entry in fs::read_dir(path)? {
            let wasm = entry?.path();
            if wasm.extension().is_none_or(|extension| extension != "wasm") {
                continue;
            }
            let json = wasm.with_extension("json");
            let specification = if json.exists() { read_json(&json)? } else { Specification::default() };
            programs.push(Program { wasm, specification });
        }
        programs.sort_by(|a, b| a.wasm.cmp(&b.wasm));
        Ok(Self { name: manifest.name, programs, timeout: Duration::from_secs(20) })
    }

    /// Runs one program with the command that `start` makes for it, in scratch space below `scratch`.
    ///
    /// # Errors
    /// Why the program fails the suite's expectation, for a person.
    pub fn run(
        &self,
        program: &Program,
        scratch: &Path,
        start: &dyn Fn(&Invocation<'_>) -> Command,
    ) -> Result<(), String> {
        let wanted = &program.specification;
        let root = match &wanted.root {
            Some(root) => Some(fresh_root(program, root, scratch).map_err(|e| format!("copying its root: {e}"))?),
            None => None,
        };
        let invocation =
            Invocation { wasm: &program.wasm, args: &wanted.args, env: &wanted.env, root: root.as_deref() };
        let outcome =
            finish(start(&invocation), self.timeout).map_err(|e| format!("the command does not start: {e}"))?;
        let differs = match outcome.status {
            None => Some(format!("still running after {:?}", self.timeout)),
            Some(status) if status != wanted.exit_code => Some(format!("status {status}, not {}", wanted.exit_code)),
            Some(_) if wanted.stdout.as_ref().is_some_and(|text| *text != outcome.stdout) => {
                Some("another standard output".into())
            }
            Some(_) if wanted.stderr.as_ref().is_some_and(|text| *text != outcome.stderr) => {
                Some("another standard error".into())
            }
            Some(_) => None,
        };
        match differs {
            None => Ok(()),
            Some(what) => Err(format!("{what}\nstdout: {}\nstderr: {}", outcome.stdout, outcome.stderr)),
        }
    }
}

impl Program {
    /// Its file name without the extension.
    pub fn name(&self) -> String {
        self.wasm.file_stem().unwrap_or_default().to_string_lossy().into_owned()
    }
}

fn read_json<T: for<'de> Deserialize<'de>>(path: &Path) -> io::Result<T> {
    serde_json::from_slice(&fs::read(path)?)
        .map_err(|e| io::Error::new(io::ErrorKind::InvalidData, format!("{}: {e}", path.display())))
}

/// Copies the root of `program` to a folder that no other program shares.
fn fresh_root(program: &Program, root: &Path, scratch: &Path) -> io::Result<PathBuf> {
    let from = program.wasm.parent().unwrap_or(Path::new("")).join(root);
    let to = scratch.join(program.name());
    if to.exists() {
        fs::remove_dir_all(&to)?;
    }
    copy_folder(&from, &to)?;
    Ok(to)
}

fn copy_folder(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else if entry.path().extension().is_none_or(|extension| extension != "cleanup") {
            // Written anew rather than copied: the suite may lie on a read-only tree, its programs write to their files.
            fs::write(&target, fs::read(entry.path())?)?;
        }
    }
    Ok(())
}

/// Runs `command` to its end or to `timeout`.
fn finish(mut command: Command, timeout: Duration) -> io::Result<Outcome> {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let stdout = drain(child.stdout.take());
    let stderr = drain(child.stderr.take());
    let status = wait(&mut child, timeout)?;
    let text =
        |reader: thread::JoinHandle<Vec<u8>>| String::from_utf8_lossy(&reader.join().unwrap_or_default()).into_owned();
    Ok(Outcome { status, stdout: text(stdout), stderr: text(stderr) })
}

fn drain(pipe: Option<impl Read + Send + 'static>) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            // A pipe that breaks leaves what came before it, which is what the verdict then shows.
            let _ = pipe.read_to_end(&mut bytes);
        }
        bytes
    })
}

fn wait(child: &mut Child, timeout: Duration) -> io::Result<Option<i32>> {
    let deadline = Instant::now() + timeout;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status.code());
        }
        if Instant::now() >= deadline {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        thread::sleep(Duration::from_millis(5));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_that_hangs_is_killed_and_one_that_floods_is_read() {
        let mut hangs = Command::new("sh");
        hangs.args(["-c", "exec sleep 60"]);
        assert_eq!(finish(hangs, Duration::from_millis(50)).unwrap().status, None);
        let mut floods = Command::new("sh");
        floods.args(["-c", "head -c 300000 /dev/zero; exit 7"]);
        let outcome = finish(floods, Duration::from_secs(20)).unwrap();
        assert_eq!((outcome.status, outcome.stdout.len()), (Some(7), 300_000));
    }

    #[test]
    fn specifications_with_unknown_keys_are_not_half_obeyed() {
        assert!(serde_json::from_str::<Specification>("{\"operations\": []}").is_err());
        assert_eq!(serde_json::from_str::<Specification>("{\"exit_code\": 33}").unwrap().exit_code, 33);
    }
}
