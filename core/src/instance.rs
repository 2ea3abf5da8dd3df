//! Instantiation, in the specification's step order: match imports, allocate, evaluate initialisers, fill tables and
//! memories from active segments, and name the start function.
//!
//! The start function itself is run by the caller, since it may call host functions, which only the driver can. Assumes a
//! validated module; promises that an import of the wrong type is refused before anything is allocated, and that a trap
//! halfway through the segments leaves the earlier effects in place, as the specification says.

#[cfg(feature = "gc")]
mod objects;

use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::error::{Error, ImportProblem, LinkError, Result, Trap, TrapFacts};
use crate::limits::ResourceLimiter;
use crate::module::{ConstExpr, ConstOp, DataMode, ElementItems, ElementMode, ElementSegment, Module, ModuleInner};
use crate::parse::module::function_indices;
use crate::runtime::context::{ExternAddr, FuncAddr, GlobalAddr, InstanceAddr};
use crate::runtime::heap::Handle;
use crate::runtime::store::{ElementInstance, InstanceParts, StoreInner};
use crate::runtime::try_with_capacity;
use crate::trap::TrapCode;
use crate::types::layout::is_traced;
use crate::types::{StorageType, Types};

/// Makes an instance of `module` with one import for each that it declares. Returns the instance, and the start function
/// that the caller must run before anything else.
pub(crate) fn instantiate(
    store: &mut StoreInner,
    module: &Module,
    imports: &[ExternAddr],
    mut limiter: Option<&mut dyn ResourceLimiter>,
) -> Result<(InstanceAddr, Option<FuncAddr>)> {
    module.check_engine(store.engine())?;
    let module = module.inner();
    store.add_types(&module.types)?;
    match_imports(store, module, imports)?;
    let allowed = limiter.as_ref().map_or(store.limits.instances, |limiter| limiter.instances());
    if store.instances.len() >= allowed {
        return Err(Error::limit("instances in one store"));
    }
    let (functions, mut parts) = imported_parts(module, imports)?;
    let instance = store.add_instance(module, functions)?;

    let mut evaluator = Evaluator { store, module, instance, stack: Vec::new() };
    for global in &module.globals[parts.globals.len()..] {
        let slots = evaluator.optional(global.init, &parts.globals)?;
        parts.globals.push(evaluator.store.add_global(global.ty, slots)?);
    }
    for table in &module.tables[parts.tables.len()..] {
        let slots = evaluator.optional(table.init, &parts.globals)?;
        parts.tables.push(evaluator.store.add_table(table.ty, slots[0] as u32, again(&mut limiter))?);
    }
    for ty in &module.memories[parts.memories.len()..] {
        parts.memories.push(evaluator.store.add_memory(*ty, again(&mut limiter))?);
    }
    for type_id in &module.tags[parts.tags.len()..] {
        parts.tags.push(evaluator.store.add_tag(*type_id)?);
    }
    store.set_instance_parts(instance, parts)?;

    element_segments(store, module, instance)?;
    data_segments(store, module, instance)?;
    let start = match module.start {
        Some(index) => store.instance(instance)?.function(index),
        None => None,
    };
    Ok((instance, start))
}

/// The limiter once more, for one question.
fn again<'a>(limiter: &'a mut Option<&mut dyn ResourceLimiter>) -> Option<&'a mut dyn ResourceLimiter> {
    match limiter {
        Some(limiter) => Some(&mut **limiter),
        None => None,
    }
}

/// Whether each import is what the module declares; the error names all that are not.
fn match_imports(store: &StoreInner, module: &ModuleInner, imports: &[ExternAddr]) -> Result<()> {
    if imports.len() != module.imports.len() {
        let (wanted, given) = (module.imports.len(), imports.len());
        return Err(Error::misuse(alloc::format!("the module has {wanted} imports, but {given} were given")));
    }
    let mut problems = Vec::new();
    for (import, addr) in module.imports.iter().zip(imports) {
        let actual = store.entity_type(*addr)?;
        if !actual.matches(import.ty, store.types()) {
            let spelled = import.ty.to_extern(store.types()).ok_or_else(Error::wrong_store)?;
            let (from, name) = (module.text(import.module), module.text(import.name));
            problems.try_reserve(1)?;
            problems.push(ImportProblem::new(from, name, spelled, actual.to_extern(store.types())));
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(LinkError::new(problems).into()) }
}

/// The imported functions, and the other index spaces with the imports in place and room for the rest.
fn imported_parts(module: &ModuleInner, imports: &[ExternAddr]) -> Result<(Vec<FuncAddr>, InstanceParts)> {
    let mut functions = try_with_capacity(module.imported.functions as usize)?;
    let mut parts = InstanceParts {
        tables: try_with_capacity(module.tables.len())?,
        memories: try_with_capacity(module.memories.len())?,
        globals: try_with_capacity(module.globals.len())?,
        tags: try_with_capacity(module.tags.len())?,
    };
    for import in imports {
        match *import {
            ExternAddr::Func(addr) => functions.push(addr),
            ExternAddr::Table(addr) => parts.tables.push(addr),
            ExternAddr::Memory(addr) => parts.memories.push(addr),
            ExternAddr::Global(addr) => parts.globals.push(addr),
            ExternAddr::Tag(addr) => parts.tags.push(addr),
        }
    }
    Ok((functions, parts))
}

/// Evaluates passive element segments, and copies active ones into their tables. (An active segment is evaluated when its
/// turn comes: constant expressions see no effects, so nobody can tell.)
fn element_segments(store: &mut StoreInner, module: &Arc<ModuleInner>, instance: InstanceAddr) -> Result<()> {
    let object = store.instance_mut(instance)?;
    object.elements.try_reserve_exact(module.elements.len())?;
    object.elements.resize_with(module.elements.len(), ElementInstance::default);
    for (number, segment) in module.elements.iter().enumerate() {
        match segment.mode {
            ElementMode::Declared => {}
            ElementMode::Passive => evaluate_segment(store, module, instance, number, segment)?,
            ElementMode::Active { table, offset } => {
                evaluate_segment(store, module, instance, number, segment)?;
                let object = store.instance(instance)?;
                let addr = *object.tables.get(table as usize).ok_or_else(Error::wrong_store)?;
                let is_64 = store.table(addr)?.ty().is_64();
                let offset = evaluate_offset(store, module, instance, offset, is_64)?;
                let StoreInner { instances, tables, .. } = store;
                let (Some(object), Some(table)) = (instances.get_mut(instance.0), tables.get_mut(addr.0)) else {
                    return Err(Error::wrong_store());
                };
                let references = &object.elements[number].references;
                table.init(offset, references, 0, references.len() as u64).map_err(|code| {
                    let facts = TrapFacts::Table { index: offset, size: table.size().into() };
                    Error::from(Trap::from(code).with_facts(facts))
                })?;
                object.drop_element(number as u32);
            }
        }
    }
    Ok(())
}

/// Evaluates an element segment into the instance, which keeps its references alive meanwhile.
fn evaluate_segment(
    store: &mut StoreInner,
    module: &Arc<ModuleInner>,
    instance: InstanceAddr,
    number: usize,
    segment: &ElementSegment,
) -> Result<()> {
    let is_func = |id| store.types().defined(id).is_some_and(|ty| ty.sub_type().as_func().is_some());
    let traced = is_traced(StorageType::Val(segment.ty.into()), is_func);
    let mut references = try_with_capacity(segment.items.count() as usize)?;
    let object = store.instance_mut(instance)?;
    match segment.items {
        ElementItems::Functions { bytes, .. } => {
            for index in function_indices(module, bytes) {
                let addr = object.function(index).ok_or_else(Error::wrong_store)?;
                references.push(addr.0 + 1);
            }
            object.elements[number] = ElementInstance { references, traced };
        }
        ElementItems::Expressions { start, end } => {
            object.elements[number] = ElementInstance { references, traced };
            for expr in &module.element_exprs[start as usize..end as usize] {
                let slots = evaluate(store, module, instance, *expr)?;
                store.instance_mut(instance)?.elements[number].references.push(slots[0] as u32);
            }
        }
    }
    Ok(())
}

/// Copies active data segments into their memories.
fn data_segments(store: &mut StoreInner, module: &Arc<ModuleInner>, instance: InstanceAddr) -> Result<()> {
    let object = store.instance_mut(instance)?;
    object.dropped_data.try_reserve_exact(module.data.len())?;
    object.dropped_data.resize(module.data.len(), false);
    for (number, segment) in module.data.iter().enumerate() {
        let DataMode::Active { memory, offset } = segment.mode else { continue };
        let addr = *store.instance(instance)?.memories.get(memory as usize).ok_or_else(Error::wrong_store)?;
        let is_64 = store.memory(addr)?.is_64();
        let offset = evaluate_offset(store, module, instance, offset, is_64)?;
        let (memory, number) = (store.memory_mut(addr)?, number as u32);
        let bytes = module.data_bytes(number);
        memory.initialise(offset, bytes, module.static_data_bytes(number)).map_err(|code| {
            if code == TrapCode::OutOfMemory {
                return Error::out_of_memory();
            }
            let facts = TrapFacts::Memory { address: offset, length: bytes.len() as u64, size: memory.byte_len() };
            Error::from(Trap::from(code).with_facts(facts))
        })?;
        store.instance_mut(instance)?.drop_data(number);
    }
    Ok(())
}

/// The place where an active segment goes.
fn evaluate_offset(
    store: &mut StoreInner,
    module: &Arc<ModuleInner>,
    instance: InstanceAddr,
    offset: ConstExpr,
    is_64: bool,
) -> Result<u64> {
    let [value, _] = evaluate(store, module, instance, offset)?;
    Ok(if is_64 { value } else { u64::from(value as u32) })
}

/// The value of a constant expression of a finished instance.
fn evaluate(
    store: &mut StoreInner,
    module: &Arc<ModuleInner>,
    instance: InstanceAddr,
    expr: ConstExpr,
) -> Result<[u64; 2]> {
    match expr {
        // The usual ones need no stack and no index spaces at hand.
        ConstExpr::One(ConstOp::I32(value)) => Ok([u64::from(value as u32), 0]),
        ConstExpr::One(ConstOp::RefNull) => Ok([0, 0]),
        ConstExpr::One(ConstOp::RefFunc(index)) => {
            let addr = store.instance(instance)?.function(index).ok_or_else(Error::wrong_store)?;
            Ok([u64::from(addr.0) + 1, 0])
        }
        _ => {
            // The evaluator changes the store, so it gets the globals by value for a moment.
            let globals = copied(&store.instance(instance)?.globals)?;
            Evaluator { store, module, instance, stack: Vec::new() }.value(expr, &globals)
        }
    }
}

fn copied<T: Copy>(items: &[T]) -> Result<Vec<T>> {
    let mut copy = try_with_capacity(items.len())?;
    copy.extend_from_slice(items);
    Ok(copy)
}

/// Evaluates constant expressions. A value is one slot, or two for a vector, whose bytes they hold in order.
struct Evaluator<'a> {
    store: &'a mut StoreInner,
    module: &'a ModuleInner,
    /// Whose functions are at hand, and whose globals are given.
    instance: InstanceAddr,
    stack: Vec<[u64; 2]>,
}

impl Evaluator<'_> {
    /// The value of an expression; zero or null if there is none.
    fn optional(&mut self, expr: Option<ConstExpr>, globals: &[GlobalAddr]) -> Result<[u64; 2]> {
        expr.map_or(Ok([0, 0]), |expr| self.value(expr, globals))
    }

    /// The value of an expression.
    fn value(&mut self, expr: ConstExpr, globals: &[GlobalAddr]) -> Result<[u64; 2]> {
        let module = self.module;
        let ops = match &expr {
            ConstExpr::One(op) => core::slice::from_ref(op),
            ConstExpr::Many { start, end } => &module.const_ops[*start as usize..*end as usize],
        };
        // What is only on the stack must survive the allocation of what follows.
        let scope = self.store.heap.enter_scope();
        let result = ops.iter().try_for_each(|op| self.step(*op, globals));
        self.store.heap.exit_scope(scope);
        let value = self.stack.pop();
        self.stack.clear();
        result?;
        value.ok_or_else(stack_underflow)
    }

    fn step(&mut self, op: ConstOp, globals: &[GlobalAddr]) -> Result<()> {
        let value = match op {
            ConstOp::I32(value) => number(u64::from(value as u32)),
            ConstOp::I64(value) => number(value as u64),
            ConstOp::F32(bits) => number(bits.into()),
            ConstOp::F64(bits) => number(bits),
            ConstOp::V128(index) => slots_of_vector(self.module.const_vectors[index as usize]),
            ConstOp::RefNull => number(0),
            ConstOp::RefFunc(index) => {
                let instance = self.store.instance(self.instance)?;
                number(u64::from(instance.function(index).ok_or_else(Error::wrong_store)?.0) + 1)
            }
            ConstOp::GlobalGet(index) => {
                self.store.global(*globals.get(index as usize).ok_or_else(Error::wrong_store)?)?.slots
            }
            ConstOp::I32Add => self.binary(|a, b| (a as u32).wrapping_add(b as u32).into())?,
            ConstOp::I32Sub => self.binary(|a, b| (a as u32).wrapping_sub(b as u32).into())?,
            ConstOp::I32Mul => self.binary(|a, b| (a as u32).wrapping_mul(b as u32).into())?,
            ConstOp::I64Add => self.binary(u64::wrapping_add)?,
            ConstOp::I64Sub => self.binary(u64::wrapping_sub)?,
            ConstOp::I64Mul => self.binary(u64::wrapping_mul)?,
            ConstOp::RefI31 => number(Handle::i31(self.pop()?[0] as u32).bits().into()),
            ConstOp::Convert => self.pop()?,
            op => self.object(op)?,
        };
        self.stack.try_reserve(1)?;
        self.stack.push(value);
        Ok(())
    }

    fn pop(&mut self) -> Result<[u64; 2]> {
        self.stack.pop().ok_or_else(stack_underflow)
    }

    fn binary(&mut self, op: impl FnOnce(u64, u64) -> u64) -> Result<[u64; 2]> {
        let (rhs, lhs) = (self.pop()?[0], self.pop()?[0]);
        Ok(number(op(lhs, rhs)))
    }

    // Without the feature the validator refuses all that makes objects.
    #[cfg(not(feature = "gc"))]
    fn object(&mut self, _: ConstOp) -> Result<[u64; 2]> {
        Err(stack_underflow())
    }
}

fn number(value: u64) -> [u64; 2] {
    [value, 0]
}

/// A vector as two slots: they hold its bytes in order, as in a frame.
pub(crate) fn slots_of_vector(bytes: [u8; 16]) -> [u64; 2] {
    let [low, high]: [[u8; 8]; 2] = [0, 8].map(|at| core::array::from_fn(|byte| bytes[at + byte]));
    [u64::from_ne_bytes(low), u64::from_ne_bytes(high)]
}

fn stack_underflow() -> Error {
    Error::misuse("a constant expression without a value")
}

#[cfg(test)]
mod tests;
