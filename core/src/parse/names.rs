//! Names for backtraces and people, read from the `name` section only when asked for.
//!
//! The section is not validated when a module is loaded: a malformed one has no names, from the malformed place on.

use wasmparser::{BinaryReader, Name, NameSectionReader};

/// The subsections of a `name` section, up to the first malformed one.
fn subsections(section: &[u8]) -> impl Iterator<Item = Name<'_>> {
    NameSectionReader::new(BinaryReader::new(section, 0)).map_while(Result::ok)
}

/// The module's name.
pub(crate) fn module_name(section: &[u8]) -> Option<&str> {
    subsections(section).find_map(|subsection| match subsection {
        Name::Module { name, .. } => Some(name),
        _ => None,
    })
}

/// The name of a function. Takes time in proportion to the section: names are wanted when something has gone wrong.
pub(crate) fn function_name(section: &[u8], index: u32) -> Option<&str> {
    subsections(section).find_map(|subsection| match subsection {
        Name::Function(names) => {
            // Names stand in the order of their indices.
            let mut names = names.map_while(Result::ok).skip_while(|naming| naming.index < index);
            names.next().filter(|naming| naming.index == index).map(|naming| naming.name)
        }
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Module name "m"; functions 1 "one" and 3 "three"; then rubbish.
    const SECTION: &[u8] = b"\x00\x02\x01m\x01\x0d\x02\x01\x03one\x03\x05three\xff";

    #[test]
    fn names_are_found_by_index() {
        assert_eq!(module_name(SECTION), Some("m"));
        let names = [0, 1, 2, 3, 4].map(|index| function_name(SECTION, index));
        assert_eq!(names, [None, Some("one"), None, Some("three"), None]);
    }

    #[test]
    fn malformed_sections_have_no_names() {
        for end in 0..SECTION.len() {
            let _ = (module_name(&SECTION[..end]), function_name(&SECTION[..end], 3));
        }
        assert_eq!(function_name(b"\x01\xff\xff\xff\xff\x0f\x01", 0), None);
        assert_eq!(module_name(b"\x00\x02\x01\xff"), None);
    }
}
