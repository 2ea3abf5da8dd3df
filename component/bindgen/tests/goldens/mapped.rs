/// The world `counting`.
#[allow(
    dead_code,
    missing_docs,
    rustdoc::all,
    reason = "a world is declared whole, and with the documentation that it has"
)]
mod counting_world {
    use whit_component::whit_core::{AsContextMut, Error};
    use whit_component::{Component, Instance, Linker, TypedFunc};

    pub use example::store::buckets::Key;

    /// An instance of a component of the world `counting`.
    #[derive(Clone)]
    pub struct Counting {
        instance: Instance,
        count: TypedFunc<(&'static Key,), (Option<u32>,)>,
    }

    impl Counting {
        /// Instantiates a component of this world with what a linker has for its imports.
        ///
        /// # Errors
        /// An import is missing, an export is, a type is another, or a start function trapped.
        pub fn instantiate<T: 'static>(
            mut store: impl AsContextMut<Data = T>,
            component: &Component,
            linker: &Linker<T>,
        ) -> Result<Self, Error> {
            let instance = linker.instantiate(&mut store, component)?;
            Self::new(store, instance)
        }

        /// Finds what the world exports in an instance.
        ///
        /// # Errors
        /// Something is not exported, or its type is another.
        pub fn new(mut store: impl AsContextMut, instance: Instance) -> Result<Self, Error> {
            Ok(Self { instance, count: instance.get_typed_func(&mut store, &["count"])? })
        }

        /// The instance.
        pub fn instance(&self) -> Instance {
            self.instance
        }

        /// Defines what the world imports in a linker.
        ///
        /// `host` finds in the data of a store what implements it.
        ///
        /// # Errors
        /// A name is taken.
        pub fn add_to_linker<T: 'static, H: example::store::buckets::Host + 'static>(
            linker: &mut Linker<T>,
            host: fn(&mut T) -> &mut H,
        ) -> Result<(), Error> {
            example::store::buckets::add_to_linker(linker, host)?;
            Ok(())
        }

        /// How many values are there.
        pub fn call_count(&self, store: impl AsContextMut, key: &Key) -> Result<Option<u32>, Error> {
            let (result,) = self.count.call(store, (key,))?;
            Ok(result)
        }
    }

    pub mod example {
        pub mod store {
            pub mod buckets {
                use whit_component::whit_core::Error;
                use whit_component::{Linker, Resource, ResourceType};

                /// Where values are.
                pub type Bucket = super::super::super::super::Bucket;

                /// What a value is found by.
                pub type Key = crate::mapped::Key;

                /// What the interface `example:store/buckets` asks of the host.
                pub trait Host: HostBucket {
                    /// `open`.
                    fn open(&mut self, key: Key) -> Result<Result<Resource<Bucket>, Key>, Error>;
                }

                /// What the resource `bucket` asks of the host.
                pub trait HostBucket {
                    /// `[method]bucket.len`.
                    fn len(&mut self, this: Resource<Bucket>) -> Result<u32, Error>;

                    /// The guest has dropped its last handle.
                    fn drop(&mut self, this: Resource<Bucket>) -> Result<(), Error>;
                }

                /// Defines the interface `example:store/buckets` in a linker.
                ///
                /// `host` finds in the data of a store what implements it.
                ///
                /// # Errors
                /// A name is taken.
                pub fn add_to_linker<T: 'static, H: Host + 'static>(
                    linker: &mut Linker<T>,
                    host: fn(&mut T) -> &mut H,
                ) -> Result<(), Error> {
                    let mut interface = linker.instance("example:store/buckets")?;
                    interface.resource("bucket", ResourceType::of::<Bucket>(), move |mut store, rep| {
                        HostBucket::drop(host(store.data_mut()), Resource::from_rep(rep))
                    })?;
                    interface.func_wrap("open", move |mut store, (key,): (Key,)| {
                        Ok((Host::open(host(store.data_mut()), key)?,))
                    })?;
                    interface.func_wrap("[method]bucket.len", move |mut store, (this,): (Resource<Bucket>,)| {
                        Ok((HostBucket::len(host(store.data_mut()), this)?,))
                    })?;
                    Ok(())
                }
            }
        }
    }
}

#[allow(unused_imports, reason = "whichever of it is used")]
pub use counting_world::*;
