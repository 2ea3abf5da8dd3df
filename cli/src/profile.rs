//! `whit run --profile`: which ops of the interpreter a program has run. Only in builds with the feature `profile`.

use clap::ValueEnum;

/// What is printed when the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Profile {
    /// How many ops and dispatches, and the most frequent ops and pairs of ops
    Ops,
    /// Each op that has run, in the order of the code: its name, how often it has run, how often what stands behind it ran next, and whether that is the
    /// next line
    Places,
}

impl Profile {
    /// Prints it to the standard error, beside whatever the guest wrote there.
    pub fn print(self) {
        let profile = whit_core::op_profile();
        match self {
            Profile::Ops => eprint!("{profile}"),
            Profile::Places => profile.lines().for_each(|line| eprintln!("{line}")),
        }
    }
}
