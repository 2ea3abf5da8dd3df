//! Buckets: values by key, which outlive the guest that set them.
//!
//! A [`Bucket`] is shared by all its clones, so that whoever holds one, another guest or the embedder, sees what was set. Promises that a bucket holds
//! no more bytes than it was made for, and that what a change was said to have done is in its file, where it has one.

#[cfg(feature = "keyvalue-file")]
mod file;

use core::fmt;
use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The bytes that a bucket holds where nothing else is said: keys, values, and [`ENTRY_BYTES`] for each.
pub const DEFAULT_MAX_BYTES: usize = 64 << 20;

/// What an entry counts beside its key and its value.
pub const ENTRY_BYTES: usize = 64;

/// How many keys a list of them has at most.
pub const PAGE: usize = 1000;

/// Values by key: in memory, and in a file where the bucket is to outlive the process. Clones are the same bucket.
#[derive(Clone, Debug)]
pub struct Bucket {
    entries: Arc<Mutex<Entries>>,
}

#[derive(Debug)]
struct Entries {
    values: BTreeMap<String, Vec<u8>>,
    bytes: usize,
    max_bytes: usize,
    /// What is told of each change before it is made.
    keeper: Option<Box<dyn Keeper>>,
}

/// A key, and the value that it gets; none takes it away.
type Change = (String, Option<Vec<u8>>);

/// Keeps the entries of a bucket where they outlive it.
trait Keeper: fmt::Debug + Send {
    /// Keeps all of the changes, or none where it fails.
    fn keep(&mut self, changes: &[Change]) -> Result<(), KeyValueError>;
}

/// Why a bucket does not do what it is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyValueError {
    /// There is no bucket of this name for the guest.
    NoSuchStore(String),
    /// The bucket would hold more bytes than it may.
    Full,
    /// What is to be incremented is no whole number below 2⁶⁴ in decimal digits, or the sum is none.
    NotANumber,
    /// The bucket's file cannot be read or written, and why.
    File(String),
}

impl fmt::Display for KeyValueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSuchStore(name) => write!(f, "there is no bucket `{name}`"),
            Self::Full => f.write_str("the bucket is full"),
            Self::NotANumber => f.write_str("the value is no number, or too large a one"),
            Self::File(why) => write!(f, "the bucket's file: {why}"),
        }
    }
}

impl core::error::Error for KeyValueError {}

impl Bucket {
    /// An empty bucket for so many bytes.
    pub fn in_memory(max_bytes: usize) -> Self {
        Self::of(Entries { values: BTreeMap::new(), bytes: 0, max_bytes, keeper: None })
    }

    fn of(entries: Entries) -> Self {
        Self { entries: Arc::new(Mutex::new(entries)) }
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<Vec<u8>> {
        self.lock().values.get(key).cloned()
    }

    /// Whether a key has a value.
    pub fn exists(&self, key: &str) -> bool {
        self.lock().values.contains_key(key)
    }

    /// Sets a value.
    ///
    /// # Errors
    /// [`KeyValueError::Full`], [`KeyValueError::File`]; nothing has changed then.
    pub fn set(&self, key: &str, value: Vec<u8>) -> Result<(), KeyValueError> {
        self.lock().change(vec![(key.to_owned(), Some(value))])
    }

    /// Sets all of these values or none.
    ///
    /// # Errors
    /// [`KeyValueError::Full`], [`KeyValueError::File`]; nothing has changed then.
    pub fn set_all(&self, pairs: Vec<(String, Vec<u8>)>) -> Result<(), KeyValueError> {
        self.lock().change(pairs.into_iter().map(|(key, value)| (key, Some(value))).collect())
    }

    /// Removes a value, if there is one.
    ///
    /// # Errors
    /// [`KeyValueError::File`]; nothing has changed then.
    pub fn delete(&self, key: &str) -> Result<(), KeyValueError> {
        self.delete_all(vec![key.to_owned()])
    }

    /// Removes the values of all of these keys or none. A key may have none.
    ///
    /// # Errors
    /// [`KeyValueError::File`]; nothing has changed then.
    pub fn delete_all(&self, keys: Vec<String>) -> Result<(), KeyValueError> {
        self.lock().change(keys.into_iter().map(|key| (key, None)).collect())
    }

    /// Keys in their order, from the one behind `after` on, at most [`PAGE`] of them; and whether there are more.
    pub fn keys(&self, after: Option<&str>) -> (Vec<String>, bool) {
        let entries = self.lock();
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let mut rest = entries.values.range::<str, _>((from, Bound::Unbounded)).map(|(key, _)| key.clone());
        let page = rest.by_ref().take(PAGE).collect();
        (page, rest.next().is_some())
    }

    /// The key at this place of their order.
    pub fn key_at(&self, place: usize) -> Option<String> {
        self.lock().values.keys().nth(place).cloned()
    }

    /// Adds to a number, which is kept in decimal digits; one that is absent is 0.
    ///
    /// # Errors
    /// [`KeyValueError::NotANumber`], [`KeyValueError::Full`], [`KeyValueError::File`]; nothing has changed then.
    pub fn increment(&self, key: &str, by: u64) -> Result<u64, KeyValueError> {
        let mut entries = self.lock();
        let number = match entries.values.get(key) {
            Some(value) => str::from_utf8(value).ok().and_then(|digits| digits.parse::<u64>().ok()),
            None => Some(0),
        };
        let sum = number.and_then(|number| number.checked_add(by)).ok_or(KeyValueError::NotANumber)?;
        entries.change(vec![(key.to_owned(), Some(sum.to_string().into_bytes()))])?;
        Ok(sum)
    }

    fn lock(&self) -> MutexGuard<'_, Entries> {
        // Every change is whole before anything can panic.
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entries {
    /// Makes all of the changes or none.
    fn change(&mut self, changes: Vec<Change>) -> Result<(), KeyValueError> {
        let size_of = |(key, value): &Change| value.as_ref().map_or(0, |value| size(key, value));
        let added = changes.iter().try_fold(0, |sum: usize, change| sum.checked_add(size_of(change)));
        // One change makes room by what it replaces; several are refused by the most they could come to, since a key may be among them twice.
        let replaced = match &changes[..] {
            [(key, _)] => self.values.get(key).map_or(0, |value| size(key, value)),
            _ => 0,
        };
        let bytes = added.and_then(|added| added.checked_add(self.bytes - replaced)).ok_or(KeyValueError::Full)?;
        if added != Some(0) && bytes > self.max_bytes {
            return Err(KeyValueError::Full);
        }
        if let Some(keeper) = &mut self.keeper {
            keeper.keep(&changes)?;
        }
        for (key, value) in changes {
            let before = self.values.get(&key).map_or(0, |value| size(&key, value));
            self.bytes -= before;
            match value {
                Some(value) => {
                    self.bytes += size(&key, &value);
                    self.values.insert(key, value);
                }
                None => _ = self.values.remove(&key),
            }
        }
        Ok(())
    }
}

fn size(key: &str, value: &[u8]) -> usize {
    key.len().saturating_add(value.len()).saturating_add(ENTRY_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_is_shared_and_counts_what_it_holds() {
        let bucket = Bucket::in_memory(3 * (ENTRY_BYTES + 4));
        let other = bucket.clone();
        bucket.set("a", b"123".to_vec()).unwrap();
        other.set("b", b"123".to_vec()).unwrap();
        assert_eq!(other.get("a").as_deref(), Some(&b"123"[..]));
        // Replacing takes the room of what is replaced.
        bucket.set("a", b"456".to_vec()).unwrap();
        assert_eq!(bucket.set("c", b"1234".to_vec()), Err(KeyValueError::Full));
        assert!(!bucket.exists("c"));
        assert_eq!(bucket.set_all(vec![("c".into(), vec![]), ("d".into(), vec![])]), Err(KeyValueError::Full));
        assert!(!bucket.exists("c"));
        bucket.delete("a").unwrap();
        bucket.delete("a").unwrap();
        bucket.set_all(vec![("c".into(), vec![1]), ("d".into(), vec![2])]).unwrap();
        assert_eq!(bucket.keys(None), (vec!["b".into(), "c".into(), "d".into()], false));
        assert_eq!(bucket.keys(Some("b")).0, ["c", "d"]);
    }

    #[test]
    fn keys_come_in_pages() {
        let bucket = Bucket::in_memory(DEFAULT_MAX_BYTES);
        for number in 0..PAGE + 1 {
            bucket.set(&format!("{number:05}"), Vec::new()).unwrap();
        }
        let (page, more) = bucket.keys(None);
        assert_eq!((page.len(), more), (PAGE, true));
        assert_eq!(bucket.keys(page.last().map(String::as_str)), (vec!["01000".to_string()], false));
        assert_eq!(bucket.key_at(PAGE).as_deref(), Some("01000"));
        assert_eq!(bucket.key_at(PAGE + 1), None);
    }

    #[test]
    fn only_numbers_are_incremented() {
        let bucket = Bucket::in_memory(DEFAULT_MAX_BYTES);
        assert_eq!(bucket.increment("n", 40), Ok(40));
        assert_eq!(bucket.increment("n", 2), Ok(42));
        assert_eq!(bucket.get("n").as_deref(), Some(&b"42"[..]));
        assert_eq!(bucket.increment("n", u64::MAX), Err(KeyValueError::NotANumber));
        bucket.set("n", b"forty".to_vec()).unwrap();
        assert_eq!(bucket.increment("n", 1), Err(KeyValueError::NotANumber));
        assert_eq!(bucket.get("n").as_deref(), Some(&b"forty"[..]));
    }
}
