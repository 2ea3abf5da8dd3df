//! A plan as text, one thing a line, for people and goldens: its form is no promise.
//!
//! Numbers are those of the plan: `t` a type, `r` a resource, `core` a core instance, everything else by its word.

use core::fmt;

use crate::plan::{
    Builtin, CanonFunc, CoreItem, ExportItem, Func, ImportItem, ImportKind, Lift, Module, ModuleType, Options, Plan,
    Resource, Step, StringEncoding, TypeItem,
};
use crate::types::FuncTypeIdx;
use crate::types::display::{Short, defined, func, separated};

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (ty, layout)) in self.types.all().enumerate() {
            write!(f, "t{index} = ")?;
            defined(f, ty, &Short)?;
            write!(f, "  size={} align={}", layout.size, layout.align)?;
            f.write_str(if layout.is_plain { " plain\n" } else { "\n" })?;
        }
        for (name, item) in &self.imports {
            write!(f, "import \"{name}\"")?;
            self.import(f, item, 1)?;
        }
        for (index, leaf) in self.import_leaves.iter().enumerate() {
            write!(f, "import {index} = ")?;
            leaf.path.iter().enumerate().try_for_each(|(at, name)| match at {
                0 => write!(f, "\"{name}\""),
                _ => write!(f, ".\"{name}\""),
            })?;
            if let ImportKind::Module(ty) = &leaf.kind {
                module_type(f, ty)?;
            }
            f.write_str("\n")?;
        }
        for (name, interface) in &self.import_interfaces {
            writeln!(f, "import \"{name}\" implements \"{interface}\"")?;
        }
        for (index, around) in self.instances.iter().enumerate().skip(1) {
            let around = around.map_or(0, |around| around.0);
            writeln!(f, "instance {index} in {around}")?;
        }
        for (index, resource) in self.resources.iter().enumerate() {
            match resource {
                Resource::Imported(import) => writeln!(f, "r{index} = import {}", import.0)?,
                Resource::Defined { instance } => writeln!(f, "r{index} of instance {}", instance.0)?,
            }
        }
        for (index, options) in self.options.iter().enumerate() {
            writeln!(f, "options {index} = {options}")?;
        }
        for step in &self.steps {
            self.step(f, step)?;
        }
        for (index, Lift { core, ty, options }) in self.lifts.iter().enumerate() {
            writeln!(f, "lift {index} = {core} as {} with options {}", self.func(*ty), options.0)?;
        }
        for (name, item) in &self.exports {
            write!(f, "export \"{name}\"")?;
            self.export(f, item, 1)?;
        }
        for (name, interface) in &self.export_interfaces {
            writeln!(f, "export \"{name}\" implements \"{interface}\"")?;
        }
        Ok(())
    }
}

/// A function type, short.
struct FuncText<'p>(&'p Plan, FuncTypeIdx);

impl fmt::Display for FuncText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        func(f, self.0.types.func(self.1), &Short)
    }
}

impl Plan {
    fn func(&self, ty: FuncTypeIdx) -> FuncText<'_> {
        FuncText(self, ty)
    }

    fn import(&self, f: &mut fmt::Formatter<'_>, item: &ImportItem, depth: usize) -> fmt::Result {
        match item {
            ImportItem::Func(import, ty) => writeln!(f, " {} = import {}", self.func(*ty), import.0),
            ImportItem::Module(import) => writeln!(f, " module = import {}", import.0),
            ImportItem::Resource(resource) => writeln!(f, " resource r{}", resource.0),
            ImportItem::Type(item) => self.type_item(f, *item),
            ImportItem::Component => writeln!(f, " component"),
            ImportItem::Instance(items) => {
                writeln!(f, " instance")?;
                items.iter().try_for_each(|(name, item)| {
                    write!(f, "{:1$}\"{name}\"", "", 2 * depth)?;
                    self.import(f, item, depth + 1)
                })
            }
        }
    }

    fn export(&self, f: &mut fmt::Formatter<'_>, item: &ExportItem, depth: usize) -> fmt::Result {
        match item {
            ExportItem::Func(func, ty) => writeln!(f, " {} = {func}", self.func(*ty)),
            ExportItem::Module(module) => writeln!(f, " {module}"),
            ExportItem::Type(item) => self.type_item(f, *item),
            ExportItem::Component => writeln!(f, " component"),
            ExportItem::Instance(items) => {
                writeln!(f, " instance")?;
                items.iter().try_for_each(|(name, item)| {
                    write!(f, "{:1$}\"{name}\"", "", 2 * depth)?;
                    self.export(f, item, depth + 1)
                })
            }
        }
    }

    fn type_item(&self, f: &mut fmt::Formatter<'_>, item: TypeItem) -> fmt::Result {
        match item {
            TypeItem::Value(ty) => writeln!(f, " type {}", Short(ty)),
            TypeItem::Func(ty) => writeln!(f, " type {}", self.func(ty)),
            TypeItem::Resource(resource) => writeln!(f, " type r{}", resource.0),
            TypeItem::Other => writeln!(f, " type"),
        }
    }

    fn step(&self, f: &mut fmt::Formatter<'_>, step: &Step) -> fmt::Result {
        match step {
            Step::DefineResource { resource, destructor: None } => writeln!(f, "define r{}", resource.0),
            Step::DefineResource { resource, destructor: Some(destructor) } => {
                writeln!(f, "define r{} with destructor {destructor}", resource.0)
            }
            Step::MakeCanonFunc(index) => {
                write!(f, "canon {} = ", index.0)?;
                match &self.canon_funcs[index.index()] {
                    CanonFunc::Lower { func, ty, options } => {
                        writeln!(f, "lower {func} as {} with options {}", self.func(*ty), options.0)
                    }
                    CanonFunc::Builtin { instance, builtin } => {
                        writeln!(f, "{builtin} of instance {}", instance.0)
                    }
                }
            }
            Step::InstantiateModule { module, instance, imports } => {
                write!(f, "instantiate {module} in instance {} (", instance.0)?;
                separated(f, imports, |f, (module, name, item)| write!(f, "\"{module}\" \"{name}\" = {item}"))?;
                f.write_str(")\n")
            }
        }
    }
}

fn module_type(f: &mut fmt::Formatter<'_>, ty: &ModuleType) -> fmt::Result {
    for (module, name, ty) in &ty.imports {
        write!(f, " (import \"{module}\" \"{name}\" {ty})")?;
    }
    for (name, ty) in &ty.exports {
        write!(f, " (export \"{name}\" {ty})")?;
    }
    Ok(())
}

impl fmt::Display for CoreItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Export(instance, name, _) => write!(f, "core {}.\"{name}\"", instance.0),
            Self::Canon(index) => write!(f, "canon {}", index.0),
        }
    }
}

impl fmt::Display for Func {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Import(index) => write!(f, "import {}", index.0),
            Self::Lift(index) => write!(f, "lift {}", index.0),
        }
    }
}

impl fmt::Display for Module {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Embedded(index) => write!(f, "module {}", index.0),
            Self::Import(index) => write!(f, "import {}", index.0),
        }
    }
}

impl fmt::Display for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { instance, string_encoding, memory, realloc, post_return, is_async, callback } = self;
        write!(f, "instance {}", instance.0)?;
        f.write_str(match string_encoding {
            StringEncoding::Utf8 => " utf8",
            StringEncoding::Utf16 => " utf16",
            StringEncoding::Latin1Utf16 => " latin1+utf16",
        })?;
        if *is_async {
            f.write_str(" async")?;
        }
        let items = [("memory", memory), ("realloc", realloc), ("post-return", post_return), ("callback", callback)];
        items.iter().try_for_each(|(name, item)| item.iter().try_for_each(|item| write!(f, " {name}={item}")))
    }
}

impl fmt::Display for Builtin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stopping = |is_async: bool| if is_async { " async" } else { "" };
        match self {
            Self::ResourceNew(resource) => write!(f, "resource.new r{}", resource.0),
            Self::ResourceDrop(resource) => write!(f, "resource.drop r{}", resource.0),
            Self::ResourceRep(resource) => write!(f, "resource.rep r{}", resource.0),
            Self::BackpressureInc => f.write_str("backpressure.inc"),
            Self::BackpressureDec => f.write_str("backpressure.dec"),
            Self::TaskReturn { result, options } => {
                f.write_str("task.return ")?;
                result.iter().try_for_each(|ty| write!(f, "{} ", Short(*ty)))?;
                write!(f, "with options {}", options.0)
            }
            Self::TaskCancel => f.write_str("task.cancel"),
            Self::ContextGet { slot } => write!(f, "context.get {slot}"),
            Self::ContextSet { slot } => write!(f, "context.set {slot}"),
            Self::ThreadYield => f.write_str("thread.yield"),
            Self::SubtaskCancel { is_async } => write!(f, "subtask.cancel{}", stopping(*is_async)),
            Self::SubtaskDrop => f.write_str("subtask.drop"),
            Self::StreamNew(ty) => write!(f, "stream.new t{}", ty.0),
            Self::StreamRead { ty, options } => write!(f, "stream.read t{} with options {}", ty.0, options.0),
            Self::StreamWrite { ty, options } => write!(f, "stream.write t{} with options {}", ty.0, options.0),
            Self::StreamForward(ty) => write!(f, "stream.forward t{}", ty.0),
            Self::StreamCancelRead { ty, is_async } => write!(f, "stream.cancel-read t{}{}", ty.0, stopping(*is_async)),
            Self::StreamCancelWrite { ty, is_async } => {
                write!(f, "stream.cancel-write t{}{}", ty.0, stopping(*is_async))
            }
            Self::StreamDropReadable(ty) => write!(f, "stream.drop-readable t{}", ty.0),
            Self::StreamDropWritable(ty) => write!(f, "stream.drop-writable t{}", ty.0),
            Self::FutureNew(ty) => write!(f, "future.new t{}", ty.0),
            Self::FutureRead { ty, options } => write!(f, "future.read t{} with options {}", ty.0, options.0),
            Self::FutureWrite { ty, options } => write!(f, "future.write t{} with options {}", ty.0, options.0),
            Self::FutureForward(ty) => write!(f, "future.forward t{}", ty.0),
            Self::FutureCancelRead { ty, is_async } => write!(f, "future.cancel-read t{}{}", ty.0, stopping(*is_async)),
            Self::FutureCancelWrite { ty, is_async } => {
                write!(f, "future.cancel-write t{}{}", ty.0, stopping(*is_async))
            }
            Self::FutureDropReadable(ty) => write!(f, "future.drop-readable t{}", ty.0),
            Self::FutureDropWritable(ty) => write!(f, "future.drop-writable t{}", ty.0),
            Self::ErrorContextNew { options } => write!(f, "error-context.new with options {}", options.0),
            Self::ErrorContextDebugMessage { options } => {
                write!(f, "error-context.debug-message with options {}", options.0)
            }
            Self::ErrorContextDrop => f.write_str("error-context.drop"),
            Self::WaitableSetNew => f.write_str("waitable-set.new"),
            Self::WaitableSetWait { options } => write!(f, "waitable-set.wait with options {}", options.0),
            Self::WaitableSetPoll { options } => write!(f, "waitable-set.poll with options {}", options.0),
            Self::WaitableSetDrop => f.write_str("waitable-set.drop"),
            Self::WaitableJoin => f.write_str("waitable.join"),
            Self::ThreadIndex => f.write_str("thread.index"),
            Self::ThreadNewIndirect { table } => write!(f, "thread.new-indirect {table}"),
            Self::ThreadResumeLater => f.write_str("thread.resume-later"),
            Self::ThreadSuspend => f.write_str("thread.suspend"),
            Self::ThreadSuspendThenResume => f.write_str("thread.suspend-then-resume"),
            Self::ThreadYieldThenResume => f.write_str("thread.yield-then-resume"),
            Self::ThreadSuspendThenPromote => f.write_str("thread.suspend-then-promote"),
            Self::ThreadYieldThenPromote => f.write_str("thread.yield-then-promote"),
        }
    }
}
