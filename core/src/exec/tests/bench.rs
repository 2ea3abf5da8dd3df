//! A frame made by hand, in which single ops are run on every engine.
//!
//! An op is followed by two *ends*: code that copies the registers into slots and leaves. The first end is behind the op, the second where its
//! branch leads. What stands in the slots afterwards, observed registers included, is compared with what the test says
//! should be there: nothing else may have changed.

use alloc::vec;
use alloc::vec::Vec;
use core::ptr::NonNull;
use core::sync::atomic::Ordering;

use crate::code::encode::CodeBuffer;
use crate::code::op::{self, Code};
use crate::code::shape::*;
use crate::code::{OpCode, decode};
use crate::exec::dispatch::{Left, Status, looped};
use crate::exec::machine::{Exit, Machine};
use crate::runtime::context::{InstanceAddr, InstanceContext};
use crate::runtime::memory::MemoryObject;
use crate::runtime::store::StoreInner;
use crate::{Config, Engine, Extern, Instance, Module, Store, TrapCode};

/// Slots of the stack.
const SLOTS: usize = 256;
/// Where `fp` is among them.
pub(super) const FP: usize = 96;
/// Where the ends copy `r0`, `f0` and `d0`, relative to the frame in which they run.
const OBSERVED: [i16; 3] = [120, 121, 122];
/// Pages, of one byte each, of every memory.
pub(super) const MEMORY: usize = 256;

/// The instance whose frame it is: an imported function 0, functions 1 and 2, memories of every kind, a table with a null, functions 1, 0 and
/// 2, and globals.
const WORLD: &str = r#"(module
    (type $unary (func (param i32) (result i32)))
    (type $constant (func (result i64)))
    (import "" "f" (func $f (type $unary)))
    (memory 256 256 (pagesize 1))
    (memory 256 256 (pagesize 1))
    (memory i64 256 256 (pagesize 1))
    (memory 256 256 shared (pagesize 1))
    (global (mut i64) (i64.const 0))
    (global (mut v128) (v128.const i64x2 0 0))
    (global (mut funcref) (ref.null func))
    (table 4 4 funcref)
    (elem (i32.const 1) func $g $f $h)
    (func $g (type $unary) (local.get 0))
    (func $h (type $constant) (i64.const 7)))"#;

/// The instance that function 0 comes from: its memory begins with another byte.
const OTHER: &str = r#"(module
    (memory 1) (data (i32.const 0) "\99")
    (func (export "f") (param i32) (result i32) (local.get 0)))"#;

/// First byte of memory 0 of [`OTHER`].
pub(super) const OTHER_BYTE: u64 = 0x99;

/// Everything that an op can change without leaving.
#[derive(Clone)]
pub(super) struct State {
    pub slots: [u64; SLOTS],
    pub r0: u64,
    pub f0: u32,
    pub d0: u64,
}

impl State {
    /// The slot at `fp + slot`.
    pub(super) fn slot(&mut self, slot: i16) -> &mut u64 {
        &mut self.slots[FP.wrapping_add_signed(slot.into())]
    }

    /// Puts a vector into two slots.
    pub(super) fn set_wide(&mut self, slot: i16, value: crate::numeric::vector::V128) {
        let bits = u128::from(value);
        *self.slot(slot) = bits as u64;
        *self.slot(slot + 1) = (bits >> 64) as u64;
    }
}

/// How an op goes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Ended {
    /// Behind itself.
    Next,
    /// At the target, [`END_LEN`] bytes further on.
    Taken,
    /// Not at all.
    Left(Left),
}

impl Ended {
    /// With a trap.
    pub(super) fn trap(code: TrapCode) -> Self {
        Ended::Left(Left::Trap(code))
    }
}

/// Where and how a run ended.
pub(super) struct Outcome {
    pub left: Left,
    /// Byte offset in the code.
    pub position: isize,
    /// Slot index of the frame.
    pub fp: usize,
    pub slots: [u64; SLOTS],
}

/// How many samples of each op are kept.
const SAMPLES: usize = 3;

/// An engine's entry.
type Execute = unsafe fn(Machine) -> Status;

/// A store with the instance, and which rows have been tried.
pub(super) struct Bench {
    store: Store<()>,
    pub instance: NonNull<InstanceContext>,
    pub other: NonNull<InstanceContext>,
    /// What the `mem` register holds; memory 0 unless a test changes it.
    pub mem: *mut u8,
    stack: Vec<u64>,
    engines: Vec<(&'static str, Execute)>,
    tried: Vec<bool>,
    runs: usize,
    /// Code of each op, and a frame to run it in.
    samples: Vec<Vec<(Vec<u16>, State)>>,
}

/// Bytes of an end.
pub(super) const END_LEN: i32 = 3 * (2 + size_of::<Unary<Reg>>() as i32) + 2;

/// Appends an end.
pub(super) fn emit_end(buffer: &mut CodeBuffer) {
    buffer.emit(op::copy_int_r, Unary { dst: Slot(OBSERVED[0]), src: Reg });
    buffer.emit(op::copy_f32_r, Unary { dst: Slot(OBSERVED[1]), src: Reg });
    buffer.emit(op::copy_f64_r, Unary { dst: Slot(OBSERVED[2]), src: Reg });
    buffer.emit(op::leave, Nullary {});
}

impl Bench {
    pub(super) fn new() -> Self {
        Self::with(&Config::new())
    }

    /// A bench on an engine of other settings.
    pub(super) fn with(config: &Config) -> Self {
        let engine = Engine::new(config).expect("good settings");
        let mut store = Store::new(&engine, ());
        let module = |text| Module::new(&engine, wat::parse_str(text).expect("well formed")).expect("valid");
        let other = Instance::new(&mut store, &module(OTHER), &[]).expect("an instance");
        let f: Extern = other.get_func(&mut store, "f").expect("exported").into();
        Instance::new(&mut store, &module(WORLD), &[f]).expect("an instance");
        let inner = store.inner_mut();
        let mut instances = Vec::new();
        while let Ok(object) = inner.instance_mut(InstanceAddr(instances.len() as u32)) {
            instances.push(NonNull::from(&mut object.context));
        }
        let [other, instance] = instances[..] else { panic!("two instances, in this order") };
        // SAFETY: I4 — nothing runs.
        let mem = unsafe { (*instance.as_ref().memory0).base() };
        let stack = vec![0; SLOTS];
        let engines = vec![
            ("loop", looped::execute as Execute),
            #[cfg(tail)]
            ("tail", crate::exec::dispatch::tail::execute as Execute),
        ];
        Self {
            store,
            instance,
            other,
            mem,
            stack,
            engines,
            tried: vec![false; OpCode::ALL.len()],
            runs: 0,
            samples: vec![Vec::new(); OpCode::ALL.len()],
        }
    }

    /// The store, for ops that need more of it than their frame.
    pub(super) fn store(&mut self) -> &mut StoreInner {
        // SAFETY: no engine runs.
        unsafe { &mut *self.store.inner_ptr().as_ptr() }
    }

    /// A frame whose slots all differ, with a complete header.
    pub(super) fn state(&mut self) -> State {
        let slots = core::array::from_fn(|slot| 0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(slot as u64 + 1));
        let mut state = State { slots, r0: 0x0123_4567_89ab_cdef, f0: 0x4049_0fdb, d0: 0x4005_bf0a_8b14_5769 };
        *state.slot(-1) = self.instance.as_ptr().expose_provenance() as u64;
        *state.slot(-2) = 7 | 3 << 32;
        state
    }

    /// Runs from byte offset `start` of `buffer` on one engine.
    fn run(&mut self, execute: Execute, buffer: &CodeBuffer, start: usize, before: &State) -> Outcome {
        let code = buffer.units().as_ptr();
        code.expose_provenance();
        self.stack.copy_from_slice(&before.slots);
        let base = self.stack.as_mut_ptr();
        let store = self.store.inner_ptr().as_ptr();
        // SAFETY: I1 — the test wrote whole ops that end in `leave`; I2 — the slots they name are in the stack; I4 — the store is ours.
        unsafe {
            (*store).stack_limit = base.add(SLOTS);
            let machine = Machine {
                ip: code.byte_add(start),
                fp: base.add(FP),
                mem: self.mem,
                r0: before.r0,
                f0: f32::from_bits(before.f0),
                d0: f64::from_bits(before.d0),
            };
            let left = Left::from_status(execute(machine));
            self.runs += 1;
            Outcome {
                left,
                position: (*store).saved_ip.byte_offset_from(code),
                fp: (*store).saved_fp.offset_from(base) as usize,
                slots: self.stack[..].try_into().expect("as long"),
            }
        }
    }

    /// Runs `buffer` from `start` on every engine and shows the outcomes to `check`, together with the engine's name.
    pub(super) fn run_each(
        &mut self,
        opcode: OpCode,
        buffer: &CodeBuffer,
        start: usize,
        before: &State,
        mut check: impl FnMut(&mut Self, &str, Outcome),
    ) {
        self.tried[opcode as usize] = true;
        for index in 0..self.engines.len() {
            let (name, execute) = self.engines[index];
            let outcome = self.run(execute, buffer, start, before);
            check(self, name, outcome);
        }
    }

    /// Runs one op on every engine: from `before` it must lead to `after` and go on as `ended` says.
    pub(super) fn check<S: Shape>(&mut self, code: Code<S>, shape: S, before: &State, after: &State, ended: Ended) {
        let mut buffer = CodeBuffer::default();
        buffer.emit(code, shape);
        self.check_buffer(code.opcode, buffer, before, after, ended, &mut |_| ());
    }

    /// The same for an op that does more than a frame shows: `beyond` looks at it, and puts it back, after each engine.
    pub(super) fn check_beyond<S: Shape>(
        &mut self,
        code: Code<S>,
        shape: S,
        before: &State,
        after: &State,
        ended: Ended,
        beyond: &mut dyn FnMut(&mut Self),
    ) {
        let mut buffer = CodeBuffer::default();
        buffer.emit(code, shape);
        self.check_buffer(code.opcode, buffer, before, after, ended, beyond);
    }

    /// The same for an op with data behind it, which `buffer` holds.
    pub(super) fn check_buffer(
        &mut self,
        opcode: OpCode,
        mut buffer: CodeBuffer,
        before: &State,
        after: &State,
        ended: Ended,
        beyond: &mut dyn FnMut(&mut Self),
    ) {
        let samples = &mut self.samples[opcode as usize];
        if samples.len() < SAMPLES {
            samples.push((buffer.units().to_vec(), before.clone()));
        }
        let end = buffer.position();
        emit_end(&mut buffer);
        assert_eq!(buffer.position() - end, END_LEN as usize);
        emit_end(&mut buffer);
        let leave = END_LEN as usize - 2;
        let (left, position) = match ended {
            Ended::Next => (Left::Exit(Exit::Driver), end + leave),
            Ended::Taken => (Left::Exit(Exit::Driver), end + END_LEN as usize + leave),
            Ended::Left(left) => (left, 0),
        };
        let mut slots = after.slots;
        if !matches!(ended, Ended::Left(_)) {
            observe(&mut slots, FP, after);
        }
        self.run_each(opcode, &buffer, 0, before, |bench, engine, outcome| {
            let describe = || describe(opcode, engine, &buffer);
            assert_eq!(outcome.left, left, "{}", describe());
            assert_eq!(outcome.position, position as isize, "{}: where it left", describe());
            assert_eq!(outcome.fp, FP, "{}: the frame", describe());
            for (at, (is, should)) in outcome.slots.iter().zip(&slots).enumerate() {
                let slot = at as isize - FP as isize;
                assert_eq!(is, should, "{}: slot {slot} is {is:#x} instead of {should:#x}", describe());
            }
            beyond(bench);
        });
    }

    /// Sets where the function with this address begins; gives back where it began.
    pub(super) fn redirect(&mut self, address: usize, entry: *const u16) -> *mut u8 {
        let record = *self.store().functions.get(address).expect("a function");
        // SAFETY: I4 — the cell belongs to a module that the store keeps.
        unsafe { record.entry.as_ref().swap(entry.cast::<u8>().cast_mut(), Ordering::AcqRel) }
    }

    /// Makes a memory hold these bytes, whatever kind it is.
    pub(super) fn fill_memory(&mut self, index: usize, bytes: &[u8; MEMORY]) {
        match self.object(index).is_paged() {
            true => self.object(index).write(0, bytes).expect("inside"),
            false => self.memory(index).copy_from_slice(bytes),
        }
    }

    /// What a memory holds, whatever kind it is.
    pub(super) fn bytes(&mut self, index: usize) -> [u8; MEMORY] {
        let mut bytes = [0; MEMORY];
        match self.object(index).is_paged() {
            true => self.object(index).read(0, &mut bytes).expect("inside"),
            false => bytes.copy_from_slice(self.memory(index)),
        }
        bytes
    }

    fn object(&mut self, index: usize) -> &mut MemoryObject {
        // SAFETY: I4 — nothing runs.
        unsafe { &mut **(*self.instance.as_ptr()).memories.add(index) }
    }

    /// Bytes of one of the memories, which is not paged.
    pub(super) fn memory(&mut self, index: usize) -> &mut [u8] {
        // SAFETY: I5 — nothing runs, and the shared memory is shared with nobody.
        unsafe {
            let memory = *(*self.instance.as_ptr()).memories.add(index);
            assert!(!(*memory).is_paged());
            core::slice::from_raw_parts_mut((*memory).base(), MEMORY)
        }
    }

    /// The cell of a global.
    pub(super) fn global(&mut self, index: usize) -> &mut [u64; 2] {
        // SAFETY: I4 — nothing runs.
        unsafe { &mut (**(*self.instance.as_ptr()).globals.add(index)).slots }
    }

    /// The elements of the table.
    pub(super) fn table(&mut self) -> Vec<u32> {
        // SAFETY: I4 — nothing runs.
        unsafe { (**(*self.instance.as_ptr()).tables).as_slice().to_vec() }
    }

    /// Sets an element of the table.
    pub(super) fn set_table(&mut self, index: u32, handle: u32) {
        // SAFETY: I4 — nothing runs.
        assert!(unsafe { (**(*self.instance.as_ptr()).tables).set(index, handle) });
    }

    /// Code that has been checked of an op, with the frame it was run in.
    #[cfg(tail)]
    pub(super) fn samples(&self, opcode: OpCode) -> &[(Vec<u16>, State)] {
        &self.samples[opcode as usize]
    }

    /// Runs `buffer` on the tail engine.
    #[cfg(tail)]
    pub(super) fn run_on_tail(&mut self, buffer: &CodeBuffer, before: &State) -> Outcome {
        self.run(crate::exec::dispatch::tail::execute, buffer, 0, before)
    }

    /// Whether the row has been run.
    pub(super) fn has_tried(&self, opcode: OpCode) -> bool {
        self.tried[opcode as usize]
    }

    /// How often anything has been run.
    pub(super) fn runs(&self) -> usize {
        self.runs
    }
}

/// What an end writes, when it runs in the frame at `fp`.
pub(super) fn observe(slots: &mut [u64; SLOTS], fp: usize, registers: &State) {
    for (slot, value) in OBSERVED.into_iter().zip([registers.r0, registers.f0.into(), registers.d0]) {
        slots[fp.wrapping_add_signed(slot.into())] = value;
    }
}

/// The op, for a failure's message.
pub(super) fn describe(opcode: OpCode, engine: &str, buffer: &CodeBuffer) -> alloc::string::String {
    let mut fields = Vec::new();
    if let Some(op) = decode::DecodedOp::at(buffer.units(), 0) {
        op.visit(&mut |_, name, field| fields.push((name, field)));
    }
    alloc::format!("{} on the {engine} engine, {fields:?}", opcode.name())
}
