//! Guests for tests: a memory, a `realloc` that notes its calls, and a table of handles.

use alloc::vec;
use alloc::vec::Vec;

use whit_core::Error;

use crate::abi::context::{Budget, CopyContext, Handle, HandleType, LiftContext, LowerContext};
use crate::abi::flat::{Context, FlatFuncType, flatten_functype};
use crate::plan::StringEncoding;
use crate::types::{Field, FuncType, Types, ValType};

/// Every string encoding.
pub const ENCODINGS: [StringEncoding; 3] = [StringEncoding::Utf8, StringEncoding::Utf16, StringEncoding::Latin1Utf16];

/// One guest.
#[derive(Clone, Debug)]
pub struct Guest {
    pub memory: Vec<u8>,
    /// The arguments of each call of `realloc`.
    pub reallocs: Vec<[u32; 4]>,
    /// What `realloc` returns from now on, whatever is asked for.
    pub returned: Option<u32>,
    /// Its handles; indices begin at 1.
    pub handles: Vec<Option<(HandleType, Handle)>>,
    pub budget: Budget,
    next: u32,
}

impl Guest {
    /// With nothing in its memory.
    pub fn new() -> Self {
        Self::with_memory(vec![0; 64])
    }

    /// With this in its memory; what it allocates comes after.
    pub fn with_memory(memory: Vec<u8>) -> Self {
        let next = memory.len() as u32;
        Self { memory, reallocs: Vec::new(), returned: None, handles: Vec::new(), budget: Budget::default(), next }
    }

    fn add(&mut self, ty: HandleType, handle: Handle) -> u32 {
        self.handles.push(Some((ty, handle)));
        self.handles.len() as u32
    }
}

impl LiftContext for Guest {
    fn source(&self) -> &[u8] {
        &self.memory
    }

    fn lift_handle(&mut self, ty: HandleType, index: u32) -> Result<Handle, Error> {
        let entry = self.handles.get_mut((index as usize).wrapping_sub(1)).and_then(Option::take);
        match entry {
            Some((found, handle)) if found == ty => Ok(handle),
            _ => Err(Error::msg("unknown handle")),
        }
    }

    fn charge(&mut self, bytes: usize) -> Result<(), Error> {
        Ok(self.budget.charge(bytes)?)
    }
}

impl LowerContext for Guest {
    fn destination(&mut self) -> &mut [u8] {
        &mut self.memory
    }

    fn realloc(&mut self, old: u32, old_size: u32, align: u32, new_size: u32) -> Result<u32, Error> {
        self.reallocs.push([old, old_size, align, new_size]);
        if let Some(returned) = self.returned {
            return Ok(returned);
        }
        if old != 0 && new_size <= old_size {
            return Ok(old);
        }
        let ptr = self.next.next_multiple_of(align);
        self.next = ptr + new_size;
        if self.memory.len() < self.next as usize {
            self.memory.resize(self.next as usize, 0);
        }
        self.memory.copy_within(old as usize..(old + old_size) as usize, ptr as usize);
        Ok(ptr)
    }

    fn lower_handle(&mut self, ty: HandleType, handle: Handle) -> Result<u32, Error> {
        Ok(self.add(ty, handle))
    }
}

/// Two guests, one of which calls the other.
pub struct Pair {
    pub from: Guest,
    pub to: Guest,
}

impl LiftContext for Pair {
    fn source(&self) -> &[u8] {
        self.from.source()
    }

    fn lift_handle(&mut self, ty: HandleType, index: u32) -> Result<Handle, Error> {
        self.from.lift_handle(ty, index)
    }

    fn charge(&mut self, bytes: usize) -> Result<(), Error> {
        self.from.charge(bytes)
    }
}

impl LowerContext for Pair {
    fn destination(&mut self) -> &mut [u8] {
        self.to.destination()
    }

    fn realloc(&mut self, old: u32, old_size: u32, align: u32, new_size: u32) -> Result<u32, Error> {
        self.to.realloc(old, old_size, align, new_size)
    }

    fn lower_handle(&mut self, ty: HandleType, handle: Handle) -> Result<u32, Error> {
        self.to.lower_handle(ty, handle)
    }
}

impl CopyContext for Pair {
    fn copy(&mut self, from: u32, to: u32, len: u32) {
        let (from, to, len) = (from as usize, to as usize, len as usize);
        self.to.memory[to..][..len].copy_from_slice(&self.from.memory[from..][..len]);
    }

    fn work(&mut self, bytes: u32) -> Result<(), Error> {
        // In a test, the budget of values is one of copies too.
        self.charge(bytes as usize)
    }
}

/// A guest that calls itself.
impl CopyContext for Guest {
    fn copy(&mut self, from: u32, to: u32, len: u32) {
        let from = from as usize;
        self.memory.copy_within(from..from + len as usize, to as usize);
    }

    fn work(&mut self, bytes: u32) -> Result<(), Error> {
        self.charge(bytes as usize)
    }
}

/// A function of these parameters and this result.
pub fn func(params: &[ValType], result: Option<ValType>) -> FuncType {
    let params = params.iter().map(|ty| Field { name: "p".into(), ty: *ty }).collect();
    FuncType { is_async: false, params, result }
}

/// How a function is called by its callers, and how it is called itself.
pub fn flatten(types: &Types, ty: &FuncType) -> (FlatFuncType, FlatFuncType) {
    let flatten = |context| flatten_functype(types, ty, false, context);
    (flatten(Context::Lower), flatten(Context::Lift { callback: false }))
}
