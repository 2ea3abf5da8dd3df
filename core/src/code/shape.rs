//! Operand classes and op shapes: what stands behind an opcode.
//!
//! A shape is a packed struct whose fields are operands ([`Slot`], [`Wide`], [`RefSlot`], [`Reg`], immediates), indices, or a branch
//! [`Target`]. The destination, where there is one, is always the first field, so that the translator can redirect it in place.
//! [`Shape::visit`] lists the fields for the disassembler and the verifier.

use core::fmt;

use crate::numeric::vector::V128;

/// A number slot of the frame: an index in 8-byte units relative to `fp`; parameters are negative.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(transparent)]
pub(crate) struct Slot(pub i16);

/// Two consecutive number slots holding a `v128`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(transparent)]
pub(crate) struct Wide(pub i16);

/// A slot of the reference half of the frame, or a reference parameter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(transparent)]
pub(crate) struct RefSlot(pub i16);

/// The register of the operand's type (`r0`, `f0` or `d0`). Takes no room in the code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Reg;

/// A number slot that the op could write and does not: its result goes to the register alone, from which the next op takes it. What
/// stands in the slot is nobody's until another op writes it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(transparent)]
pub(crate) struct Spared(pub i16);

/// No operand: the address is the offset alone. Takes no room in the code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Zero;

/// An `f32` constant, by its bits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(transparent)]
pub(crate) struct F32Bits(pub u32);

/// An `f64` constant, by its bits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(transparent)]
pub(crate) struct F64Bits(pub u64);

/// A branch target in bytes, relative to the end of the branching op.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(transparent)]
pub(crate) struct Target(pub i32);

/// How far a callee's frame is above its caller's: in bytes, because adding it is what calls and returns wait for. Always the last field of a call op.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(transparent)]
pub(crate) struct Advance(pub i32);

impl Advance {
    /// As many slots.
    pub(crate) fn slots(slots: i32) -> Advance {
        Advance(slots * size_of::<u64>() as i32)
    }
}

/// A slot outside the 16-bit window, in slots relative to `fp`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(transparent)]
pub(crate) struct FarSlot(pub i32);

/// One field of an op as its readers see it.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Field {
    /// A number slot.
    Slot(i16),
    /// Two number slots.
    Wide(i16),
    /// A reference slot.
    Ref(i16),
    /// The register of the operand's type.
    Reg,
    /// Nothing.
    Zero,
    /// A 16-bit index, lane or count.
    Index16(u16),
    /// A 32-bit index, offset or count.
    Index32(u32),
    /// A 64-bit offset.
    Index64(u64),
    /// An integer constant.
    Integer(i64),
    /// An `f32` constant.
    F32(u32),
    /// An `f64` constant.
    F64(u64),
    /// A `v128` constant.
    V128([u8; 16]),
    /// A relative branch target.
    Target(i32),
    /// How far a callee's frame is above, in bytes.
    Advance(i32),
    /// A slot outside the window.
    Far(i32),
}

/// What an op does with a field.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Role {
    /// The op writes this slot.
    Write,
    /// The op reads this operand.
    Read,
    /// Neither: an index, an offset, a target.
    Plain,
}

/// A field type: how it looks to readers.
pub(crate) trait FieldType: Copy + fmt::Debug + 'static {
    /// Whether only specialised ops have such a field.
    const SPECIALIZED: bool;

    /// This field's value.
    fn field(self) -> Field;
}

macro_rules! field_types {
    ($($type:ty $(, $specialized:ident)? => |$value:ident| $field:expr;)*) => { $(
        impl FieldType for $type {
            const SPECIALIZED: bool = !stringify!($($specialized)?).is_empty();
            fn field(self) -> Field { let $value = self; $field }
        }
    )* };
}

field_types! {
    Slot => |v| Field::Slot(v.0);
    Wide => |v| Field::Wide(v.0);
    RefSlot => |v| Field::Ref(v.0);
    Reg, specialized => |_v| Field::Reg;
    Spared, specialized => |_v| Field::Reg;
    Zero, specialized => |_v| Field::Zero;
    u16 => |v| Field::Index16(v);
    u32 => |v| Field::Index32(v);
    u64 => |v| Field::Index64(v);
    i32 => |v| Field::Integer(v.into());
    i64 => |v| Field::Integer(v);
    F32Bits => |v| Field::F32(v.0);
    F64Bits => |v| Field::F64(v.0);
    [u8; 16] => |v| Field::V128(v);
    Target => |v| Field::Target(v.0);
    Advance => |v| Field::Advance(v.0);
    FarSlot => |v| Field::Far(v.0);
}

/// Whether this build has the ops that only make others faster: see the feature of the same name.
pub(crate) const SPECIALIZED_OPS: bool = cfg!(feature = "specialized-ops");

/// Whether this build has ops of a shape.
pub(crate) const fn exists<S: Shape>() -> bool {
    SPECIALIZED_OPS || !S::SPECIALIZED
}

/// An op's fields.
pub(crate) trait Shape: Copy + fmt::Debug + 'static {
    /// Whether ops of this shape do nothing that others could not: they stand for several, or spare the reading of a slot.
    const SPECIALIZED: bool;

    /// Calls `visitor` with each field in order: its role and value.
    fn visit(&self, visitor: &mut dyn FnMut(Role, &'static str, Field));
}

/// Defines shapes. `shape! { /// doc Name<P..> { role name: Type, … } }` becomes a packed struct and its [`Shape`] impl; `specialized` before
/// the fields marks those that stand for several others.
macro_rules! shape {
    ($($(#[$doc:meta])* $name:ident $(<$($param:ident $(= $default:ty)?),*>)? $($specialized:ident)? { $($role:ident $field:ident : $type:ty),* $(,)? })*) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        #[repr(C, packed(2))]
        pub(crate) struct $name $(<$($param $(= $default)?),*>)? { $(pub $field: $type),* }

        impl $(<$($param: FieldType),*>)? Shape for $name $(<$($param),*>)? {
            const SPECIALIZED: bool = !stringify!($($specialized)?).is_empty() $(|| <$type as FieldType>::SPECIALIZED)*;

            #[allow(unused_variables)] // a shape without fields
            fn visit(&self, visitor: &mut dyn FnMut(Role, &'static str, Field)) {
                $(visitor(Role::$role, stringify!($field), { self.$field }.field());)*
            }
        }
    )* };
}

shape! {
    /// No fields.
    Nullary {}
    /// `dst ← f(src)`.
    Unary<S, D = Slot> { Write dst: D, Read src: S }
    /// `dst ← f(lhs, rhs)`.
    Binary<L, R, D = Slot> { Write dst: D, Read lhs: L, Read rhs: R }
    /// `dst ← f(first, second, third)`, all of 128 bits.
    Ternary { Write dst: Wide, Read first: Wide, Read second: Wide, Read third: Wide }
    /// `dst ← f(first, second, third)`: two operations in one.
    Fused<A, B, C, D = Slot> specialized { Write dst: D, Read first: A, Read second: B, Read third: C }
    /// Two copies, one after the other.
    Copy2 specialized { Write dst: Slot, Read src: Slot, Write second_dst: Slot, Read second_src: Slot }
    /// `dst ← memory0[(lhs + rhs mod 2³²) + offset]`.
    LoadSum<L, R, D = Slot> specialized { Write dst: D, Read lhs: L, Read rhs: R, Plain offset: u32 }
    /// `dst ← memory0[((index << shift) + base mod 2³²) + offset]`.
    LoadScaled<I, B, D = Slot> specialized { Write dst: D, Read index: I, Read base: B, Plain shift: u16, Plain offset: u32 }
    /// `sum ← src + step`, then `dst ← memory0[addr + offset]`; as a register `addr` is the sum.
    LoadStep<A, I, D = Slot> specialized { Write dst: D, Write sum: Slot, Read src: Slot, Read step: I, Read addr: A, Plain offset: u32 }
    /// `first_dst ← first_src + first_step`, then `dst ← src + step`.
    StepTwice specialized { Write dst: Slot, Read src: Slot, Plain step: i32, Write first_dst: Slot, Read first_src: Slot, Plain first_step: i32 }
    /// [`StepTwice`], and a branch on what became of `dst`.
    StepTwiceBranch specialized { Write dst: Slot, Read src: Slot, Plain step: i32, Write first_dst: Slot, Read first_src: Slot, Plain first_step: i32, Plain target: Target }
    /// [`StepTwice`], and a branch on the comparison of `dst` with `rhs`.
    StepTwiceCompare<R> specialized { Write dst: Slot, Read src: Slot, Plain step: i32, Write first_dst: Slot, Read first_src: Slot, Plain first_step: i32, Read rhs: R, Plain target: Target }
    /// `dst ← f(lhs, rhs) ? first : second`.
    SelectCompare<R, D = Slot> specialized { Write dst: D, Read lhs: Slot, Read rhs: R, Read first: Slot, Read second: Slot }
    /// `dst ← src + step`, and a branch on what became of it.
    StepBranch specialized { Write dst: Slot, Read src: Slot, Plain step: i32, Plain target: Target }
    /// `dst ← src + step`, and a branch on its comparison with `rhs`.
    StepCompare<R> specialized { Write dst: Slot, Read src: Slot, Plain step: i32, Read rhs: R, Plain target: Target }
    /// `dst ← condition ≠ 0 ? first : second`.
    Select<V, C, D = V> { Write dst: D, Read condition: C, Read first: V, Read second: V }
    /// `dst ← memory0[addr + offset]`.
    Load<A, D = Slot> { Write dst: D, Read addr: A, Plain offset: u32 }
    /// `memory0[addr + offset] ← value`.
    Store<A, V> { Read addr: A, Read value: V, Plain offset: u32 }
    /// `dst ← memory[addr + offset]`, any memory.
    LoadX<D> { Write dst: D, Read addr: Slot, Plain memory: u16, Plain offset: u64 }
    /// `memory[addr + offset] ← value`, any memory.
    StoreX<V> { Read addr: Slot, Read value: V, Plain memory: u16, Plain offset: u64 }
    /// Loads one lane of a copy of `src`.
    LoadLane { Write dst: Wide, Read addr: Slot, Read src: Wide, Plain memory: u16, Plain lane: u16, Plain offset: u64 }
    /// Stores one lane of `src`.
    StoreLane { Read addr: Slot, Read src: Wide, Plain memory: u16, Plain lane: u16, Plain offset: u64 }
    /// An atomic read-modify-write: `dst ← old; memory[addr + offset] ← f(old, value)`.
    AtomicRmw { Write dst: Slot, Read addr: Slot, Read value: Slot, Plain memory: u16, Plain offset: u64 }
    /// An atomic compare and exchange.
    AtomicCmpxchg { Write dst: Slot, Read addr: Slot, Read expected: Slot, Read value: Slot, Plain memory: u16, Plain offset: u64 }
    /// `dst ← lane of src`.
    ExtractLane { Write dst: Slot, Read src: Wide, Plain lane: u16 }
    /// `dst ← src with lane replaced by value`.
    ReplaceLane { Write dst: Wide, Read src: Wide, Read value: Slot, Plain lane: u16 }
    /// `dst ← bytes of lhs and rhs chosen by lanes`.
    Shuffle { Write dst: Wide, Read lhs: Wide, Read rhs: Wide, Plain lanes: [u8; 16] }
    /// Two 64-bit results from four operands (128-bit addition and subtraction).
    Wide128 { Write low: Slot, Write high: Slot, Read a_low: Slot, Read a_high: Slot, Read b_low: Slot, Read b_high: Slot }
    /// Two 64-bit results from two operands (full multiplication).
    MulWide { Write low: Slot, Write high: Slot, Read lhs: Slot, Read rhs: Slot }
    /// A constant of 128 bits.
    Const128 { Write dst: Wide, Plain value: [u8; 16] }
    /// Unconditional branch.
    Jump { Plain target: Target }
    /// Branch on one operand.
    BranchIf<S> { Read src: S, Plain target: Target }
    /// Branch on a comparison.
    BranchCompare<L, R> specialized { Read lhs: L, Read rhs: R, Plain target: Target }
    /// `count` targets follow, each an `i32` relative to the end of the table; the last is the default.
    BranchTable<S> { Read index: S, Plain count: u32 }
    /// First op of a body: checks the limits, completes the header, zeroes `[0, zero)`.
    Enter { Plain function: u32, Plain frame: u32, Plain zero: u32 }
    /// Like [`Enter`], and zeroes the far slots `[far, far + far_count)` too.
    EnterFar { Plain function: u32, Plain frame: u32, Plain zero: u32, Plain far: u32, Plain far_count: u32 }
    /// Entry of a function that has not been translated.
    Translate { Plain function: u32 }
    /// A direct call of a defined function: `callee fp = fp + advance`.
    CallLocal { Plain function: u32, Plain advance: Advance }
    /// A call through the store: an imported function.
    CallImport { Plain function: u32, Plain advance: Advance }
    /// A call through a table.
    CallIndirect<I> { Read index: I, Plain table: u16, Plain type_index: u32, Plain advance: Advance }
    /// A call through a reference.
    CallRef { Read callee: RefSlot, Plain advance: Advance }
    /// Tail calls replace the frame: `params` is 4 + the slots of this function's own parameters, `moved` those of the
    /// callee's, which stand from slot `from` on.
    TailCall { Plain function: u32, Plain params: u16, Plain moved: u16, Plain from: FarSlot }
    /// A tail call through a table.
    TailCallIndirect { Read index: Slot, Plain table: u16, Plain type_index: u32, Plain params: u16, Plain moved: u16, Plain from: FarSlot }
    /// A tail call through a reference.
    TailCallRef { Read callee: RefSlot, Plain params: u16, Plain moved: u16, Plain from: FarSlot }
    /// After a call into another instance: `mem` is this instance's again.
    ReloadMemory {}
    /// Return of nothing.
    Return {}
    /// Return of one number; `params` is 4 + the parameter slots.
    ReturnOne<S> { Read src: S, Plain params: u16 }
    /// Return of one v128 or of one reference.
    ReturnSlot<S> { Read src: S, Plain params: u16 }
    /// Return of `count` slots from `from` on.
    ReturnMany { Plain params: u16, Plain count: u32, Plain from: FarSlot }
    /// A copy between near and far slots.
    CopyFarIn<D> { Write dst: D, Plain far: FarSlot }
    /// A copy between near and far slots.
    CopyFarOut<S> { Read src: S, Plain far: FarSlot }
    /// Charges a block.
    Charge { Plain amount: u32 }
    /// `dst ← global`.
    GlobalGet<D> { Write dst: D, Plain global: u32 }
    /// `global ← src`.
    GlobalSet<S> { Read src: S, Plain global: u32 }
    /// `dst ← something of index`.
    Indexed<D> { Write dst: D, Plain index: u32 }
    /// Something with an index alone.
    IndexOnly { Plain index: u32 }
    /// `dst ← memory.grow(delta)` and its like.
    Grow { Write dst: Slot, Read delta: Slot, Plain index: u32 }
    /// `table.grow` with its initial value.
    TableGrow { Write dst: Slot, Read delta: Slot, Read value: RefSlot, Plain index: u32 }
    /// `dst ← table[index]`.
    TableGet { Write dst: RefSlot, Read index: Slot, Plain table: u32 }
    /// `table[index] ← value`.
    TableSet { Read index: Slot, Read value: RefSlot, Plain table: u32 }
    /// Bulk operations on two places: operands are temps, which keep the progress.
    Bulk { Read dst: Slot, Read src: Slot, Read len: Slot, Plain first: u32, Plain second: u32 }
    /// `table.fill`.
    TableFill { Read dst: Slot, Read value: RefSlot, Read len: Slot, Plain table: u32 }
    /// Branch on a reference.
    BranchRef { Read src: RefSlot, Plain target: Target }
    /// Branch on the type of a reference: `heap` is an encoded heap type, see `code::reftype`.
    BranchCast { Read src: RefSlot, Plain ty: u64, Plain target: Target }
    /// Branch on an exact descriptor.
    BranchCastDesc { Read src: RefSlot, Read desc: RefSlot, Plain ty: u64, Plain target: Target }
    /// `dst ← f(src)` where `ty` is an encoded reference type.
    Cast<D> { Write dst: D, Read src: RefSlot, Plain ty: u64 }
    /// `ref.cast_desc_eq`.
    CastDesc { Write dst: RefSlot, Read src: RefSlot, Read desc: RefSlot, Plain ty: u64 }
    /// `struct.new`, `array.new_fixed`: operands stand staged from slot `from` on, numbers then references, in field order within each.
    NewStaged { Write dst: RefSlot, Plain type_index: u32, Plain count: u32, Plain from: FarSlot }
    /// `struct.new_desc`: like [`NewStaged`] with a descriptor.
    NewStagedDesc { Write dst: RefSlot, Read desc: RefSlot, Plain type_index: u32, Plain from: FarSlot }
    /// `struct.new_default`, and with a descriptor.
    NewDefault { Write dst: RefSlot, Plain type_index: u32 }
    /// `struct.new_default_desc`.
    NewDefaultDesc { Write dst: RefSlot, Read desc: RefSlot, Plain type_index: u32 }
    /// `struct.get`: `signed` distinguishes `_s` from `_u` and plain.
    StructGet<D> { Write dst: D, Read object: RefSlot, Plain type_index: u32, Plain field: u16, Plain signed: u16 }
    /// `struct.set`.
    StructSet<S> { Read object: RefSlot, Read value: S, Plain type_index: u32, Plain field: u16 }
    /// `array.new`.
    ArrayNew<S> { Write dst: RefSlot, Read value: S, Read len: Slot, Plain type_index: u32 }
    /// `array.new_default`.
    ArrayNewDefault { Write dst: RefSlot, Read len: Slot, Plain type_index: u32 }
    /// `array.new_data`, `array.new_elem`.
    ArrayNewSegment { Write dst: RefSlot, Read offset: Slot, Read len: Slot, Plain type_index: u32, Plain segment: u32 }
    /// `array.get`.
    ArrayGet<D> { Write dst: D, Read object: RefSlot, Read index: Slot, Plain type_index: u32, Plain signed: u16 }
    /// `array.set`.
    ArraySet<S> { Read object: RefSlot, Read index: Slot, Read value: S, Plain type_index: u32 }
    /// `array.fill`.
    ArrayFill<S> { Read object: RefSlot, Read index: Slot, Read value: S, Read len: Slot, Plain type_index: u32 }
    /// `array.copy`.
    ArrayCopy { Read dst: RefSlot, Read dst_index: Slot, Read src: RefSlot, Read src_index: Slot, Read len: Slot }
    /// `array.init_data`, `array.init_elem`.
    ArrayInit { Read object: RefSlot, Read index: Slot, Read offset: Slot, Read len: Slot, Plain type_index: u32, Plain segment: u32 }
    /// `throw`: the payload stands staged from slot `from` on.
    Throw { Plain tag: u32, Plain from: FarSlot }
    /// `throw_ref` and `rethrow`.
    ThrowRef { Read exception: RefSlot }
    /// `memory.atomic.wait32/64`.
    AtomicWait { Write dst: Slot, Read addr: Slot, Read expected: Slot, Read timeout: Slot, Plain memory: u16, Plain offset: u64 }
}

impl From<V128> for Field {
    fn from(value: V128) -> Field {
        Field::V128(value.into())
    }
}
