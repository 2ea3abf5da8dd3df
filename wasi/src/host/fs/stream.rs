//! Files as streams: each has a position of its own.

use std::sync::Arc;

use super::super::HostError;
use super::super::stream::{InputStream, OutputStream};
use super::super::wait::{Ready, Source};
use super::{File, check_offset};

/// A file read from some position on.
#[derive(Debug)]
pub struct FileInput {
    file: File,
    position: u64,
}

/// A file written from some position on, or at its end.
#[derive(Debug)]
pub struct FileOutput {
    file: File,
    position: Position,
}

#[derive(Clone, Copy, Debug)]
enum Position {
    At(u64),
    /// Wherever the end is when something is written.
    End,
}

impl File {
    /// `read-via-stream`.
    pub fn read_via_stream(&self, offset: u64) -> Result<FileInput, HostError> {
        check_offset(offset)?;
        if !self.readable {
            return Err(HostError::BadDescriptor);
        }
        Ok(FileInput { file: self.clone(), position: offset })
    }

    /// `write-via-stream`.
    pub fn write_via_stream(&self, offset: u64) -> Result<FileOutput, HostError> {
        check_offset(offset)?;
        self.output(Position::At(offset))
    }

    /// `append-via-stream`.
    pub fn append_via_stream(&self) -> Result<FileOutput, HostError> {
        self.output(Position::End)
    }

    fn output(&self, position: Position) -> Result<FileOutput, HostError> {
        if !self.writable {
            return Err(HostError::BadDescriptor);
        }
        Ok(FileOutput { file: self.clone(), position })
    }
}

impl InputStream for FileInput {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, HostError> {
        let size = self.file.read_at(buffer, self.position)?;
        // Inside the file, whose size is a signed number.
        self.position += size as u64;
        Ok(size)
    }

    fn source(&self) -> Arc<dyn Source> {
        Arc::new(Ready)
    }
}

impl OutputStream for FileOutput {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, HostError> {
        match &mut self.position {
            Position::End => self.file.append(bytes),
            Position::At(position) => {
                let size = self.file.write_at(bytes, *position)?;
                *position += size as u64;
                Ok(size)
            }
        }
    }

    fn source(&self) -> Arc<dyn Source> {
        Arc::new(Ready)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::stream::{Failure, Input, Output, StreamError};
    use super::super::{Access, Dir, OpenHow, Opened};
    use super::*;

    fn file(how: OpenHow) -> (tempfile::TempDir, Dir, Opened) {
        let place = tempfile::tempdir().unwrap();
        let dir = Dir::open_ambient(place.path(), Access::ReadWrite).unwrap();
        let file = dir.open_at("file", OpenHow { create: true, ..how }).unwrap();
        (place, dir, file)
    }

    fn write(output: &mut Output, bytes: &[u8]) {
        output.check_write().unwrap();
        output.write(bytes).unwrap();
    }

    #[test]
    fn streams_of_one_file_have_their_own_positions_and_outlive_the_descriptor() {
        let (_place, dir, opened) = file(OpenHow { read: true, write: true, ..OpenHow::default() });
        let file = opened.file().unwrap();
        let mut at_start = Output::new(file.write_via_stream(0).unwrap(), Failure::File);
        let mut at_end = Output::new(file.append_via_stream().unwrap(), Failure::File);
        let mut input = Input::new(file.read_via_stream(2).unwrap(), Failure::File);
        drop(opened);
        write(&mut at_start, b"0123");
        write(&mut at_end, b"abc");
        write(&mut at_start, b"45");
        write(&mut at_end, b"d");
        assert_eq!(input.read(3), Ok(b"234".to_vec()));
        assert_eq!(input.skip(1), Ok(1));
        assert_eq!(input.read(100), Ok(b"cd".to_vec()));
        assert_eq!(input.read(100), Err(StreamError::Closed));
        assert_eq!(dir.stat_at("file", false).unwrap().size, 8);
    }

    #[test]
    fn what_a_file_was_not_opened_for_is_refused_and_so_are_offsets_beyond_all_files() {
        let (_place, dir, opened) = file(OpenHow { read: true, write: true, ..OpenHow::default() });
        let both = opened.file().unwrap();
        assert_eq!(both.read_via_stream(u64::MAX).unwrap_err(), HostError::Invalid);
        assert_eq!(both.write_via_stream(1 << 63).unwrap_err(), HostError::Invalid);
        let reading = dir.open_at("file", OpenHow { read: true, ..OpenHow::default() }).unwrap();
        assert_eq!(reading.file().unwrap().write_via_stream(0).unwrap_err(), HostError::BadDescriptor);
        assert_eq!(reading.file().unwrap().append_via_stream().unwrap_err(), HostError::BadDescriptor);
        let writing = dir.open_at("file", OpenHow { write: true, ..OpenHow::default() }).unwrap();
        assert_eq!(writing.file().unwrap().read_via_stream(0).unwrap_err(), HostError::BadDescriptor);

        // The last offset there is: nothing fits behind it, and nothing wraps.
        let mut output = Output::new(both.write_via_stream(i64::MAX as u64).unwrap(), Failure::File);
        output.check_write().unwrap();
        assert!(matches!(output.write(b"ab"), Err(StreamError::Failed(Failure::File(_)))));
        let mut input = Input::new(both.read_via_stream(i64::MAX as u64).unwrap(), Failure::File);
        assert!(matches!(input.read(1), Err(StreamError::Failed(Failure::File(_)) | StreamError::Closed)));
    }

    #[test]
    fn one_read_is_bounded_and_tells_the_end() {
        let (_place, _dir, opened) = file(OpenHow { read: true, write: true, ..OpenHow::default() });
        let file = opened.file().unwrap();
        assert_eq!(file.read(0, 0), Ok((vec![], false)));
        assert_eq!(file.read(1, 0), Ok((vec![], true)));
        file.set_size(3 << 20).unwrap();
        let (bytes, is_end) = file.read(u64::MAX, 0).unwrap();
        assert_eq!((bytes.len(), is_end), (1 << 20, false));
        assert_eq!(file.read(1, u64::MAX), Err(HostError::Invalid));
    }
}
