//! Table rows: growing, and the bulk instructions. Bounds are checked before any effect; see [`memory`](super::memory) for pieces.

use super::super::step::{Grown, Growth};
use super::memory::grown;
use super::{Driver, Go, Outcome, Stop};
use crate::code::shape::{Bulk, IndexOnly, TableFill, TableGrow};
use crate::error::TrapFacts;
use crate::runtime::table::TableObject;
use crate::trap::TrapCode;

/// `table.grow`: the size before, or -1.
pub(super) unsafe fn table_grow(d: &mut Driver, op: TableGrow) -> Outcome {
    // SAFETY: I1, I2, I4
    unsafe {
        let table = d.table(op.index);
        let ty = (*table).ty();
        let delta = d.get_index(op.delta, ty.is_64());
        let allowed = match (*table).grown_size(delta) {
            Err(_) => false,
            Ok(_) if delta == 0 => true,
            Ok(desired) => {
                let current = (*table).size().into();
                d.ask(Growth { what: Grown::Table, current, desired, maximum: ty.maximum() })?
            }
        };
        let init = d.get_reference(op.value);
        let before = if allowed { (*table).grow(delta, init).ok() } else { None };
        d.put(op.dst, grown(before, ty.is_64()));
        Ok(Go::Next)
    }
}

/// `table.fill`.
pub(super) unsafe fn table_fill(d: &mut Driver, op: TableFill) -> Outcome {
    // SAFETY: I1, I2, I4
    unsafe {
        let table = d.table(op.table);
        let is_64 = (*table).ty().is_64();
        let (mut dst, value) = (d.get_index(op.dst, is_64), d.get_reference(op.value));
        let mut rest = d.get_index(op.len, is_64);
        inside(dst, rest, (*table).size())?;
        let mut first = true;
        while let Some(piece) = d.piece(rest, first)? {
            first = false;
            (*table).fill(dst, piece, value)?;
            (dst, rest) = (dst + piece, rest - piece);
            d.keep_progress(rest, &[(op.dst, dst), (op.len, rest)]);
        }
        Ok(Go::Next)
    }
}

/// `table.copy`; `first` is the destination.
pub(super) unsafe fn table_copy(d: &mut Driver, op: Bulk) -> Outcome {
    // SAFETY: I1, I2, I4 — two tables are borrowed together only if they are two.
    unsafe {
        let (to, from) = (d.table(op.first), d.table(op.second));
        let (to_64, from_64) = ((*to).ty().is_64(), (*from).ty().is_64());
        let (mut dst, mut src) = (d.get_index(op.dst, to_64), d.get_index(op.src, from_64));
        let mut rest = d.get_index(op.len, to_64 && from_64);
        inside(src, rest, (*from).size())?;
        inside(dst, rest, (*to).size())?;
        let same = core::ptr::eq(to, from);
        let backwards = same && src < dst;
        let mut first = true;
        while let Some(piece) = d.piece(rest, first)? {
            first = false;
            rest -= piece;
            let (dst_at, src_at) = if backwards { (dst + rest, src + rest) } else { (dst, src) };
            if same {
                (*to).copy_within(dst_at, src_at, piece)?;
            } else {
                (*to).copy_from(dst_at, &*from, src_at, piece)?;
            }
            if !backwards {
                (dst, src) = (dst + piece, src + piece);
            }
            d.keep_progress(rest, &[(op.dst, dst), (op.src, src), (op.len, rest)]);
        }
        Ok(Go::Next)
    }
}

/// `table.init`; `first` is the table, `second` the element segment.
pub(super) unsafe fn table_init(d: &mut Driver, op: Bulk) -> Outcome {
    // SAFETY: I1, I2, I4
    unsafe {
        let table = d.table(op.first);
        let mut dst = d.get_index(op.dst, (*table).ty().is_64());
        let (mut src, mut rest) = (u64::from(d.get_u32(op.src)), u64::from(d.get_u32(op.len)));
        let elements = (*d.object()).element(op.second);
        inside(src, rest, elements.len() as u32)?;
        inside(dst, rest, (*table).size())?;
        let mut first = true;
        while let Some(piece) = d.piece(rest, first)? {
            first = false;
            (*table).init(dst, elements, src, piece)?;
            (dst, src, rest) = (dst + piece, src + piece, rest - piece);
            d.keep_progress(rest, &[(op.dst, dst), (op.src, src), (op.len, rest)]);
        }
        Ok(Go::Next)
    }
}

/// `elem.drop`.
pub(super) unsafe fn elem_drop(d: &mut Driver, op: IndexOnly) -> Outcome {
    // SAFETY: I4
    unsafe { (*d.object()).drop_element(op.index) };
    Ok(Go::Next)
}

/// Whether `len` elements from `start` are among `size`.
fn inside(start: u64, len: u64, size: u32) -> Result<(), Stop> {
    match start.checked_add(len) {
        Some(end) if end <= size.into() => Ok(()),
        _ => {
            let facts = TrapFacts::Table { index: start, size: size.into() };
            Err(Stop::Facts(TrapCode::TableOutOfBounds, facts))
        }
    }
}

impl Driver {
    /// Table `index` of the running instance.
    pub(super) unsafe fn table(&self, index: u32) -> *mut TableObject {
        // SAFETY: I1, I4
        unsafe { *(*self.instance()).tables.add(index as usize) }
    }
}
