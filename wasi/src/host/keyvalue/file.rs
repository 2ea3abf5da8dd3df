//! Buckets whose entries are in a file: an embedded database, read whole when the bucket is opened and written at each change.

use std::collections::BTreeMap;
use std::path::Path;

use redb::{Database, ReadableTable, TableDefinition};

use super::{Bucket, Change, Entries, Keeper, KeyValueError, size};

const ENTRIES: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("entries");

impl Bucket {
    /// The bucket in a file, for so many bytes; an empty one where there is no such file yet. No other process can open the file as long as a
    /// clone of the bucket is there. Its entries are in memory as well. Every change is on the disk when it has been made, which takes as
    /// long as the disk takes.
    ///
    /// # Errors
    /// [`KeyValueError::File`] if the file cannot be read, is none of a bucket, or is that of another process;
    /// [`KeyValueError::Full`] if it holds more bytes than so many.
    pub fn in_file(path: impl AsRef<Path>, max_bytes: usize) -> Result<Self, KeyValueError> {
        let database = Database::create(path).map_err(failed)?;
        let (values, bytes) = read(&database, max_bytes)?;
        Ok(Self::of(Entries { values, bytes, max_bytes, keeper: Some(Box::new(File { database })) }))
    }
}

/// The entries of a file, and what they count.
fn read(database: &Database, max_bytes: usize) -> Result<(BTreeMap<String, Vec<u8>>, usize), KeyValueError> {
    let writing = database.begin_write().map_err(failed)?;
    let mut values = BTreeMap::new();
    let mut bytes: usize = 0;
    {
        // Makes the table where the file is new.
        let table = writing.open_table(ENTRIES).map_err(failed)?;
        for entry in table.iter().map_err(failed)? {
            let (key, value) = entry.map_err(failed)?;
            bytes = bytes.saturating_add(size(key.value(), value.value()));
            if bytes > max_bytes {
                return Err(KeyValueError::Full);
            }
            values.insert(key.value().to_owned(), value.value().to_owned());
        }
    }
    writing.commit().map_err(failed)?;
    Ok((values, bytes))
}

#[derive(Debug)]
struct File {
    database: Database,
}

impl Keeper for File {
    fn keep(&mut self, changes: &[Change]) -> Result<(), KeyValueError> {
        let writing = self.database.begin_write().map_err(failed)?;
        {
            let mut table = writing.open_table(ENTRIES).map_err(failed)?;
            for (key, value) in changes {
                match value {
                    Some(value) => table.insert(key.as_str(), value.as_slice()).map(drop),
                    None => table.remove(key.as_str()).map(drop),
                }
                .map_err(failed)?;
            }
        }
        writing.commit().map_err(failed)
    }
}

fn failed(error: impl Into<redb::Error>) -> KeyValueError {
    KeyValueError::File(error.into().to_string())
}
