//! Interface names with versions, and which versions stand for each other ("Semantic versions" of the component model's naming rules).

/// The part of an interface name before `@`, and its version.
fn split(name: &str) -> Option<(&str, &str)> {
    let (interface, version) = name.rsplit_once('@')?;
    Some((interface, version))
}

/// The part of a version that compatible versions share: `1` of `1.2.3`, `0.2` of `0.2.3`. None of versions that are compatible with
/// nothing else: `0.0.1`, and those before a release.
fn track(version: &str) -> Option<&str> {
    if version.contains('-') {
        return None;
    }
    // What is built from the same version is the same version.
    let version = version.split('+').next()?;
    let major = version.find('.')?;
    if &version[..major] != "0" {
        return Some(&version[..major]);
    }
    let minor = major + 1 + version[major + 1..].find('.')?;
    (&version[major + 1..minor] != "0").then(|| &version[..minor])
}

/// Whether two names of interfaces differ in nothing but a compatible version.
pub fn are_compatible(one: &str, other: &str) -> bool {
    match (split(one), split(other)) {
        (Some((one, a)), Some((other, b))) => one == other && track(a).is_some() && track(a) == track(b),
        _ => false,
    }
}

/// The version of a name as numbers that can be compared, if it has one.
pub fn version(name: &str) -> Option<[u64; 3]> {
    let (_, version) = split(name)?;
    let mut numbers = version.split(['.', '-', '+']).map(|number| number.parse().unwrap_or(0));
    Some([numbers.next()?, numbers.next()?, numbers.next()?])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compatible_are_versions_of_one_track() {
        for (one, other) in
            [("a:b/c@0.2.0", "a:b/c@0.2.12"), ("a:b/c@1.0.0", "a:b/c@1.9.1"), ("a:b/c@0.3.0", "a:b/c@0.3.1+x")]
        {
            assert!(are_compatible(one, other), "{one} {other}");
            assert!(are_compatible(other, one), "{other} {one}");
        }
    }

    #[test]
    fn incompatible_is_everything_else() {
        for (one, other) in [
            ("a:b/c@0.2.0", "a:b/c@0.3.0"),
            ("a:b/c@0.0.1", "a:b/c@0.0.2"),
            ("a:b/c@1.0.0", "a:b/c@2.0.0"),
            ("a:b/c@0.2.0-rc.1", "a:b/c@0.2.0"),
            ("a:b/c@0.2.0", "a:b/d@0.2.0"),
            ("a:b/c", "a:b/c@0.2.0"),
            ("a:b/c@x", "a:b/c@x"),
        ] {
            assert!(!are_compatible(one, other), "{one} {other}");
        }
    }

    #[test]
    fn versions_compare_as_numbers() {
        assert!(version("a:b/c@0.2.12") > version("a:b/c@0.2.9"));
        assert_eq!(version("a:b/c"), None);
    }
}
