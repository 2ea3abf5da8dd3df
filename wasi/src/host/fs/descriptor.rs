//! What was opened, whichever it is: `descriptor` of `wasi:filesystem`.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::super::HostError;
use super::{Access, Dir, File, FileKind, NewTime, Opened, Stat};

/// How a descriptor may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DescriptorFlags {
    /// What is in it can be read, or listed.
    pub read: bool,
    /// What is in the file can be written.
    pub write: bool,
    /// What is beneath the directory can be changed.
    pub mutate_directory: bool,
}

/// Without it nobody can tell from a metadata hash what was hashed, nor compare the hashes of two contexts.
#[derive(Clone, Copy)]
pub struct MetadataKey(pub(crate) [u64; 2]);

impl core::fmt::Debug for MetadataKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("MetadataKey")
    }
}

impl Stat {
    /// `metadata-hash`: 128 bits, lower half first, that change when the file is modified or replaced.
    pub fn metadata_hash(&self, key: &MetadataKey) -> (u64, u64) {
        let half = |key: u64| {
            let mut hasher = DefaultHasher::new();
            let time = |time: Option<super::Timestamp>| time.map(|time| (time.seconds, time.nanoseconds));
            (key, self.object, self.size, self.links, self.kind as u8).hash(&mut hasher);
            (time(self.modified), time(self.changed)).hash(&mut hasher);
            hasher.finish()
        };
        (half(key.0[0]), half(key.0[1]))
    }
}

impl Dir {
    /// `metadata-hash-at`: as [`Stat::metadata_hash`], of what `path` leads to.
    pub fn metadata_hash_at(&self, path: &str, follow: bool, key: &MetadataKey) -> Result<(u64, u64), HostError> {
        Ok(self.stat_at(path, follow)?.metadata_hash(key))
    }
}

impl Opened {
    /// As a file; a directory is a bad descriptor.
    pub fn file(&self) -> Result<&File, HostError> {
        match self {
            Opened::File(file) => Ok(file),
            Opened::Dir(_) => Err(HostError::BadDescriptor),
        }
    }

    /// As a directory.
    pub fn dir(&self) -> Result<&Dir, HostError> {
        match self {
            Opened::Dir(dir) => Ok(dir),
            Opened::File(_) => Err(HostError::NotDirectory),
        }
    }

    /// `get-flags`.
    pub fn flags(&self) -> DescriptorFlags {
        match self {
            Opened::File(file) => {
                DescriptorFlags { read: file.readable, write: file.writable, mutate_directory: false }
            }
            Opened::Dir(dir) => {
                DescriptorFlags { read: true, write: false, mutate_directory: dir.access == Access::ReadWrite }
            }
        }
    }

    /// `get-type`.
    pub fn kind(&self) -> Result<FileKind, HostError> {
        Ok(self.stat()?.kind)
    }

    /// `stat`.
    pub fn stat(&self) -> Result<Stat, HostError> {
        match self {
            Opened::File(file) => file.stat(),
            Opened::Dir(dir) => dir.stat(),
        }
    }

    /// `set-times`.
    pub fn set_times(&self, accessed: NewTime, modified: NewTime) -> Result<(), HostError> {
        match self {
            Opened::File(file) => file.set_times(accessed, modified),
            Opened::Dir(dir) => dir.set_times(accessed, modified),
        }
    }

    /// `sync`, or `sync-data` if `data_only`.
    pub fn sync(&self, data_only: bool) -> Result<(), HostError> {
        match self {
            Opened::File(file) => file.sync(data_only),
            Opened::Dir(dir) => dir.sync(data_only),
        }
    }

    /// `is-same-object`; false also where it cannot be known.
    pub fn is_same_object(&self, other: &Opened) -> bool {
        matches!((self.stat(), other.stat()), (Ok(a), Ok(b)) if a.is_same_object(&b))
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::Denial;
    use super::super::OpenHow;
    use super::*;

    fn write() -> OpenHow {
        OpenHow { read: true, write: true, create: true, ..OpenHow::default() }
    }

    #[test]
    fn a_descriptor_says_what_it_is_and_may() {
        let place = tempfile::tempdir().unwrap();
        let dir = Dir::open_ambient(place.path(), Access::ReadWrite).unwrap();
        let file = dir.open_at("file", write()).unwrap();
        assert_eq!(file.flags(), DescriptorFlags { read: true, write: true, mutate_directory: false });
        assert_eq!(file.kind(), Ok(FileKind::RegularFile));
        assert_eq!(file.dir().unwrap_err(), HostError::NotDirectory);
        let reading = dir.open_at("file", OpenHow::default()).unwrap();
        assert_eq!(reading.flags(), DescriptorFlags { read: true, write: false, mutate_directory: false });
        let own = dir.open_at(".", OpenHow::default()).unwrap();
        assert_eq!(own.flags(), DescriptorFlags { read: true, write: false, mutate_directory: true });
        assert_eq!(own.file().unwrap_err(), HostError::BadDescriptor);
        for descriptor in [&file, &reading, &own] {
            descriptor.sync(true).unwrap();
            descriptor.sync(false).unwrap();
            descriptor.set_times(NewTime::Now, NewTime::Keep).unwrap();
        }
        let read_only = Dir::open_ambient(place.path(), Access::ReadOnly).unwrap();
        let own = read_only.open_at(".", OpenHow::default()).unwrap();
        assert!(!own.flags().mutate_directory);
        assert_eq!(own.set_times(NewTime::Now, NewTime::Now), Err(HostError::ReadOnlyGrant));
    }

    #[test]
    fn a_read_only_grant_is_a_denial_that_names_its_flag_and_comes_before_any_effect() {
        let place = tempfile::tempdir().unwrap();
        std::io::Write::write_all(
            &mut cap_std::fs::Dir::open_ambient_dir(place.path(), cap_std::ambient_authority())
                .unwrap()
                .create("file")
                .unwrap(),
            b"kept",
        )
        .unwrap();
        let dir = Dir::open_ambient(place.path(), Access::ReadOnly).unwrap();
        let how = OpenHow::default();
        for refused in [
            OpenHow { write: true, ..how },
            OpenHow { truncate: true, ..how },
            OpenHow { create: true, ..how },
            OpenHow { create: true, exclusive: true, ..how },
            OpenHow { mutate_directory: true, ..how },
        ] {
            for path in ["file", "new", "."] {
                let error = dir.open_at(path, refused).unwrap_err();
                assert_eq!(error, HostError::ReadOnlyGrant, "{path} {refused:?}");
                assert_eq!(error.denial(), Some(Denial::Write));
            }
        }
        assert_eq!(dir.link_at("file", true, &dir, "new"), Err(HostError::ReadOnlyGrant));
        let file = dir.open_at("file", how).unwrap();
        assert_eq!(file.file().unwrap().read(100, 0), Ok((b"kept".to_vec(), false)));
        assert_eq!(dir.entries().unwrap().count(), 1);
    }

    #[test]
    fn the_same_object_is_known_by_any_name_and_its_hash_changes_with_it() {
        let place = tempfile::tempdir().unwrap();
        let dir = Dir::open_ambient(place.path(), Access::ReadWrite).unwrap();
        let (key, other_key) = (MetadataKey([1, 2]), MetadataKey([3, 4]));
        let (a, b) = (dir.open_at("a", write()).unwrap(), dir.open_at("b", write()).unwrap());
        dir.link_at("a", false, &dir, "c").unwrap();
        let c = dir.open_at("c", OpenHow::default()).unwrap();
        assert_eq!(dir.link_at("a", true, &dir, "d"), Err(HostError::Invalid));
        assert_eq!(a.is_same_object(&c), cfg!(unix));
        assert!(!a.is_same_object(&b));

        let hash = |key| a.stat().unwrap().metadata_hash(key);
        assert_eq!(hash(&key), dir.metadata_hash_at("a", false, &key).unwrap());
        assert_eq!(dir.metadata_hash_at("missing", false, &key), Err(HostError::NoEntry));
        let before = hash(&key);
        assert_ne!(before, hash(&other_key));
        assert_ne!(before.0, before.1);
        #[cfg(unix)]
        assert_ne!(before, b.stat().unwrap().metadata_hash(&key));
        a.file().unwrap().write_at(b"more", 0).unwrap();
        assert_ne!(before, hash(&key));
    }
}
