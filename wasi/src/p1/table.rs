//! What a guest's descriptor numbers mean.
//!
//! Numbers are indices into a vector that never grows beyond a limit, so neither its size nor a search in it is the
//! guest's to choose. As in Wasmtime, a new descriptor gets the *highest* number that was given out and is free again.

use super::abi::Errno;
use crate::host::fs::{Dir, DirEntries, DirEntry, File};
use crate::host::net::{Listener, Stream};

/// What a number stands for.
#[derive(Debug)]
pub(crate) enum Descriptor {
    /// The context's standard input.
    Stdin,
    /// The context's standard output.
    Stdout,
    /// The context's standard error.
    Stderr,
    /// A directory.
    Dir(DirDescriptor),
    /// A file.
    File(FileDescriptor),
    /// A socket that accepts connections.
    Listener(ListenerDescriptor),
    /// A connection.
    Stream(StreamDescriptor),
}

/// An open directory.
#[derive(Debug)]
pub(crate) struct DirDescriptor {
    pub(crate) dir: Dir,
    /// The guest's name for it, if it was granted rather than opened.
    pub(crate) preopen: Option<String>,
    /// Where the last listing stopped.
    pub(crate) listing: Option<Listing>,
}

/// A listing between two calls.
#[derive(Debug)]
pub(crate) struct Listing {
    pub(crate) entries: DirEntries,
    /// The cookie of the entry that comes next.
    pub(crate) cookie: u64,
    /// That entry, if it was read but did not fit the guest's buffer.
    pub(crate) peeked: Option<DirEntry>,
}

/// An open file.
#[derive(Debug)]
pub(crate) struct FileDescriptor {
    pub(crate) file: File,
    pub(crate) position: u64,
    pub(crate) append: bool,
    /// Only remembered: files are always ready.
    pub(crate) nonblock: bool,
}

#[derive(Debug)]
pub(crate) struct ListenerDescriptor {
    pub(crate) listener: Listener,
    pub(crate) nonblock: bool,
}

#[derive(Debug)]
pub(crate) struct StreamDescriptor {
    pub(crate) stream: Stream,
    pub(crate) nonblock: bool,
}

/// All descriptors of a guest.
#[derive(Debug)]
pub(crate) struct Descriptors {
    slots: Vec<Option<Descriptor>>,
    limit: u32,
    /// How many slots below the end of the vector are free: most often none, and then there is nothing to search.
    free: usize,
    pin_preopens: bool,
}

impl Descriptors {
    /// An empty table for up to `limit` descriptors.
    pub(crate) fn new(limit: u32, pin_preopens: bool) -> Self {
        Descriptors { slots: Vec::new(), limit, free: 0, pin_preopens }
    }

    /// Gives `descriptor` a number.
    pub(crate) fn insert(&mut self, descriptor: Descriptor) -> Result<u32, Errno> {
        if self.free > 0
            && let Some(fd) = self.slots.iter().rposition(Option::is_none)
        {
            self.free -= 1;
            self.slots[fd] = Some(descriptor);
            return Ok(fd as u32);
        }
        if self.slots.len() >= self.limit as usize {
            return Err(Errno::Mfile);
        }
        self.slots.try_reserve(1).map_err(|_| Errno::NoMem)?;
        self.slots.push(Some(descriptor));
        Ok((self.slots.len() - 1) as u32)
    }

    /// Whether [`insert`](Self::insert) has a number left. Asked before opening, so that a full table has no effect
    /// on the host.
    pub(crate) fn check_room(&self) -> Result<(), Errno> {
        if self.free > 0 || self.slots.len() < self.limit as usize { Ok(()) } else { Err(Errno::Mfile) }
    }

    pub(crate) fn get(&self, fd: u32) -> Result<&Descriptor, Errno> {
        self.slots.get(fd as usize).and_then(Option::as_ref).ok_or(Errno::Badf)
    }

    pub(crate) fn get_mut(&mut self, fd: u32) -> Result<&mut Descriptor, Errno> {
        self.slots.get_mut(fd as usize).and_then(Option::as_mut).ok_or(Errno::Badf)
    }

    /// Takes `fd` out of the table.
    pub(crate) fn remove(&mut self, fd: u32) -> Result<Descriptor, Errno> {
        let descriptor = self.slots.get_mut(fd as usize).and_then(Option::take).ok_or(Errno::Badf)?;
        self.free += 1;
        Ok(descriptor)
    }

    /// Makes `to`, which is closed, what `from` was.
    pub(crate) fn renumber(&mut self, from: u32, to: u32) -> Result<(), Errno> {
        self.get(from)?;
        if let Descriptor::Dir(DirDescriptor { preopen: Some(_), .. }) = self.get(to)?
            && self.pin_preopens
        {
            return Err(Errno::NotSup);
        }
        if from != to {
            let moved = self.remove(from)?;
            self.slots[to as usize] = Some(moved);
        }
        Ok(())
    }

    /// The file `fd`; anything else is a bad descriptor.
    pub(crate) fn file(&self, fd: u32) -> Result<&FileDescriptor, Errno> {
        match self.get(fd)? {
            Descriptor::File(file) => Ok(file),
            _ => Err(Errno::Badf),
        }
    }

    /// The file `fd` as something with a position, which streams do not have.
    pub(crate) fn seekable(&mut self, fd: u32) -> Result<&mut FileDescriptor, Errno> {
        match self.get_mut(fd)? {
            Descriptor::File(file) => Ok(file),
            Descriptor::Dir(_) => Err(Errno::Badf),
            _ => Err(Errno::Spipe),
        }
    }

    /// The directory `fd`; anything else is a bad descriptor.
    pub(crate) fn dir(&self, fd: u32) -> Result<&Dir, Errno> {
        match self.get(fd)? {
            Descriptor::Dir(descriptor) => Ok(&descriptor.dir),
            _ => Err(Errno::Badf),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_given_again_from_the_top_and_never_beyond_the_limit() {
        let mut table = Descriptors::new(4, false);
        for fd in 0..4 {
            assert_eq!(table.insert(Descriptor::Stdout), Ok(fd));
        }
        assert_eq!(table.insert(Descriptor::Stdout), Err(Errno::Mfile));
        assert_eq!(table.check_room(), Err(Errno::Mfile));
        table.remove(1).unwrap();
        table.remove(3).unwrap();
        assert_eq!(table.remove(3).unwrap_err(), Errno::Badf);
        assert_eq!(table.check_room(), Ok(()));
        assert_eq!(table.insert(Descriptor::Stdout), Ok(3));
        assert_eq!(table.insert(Descriptor::Stdout), Ok(1));
        assert_eq!(table.insert(Descriptor::Stdout), Err(Errno::Mfile));
    }

    #[test]
    fn a_million_renumberings_leave_the_table_as_small_as_it_was() {
        let mut table = Descriptors::new(8, false);
        table.insert(Descriptor::Stdin).unwrap();
        table.insert(Descriptor::Stdout).unwrap();
        for _ in 0..1_000_000 {
            let fd = table.insert(Descriptor::Stderr).unwrap();
            table.renumber(fd, 1).unwrap();
        }
        assert_eq!(table.slots.len(), 3);
        assert_eq!(table.renumber(1, 1), Ok(()));
        assert_eq!(table.renumber(1, 2), Err(Errno::Badf));
        assert_eq!(table.renumber(2, 1), Err(Errno::Badf));
        assert_eq!(table.renumber(u32::MAX, 1), Err(Errno::Badf));
    }
}
