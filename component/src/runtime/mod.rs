//! What a store holds of its component instances, and the machinery that runs their tasks.
//!
//! The core knows nothing of components: this state hangs on the store as an extension ([`Runtime::of`]) and names what it needs of the
//! core by the core's handles. All of it is plain data without the embedder's `T`; what runs guest code is generic and lives in
//! [`scheduler`] and in [`crate::canon`]. A component-model *thread* is an interpreter stack ([`whit_core::Execution`]): a call between
//! components suspends the caller's and starts the callee's, so no call is a recursion on the host's stack, and a blocked
//! thread is parked data.

pub(crate) mod handle;
pub(crate) mod held;
pub(crate) mod instance;
pub(crate) mod resource;
pub(crate) mod scheduler;
pub(crate) mod slab;
pub(crate) mod task;
pub(crate) mod trap;

use alloc::vec::Vec;

use whit_core::{Error, StoreContextMut};

use instance::{ComponentInstance, InstanceId, Lift, LiftedFunc, Root, RootId};
use resource::{ResourceType, ResourceTypeId};
use slab::Slab;
use task::{Task, TaskId, Thread, ThreadId};

use trap::RuntimeTrap;

/// The component instances of a store and what they are doing.
#[derive(Default)]
pub(crate) struct Runtime {
    /// Instantiated components.
    pub roots: Vec<Root>,
    /// Their component instances, nested ones too.
    pub instances: Vec<ComponentInstance>,
    /// Every resource type.
    pub resources: Vec<ResourceType>,
    /// The resource types of the host that instances here use, by the number that the host knows them by.
    pub host_resources: Vec<(crate::linker::ResourceType, ResourceTypeId)>,
    /// Calls of component functions.
    pub tasks: Slab<Task>,
    /// Interpreter stacks.
    pub threads: Slab<Thread>,
    /// Whose code runs now.
    pub current: Option<ThreadId>,
    /// What their tables of handles may still grow by, the host's included.
    pub room: handle::Room,
    /// Resources of guests that the host holds.
    pub held: held::HeldResources,
}

impl Runtime {
    /// That of a store.
    pub(crate) fn of<'a, T: 'static>(store: &'a mut StoreContextMut<'_, T>) -> Result<&'a mut Self, Error> {
        store.extension_mut()
    }

    /// An instantiated component.
    pub(crate) fn root(&mut self, id: RootId) -> &mut Root {
        // Roots are never removed and ids are given out only for those that exist.
        &mut self.roots[id.0 as usize]
    }

    /// A component instance.
    pub(crate) fn instance(&mut self, id: InstanceId) -> &mut ComponentInstance {
        // As with roots.
        &mut self.instances[id.0 as usize]
    }

    /// A lifted function that is about to be called: not if its root has trapped.
    pub(crate) fn enter(&mut self, func: LiftedFunc) -> Result<Lift, Error> {
        let root = self.root(func.root);
        if root.poisoned {
            return Err(RuntimeTrap::CannotEnter.into());
        }
        root.lift(func.lift)
    }

    /// A task.
    #[inline]
    pub(crate) fn task(&mut self, id: TaskId) -> Result<&mut Task, Error> {
        self.tasks.get_mut(id.0).ok_or_else(|| Error::msg("a task that has ended was used"))
    }

    /// A thread.
    #[inline]
    pub(crate) fn thread(&mut self, id: ThreadId) -> Result<&mut Thread, Error> {
        self.threads.get_mut(id.0).ok_or_else(|| Error::msg("a thread that has ended was used"))
    }

    /// The thread whose code runs: what a built-in works for.
    pub(crate) fn current(&mut self) -> Result<(ThreadId, &mut Thread), Error> {
        let id =
            self.current.ok_or_else(|| Error::msg("a component's function was called from outside any component"))?;
        Ok((id, self.thread(id)?))
    }

    /// The trap of calling something from where an instance must not be left ("may_leave").
    pub(crate) fn check_may_leave(&mut self, instance: InstanceId) -> Result<(), RuntimeTrap> {
        if self.instance(instance).may_leave { Ok(()) } else { Err(RuntimeTrap::CannotLeave) }
    }

    /// Adds a handle to an instance's table; its index.
    pub(crate) fn add_handle(&mut self, instance: InstanceId, handle: handle::Handle) -> Result<u32, Error> {
        self.instances[instance.0 as usize].handles.add(handle, &mut self.room)
    }

    /// Makes an instance's later calls fail, and those of what it shares a root with.
    pub(crate) fn poison(&mut self, instance: InstanceId) {
        let root = self.instance(instance).root;
        self.root(root).poisoned = true;
    }

    /// Adds a resource type.
    pub(crate) fn add_resource(&mut self, ty: ResourceType) -> Result<ResourceTypeId, Error> {
        self.resources.try_reserve(1)?;
        self.resources.push(ty);
        Ok(ResourceTypeId(self.resources.len() as u32 - 1))
    }
}
