//! Bodies become register code: one forward pass, driven op by op together with wasmparser's validator (see `parse/func.rs`).
//!
//! Assumes a valid body up to the current op; promises code that `code::verify` accepts. Read [`operands`] (where values are),
//! [`control`] (blocks and branches), then [`lower`] (instruction by instruction); [`forms`] is the table of rows and [`frame`] the layout.

mod calls;
mod control;
mod forms;
mod frame;
mod fuse;
mod gc;
mod lower;
mod memory;
pub(crate) mod operands;
mod repeat;
mod spare;
#[cfg(feature = "simd")]
mod vector;

#[cfg(test)]
mod tests;

use alloc::boxed::Box;
use alloc::collections::TryReserveError;
use alloc::vec::Vec;

use wasmparser::{Operator, WasmModuleResources};

use crate::code::FunctionCode;
use crate::code::chain::CHAINS;
use crate::code::encode::CodeBuffer;
use crate::code::function::Handler;
use crate::code::op;
use crate::code::shape::{Charge, Enter, EnterFar, Nullary, SPECIALIZED_OPS};
use crate::runtime::{try_collect, try_copy};
use control::{Control, LabelState};
use frame::{Frame, Guess, Retry};
use fuse::LastCompare;
use operands::{Kind, LastResult, Registers, Stack};

/// What translation asks about the module: its types and index spaces.
pub(crate) trait Resources: WasmModuleResources {}
impl<T: WasmModuleResources> Resources for T {}

/// What translation needs to know beside the module's types.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Environment {
    /// Functions below this index are imported.
    pub imported_functions: u32,
    /// Whether blocks are charged.
    pub fuel: bool,
    /// Whether the epoch is looked at.
    pub epoch: bool,
    /// Whether memories may be paged: then each is reached by the rows that know any memory.
    pub paged: bool,
    /// Whether the engine that will run the code has the ops that only make others faster.
    pub specialized: bool,
    /// Whether it has chains.
    pub chains: bool,
}

/// The function being translated.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Function<'a> {
    /// Its index in the module.
    pub index: u32,
    /// Its type index.
    pub type_index: u32,
    /// Its declared locals: runs of one type.
    pub locals: &'a [(u32, wasmparser::ValType)],
}

/// Buffers kept from function to function.
#[derive(Default, Debug)]
pub(crate) struct Buffers {
    code: CodeBuffer,
    stack: Stack,
    handlers: Vec<Handler>,
    controls: Vec<Control>,
    labels: Vec<LabelState>,
    offsets: Vec<(u32, u32)>,
}

/// A translation that must begin again with a roomier frame.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Again(Guess);

/// Why a translation has stopped.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Stop {
    /// The frame was too small.
    Again(Again),
    /// The host has no memory left.
    OutOfMemory,
}

impl From<Retry> for Stop {
    fn from(retry: Retry) -> Self {
        match retry {
            Retry::With(guess) => Self::Again(Again(guess)),
            Retry::OutOfMemory => Self::OutOfMemory,
        }
    }
}

/// Units of code that may be written between two calls of [`Translator::room`], by one instruction or by one round of a loop over its values. The
/// most that any writes is less than half: six operands and two results that are all far.
const CODE_ROOM: usize = 256;

/// Entries of the symbolic stack that may be pushed meanwhile.
const ENTRY_ROOM: usize = 4;

/// One function on its way from Wasm to code.
pub(crate) struct Translator<'a, R> {
    resources: &'a R,
    environment: Environment,
    function: Function<'a>,
    code: CodeBuffer,
    frame: Frame,
    stack: Stack,
    registers: Registers,
    controls: Vec<Control>,
    labels: Vec<LabelState>,
    handlers: Vec<Handler>,
    /// The op that made the top entry, if it is the last one written.
    last_result: Option<LastResult>,
    /// The comparison that made the top entry, if its op is the last one written.
    last_compare: Option<LastCompare>,
    /// The operation that made the top entry, if its op is the last one written and some consumer might take it in.
    last_operation: Option<fuse::LastOperation>,
    /// The addition of a constant to a local, if its op is the last one written.
    last_step: Option<fuse::LastStep>,
    /// The ops that were exchanged last for ones that spare their slots, the later one first. No more than two ops are taken back at a time.
    spared: [Option<spare::SparedOp>; 2],
    /// The copy that is the last op written.
    last_copy: Option<fuse::LastCopy>,
    /// The loop whose ops so far are its header.
    open_header: Option<repeat::OpenHeader>,
    /// Ops that the current instruction has written again.
    repeated: Option<repeat::Repeated>,
    /// Scratch slots used by the current instruction.
    scratch_used: u32,
    /// Blocks opened since code became unreachable; `None` while it is reachable.
    unreachable: Option<u32>,
    /// The `charge` of the current block, where metering is on.
    charge: Option<OpenCharge>,
    /// `try`s numbered so far.
    tries: u32,
    /// Catch clauses of open `try_table`s.
    pending_catches: Vec<control::PendingCatch>,
    /// Protected ranges of open legacy `try`s that are in a handler: start, end, number.
    legacy_ranges: Vec<(usize, usize, u32)>,
    /// Entries of branch tables: field, end of the table, label.
    table_fields: Vec<(usize, usize, control::Label)>,
    /// A failed guess that was met where no error could be returned.
    retry: Option<Retry>,
    /// Pairs of code position and Wasm offset, where they are wanted.
    offsets: Option<Vec<(u32, u32)>>,
    /// Where the parameters and locals to zero are patched in once the frame is known.
    enter: usize,
    /// How far code and symbolic stack may grow without a call of [`room`](Self::room).
    room: (usize, usize),
}

/// A block whose price is not known yet.
#[derive(Clone, Copy, Debug)]
struct OpenCharge {
    /// Where the `charge` stands.
    position: usize,
    amount: u32,
}

impl OpenCharge {
    /// Behind the `charge`.
    fn end(&self) -> usize {
        self.position + size_of::<u16>() + size_of::<Charge>()
    }
}

impl<'a, R: Resources> Translator<'a, R> {
    /// Begins a function. `again` is what an earlier attempt returned, `record_offsets` asks for the map from code to Wasm.
    pub(crate) fn new(
        resources: &'a R,
        environment: Environment,
        function: Function<'a>,
        again: Option<Again>,
        record_offsets: bool,
        buffers: Buffers,
    ) -> Result<Self, TryReserveError> {
        let ty = func_type(resources, function.type_index);
        let params = ty.params().iter().map(|ty| kind(*ty));
        let locals = try_collect(function.locals.iter().map(|(count, ty)| (*count, kind(*ty))))?;
        let uses_references =
            params.clone().any(|kind| kind == Kind::Ref) || locals.iter().any(|(_, kind)| *kind == Kind::Ref);
        let first_guess = Guess { reference_temps: if uses_references { 4 } else { 0 }, scratch: false };
        let guess = again.map_or(first_guess, |again| again.0);
        let Buffers { mut code, mut stack, mut handlers, mut controls, mut labels, mut offsets } = buffers;
        code.clear();
        stack.entries.clear();
        (stack.numbers, stack.references, stack.settled) = (0, 0, 0);
        handlers.clear();
        controls.clear();
        labels.clear();
        offsets.clear();
        let mut translator = Translator {
            resources,
            environment,
            function,
            code,
            frame: Frame::new(params, &locals, guess)?,
            stack,
            registers: Registers::default(),
            controls,
            labels,
            handlers,
            last_result: None,
            last_compare: None,
            last_operation: None,
            last_step: None,
            spared: [None; 2],
            last_copy: None,
            open_header: None,
            repeated: None,
            scratch_used: 0,
            unreachable: None,
            charge: None,
            tries: 0,
            pending_catches: Vec::new(),
            legacy_ranges: Vec::new(),
            table_fields: Vec::new(),
            retry: None,
            offsets: record_offsets.then_some(offsets),
            enter: 0,
            room: (0, 0),
        };
        translator.begin()?;
        Ok(translator)
    }

    /// The entry of the body.
    fn begin(&mut self) -> Result<(), TryReserveError> {
        self.room()?;
        let (function, zero) = (self.function.index, self.frame.zeroed);
        let (far, far_end) = (self.frame.far, self.frame.far_end);
        self.enter = if far < far_end {
            self.code.emit(op::enter_far, EnterFar { function, frame: 0, zero, far, far_count: far_end - far })
        } else {
            self.code.emit(op::enter, Enter { function, frame: 0, zero })
        };
        if self.environment.epoch {
            self.code.emit(op::poll, Nullary {});
        }
        self.push_function_control()?;
        self.begin_block();
        Ok(())
    }

    /// Makes room for what is written next: called before each instruction, and in each round of a loop over values, so that nothing else has to
    /// see to it.
    #[inline]
    fn room(&mut self) -> Result<(), TryReserveError> {
        self.check_room();
        self.code.reserve(CODE_ROOM)?;
        self.stack.entries.try_reserve(ENTRY_ROOM)?;
        self.room = (self.code.position() + CODE_ROOM * size_of::<u16>(), self.stack.entries.len() + ENTRY_ROOM);
        Ok(())
    }

    /// In tests: no more has been written than there was room for.
    #[inline]
    fn check_room(&self) {
        if cfg!(any(test, feature = "checked")) {
            let written = (self.code.position(), self.stack.entries.len());
            assert!(written.0 <= self.room.0 && written.1 <= self.room.1, "{written:?} beyond {:?}", self.room);
        }
    }

    /// Translates one instruction at Wasm offset `offset` of the module.
    pub(crate) fn operator(&mut self, offset: u32, operator: &Operator<'_>) -> Result<(), Stop> {
        if self.skips(operator) {
            return Ok(());
        }
        self.room().map_err(Retry::from)?;
        self.scratch_used = 0;
        self.code.mark();
        if let Some(charge) = &mut self.charge {
            charge.amount += price(operator);
        }
        self.lower(operator)?;
        if let Some(offsets) = &mut self.offsets {
            // An op that took others in belongs to the instruction that made it so.
            let start = self.code.marked() as u32;
            while offsets.last().is_some_and(|(position, _)| *position > start) {
                offsets.pop();
            }
            offsets.try_reserve(1).map_err(Retry::from)?;
            offsets.push((start, offset));
        }
        self.repeat_offsets().map_err(Retry::from)?;
        self.retry.map_or(Ok(()), |retry| Err(retry.into()))
    }

    /// The finished code, and the buffers for the next function.
    pub(crate) fn finish(mut self) -> Result<(FunctionCode, Buffers), TryReserveError> {
        self.check_room();
        self.fill_tables();
        // `frame` is the field behind the opcode and the function index.
        let frame_at = self.enter + size_of::<u16>() + size_of::<u32>();
        let size = self.frame.layout.size;
        self.code.write_i32(frame_at, size as i32);
        if CHAINS && self.environment.chains {
            self.code.join();
        }
        let (units, handlers) = (try_copy(self.code.units())?, try_copy(&self.handlers)?);
        let code = FunctionCode::new(units, handlers, self.frame.layout);
        Ok((code, self.into_buffers()))
    }

    /// The buffers of an attempt that failed.
    pub(crate) fn into_buffers(self) -> Buffers {
        Buffers {
            code: self.code,
            stack: self.stack,
            handlers: self.handlers,
            controls: self.controls,
            labels: self.labels,
            offsets: self.offsets.unwrap_or_default(),
        }
    }

    /// The finished code with the map from it to Wasm: pairs of code position and Wasm offset, ascending.
    pub(crate) fn finish_with_offsets(mut self) -> Result<(FunctionCode, Vec<(u32, u32)>), TryReserveError> {
        let offsets = self.offsets.take().unwrap_or_default();
        Ok((self.finish()?.0, offsets))
    }

    /// Whether ops may be written that only make others faster.
    #[inline(always)]
    fn specializes(&self) -> bool {
        SPECIALIZED_OPS && self.environment.specialized
    }

    // ---- metering

    /// A Wasm basic block begins here: at the entry, a loop header, an arm, behind a conditional branch, behind an `end`.
    fn begin_block(&mut self) {
        self.end_block();
        if self.environment.fuel && self.unreachable.is_none() {
            let position = self.code.emit(op::charge, Charge { amount: 0 });
            self.charge = Some(OpenCharge { position, amount: 0 });
            // A block that cannot be paid is entered again, when it can, with dead registers.
            self.registers.forget();
            self.forget_last();
        }
    }

    /// What the last ops did may no longer be changed.
    fn forget_last(&mut self) {
        self.last_result = None;
        self.last_compare = None;
        self.last_operation = None;
        self.last_step = None;
        self.last_copy = None;
    }

    /// The current block's price is known.
    fn end_block(&mut self) {
        let Some(charge) = self.charge.take() else { return };
        let OpenCharge { position, amount } = charge;
        if amount == 0 && self.code.position() == charge.end() {
            self.code.truncate(position);
        } else {
            self.code.write_i32(position + size_of::<u16>(), amount as i32);
        }
    }
}

/// Fuel of an instruction: the published table of docs/fuel.md. Structure is free, everything else costs one; bulk operations add to it
/// by their size when they run.
fn price(operator: &Operator<'_>) -> u32 {
    match operator {
        Operator::Nop
        | Operator::Block { .. }
        | Operator::Loop { .. }
        | Operator::TryTable { .. }
        | Operator::Try { .. }
        | Operator::Else
        | Operator::Catch { .. }
        | Operator::CatchAll
        | Operator::Delegate { .. }
        | Operator::End => 0,
        _ => 1,
    }
}

/// The kinds of value types.
fn kinds(types: &[wasmparser::ValType]) -> Result<Box<[Kind]>, TryReserveError> {
    try_collect(types.iter().map(|ty| kind(*ty)))
}

/// The kind of a value type.
pub(crate) fn kind(ty: wasmparser::ValType) -> Kind {
    match ty {
        wasmparser::ValType::I32 => Kind::I32,
        wasmparser::ValType::I64 => Kind::I64,
        wasmparser::ValType::F32 => Kind::F32,
        wasmparser::ValType::F64 => Kind::F64,
        wasmparser::ValType::V128 => Kind::V128,
        wasmparser::ValType::Ref(_) => Kind::Ref,
    }
}

/// The function type at a type index; wasmparser has checked that there is one.
fn func_type<R: Resources>(resources: &R, index: u32) -> &wasmparser::FuncType {
    resources.sub_type_at(index).expect("validated: the type index is in range").unwrap_func()
}
