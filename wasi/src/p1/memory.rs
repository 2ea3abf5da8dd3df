//! A guest's memory as WASI 0.1 sees it: 32-bit addresses, checked before every access.
//!
//! As the witx documentation demands, an address outside the memory or not aligned for what is there is no error code but
//! a [`Fault`], which ends the guest. A view is taken per call, because memory may move whenever the guest runs.

use core::fmt;
use core::ops::Range;

/// A mistake of the guest for which WASI has no error code: the call traps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// An access outside the memory.
    OutOfBounds {
        /// Where it starts.
        address: u32,
        /// Its length in bytes.
        length: u64,
        /// The size of the memory.
        memory: u64,
    },
    /// An address that is not a multiple of what its record needs.
    Misaligned {
        /// The address.
        address: u32,
        /// What it should be a multiple of.
        align: u32,
    },
    /// `proc_exit` with a status of 126 or more, which shells use for their own purposes.
    ExitStatus(u32),
    /// The guest exports no memory named `memory`.
    NoMemory,
    /// That memory is paged, and these functions need its bytes in one piece.
    PagedMemory,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::OutOfBounds { address, length, memory } => {
                write!(f, "pointer out of bounds: {length} bytes at {address:#x} in a memory of {memory} bytes")
            }
            Fault::Misaligned { address, align } => {
                write!(f, "pointer not aligned: {address:#x} is not a multiple of {align}")
            }
            Fault::ExitStatus(status) => write!(f, "exit with invalid exit status {status}: outside of [0..126)"),
            Fault::NoMemory => f.write_str("the module exports no memory named `memory`"),
            Fault::PagedMemory => f.write_str("WASI 0.1 needs a flat memory, and the engine's memory policy is paged"),
        }
    }
}

impl core::error::Error for Fault {}

/// A checked view of a guest's linear memory for the time of one call.
#[derive(Debug)]
pub struct GuestMemory<'a> {
    bytes: &'a mut [u8],
}

impl<'a> GuestMemory<'a> {
    /// A view of `bytes`, the whole memory.
    pub fn new(bytes: &'a mut [u8]) -> Self {
        GuestMemory { bytes }
    }

    /// Checks that `length` bytes at `address` exist and that `address` is a multiple of `align`.
    pub fn check(&self, address: u32, length: u64, align: u32) -> Result<(), Fault> {
        if !address.is_multiple_of(align) {
            return Err(Fault::Misaligned { address, align });
        }
        self.range(address, length).map(drop)
    }

    fn range(&self, address: u32, length: u64) -> Result<Range<usize>, Fault> {
        let memory = self.bytes.len() as u64;
        match u64::from(address).checked_add(length) {
            // Both ends are within the slice, so they fit its index type.
            Some(end) if end <= memory => Ok(address as usize..end as usize),
            _ => Err(Fault::OutOfBounds { address, length, memory }),
        }
    }

    /// `length` bytes at `address`.
    pub fn slice(&self, address: u32, length: u32) -> Result<&[u8], Fault> {
        let range = self.range(address, length.into())?;
        Ok(&self.bytes[range])
    }

    /// `length` bytes at `address`, to be written.
    pub fn slice_mut(&mut self, address: u32, length: u32) -> Result<&mut [u8], Fault> {
        let range = self.range(address, length.into())?;
        Ok(&mut self.bytes[range])
    }

    /// Copies `bytes` to `address`.
    pub fn write(&mut self, address: u32, bytes: &[u8]) -> Result<(), Fault> {
        let range = self.range(address, bytes.len() as u64)?;
        self.bytes[range].copy_from_slice(bytes);
        Ok(())
    }

    /// Copies a record that needs an alignment of 8 to `address`.
    pub fn write_record(&mut self, address: u32, record: &[u8]) -> Result<(), Fault> {
        self.check(address, record.len() as u64, 8)?;
        self.write(address, record)
    }

    fn read<const N: usize>(&self, address: u32) -> Result<[u8; N], Fault> {
        self.check(address, N as u64, N as u32)?;
        let mut value = [0; N];
        value.copy_from_slice(&self.bytes[address as usize..address as usize + N]);
        Ok(value)
    }

    fn write_aligned<const N: usize>(&mut self, address: u32, value: [u8; N]) -> Result<(), Fault> {
        self.check(address, N as u64, N as u32)?;
        self.write(address, &value)
    }

    /// The byte at `address`.
    pub fn read_u8(&self, address: u32) -> Result<u8, Fault> {
        self.read::<1>(address).map(|[byte]| byte)
    }

    /// The 16-bit number at `address`.
    pub fn read_u16(&self, address: u32) -> Result<u16, Fault> {
        self.read(address).map(u16::from_le_bytes)
    }

    /// The 32-bit number at `address`.
    pub fn read_u32(&self, address: u32) -> Result<u32, Fault> {
        self.read(address).map(u32::from_le_bytes)
    }

    /// The 64-bit number at `address`.
    pub fn read_u64(&self, address: u32) -> Result<u64, Fault> {
        self.read(address).map(u64::from_le_bytes)
    }

    /// Writes a 16-bit number.
    pub fn write_u16(&mut self, address: u32, value: u16) -> Result<(), Fault> {
        self.write_aligned(address, value.to_le_bytes())
    }

    /// Writes a 32-bit number.
    pub fn write_u32(&mut self, address: u32, value: u32) -> Result<(), Fault> {
        self.write_aligned(address, value.to_le_bytes())
    }

    /// Writes a 64-bit number.
    pub fn write_u64(&mut self, address: u32, value: u64) -> Result<(), Fault> {
        self.write_aligned(address, value.to_le_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accesses_at_the_edges() {
        let mut bytes = [0; 16];
        let mut memory = GuestMemory::new(&mut bytes);
        memory.write_u64(8, u64::MAX).unwrap();
        assert_eq!(memory.read_u64(8), Ok(u64::MAX));
        assert_eq!(memory.read_u64(16), Err(Fault::OutOfBounds { address: 16, length: 8, memory: 16 }));
        assert_eq!(memory.read_u32(6), Err(Fault::Misaligned { address: 6, align: 4 }));
        assert_eq!(memory.read_u32(u32::MAX - 3).map_err(|_| ()), Err(()));
        assert_eq!(memory.slice(16, 0), Ok(&[][..]));
        assert!(memory.slice(17, 0).is_err());
        assert!(memory.slice(u32::MAX, u32::MAX).is_err());
        assert!(memory.slice_mut(1, 16).is_err());
        assert!(memory.write(15, b"ab").is_err());
        assert!(memory.write_record(4, &[0; 8]).is_err());
    }

    #[test]
    fn an_empty_memory_has_no_bytes() {
        let memory = GuestMemory::new(&mut []);
        assert!(memory.read_u8(0).is_err());
        assert!(memory.slice(0, 0).is_ok());
    }
}
