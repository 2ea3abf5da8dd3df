//! Values from guest to guest, with nothing in between: programs that lift and lower in one pass.
//!
//! For each function of one component that another one calls there is a [`CallProgram`], made once. Both sides lay a type out in the same
//! way, so most of a program is runs of bytes; what has to be checked or translated is one [`Op`] each. Programs are trees of blocks, one
//! for each type that is not trivial, so their size is that of the types and not of the values: a type may be a hundred levels of pairs.
//! Arguments that are whole integers of core values are moved without any program.
//!
//! What the document does to a whole list of arguments, first lifting and then lowering it, is done here value by value. Only a guest that
//! traps, or that calls itself, can tell.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::ops::Range;

use hashbrown::HashMap;
use whit_core::Error;

use crate::abi::context::{CopyContext, HandleType};
use crate::abi::flat::{Context, flatten_functype};
use crate::abi::layout;
use crate::abi::lift::{element, entry};
use crate::abi::load::{self, canonicalize_nan32, canonicalize_nan64};
use crate::abi::place::{Cases, Fields, Part, Place};
use crate::abi::store::{ReallocTraps, allocate, join, store_bits};
use crate::abi::string::copy_string;
use crate::mismatch::TypeMismatch;
use crate::plan::StringEncoding;
use crate::trap::TrapCode;
use crate::types::{DefinedType, FuncType, Types, ValType};

/// How one side of a call passes values.
#[derive(Clone, Copy, Debug)]
pub struct Side {
    /// How its strings are encoded.
    pub string_encoding: StringEncoding,
    /// Whether it uses the `async` ABI.
    pub is_async: bool,
}

/// How the arguments of a call get from one guest to another, and its result back.
#[derive(Debug)]
pub struct CallProgram {
    params: Program,
    result: Program,
}

impl CallProgram {
    /// For the function of this type that `caller` lowers and `callee` lifts.
    ///
    /// # Errors
    /// The parameters together are larger than a value may be.
    pub fn new(types: &Types, ty: &FuncType, caller: Side, callee: Side) -> Result<Self, TypeMismatch> {
        let lowered = flatten_functype(types, ty, caller.is_async, Context::Lower);
        let lifted = flatten_functype(types, ty, callee.is_async, Context::Lift { callback: false });
        let (caller_encoding, callee_encoding) = (caller.string_encoding, callee.string_encoding);
        let returned_in_memory = match callee.is_async {
            // As the parameters of `task.return`.
            true => ty.result.is_some_and(|result| types.layout(result).flat.is_none()),
            false => lifted.result_in_memory,
        };
        let from = |in_memory, encoding| End { in_memory, encoding };
        Ok(Self {
            params: Program::new(
                types,
                &ty.params.iter().map(|param| param.ty).collect::<Vec<_>>(),
                from(lowered.params_in_memory, caller_encoding),
                from(lifted.params_in_memory, callee_encoding),
            )?,
            result: Program::new(
                types,
                ty.result.as_slice(),
                from(returned_in_memory, callee_encoding),
                from(lowered.result_in_memory, caller_encoding),
            )?,
        })
    }

    /// Whether the result is a core value that is passed on as it is, or nothing: then [`result`](Self::result) needs nothing of the two sides.
    pub fn moves_result(&self) -> bool {
        self.result.moves_only
    }

    /// Makes the callee's core arguments, zero before, from the caller's (`lift_flat_values`, then `lower_flat_values`).
    ///
    /// # Errors
    /// Those of lifting and of lowering.
    pub fn params(&self, cx: &mut dyn CopyContext, arguments: &[u64], to: &mut [u64]) -> Result<(), Error> {
        let destination = match self.params.to.in_memory {
            true => {
                let allocation = allocate(cx, self.params.align, self.params.size, ReallocTraps::ARGUMENTS)?;
                set_slot(to, 0, allocation.ptr.into())?;
                Place::Memory(allocation.ptr)
            }
            false => Place::Flat(0),
        };
        self.params.run(cx, arguments, to, destination)
    }

    /// Makes the caller's core result, if the value is one, from the callee's core results or the arguments of its `task.return`.
    /// `arguments` are the caller's core arguments, whose last one says where a result in memory goes.
    ///
    /// # Errors
    /// Those of lifting and of lowering.
    pub fn result(&self, cx: &mut dyn CopyContext, results: &[u64], arguments: &[u64]) -> Result<Option<u64>, Error> {
        let mut slot = [0];
        let destination = match self.result.to.in_memory {
            true => {
                let ptr = slot_at(arguments, arguments.len().wrapping_sub(1))? as u32;
                let Program { size, align, .. } = self.result;
                load::range(cx.destination(), ptr, size, align, TrapCode::PointerOutOfBounds)?;
                Place::Memory(ptr)
            }
            false => Place::Flat(0),
        };
        self.result.run(cx, results, &mut slot, destination)?;
        let is_flat = self.result.size > 0 && !self.result.to.in_memory;
        Ok(is_flat.then_some(slot[0]))
    }
}

/// Where values of a program are.
#[derive(Clone, Copy, Debug)]
struct End {
    /// All of them in memory, as a tuple, and not core values.
    in_memory: bool,
    /// How strings are encoded there.
    encoding: StringEncoding,
}

impl End {
    /// Where the first of the values is, counted from where all of them are.
    fn origin(self) -> Place {
        match self.in_memory {
            true => Place::Memory(0),
            false => Place::Flat(0),
        }
    }
}

/// How some values get from one place to another.
#[derive(Debug)]
struct Program {
    from: End,
    to: End,
    /// Of all values, as a tuple.
    size: u32,
    align: u32,
    /// The core values are passed on as they are.
    moves_only: bool,
    /// What is done.
    start: Block,
    ops: Box<[Op]>,
    /// For each case of each variant, what is done with its payload.
    payloads: Box<[Option<Block>]>,
}

/// Ops that belong together.
type Block = Range<u32>;

/// A step of a program. Places are counted from those of the block: core values in number, or bytes.
#[derive(Clone, Debug)]
struct Op {
    from: u32,
    to: u32,
    what: What,
}

#[derive(Clone, Debug)]
enum What {
    /// So many bytes of memory.
    Bytes(u32),
    /// A scalar.
    Scalar(Scalar),
    /// A string.
    String,
    /// A list: the size and the alignment of an element, and what is done with each; nothing if they are copied as bytes.
    List { size: u32, align: u32, element: Option<Block> },
    /// A handle.
    Handle(HandleType),
    /// A part that has a block of its own.
    Part(Block),
    /// So many parts, that far from each other.
    Repeat { count: u32, from_stride: u32, to_stride: u32, part: Block },
    /// A discriminant of so many bytes, and the payload, that far from it. The blocks begin at `payloads`.
    Variant { size: u32, cases: u32, payloads: u32, from_payload: u32, to_payload: u32 },
}

/// What is passed by value.
#[derive(Clone, Copy, Debug)]
enum Scalar {
    Bool,
    S8,
    U8,
    S16,
    U16,
    Word,
    DoubleWord,
    F32,
    F64,
    Char,
    /// Of so many bytes, with these bits.
    Flags(u32, u32),
    /// Of so many bytes, below this number.
    Case(u32, u32),
}

impl Scalar {
    fn size(self) -> u32 {
        match self {
            Self::Bool | Self::S8 | Self::U8 => 1,
            Self::S16 | Self::U16 => 2,
            Self::Word | Self::F32 | Self::Char => 4,
            Self::DoubleWord | Self::F64 => 8,
            Self::Flags(size, _) | Self::Case(size, _) => size,
        }
    }

    /// What is lowered if these bits are lifted.
    fn normalize(self, bits: u64) -> Result<u64, TrapCode> {
        let low = bits as u32;
        Ok(match self {
            Self::Bool => (low != 0).into(),
            Self::S8 => (i32::from(low as i8) as u32).into(),
            Self::U8 => (low as u8).into(),
            Self::S16 => (i32::from(low as i16) as u32).into(),
            Self::U16 => (low as u16).into(),
            Self::Word => low.into(),
            Self::DoubleWord => bits,
            Self::F32 => canonicalize_nan32(low).into(),
            Self::F64 => canonicalize_nan64(bits),
            Self::Char => u32::from(load::convert_i32_to_char(low)?).into(),
            Self::Flags(_, mask) => (low & mask).into(),
            Self::Case(_, count) => load::check_discriminant(low, count as usize)?.into(),
        })
    }
}

impl Program {
    /// For values of these types.
    fn new(types: &Types, values: &[ValType], from: End, to: End) -> Result<Self, TypeMismatch> {
        let tuple = layout::record(values.iter().map(|ty| types.layout(*ty)))?;
        let is_moved = |ty: &ValType| matches!(ty, ValType::S32 | ValType::U32 | ValType::S64 | ValType::U64);
        let moves_only = !from.in_memory && !to.in_memory && values.iter().all(is_moved);
        let mut builder = Builder { types, ops: Vec::new(), payloads: Vec::new(), blocks: HashMap::new() };
        let mut ops = Vec::new();
        if !moves_only {
            let from = Fields::of_values(types, values, from.origin());
            builder.fields(&mut ops, from, Fields::of_values(types, values, to.origin()))?;
        }
        let start = builder.finish_block(ops);
        let (ops, payloads) = (builder.ops.into(), builder.payloads.into());
        Ok(Self { from, to, size: tuple.size, align: tuple.align, moves_only, start, ops, payloads })
    }

    /// From core values, or where the first one points to.
    fn run(&self, cx: &mut dyn CopyContext, from: &[u64], to: &mut [u64], destination: Place) -> Result<(), Error> {
        if self.moves_only {
            for (to, from) in to.iter_mut().zip(from) {
                *to = *from;
            }
            return Ok(());
        }
        let source = match self.from.in_memory {
            true => {
                let ptr = slot_at(from, 0)? as u32;
                load::range(cx.source(), ptr, self.size, self.align, TrapCode::PointerOutOfBounds)?;
                Place::Memory(ptr)
            }
            false => Place::Flat(0),
        };
        Run { program: self, cx, from, to }.block(&self.start, source, destination)
    }
}

/// A program in progress.
struct Run<'r> {
    program: &'r Program,
    cx: &'r mut dyn CopyContext,
    from: &'r [u64],
    to: &'r mut [u64],
}

impl Run<'_> {
    fn block(&mut self, block: &Block, from: Place, to: Place) -> Result<(), Error> {
        let program = self.program;
        for op in &program.ops[block.start as usize..block.end as usize] {
            self.op(op, from.offset(op.from), to.offset(op.to))?;
        }
        Ok(())
    }

    fn op(&mut self, op: &Op, from: Place, to: Place) -> Result<(), Error> {
        match &op.what {
            What::Bytes(len) => {
                let (Place::Memory(from), Place::Memory(to)) = (from, to) else { return Ok(()) };
                self.cx.copy(from, to, *len);
                Ok(())
            }
            What::Scalar(scalar) => {
                let bits = scalar.normalize(self.read(from, scalar.size())?)?;
                self.write(to, bits, scalar.size())
            }
            What::String => {
                let (ptr, len) = self.pointer_and_length(from)?;
                let (from, to_encoding) = (self.program.from.encoding, self.program.to.encoding);
                let (ptr, len) = copy_string(self.cx, (from, ptr, len), to_encoding)?;
                self.write_pointer_and_length(to, ptr, len)
            }
            What::List { size, align, element } => self.list(*size, *align, element.as_ref(), from, to),
            What::Handle(ty) => {
                let index = self.read(from, 4)? as u32;
                let index = self.cx.transfer_handle(*ty, index)?;
                self.write(to, index.into(), 4)
            }
            What::Part(part) => self.block(part, from, to),
            What::Repeat { count, from_stride, to_stride, part } => {
                for index in 0..*count {
                    self.block(part, from.offset(index * from_stride), to.offset(index * to_stride))?;
                }
                Ok(())
            }
            What::Variant { size, cases, payloads, from_payload, to_payload } => {
                let case = self.read(from, *size)? as u32;
                load::check_discriminant(case, *cases as usize)?;
                self.write(to, case.into(), *size)?;
                match &self.program.payloads[(payloads + case) as usize] {
                    Some(payload) => self.block(payload, from.offset(*from_payload), to.offset(*to_payload)),
                    None => Ok(()),
                }
            }
        }
    }

    /// `load_list`, then `store_list`.
    fn list(&mut self, size: u32, align: u32, each: Option<&Block>, from: Place, to: Place) -> Result<(), Error> {
        let (source, len) = self.pointer_and_length(from)?;
        let byte_length = load::list_byte_length(len, size)?;
        load::range(self.cx.source(), source, byte_length, align, TrapCode::ListContentOutOfBounds)?;
        self.cx.work(byte_length)?;
        let destination = allocate(self.cx, align, byte_length, ReallocTraps::LIST)?.ptr;
        match each {
            None => self.cx.copy(source, destination, byte_length),
            Some(each) => {
                for offset in (0..len).map(|index| index * size) {
                    self.block(each, Place::Memory(source + offset), Place::Memory(destination + offset))?;
                }
            }
        }
        self.write_pointer_and_length(to, destination, len)
    }

    /// So many bytes, or a core value.
    fn read(&self, from: Place, size: u32) -> Result<u64, Error> {
        let at = match from {
            Place::Memory(at) => at,
            Place::Flat(at) => return slot_at(self.from, at as usize),
        };
        let memory = self.cx.source();
        let bits = match size {
            1 => load::bytes(memory, at).map(|bytes| u8::from_le_bytes(bytes).into()),
            2 => load::bytes(memory, at).map(|bytes| u16::from_le_bytes(bytes).into()),
            4 => load::bytes(memory, at).map(|bytes| u32::from_le_bytes(bytes).into()),
            _ => load::bytes(memory, at).map(u64::from_le_bytes),
        };
        bits.ok_or_else(|| TrapCode::PointerOutOfBounds.into())
    }

    fn write(&mut self, to: Place, bits: u64, size: u32) -> Result<(), Error> {
        match to {
            Place::Memory(at) => Ok(store_bits(self.cx.destination(), at, bits, size)?),
            Place::Flat(at) => set_slot(self.to, at as usize, bits),
        }
    }

    fn pointer_and_length(&self, from: Place) -> Result<(u32, u32), Error> {
        match from {
            Place::Memory(_) => self.read(from, 8).map(load::split),
            Place::Flat(_) => Ok((self.read(from, 4)? as u32, self.read(from.length(), 4)? as u32)),
        }
    }

    fn write_pointer_and_length(&mut self, to: Place, ptr: u32, len: u32) -> Result<(), Error> {
        match to {
            Place::Memory(_) => self.write(to, join(ptr, len), 8),
            Place::Flat(_) => {
                self.write(to, ptr.into(), 4)?;
                self.write(to.length(), len.into(), 4)
            }
        }
    }
}

/// A core value, which is there if the function has the type that the program was made for.
fn slot_at(slots: &[u64], index: usize) -> Result<u64, Error> {
    slots.get(index).copied().ok_or_else(too_few_values)
}

fn set_slot(slots: &mut [u64], index: usize, bits: u64) -> Result<(), Error> {
    *slots.get_mut(index).ok_or_else(too_few_values)? = bits;
    Ok(())
}

fn too_few_values() -> Error {
    TypeMismatch::message("a call has fewer core values than its type").into()
}

/// Makes programs.
struct Builder<'t> {
    types: &'t Types,
    ops: Vec<Op>,
    payloads: Vec<Option<Block>>,
    /// By type, and by whether source and destination are in memory.
    blocks: HashMap<(ValType, bool, bool), Block>,
}

/// A part with so few ops is repeated wherever it occurs; one with more is referred to.
const MAX_INLINE: usize = 4;

impl Builder<'_> {
    /// The block for a value of a type.
    fn block(&mut self, ty: ValType, from: Place, to: Place) -> Result<Block, TypeMismatch> {
        let (from, to) = (from.origin(), to.origin());
        let key = (ty, from == Place::Memory(0), to == Place::Memory(0));
        if let Some(block) = self.blocks.get(&key) {
            return Ok(block.clone());
        }
        let mut ops = Vec::new();
        match self.types.defined(ty) {
            Some(DefinedType::Record(_) | DefinedType::Tuple(_)) => {
                let (from, to) = (Fields::of(self.types, ty, from)?, Fields::of(self.types, ty, to)?);
                self.fields(&mut ops, from, to)?;
            }
            _ => self.value(&mut ops, ty, from, to)?,
        }
        let block = self.finish_block(ops);
        self.blocks.insert(key, block.clone());
        Ok(block)
    }

    /// A block of its own for these ops.
    fn finish_block(&mut self, mut ops: Vec<Op>) -> Block {
        let start = self.ops.len() as u32;
        self.ops.append(&mut ops);
        start..self.ops.len() as u32
    }

    fn fields(&mut self, ops: &mut Vec<Op>, from: Fields<'_>, to: Fields<'_>) -> Result<(), TypeMismatch> {
        for (from, to) in from.zip(to) {
            self.value(ops, from.ty, from.at, to.at)?;
        }
        Ok(())
    }

    /// Adds what is done with one value.
    fn value(&mut self, ops: &mut Vec<Op>, ty: ValType, from: Place, to: Place) -> Result<(), TypeMismatch> {
        let layout = self.types.layout(ty);
        if layout.is_plain && from.is_memory() && to.is_memory() {
            push(ops, from, to, What::Bytes(layout.size));
            return Ok(());
        }
        let what = match ty {
            ValType::Bool => What::Scalar(Scalar::Bool),
            ValType::S8 => What::Scalar(Scalar::S8),
            ValType::U8 => What::Scalar(Scalar::U8),
            ValType::S16 => What::Scalar(Scalar::S16),
            ValType::U16 => What::Scalar(Scalar::U16),
            ValType::S32 | ValType::U32 => What::Scalar(Scalar::Word),
            ValType::S64 | ValType::U64 => What::Scalar(Scalar::DoubleWord),
            ValType::F32 => What::Scalar(Scalar::F32),
            ValType::F64 => What::Scalar(Scalar::F64),
            ValType::Char => What::Scalar(Scalar::Char),
            ValType::String => What::String,
            ValType::ErrorContext => What::Handle(HandleType::ErrorContext),
            ValType::Defined(index) => match self.types.get(index) {
                DefinedType::Record(_) | DefinedType::Tuple(_) => return self.part(ops, ty, from, to),
                DefinedType::List(_) | DefinedType::Map(..) => self.list(ty)?,
                DefinedType::FixedList(element, count) => {
                    let part = self.block(*element, from, to)?;
                    let [from_stride, to_stride] = [from, to].map(|at| self.stride(*element, at));
                    What::Repeat { count: *count, from_stride, to_stride, part }
                }
                DefinedType::Enum(labels) => What::Scalar(Scalar::Case(layout.size, labels.len() as u32)),
                DefinedType::Flags(labels) => What::Scalar(Scalar::Flags(layout.size, load::flags_mask(labels.len()))),
                DefinedType::Variant(_) | DefinedType::Option(_) | DefinedType::Result(..) => {
                    self.variant(ty, from, to)?
                }
                DefinedType::Own(_) | DefinedType::Borrow(_) | DefinedType::Stream(_) | DefinedType::Future(_) => {
                    let handle = HandleType::of(self.types, ty);
                    What::Handle(handle.ok_or_else(|| TypeMismatch::new(self.types, ty, "a handle"))?)
                }
            },
        };
        push(ops, from, to, what);
        Ok(())
    }

    /// A value with a block of its own: its ops, if they are few, or the block.
    fn part(&mut self, ops: &mut Vec<Op>, ty: ValType, from: Place, to: Place) -> Result<(), TypeMismatch> {
        let block = self.block(ty, from, to)?;
        if block.len() > MAX_INLINE {
            push(ops, from, to, What::Part(block));
            return Ok(());
        }
        for op in &self.ops[block.start as usize..block.end as usize] {
            push(ops, from.offset(op.from), to.offset(op.to), op.what.clone());
        }
        Ok(())
    }

    fn list(&mut self, ty: ValType) -> Result<What, TypeMismatch> {
        const MEMORY: Place = Place::Memory(0);
        let (of, size, align) = element(self.types, ty)?;
        let is_map = of == ty;
        if !is_map && self.types.layout(of).is_plain {
            return Ok(What::List { size, align, element: None });
        }
        let element = match is_map {
            true => {
                let mut ops = Vec::new();
                let (key, value) = entry(self.types, ty, MEMORY)?;
                for Part { ty, at } in [key, value] {
                    self.value(&mut ops, ty, at, at)?;
                }
                self.finish_block(ops)
            }
            false => self.block(of, MEMORY, MEMORY)?,
        };
        Ok(What::List { size, align, element: Some(element) })
    }

    fn variant(&mut self, ty: ValType, from: Place, to: Place) -> Result<What, TypeMismatch> {
        let cases = Cases::of(self.types, ty).ok_or_else(|| TypeMismatch::new(self.types, ty, "a variant"))?;
        let mut blocks = Vec::new();
        for case in 0..cases.count() as u32 {
            let payload = cases.payload(case);
            blocks.push(payload.map(|payload| self.block(payload, from, to)).transpose()?);
        }
        let payloads = self.payloads.len() as u32;
        self.payloads.append(&mut blocks);
        let [from_payload, to_payload] = [from, to].map(|at| at.origin().payload(self.types, ty).distance());
        let (size, cases) = (cases.discriminant_size(), cases.count() as u32);
        Ok(What::Variant { size, cases, payloads, from_payload, to_payload })
    }

    /// How far elements are from each other.
    fn stride(&self, element: ValType, at: Place) -> u32 {
        at.origin().after(self.types, element).distance()
    }
}

/// Adds an op; bytes that go on where others end are one op with them.
fn push(ops: &mut Vec<Op>, from: Place, to: Place, what: What) {
    let (from, to) = (from.distance(), to.distance());
    match (&what, ops.last_mut()) {
        (What::Bytes(len), Some(Op { from: begun, to: to_begun, what: What::Bytes(so_far) }))
            if *begun + *so_far == from && *to_begun + *so_far == to =>
        {
            *so_far += len;
        }
        _ => ops.push(Op { from, to, what }),
    }
}
