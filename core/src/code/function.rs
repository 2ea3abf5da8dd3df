//! A translated function body and what the driver must know about its frame.

use alloc::boxed::Box;

/// The code of one function. Immutable, position independent, shared by all instances of its module.
#[derive(Debug)]
pub(crate) struct FunctionCode {
    units: Box<[u16]>,
    handlers: Box<[Handler]>,
    /// The frame the code runs in.
    pub frame: FrameLayout,
}

/// Where things are in a frame, in slots relative to `fp`.
///
/// `[number params][reference params] header [references][number locals][temps] [far references][far numbers][deep temps]`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct FrameLayout {
    /// Slots of number parameters; they begin at `-4 - reference_params - number_params`.
    pub number_params: u32,
    /// Slots of reference parameters; they begin at `-4 - reference_params`.
    pub reference_params: u32,
    /// The near references: `[0, references)`.
    pub references: u32,
    /// The far references: `[far_references, far_references + far_reference_count)`.
    pub far_references: u32,
    /// How many far references there are.
    pub far_reference_count: u32,
    /// Size of the frame above `fp`, callees' parameters and headers included.
    pub size: u32,
}

/// One row of a function's exception table. Rows stand innermost `try` first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Handler {
    /// First byte of code covered.
    pub start: u32,
    /// First byte of code no longer covered.
    pub end: u32,
    /// Which `try` of the function this row belongs to.
    pub try_number: u32,
    /// What is caught.
    pub kind: HandlerKind,
    /// Byte offset of the code that goes on.
    pub target: u32,
    /// Where the number values of the payload go.
    pub numbers: i32,
    /// Where the reference values of the payload go.
    pub references: i32,
    /// Where the exception itself goes, if it is asked for.
    pub exception: Option<i32>,
}

/// What a row of the exception table does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HandlerKind {
    /// Exceptions with this tag.
    Catch {
        /// Tag index of the module.
        tag: u32,
    },
    /// Every exception.
    CatchAll,
    /// Legacy `delegate`: go on at this `try`, skipping the ones between; `None` leaves the function.
    Delegate {
        /// The `try` to go on at.
        outer: Option<u32>,
    },
}

impl FunctionCode {
    /// Finished code.
    pub(crate) fn new(units: Box<[u16]>, handlers: Box<[Handler]>, frame: FrameLayout) -> FunctionCode {
        FunctionCode { units, handlers, frame }
    }

    /// Bytes that it takes.
    pub(crate) fn size(&self) -> usize {
        size_of::<Self>() + size_of_val(&*self.units) + size_of_val(&*self.handlers)
    }

    /// The code as two-byte units.
    pub(crate) fn units(&self) -> &[u16] {
        &self.units
    }

    /// The exception table.
    pub(crate) fn handlers(&self) -> &[Handler] {
        &self.handlers
    }
}
