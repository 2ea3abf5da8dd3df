//! Arguments, environment variables and the first directory: what the guest is told about its start.
//!
//! Promises that no string holds a NUL byte and that their sizes fit the 32-bit counts of every WASI version.

use core::fmt;

/// The largest total size of the arguments, and of the environment, in bytes with terminators.
pub const MAX_ENVIRONMENT_BYTES: usize = 16 << 20;

/// Arguments and environment variables of a guest.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    args: Vec<String>,
    vars: Vec<(String, String)>,
    arg_bytes: usize,
    var_bytes: usize,
    initial_cwd: Option<String>,
}

/// Why an argument or a variable cannot be given to a guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EnvError {
    /// It holds a NUL byte, which would end it early.
    Nul,
    /// A variable's name is empty or holds `=`.
    Name,
    /// The total is more than [`MAX_ENVIRONMENT_BYTES`].
    TooLarge,
}

impl fmt::Display for EnvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            EnvError::Nul => "a NUL byte in an argument, environment variable or directory name",
            EnvError::Name => "the name of an environment variable is empty or contains `=`",
            EnvError::TooLarge => "arguments or environment larger than 16 MiB",
        })
    }
}

impl core::error::Error for EnvError {}

impl Environment {
    /// Appends an argument; the first is the program's name.
    pub fn push_arg(&mut self, arg: &str) -> Result<(), EnvError> {
        if arg.contains('\0') {
            return Err(EnvError::Nul);
        }
        self.arg_bytes = grow(self.arg_bytes, arg.len() + 1)?;
        self.args.push(arg.to_owned());
        Ok(())
    }

    /// Sets a variable; the last value given for a name counts, in the place of the first.
    pub fn set_var(&mut self, name: &str, value: &str) -> Result<(), EnvError> {
        if name.contains('\0') || value.contains('\0') {
            return Err(EnvError::Nul);
        }
        if name.is_empty() || name.contains('=') {
            return Err(EnvError::Name);
        }
        let size = name.len() + 1 + value.len() + 1;
        match self.vars.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => {
                self.var_bytes = grow(self.var_bytes - old.len(), value.len())?;
                value.clone_into(old);
            }
            None => {
                self.var_bytes = grow(self.var_bytes, size)?;
                self.vars.push((name.to_owned(), value.to_owned()));
            }
        }
        Ok(())
    }

    /// Sets what `.` is at the beginning: a name for the guest, which grants nothing.
    pub fn set_initial_cwd(&mut self, path: &str) -> Result<(), EnvError> {
        if path.contains('\0') {
            return Err(EnvError::Nul);
        }
        grow(0, path.len())?;
        self.initial_cwd = Some(path.to_owned());
        Ok(())
    }

    /// What `.` is at the beginning, if that was said.
    pub fn initial_cwd(&self) -> Option<&str> {
        self.initial_cwd.as_deref()
    }

    /// The arguments.
    pub fn args(&self) -> &[String] {
        &self.args
    }

    /// The variables as (name, value).
    pub fn vars(&self) -> &[(String, String)] {
        &self.vars
    }

    /// Bytes of all arguments, each with a terminator.
    pub fn arg_bytes(&self) -> usize {
        self.arg_bytes
    }

    /// Bytes of all variables as `name=value`, each with a terminator.
    pub fn var_bytes(&self) -> usize {
        self.var_bytes
    }
}

fn grow(total: usize, by: usize) -> Result<usize, EnvError> {
    total.checked_add(by).filter(|&size| size <= MAX_ENVIRONMENT_BYTES).ok_or(EnvError::TooLarge)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_count_terminators_and_follow_replacement() {
        let mut env = Environment::default();
        env.push_arg("").unwrap();
        env.push_arg("ab").unwrap();
        assert_eq!(env.arg_bytes(), 4);
        env.set_var("A", "1").unwrap();
        env.set_var("B", "").unwrap();
        env.set_var("A", "longer").unwrap();
        assert_eq!(env.vars(), [("A".into(), "longer".into()), ("B".into(), String::new())]);
        assert_eq!(env.var_bytes(), "A=longer\0B=\0".len());
    }

    #[test]
    fn nul_bad_names_and_huge_strings_are_refused() {
        let mut env = Environment::default();
        assert_eq!(env.push_arg("a\0b"), Err(EnvError::Nul));
        assert_eq!(env.set_var("a", "\0"), Err(EnvError::Nul));
        assert_eq!(env.set_var("", "v"), Err(EnvError::Name));
        assert_eq!(env.set_var("a=b", "v"), Err(EnvError::Name));
        assert_eq!(env.push_arg(&"x".repeat(MAX_ENVIRONMENT_BYTES)), Err(EnvError::TooLarge));
        assert_eq!((env.arg_bytes(), env.var_bytes()), (0, 0));
        assert_eq!(env.set_initial_cwd("a\0"), Err(EnvError::Nul));
        assert_eq!(env.initial_cwd(), None);
        env.set_initial_cwd("/work").unwrap();
        assert_eq!(env.initial_cwd(), Some("/work"));
    }
}
