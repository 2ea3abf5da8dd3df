/// Fetches, and waits for it.
#[allow(
    dead_code,
    missing_docs,
    rustdoc::all,
    reason = "a world is declared whole, and with the documentation that it has"
)]
mod fetcher_world {
    use core::future::Future;
    use whit_component::alloc::boxed::Box;
    use whit_component::alloc::string::String;
    use whit_component::whit_core::{AsContextMut, Error};
    use whit_component::{Component, Instance, Linker, TypedFunc};

    /// What the world `fetcher` asks of the host.
    pub trait FetcherImports {
        /// What is at an address.
        fn fetch(&mut self, url: String) -> impl Future<Output = Result<Result<String, u16>, Error>> + Send + 'static;

        /// `log`.
        fn log(&mut self, line: String) -> Result<(), Error>;
    }

    /// An instance of a component of the world `fetcher`.
    #[derive(Clone)]
    pub struct Fetcher {
        instance: Instance,
        run: TypedFunc<(&'static str,), (Result<String, u16>,)>,
    }

    impl Fetcher {
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
            H: FetcherImports + clock::Host + 'static,
        {
            clock::add_to_linker(linker, host)?;
            let mut root = linker.root();
            root.func_wrap_async("fetch", move |mut store, (url,): (String,)| {
                let result = FetcherImports::fetch(host(store.data_mut()), url);
                Box::pin(async move { Ok((result.await?,)) })
            })?;
            root.func_wrap("log", move |mut store, (line,): (String,)| {
                FetcherImports::log(host(store.data_mut()), line)
            })?;
            Ok(())
        }

        /// What is at an address, or the status that the fetch ended with.
        pub async fn call_run(&self, store: impl AsContextMut, url: &str) -> Result<Result<String, u16>, Error> {
            let (result,) = self.run.call_async(store, (url,)).await?;
            Ok(result)
        }
    }

    pub mod clock {
        use core::future::Future;
        use whit_component::alloc::boxed::Box;
        use whit_component::whit_core::Error;
        use whit_component::{Linker, Resource, ResourceType};

        /// The resource `timer`.
        pub enum Timer {}

        /// What the interface `clock` asks of the host.
        pub trait Host: HostTimer {}

        impl<H: HostTimer> Host for H {}

        /// What the resource `timer` asks of the host.
        pub trait HostTimer {
            /// `[constructor]timer`.
            fn new(&mut self, ticks: u32) -> Result<Resource<Timer>, Error>;

            /// Waits until it is over.
            fn wait(&mut self, this: Resource<Timer>) -> impl Future<Output = Result<(), Error>> + Send + 'static;

            /// The guest has dropped its last handle.
            fn drop(&mut self, this: Resource<Timer>) -> Result<(), Error>;
        }

        /// Defines the interface `clock` in a linker.
        ///
        /// `host` finds in the data of a store what implements it.
        ///
        /// # Errors
        /// A name is taken.
        pub fn add_to_linker<T: 'static, H: Host + 'static>(
            linker: &mut Linker<T>,
            host: fn(&mut T) -> &mut H,
        ) -> Result<(), Error> {
            let mut interface = linker.instance("clock")?;
            interface.resource("timer", ResourceType::of::<Timer>(), move |mut store, rep| {
                HostTimer::drop(host(store.data_mut()), Resource::from_rep(rep))
            })?;
            interface.func_wrap("[constructor]timer", move |mut store, (ticks,): (u32,)| {
                Ok((HostTimer::new(host(store.data_mut()), ticks)?,))
            })?;
            interface.func_wrap_async("[method]timer.wait", move |mut store, (this,): (Resource<Timer>,)| {
                Box::pin(HostTimer::wait(host(store.data_mut()), this))
            })?;
            Ok(())
        }
    }
}

#[allow(unused_imports, reason = "whichever of it is used")]
pub use fetcher_world::*;
