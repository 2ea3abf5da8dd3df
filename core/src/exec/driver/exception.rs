//! Exceptions: throwing, and unwinding to the handler.
//!
//! Nothing is paid until something is thrown: then the frames are searched from the inside, each by the exception table of its
//! function, innermost `try` first. Unwinding allocates nothing.

use super::super::frame::Frames;
use super::{Driver, Go, Outcome, Stop};
use crate::code::function::{Handler, HandlerKind};
use crate::code::shape::{Throw, ThrowRef};
use crate::error::Error;
use crate::runtime::context::TagAddr;
use crate::runtime::handles::Root;
use crate::runtime::heap::{Handle, HeapError};
use crate::trap::TrapCode;
use crate::types::{Types, ValType};

/// The exception that an error of a host function throws, if it throws one.
pub(super) fn of(error: &Error) -> Option<Handle> {
    error.as_exception().map(|uncaught| Handle::from_bits(uncaught.exception.handle()))
}

/// `throw`: the payload stands staged, numbers before references; an exception keeps it in the order of the tag's parameters.
pub(super) unsafe fn throw(d: &mut Driver, op: Throw) -> Outcome {
    // SAFETY: I1, I2, I4
    unsafe {
        let store = &*d.store;
        let object = &*d.object();
        let tag = object.tags.get(op.tag as usize).copied().unwrap_or(TagAddr(u32::MAX));
        let type_id = store.tag(tag)?.type_id;
        let params = match store.types().defined(type_id).and_then(|ty| ty.sub_type().as_func()) {
            Some(ty) => ty.params(),
            None => &[],
        };
        let references = params.iter().filter(|ty| ty.is_ref()).count();
        let numbers = params.iter().map(ValType::slots).sum::<u32>() as usize - references;
        let first = d.fp.offset(op.from.0 as isize);
        let first_reference = first.add(numbers);
        let exception = d.allocate(first_reference, references, |heap, types| {
            let ty = types.defined(type_id).ok_or(HeapError::OutOfMemory)?;
            let params = ty.sub_type().as_func().map_or(&[][..], |ty| ty.params());
            let (mut number, mut reference) = (first, first_reference);
            let values = params.iter().flat_map(|ty| {
                let count = ty.slots() as usize;
                let from = if ty.is_ref() { &mut reference } else { &mut number };
                let at = *from;
                *from = at.add(count);
                (0..count).map(move |slot| *at.add(slot))
            });
            heap.alloc_exception(tag.0, ty, values)
        })?;
        Err(Stop::Throw(exception))
    }
}

/// `throw_ref`, `rethrow`.
pub(super) unsafe fn throw_ref(d: &mut Driver, op: ThrowRef) -> Outcome {
    // SAFETY: I2
    match unsafe { d.get_reference(op.exception) } {
        0 => Err(TrapCode::NullExceptionReference.into()),
        exception => Err(Stop::Throw(Handle::from_bits(exception))),
    }
}

impl Driver {
    /// Goes on at the innermost handler of an exception that is thrown where the execution stands, or ends with it.
    pub(super) unsafe fn throw(&mut self, exception: Handle) -> Outcome {
        // SAFETY: I1, I2, I4
        unsafe {
            let store = &*self.store;
            let thrown = store.heap.exception(exception).map_err(|_| TrapCode::NullExceptionReference)?;
            let params = match store.types().defined(thrown.type_id).and_then(|ty| ty.sub_type().as_func()) {
                Some(ty) => ty.params(),
                None => &[],
            };
            // Those who called the host function that called are no handlers of it: an exception ends there.
            for frame in Frames::new(self.ip, self.fp, self.at_op).within_call() {
                let (Some(code), Some(position)) = (frame.code(), frame.position()) else { continue };
                let tags = &(*frame.object()).tags;
                let is_tag = |index: u32| tags.get(index as usize) == Some(&TagAddr(thrown.tag));
                let Some(handler) = handler(code.handlers(), position, is_tag) else { continue };
                if let HandlerKind::Catch { .. } = handler.kind {
                    let mut number = frame.fp.offset(handler.numbers as isize);
                    let mut reference = frame.fp.offset(handler.references as isize);
                    let mut values = thrown.slots.iter().copied();
                    for ty in params {
                        let to = if ty.is_ref() { &mut reference } else { &mut number };
                        for value in values.by_ref().take(ty.slots() as usize) {
                            to.write(value);
                            *to = to.add(1);
                        }
                    }
                }
                if let Some(slot) = handler.exception {
                    *frame.fp.offset(slot as isize) = exception.bits().into();
                }
                self.fp = frame.fp;
                self.registers = 0;
                return Ok(Go::At(code.units().as_ptr().byte_add(handler.target as usize)));
            }
            let root = Root::new(store.handles(), exception.bits())?;
            Err(Stop::Error(Error::exception(root)))
        }
    }
}

/// The row of an exception table that takes an exception thrown at `position`; rows stand innermost first.
fn handler(handlers: &[Handler], position: usize, is_tag: impl Fn(u32) -> bool) -> Option<&Handler> {
    let mut delegated_to = None;
    for handler in handlers {
        if !(handler.start as usize..handler.end as usize).contains(&position) {
            continue;
        }
        // A delegating `try` hands over to an outer one: rows of those between do not count.
        if delegated_to.is_some_and(|outer| outer != handler.try_number) {
            continue;
        }
        delegated_to = None;
        match handler.kind {
            HandlerKind::Catch { tag } if is_tag(tag) => return Some(handler),
            HandlerKind::Catch { .. } => {}
            HandlerKind::CatchAll => return Some(handler),
            HandlerKind::Delegate { outer: None } => return None,
            HandlerKind::Delegate { outer } => delegated_to = outer,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(range: (u32, u32), try_number: u32, kind: HandlerKind) -> Handler {
        let (start, end) = range;
        Handler { start, end, try_number, kind, target: 0, numbers: 0, references: 0, exception: None }
    }

    #[test]
    fn the_innermost_matching_row_is_taken() {
        let rows = [
            row((10, 20), 1, HandlerKind::Catch { tag: 7 }),
            row((0, 30), 0, HandlerKind::Catch { tag: 8 }),
            row((0, 30), 0, HandlerKind::CatchAll),
        ];
        let taken =
            |position, tag| handler(&rows, position, |index| index == tag).map(|row| (row.try_number, row.kind));
        assert_eq!(taken(10, 7), Some((1, HandlerKind::Catch { tag: 7 })));
        assert_eq!(taken(20, 7), Some((0, HandlerKind::CatchAll)));
        assert_eq!(taken(15, 8), Some((0, HandlerKind::Catch { tag: 8 })));
        assert_eq!(taken(30, 8), None);
    }

    #[test]
    fn a_delegate_skips_the_tries_between() {
        let delegate = |outer| {
            let rows = [
                row((10, 20), 2, HandlerKind::Delegate { outer }),
                row((5, 25), 1, HandlerKind::CatchAll),
                row((0, 30), 0, HandlerKind::CatchAll),
            ];
            handler(&rows, 12, |_| true).map(|row| row.try_number)
        };
        assert_eq!(delegate(Some(0)), Some(0));
        assert_eq!(delegate(Some(1)), Some(1));
        assert_eq!(delegate(None), None);
    }
}
