//! A script's path and header → the proposals it is run with.
//!
//! The suite keeps each unfinished proposal in a folder of its own, and older folders assume a language in which newer proposals do not exist
//! yet: an instruction that one file must reject is used by another. Hence a set per file, chosen by the folders of its whole path.
//! Assumes nothing of the header: a line that names no known proposal is an error that says so. Promises that a later source overrides an
//! earlier one: defaults, folders, `;;! name = bool` lines, command line.

use std::fmt;
use std::path::Path;

use serde::{Deserialize, Serialize};

macro_rules! features {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal, $default:literal;)+) => {
        /// A proposal that can be switched on and off.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Feature { $($(#[doc = $doc])+ $variant,)+ }

        impl Feature {
            /// Every feature, in the order of the declaration.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The name in `-W name=bool` and in `;;! name = bool`.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// Whether it is on where nothing says otherwise: WebAssembly 3.0 and the proposals that disturb no module without them.
            pub fn default(self) -> bool {
                match self { $(Self::$variant => $default),+ }
            }
        }
    };
}

features! {
    /// `table.get`, `ref.null` and several tables.
    ReferenceTypes = "reference-types", true;
    /// `memory.copy`, passive segments.
    BulkMemory = "bulk-memory", true;
    /// Several results and block parameters.
    MultiValue = "multi-value", true;
    /// `return_call` and its kin.
    TailCall = "tail-call", true;
    /// Arithmetic in constant expressions.
    ExtendedConst = "extended-const", true;
    /// More than one memory.
    MultiMemory = "multi-memory", true;
    /// 64-bit memories and tables.
    Memory64 = "memory64", true;
    /// Typed function references.
    FunctionReferences = "function-references", true;
    /// Structs, arrays, i31 and casts.
    Gc = "gc", true;
    /// `try_table`, `throw`, exnref.
    Exceptions = "exceptions", true;
    /// Fixed-width vectors.
    Simd = "simd", true;
    /// Relaxed vectors, with the deterministic choices.
    RelaxedSimd = "relaxed-simd", true;
    /// Atomics and shared memories.
    Threads = "threads", true;
    /// Pages of one byte.
    CustomPageSizes = "custom-page-sizes", true;
    /// 128-bit addition and multiplication on pairs of i64.
    WideArithmetic = "wide-arithmetic", true;
    /// Type descriptors and exact references.
    CustomDescriptors = "custom-descriptors", false;
    /// `try`/`catch`/`delegate`, before exnref.
    LegacyExceptions = "legacy-exceptions", false;
}

impl Feature {
    /// The feature of that name; underscores count as hyphens, as headers of other engines' scripts use them.
    pub fn from_name(name: &str) -> Option<Self> {
        let name = name.replace('_', "-");
        Self::ALL.iter().copied().find(|feature| feature.name() == name)
    }
}

/// A set of features.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Features(u32);

impl Default for Features {
    fn default() -> Self {
        let on = Feature::ALL.iter().filter(|feature| feature.default());
        Self(on.fold(0, |bits, feature| bits | Self::bit(*feature)))
    }
}

impl fmt::Debug for Features {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(Feature::ALL.iter().filter(|feature| self.has(**feature))).finish()
    }
}

/// A header line that cannot be obeyed.
#[derive(Debug, PartialEq, Eq)]
pub struct HeaderError {
    /// The line, counted from 1.
    pub line: usize,
    /// Its text.
    pub text: String,
}

impl fmt::Display for HeaderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: `{}` is not `;;! feature = true|false` of a known feature", self.line, self.text)
    }
}

impl std::error::Error for HeaderError {}

impl Features {
    /// What the folders of `path` ask for.
    pub fn for_path(path: &Path) -> Self {
        let folders: Vec<&str> = path.parent().iter().flat_map(|p| p.iter()).filter_map(|name| name.to_str()).collect();
        let mut features = Self::default();
        if folders.windows(2).any(|pair| pair == ["proposals", "custom-descriptors"]) {
            features.set(Feature::CustomDescriptors, true);
        }
        // These scripts predate the four: they assert that a second table and a second memory are invalid.
        if folders.windows(2).any(|pair| pair == ["proposals", "threads"]) {
            for gone in [Feature::ReferenceTypes, Feature::MultiMemory, Feature::Gc, Feature::FunctionReferences] {
                features.set(gone, false);
            }
        }
        if folders.iter().any(|folder| matches!(*folder, "legacy" | "legacy-exceptions")) {
            features.set(Feature::LegacyExceptions, true);
        }
        features
    }

    /// Obeys the `;;! name = bool` lines of a script.
    ///
    /// # Errors
    /// A line that starts with `;;!` and is not such a line.
    pub fn read_header(&mut self, script: &str) -> Result<(), HeaderError> {
        for (index, line) in script.lines().enumerate() {
            let Some(setting) = line.strip_prefix(";;!") else { continue };
            let parsed = setting
                .split_once('=')
                .and_then(|(name, value)| Some((Feature::from_name(name.trim())?, value.trim().parse::<bool>().ok()?)));
            let Some((feature, on)) = parsed else {
                return Err(HeaderError { line: index + 1, text: line.to_string() });
            };
            self.set(feature, on);
        }
        Ok(())
    }

    /// Whether `feature` is on.
    pub fn has(self, feature: Feature) -> bool {
        self.0 & Self::bit(feature) != 0
    }

    /// Switches `feature`.
    pub fn set(&mut self, feature: Feature, on: bool) {
        if on {
            self.0 |= Self::bit(feature);
        } else {
            self.0 &= !Self::bit(feature);
        }
    }

    fn bit(feature: Feature) -> u32 {
        1 << feature as u32
    }
}

/// Features switched by hand, over whatever the script asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    on: u32,
    off: u32,
}

impl Overrides {
    /// Switches `feature`, whatever was said before.
    pub fn set(&mut self, feature: Feature, on: bool) {
        let bit = Features::bit(feature);
        (self.on, self.off) = if on { (self.on | bit, self.off & !bit) } else { (self.on & !bit, self.off | bit) };
    }

    /// `features` as changed by hand.
    pub fn apply(self, features: Features) -> Features {
        Features(features.0 & !self.off | self.on)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_choose_the_language() {
        let at = |path: &str| Features::for_path(Path::new(path));
        assert_eq!(at("suite/proposals/custom-page-sizes/a.wast"), Features::default());
        assert!(at("suite/proposals/custom-descriptors/a.wast").has(Feature::CustomDescriptors));
        let threads = at("suite/proposals/threads/a.wast");
        assert!(threads.has(Feature::Threads) && threads.has(Feature::BulkMemory));
        assert!(!threads.has(Feature::ReferenceTypes) && !threads.has(Feature::Gc));
        assert!(at("suite/legacy/a.wast").has(Feature::LegacyExceptions));
        // A file name is not a folder, and a folder elsewhere is not a proposal.
        assert_eq!(at("suite/legacy.wast"), Features::default());
        assert_eq!(at("threads/a.wast"), Features::default());
    }

    #[test]
    fn headers_override_folders_and_unknown_ones_are_refused() {
        let mut features = Features::default();
        features.read_header(";; a comment\n;;! gc = false\n;;! custom_descriptors=true\n(module)").unwrap();
        assert!(!features.has(Feature::Gc) && features.has(Feature::CustomDescriptors));
        assert_eq!(features.read_header("\n;;! warp = true").unwrap_err().line, 2);
        assert!(features.read_header(";;! gc = maybe").is_err());
    }

    #[test]
    fn every_name_finds_its_feature() {
        for feature in Feature::ALL {
            assert_eq!(Feature::from_name(feature.name()), Some(*feature));
        }
    }
}
