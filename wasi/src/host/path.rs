//! The path half of the sandbox: what a guest may write where a path is expected.
//!
//! A [`GuestPath`] is relative, free of NUL, of bounded length, and on Windows free of device names and alternate
//! streams. Whether it stays *inside* its directory is not decided here by looking at the text, because symbolic links
//! change what `..` means; [`super::fs`] leaves that to `cap-std`, which resolves every component beneath the directory's
//! own handle. Assumes UTF-8, which the callers' decoding guarantees.

use std::path::Path;

use super::HostError;

/// The longest path in bytes, as in Linux's `PATH_MAX`.
pub const MAX_PATH_BYTES: usize = 4096;

/// A path from a guest that is fit to be resolved beneath a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GuestPath<'a> {
    text: &'a str,
}

impl<'a> GuestPath<'a> {
    /// Checks `text`. An absolute path is [`HostError::NotPermitted`]: guests name files relative to a directory they hold.
    pub fn new(text: &'a str) -> Result<Self, HostError> {
        if text.is_empty() {
            return Err(HostError::NoEntry);
        }
        if text.len() > MAX_PATH_BYTES {
            return Err(HostError::NameTooLong);
        }
        if text.contains('\0') {
            return Err(HostError::Invalid);
        }
        if text.starts_with('/') {
            return Err(HostError::NotPermitted);
        }
        if cfg!(windows) && is_windows_hazard(text) {
            return Err(HostError::NotPermitted);
        }
        Ok(GuestPath { text })
    }

    /// The path as the standard library's type.
    pub fn as_path(self) -> &'a Path {
        Path::new(self.text)
    }

    /// The path without slashes at its end.
    pub fn without_trailing_slashes(self) -> Self {
        // Paths start with something else, so something is left.
        GuestPath { text: self.text.trim_end_matches('/') }
    }

    /// Whether the path can only mean a directory: it ends in `/`, `.` or `..`.
    pub fn names_directory(self) -> bool {
        matches!(self.text.rsplit('/').next(), Some("" | "." | ".."))
    }
}

/// Checks what a new symbolic link would contain. It may dangle and may climb, because following it is what gets checked,
/// but an absolute target would mean a different file to the host than to the guest.
pub fn check_link_contents(contents: &str) -> Result<&Path, HostError> {
    if contents.is_empty() {
        return Err(HostError::NoEntry);
    }
    if contents.len() > MAX_PATH_BYTES {
        return Err(HostError::NameTooLong);
    }
    if contents.contains('\0') {
        return Err(HostError::Invalid);
    }
    if contents.starts_with('/') || (cfg!(windows) && is_windows_hazard(contents)) {
        return Err(HostError::NotPermitted);
    }
    Ok(Path::new(contents))
}

/// Whether Windows would read something else than a file into `text`: a drive or an alternate stream (`:`), a rooted path
/// (`\`), or a device whatever its directory and extension (`dir/NUL.txt`). Compiled everywhere so that every platform
/// tests it.
fn is_windows_hazard(text: &str) -> bool {
    text.contains(':') || text.starts_with('\\') || text.split(['/', '\\']).any(is_windows_device)
}

fn is_windows_device(component: &str) -> bool {
    let stem = component.split('.').next().unwrap_or_default().trim_end_matches(' ');
    let is = |name: &str| stem.eq_ignore_ascii_case(name);
    if ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"].into_iter().any(is) {
        return true;
    }
    // COM0–COM9 and LPT0–LPT9, also with the superscript digits that code pages map to 1, 2 and 3.
    let mut chars = stem.chars();
    let digit = chars.next_back();
    let port = chars.as_str();
    digit.is_some_and(|d| d.is_ascii_digit() || matches!(d, '¹' | '²' | '³'))
        && (port.eq_ignore_ascii_case("COM") || port.eq_ignore_ascii_case("LPT"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unusable_paths_are_refused_before_the_system_sees_them() {
        let refused = |text: &str| GuestPath::new(text).unwrap_err();
        assert_eq!(refused(""), HostError::NoEntry);
        assert_eq!(refused("a\0"), HostError::Invalid);
        assert_eq!(refused("/"), HostError::NotPermitted);
        assert_eq!(refused("/etc/passwd"), HostError::NotPermitted);
        assert_eq!(refused("//etc"), HostError::NotPermitted);
        assert_eq!(refused(&"a/".repeat(MAX_PATH_BYTES)), HostError::NameTooLong);
        assert!(GuestPath::new(&"a".repeat(MAX_PATH_BYTES)).is_ok());
    }

    #[test]
    fn directories_are_known_by_their_ending() {
        for text in ["a/", "a//", ".", "..", "a/.", "a/..", "./", ".//..//"] {
            assert!(GuestPath::new(text).unwrap().names_directory(), "{text}");
        }
        for text in ["a", "a/b", "..a", "a/b..", "a/.b"] {
            assert!(!GuestPath::new(text).unwrap().names_directory(), "{text}");
        }
    }

    #[test]
    fn link_contents_may_climb_but_not_start_at_the_root() {
        assert!(check_link_contents("../../anywhere/").is_ok());
        assert_eq!(check_link_contents("/etc"), Err(HostError::NotPermitted));
        assert_eq!(check_link_contents(""), Err(HostError::NoEntry));
        assert_eq!(check_link_contents("a\0b"), Err(HostError::Invalid));
    }

    #[test]
    fn windows_devices_and_streams_are_hazards() {
        for text in
            ["NUL", "dir/con", "aux.txt", "COM1", "lpt9.log", "com¹", "CONIN$", "nul  .x", "C:", "f:stream", "\\x"]
        {
            assert!(is_windows_hazard(text), "{text}");
        }
        for text in ["null", "COMA", "COM10", "console", "a.nul", "lpt", "dir/file.txt", ""] {
            assert!(!is_windows_hazard(text), "{text}");
        }
    }
}
