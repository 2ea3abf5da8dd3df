//! The state of running code between two ops, and how ops read and write it.
//!
//! [`Machine`] is passed by value from handler to handler, so all of it lives in processor registers. Every op that makes a value writes
//! the slot *and* the register of the value's type; reading the register instead of the slot is the translator's choice.
//! All accessors rest on I2 (`fp` points into a live frame whose size covers every slot the code names; set by `enter`, checked by
//! `code::verify`).

use crate::code::shape::{F32Bits, F64Bits, RefSlot, Reg, Slot, Spared, Wide, Zero};
use crate::numeric::vector::V128;
use crate::runtime::context::InstanceContext;
use crate::runtime::store::StoreInner;
use crate::trap::TrapCode;

/// The registers of the interpreter.
#[derive(Clone, Copy)]
pub(crate) struct Machine {
    /// The next op.
    pub ip: *const u16,
    /// Just behind the header of the running frame.
    pub fp: *mut u64,
    /// First byte of memory 0; the limits of accesses stand before it.
    pub mem: *mut u8,
    /// Mirror of the integer slot written last.
    pub r0: u64,
    /// Mirror of the `f32` slot written last.
    pub f0: f32,
    /// Mirror of the `f64` slot written last.
    pub d0: f64,
}

/// How an op ends.
#[derive(Clone, Copy)]
pub(crate) enum Flow {
    /// Go on behind the op, where `ip` is.
    Next,
    /// Go on at `ip`, which the op has moved.
    Jump,
    /// Return to the driver with `ip` at this op.
    Leave(Exit),
    /// Return to the driver with a trap of this op.
    Trap(TrapCode),
}

/// Why handlers return to the driver. The saved `ip` is the op that left.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Exit {
    /// The op is a driver row (or the rare case of a hot row that has a twin in the driver).
    Driver,
    /// `enter` found too little stack.
    StackLimit,
    /// `charge` could not pay.
    OutOfFuel,
    /// `poll` saw the deadline.
    Interrupted,
}

/// Slots of a frame header. From `fp` downwards: the running instance; the function's index and the depth, 32 bits each; the return ip; and how far the
/// caller's `fp` is below, in bytes.
pub(crate) const HEADER: usize = 4;

impl Machine {
    /// The slot's place.
    ///
    /// # Safety
    /// I2.
    #[inline(always)]
    pub(crate) unsafe fn slot(&self, slot: i16) -> *mut u64 {
        // SAFETY: I2
        unsafe { self.fp.offset(isize::from(slot)) }
    }

    /// The running instance.
    ///
    /// # Safety
    /// I2, I4.
    #[inline(always)]
    pub(crate) unsafe fn instance(&self) -> *mut InstanceContext {
        // SAFETY: I2 — the header's last word is the instance.
        unsafe { instance_of(self.fp) }
    }

    /// The store.
    ///
    /// # Safety
    /// I2, I4.
    #[inline(always)]
    pub(crate) unsafe fn store(&self) -> *mut StoreInner {
        // SAFETY: I4
        unsafe { (*self.instance()).store.as_ptr() }
    }
}

/// The instance of the frame at `fp`.
///
/// # Safety
/// I2.
#[inline(always)]
pub(crate) unsafe fn instance_of(fp: *mut u64) -> *mut InstanceContext {
    // SAFETY: I2
    core::ptr::with_exposed_provenance_mut(unsafe { *fp.sub(1) } as usize)
}

/// A value that fits one slot, and the register it has.
pub(crate) trait Value: Copy {
    /// From a slot's bits; the unused high half is ignored.
    fn from_bits(bits: u64) -> Self;
    /// As a slot's bits.
    fn into_bits(self) -> u64;
    /// From its register.
    fn from_register(machine: &Machine) -> Self;
    /// Into its register.
    fn into_register(self, machine: &mut Machine);
}

macro_rules! integer_values {
    ($($type:ty => $unsigned:ty),*) => { $(
        impl Value for $type {
            #[inline(always)]
            fn from_bits(bits: u64) -> Self { bits as $type }
            #[inline(always)]
            fn into_bits(self) -> u64 { u64::from(self as $unsigned) }
            #[inline(always)]
            fn from_register(machine: &Machine) -> Self { machine.r0 as $type }
            #[inline(always)]
            fn into_register(self, machine: &mut Machine) { machine.r0 = self.into_bits(); }
        }
    )* };
}

integer_values!(i8 => u8, u8 => u8, i16 => u16, u16 => u16, i32 => u32, u32 => u32, i64 => u64, u64 => u64);

impl Value for bool {
    #[inline(always)]
    fn from_bits(bits: u64) -> Self {
        bits as u32 != 0
    }
    #[inline(always)]
    fn into_bits(self) -> u64 {
        u64::from(self)
    }
    #[inline(always)]
    fn from_register(machine: &Machine) -> Self {
        machine.r0 as u32 != 0
    }
    #[inline(always)]
    fn into_register(self, machine: &mut Machine) {
        machine.r0 = u64::from(self);
    }
}

impl Value for f32 {
    #[inline(always)]
    fn from_bits(bits: u64) -> Self {
        f32::from_bits(bits as u32)
    }
    #[inline(always)]
    fn into_bits(self) -> u64 {
        u64::from(self.to_bits())
    }
    #[inline(always)]
    fn from_register(machine: &Machine) -> Self {
        machine.f0
    }
    #[inline(always)]
    fn into_register(self, machine: &mut Machine) {
        machine.f0 = self;
    }
}

impl Value for f64 {
    #[inline(always)]
    fn from_bits(bits: u64) -> Self {
        f64::from_bits(bits)
    }
    #[inline(always)]
    fn into_bits(self) -> u64 {
        self.to_bits()
    }
    #[inline(always)]
    fn from_register(machine: &Machine) -> Self {
        machine.d0
    }
    #[inline(always)]
    fn into_register(self, machine: &mut Machine) {
        machine.d0 = self;
    }
}

/// Where an operand of type `T` comes from.
pub(crate) trait Source<T>: Copy {
    /// Reads it.
    ///
    /// # Safety
    /// I2.
    unsafe fn get(self, machine: &Machine) -> T;
}

impl<T: Value> Source<T> for Slot {
    #[inline(always)]
    unsafe fn get(self, machine: &Machine) -> T {
        // SAFETY: I2
        T::from_bits(unsafe { *machine.slot(self.0) })
    }
}

impl<T: Value> Source<T> for Reg {
    #[inline(always)]
    unsafe fn get(self, machine: &Machine) -> T {
        T::from_register(machine)
    }
}

impl Source<V128> for Wide {
    #[inline(always)]
    unsafe fn get(self, machine: &Machine) -> V128 {
        // SAFETY: I2 — a wide slot is two slots.
        unsafe { machine.slot(self.0).cast::<V128>().read_unaligned() }
    }
}

impl Source<u32> for RefSlot {
    #[inline(always)]
    unsafe fn get(self, machine: &Machine) -> u32 {
        // SAFETY: I2
        unsafe { *machine.slot(self.0) as u32 }
    }
}

macro_rules! immediate_sources {
    ($($immediate:ty => $type:ty, |$value:ident| $get:expr;)*) => { $(
        impl Source<$type> for $immediate {
            #[inline(always)]
            unsafe fn get(self, _machine: &Machine) -> $type { let $value = self; $get }
        }
    )* };
}

immediate_sources! {
    i32 => i32, |v| v;
    i32 => u32, |v| v as u32;
    i64 => i64, |v| v;
    i64 => u64, |v| v as u64;
    F32Bits => f32, |v| f32::from_bits(v.0);
    F64Bits => f64, |v| f64::from_bits(v.0);
    Zero => u32, |_v| 0;
}

/// Where a result of type `T` goes.
pub(crate) trait Destination<T>: Copy {
    /// Writes it, to the slot and to the register of its type.
    ///
    /// # Safety
    /// I2.
    unsafe fn put(self, machine: &mut Machine, value: T);
}

impl<T: Value> Destination<T> for Slot {
    #[inline(always)]
    unsafe fn put(self, machine: &mut Machine, value: T) {
        // SAFETY: I2
        unsafe { *machine.slot(self.0) = value.into_bits() };
        value.into_register(machine);
    }
}

impl<T: Value> Destination<T> for Spared {
    #[inline(always)]
    unsafe fn put(self, machine: &mut Machine, value: T) {
        // What stands in the slot is nobody's; here it is such that whoever reads it anyway is found out.
        #[cfg(all(feature = "checked", not(test)))]
        // SAFETY: I2
        unsafe {
            *machine.slot(self.0) = 0x5bad_5bad_5bad_5bad;
        }
        value.into_register(machine);
    }
}

impl Destination<V128> for Wide {
    #[inline(always)]
    unsafe fn put(self, machine: &mut Machine, value: V128) {
        // SAFETY: I2 — a wide slot is two slots.
        unsafe { machine.slot(self.0).cast::<V128>().write_unaligned(value) };
    }
}

impl Destination<u32> for RefSlot {
    #[inline(always)]
    unsafe fn put(self, machine: &mut Machine, value: u32) {
        // SAFETY: I2
        unsafe { *machine.slot(self.0) = u64::from(value) };
    }
}
