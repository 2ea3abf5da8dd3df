/// Uses an interface in two versions that are not compatible.
#[allow(
    dead_code,
    missing_docs,
    rustdoc::all,
    reason = "a world is declared whole, and with the documentation that it has"
)]
mod both_world {
    use whit_component::whit_core::{AsContextMut, Error};
    use whit_component::{Component, Instance, Linker, TypedFunc};

    /// An instance of a component of the world `both`.
    #[derive(Clone)]
    pub struct Both {
        instance: Instance,
        run: TypedFunc<(), (u32,)>,
    }

    impl Both {
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
            Ok(Self { instance, run: instance.get_typed_func(&mut store, &["run"])? })
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
        pub fn add_to_linker<T, H>(linker: &mut Linker<T>, host: fn(&mut T) -> &mut H) -> Result<(), Error>
        where
            T: 'static,
            H: a::b_0_1_0::i::Host + a::b_0_2_0::i::Host + 'static,
        {
            a::b_0_1_0::i::add_to_linker(linker, host)?;
            a::b_0_2_0::i::add_to_linker(linker, host)?;
            Ok(())
        }

        /// The sum of both.
        pub fn call_run(&self, store: impl AsContextMut) -> Result<u32, Error> {
            let (result,) = self.run.call(store, ())?;
            Ok(result)
        }
    }

    pub mod a {
        pub mod b_0_1_0 {
            pub mod i {
                use whit_component::whit_core::Error;
                use whit_component::{Linker, Resource, ResourceType};

                /// The resource `r`.
                pub enum R {}

                /// What the interface `a:b/i@0.1.0` asks of the host.
                pub trait Host: HostR {
                    /// `make`.
                    fn make(&mut self) -> Result<Resource<R>, Error>;
                }

                /// What the resource `r` asks of the host.
                pub trait HostR {
                    /// `[method]r.get`.
                    fn get(&mut self, this: Resource<R>) -> Result<u32, Error>;

                    /// The guest has dropped its last handle.
                    fn drop(&mut self, this: Resource<R>) -> Result<(), Error>;
                }

                /// Defines the interface `a:b/i@0.1.0` in a linker.
                ///
                /// `host` finds in the data of a store what implements it.
                ///
                /// # Errors
                /// A name is taken.
                pub fn add_to_linker<T: 'static, H: Host + 'static>(
                    linker: &mut Linker<T>,
                    host: fn(&mut T) -> &mut H,
                ) -> Result<(), Error> {
                    let mut interface = linker.instance("a:b/i@0.1.0")?;
                    interface.resource("r", ResourceType::of::<R>(), move |mut store, rep| {
                        HostR::drop(host(store.data_mut()), Resource::from_rep(rep))
                    })?;
                    interface.func_wrap("make", move |mut store, ()| {
                        Ok((Host::make(host(store.data_mut()))?,))
                    })?;
                    interface.func_wrap("[method]r.get", move |mut store, (this,): (Resource<R>,)| {
                        Ok((HostR::get(host(store.data_mut()), this)?,))
                    })?;
                    Ok(())
                }
            }
        }

        pub mod b_0_2_0 {
            pub mod i {
                use whit_component::whit_core::Error;
                use whit_component::{Linker, Resource, ResourceType};

                /// The resource `r`.
                pub enum R {}

                /// What the interface `a:b/i@0.2.0` asks of the host.
                pub trait Host: HostR {
                    /// `make`.
                    fn make(&mut self) -> Result<Resource<R>, Error>;
                }

                /// What the resource `r` asks of the host.
                pub trait HostR {
                    /// `[method]r.get`.
                    fn get(&mut self, this: Resource<R>) -> Result<u32, Error>;

                    /// The guest has dropped its last handle.
                    fn drop(&mut self, this: Resource<R>) -> Result<(), Error>;
                }

                /// Defines the interface `a:b/i@0.2.0` in a linker.
                ///
                /// `host` finds in the data of a store what implements it.
                ///
                /// # Errors
                /// A name is taken.
                pub fn add_to_linker<T: 'static, H: Host + 'static>(
                    linker: &mut Linker<T>,
                    host: fn(&mut T) -> &mut H,
                ) -> Result<(), Error> {
                    let mut interface = linker.instance("a:b/i@0.2.0")?;
                    interface.resource("r", ResourceType::of::<R>(), move |mut store, rep| {
                        HostR::drop(host(store.data_mut()), Resource::from_rep(rep))
                    })?;
                    interface.func_wrap("make", move |mut store, ()| {
                        Ok((Host::make(host(store.data_mut()))?,))
                    })?;
                    interface.func_wrap("[method]r.get", move |mut store, (this,): (Resource<R>,)| {
                        Ok((HostR::get(host(store.data_mut()), this)?,))
                    })?;
                    Ok(())
                }
            }
        }
    }
}

#[allow(unused_imports, reason = "whichever of it is used")]
pub use both_world::*;
