/// The world `string`.
#[allow(
    dead_code,
    missing_docs,
    rustdoc::all,
    reason = "a world is declared whole, and with the documentation that it has"
)]
mod string_world {
    use whit_component::alloc::vec::Vec;
    use whit_component::whit_core::{AsContextMut, Error};
    use whit_component::{Component, Linker, Resource, ResourceType, TypedFunc};

    pub use core_::exports::whit_component::{Case, Guest as Instance};

    whit_component::record! {
        /// The record `text`.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct Text {
            pub words: Vec<whit_component::alloc::string::String> = "words",
        }
    }

    /// The resource `drop`.
    pub enum Drop {}

    /// What the world `string` asks of the host.
    pub trait StringImports: HostDrop {
        /// `send`.
        fn send(&mut self, case: Case, text: Text) -> Result<Instance, Error>;
    }

    /// What the resource `drop` asks of the host.
    pub trait HostDrop {
        /// `[constructor]drop`.
        fn new(&mut self, drop: Resource<Drop>) -> Result<Resource<Drop>, Error>;

        /// `[method]drop.new`.
        fn new_(&mut self, this: Resource<Drop>) -> Result<(), Error>;

        /// The guest has dropped its last handle.
        fn drop(&mut self, this: Resource<Drop>) -> Result<(), Error>;
    }

    /// An instance of a component of the world `string`.
    #[derive(Clone)]
    pub struct String {
        instance: whit_component::Instance,
        new_: TypedFunc<(u8, u8), ()>,
        instance_: exports::instance::Guest,
        core_exports_whit_component: exports::core::exports::whit_component::Guest_,
    }

    impl String {
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
        pub fn new(mut store: impl AsContextMut, instance: whit_component::Instance) -> Result<Self, Error> {
            Ok(Self {
                instance,
                new_: instance.get_typed_func(&mut store, &["new"])?,
                instance_: exports::instance::Guest::new(&mut store, instance)?,
                core_exports_whit_component: exports::core::exports::whit_component::Guest_::new(&mut store, instance)?,
            })
        }

        /// The instance.
        pub fn instance(&self) -> whit_component::Instance {
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
            H: StringImports + core_::exports::whit_component::Host_ + 'static,
        {
            core_::exports::whit_component::add_to_linker(linker, host)?;
            let mut root = linker.root();
            root.resource("drop", ResourceType::of::<Drop>(), move |mut store, rep| {
                HostDrop::drop(host(store.data_mut()), Resource::from_rep(rep))
            })?;
            root.func_wrap("send", move |mut store, (case, text): (Case, Text)| {
                Ok((StringImports::send(host(store.data_mut()), case, text)?,))
            })?;
            root.func_wrap("[constructor]drop", move |mut store, (drop,): (Resource<Drop>,)| {
                Ok((HostDrop::new(host(store.data_mut()), drop)?,))
            })?;
            root.func_wrap("[method]drop.new", move |mut store, (this,): (Resource<Drop>,)| {
                HostDrop::new_(host(store.data_mut()), this)
            })?;
            Ok(())
        }

        /// The functions of the interface `instance`.
        pub fn instance_(&self) -> &exports::instance::Guest {
            &self.instance_
        }

        /// The functions of the interface `core:exports/whit-component`.
        pub fn core_exports_whit_component(&self) -> &exports::core::exports::whit_component::Guest_ {
            &self.core_exports_whit_component
        }

        /// `new`.
        pub fn call_new(&self, store: impl AsContextMut, self_: u8, store_: u8) -> Result<(), Error> {
            self.new_.call(store, (self_, store_))
        }
    }

    pub mod core_ {
        pub mod exports {
            /// Names that mean something in Rust, or in what is generated.
            pub mod whit_component {
                use whit_component::{Linker, Resource, ResourceType};

                whit_component::record! {
                    /// The record `result`.
                    #[derive(Clone, Debug, PartialEq, Eq)]
                    pub struct Result {
                        pub self_: u8 = "self",
                        pub type_: u8 = "type",
                        pub host: whit_component::alloc::string::String = "host",
                    }
                }

                whit_component::enumeration! {
                    /// The enum `string`.
                    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
                    pub enum String {
                        Ok = "ok",
                        Self_ = "self",
                    }
                }

                whit_component::flags! {
                    /// The flags `bit`.
                    pub struct Bit {
                        A = "a",
                        B = "b",
                    }
                }

                /// The type `t`.
                pub type T_ = u8;

                /// The type `h`.
                pub type H_ = Bit;

                /// The resource `error`.
                pub enum Error {}

                whit_component::record! {
                    /// The record `vec`.
                    #[derive(Clone, Debug)]
                    pub struct Vec {
                        pub error: Resource<Error> = "error",
                        pub string: String = "string",
                    }
                }

                whit_component::record! {
                    /// The record `option`.
                    #[derive(Clone, Debug)]
                    pub struct Option {
                        pub vec: whit_component::alloc::vec::Vec<Vec> = "vec",
                        pub t: T_ = "t",
                        pub h: H_ = "h",
                        pub words: whit_component::alloc::vec::Vec<whit_component::alloc::string::String> = "words",
                        pub maybe: core::option::Option<T_> = "maybe",
                    }
                }

                whit_component::variant! {
                    /// The variant `case`.
                    #[derive(Clone, Debug)]
                    pub enum Case {
                        Some(payload: Option) = "some",
                        None = "none",
                        Error(payload: Result) = "error",
                    }
                }

                /// The resource `host`.
                pub enum Host {}

                whit_component::record! {
                    /// The record `guest`.
                    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
                    pub struct Guest {
                        pub a_b: u8 = "a-b",
                        pub a_b2: u8 = "A-B2",
                    }
                }

                /// What the interface `core:exports/whit-component` asks of the host.
                pub trait Host_: HostError + HostHost {
                    /// `store`.
                    fn store(
                        &mut self,
                        store_: u8,
                        instance_: u8,
                        interface_: u8,
                        rep_: whit_component::alloc::vec::Vec<Case>,
                    ) -> core::result::Result<core::result::Result<Guest, Bit>, whit_component::whit_core::Error>;

                    /// `instance`.
                    fn instance(
                        &mut self,
                    ) -> core::result::Result<core::option::Option<String>, whit_component::whit_core::Error>;
                }

                /// What the resource `error` asks of the host.
                pub trait HostError {
                    /// `[constructor]error`.
                    fn new(
                        &mut self,
                        store_: u8,
                        host_: u8,
                    ) -> core::result::Result<Resource<Error>, whit_component::whit_core::Error>;

                    /// `[method]error.new`.
                    fn new_(
                        &mut self,
                        this: Resource<Error>,
                        this_: u8,
                        linker_: u8,
                    ) -> core::result::Result<Result, whit_component::whit_core::Error>;

                    /// `[method]error.drop`.
                    fn drop_(
                        &mut self,
                        this: Resource<Error>,
                    ) -> core::result::Result<(), whit_component::whit_core::Error>;

                    /// The guest has dropped its last handle.
                    fn drop(&mut self, this: Resource<Error>) -> core::result::Result<(), whit_component::whit_core::Error>;
                }

                /// What the resource `host` asks of the host.
                pub trait HostHost {
                    /// `[static]host.guest`.
                    fn guest(&mut self) -> core::result::Result<Resource<Host>, whit_component::whit_core::Error>;

                    /// The guest has dropped its last handle.
                    fn drop(&mut self, this: Resource<Host>) -> core::result::Result<(), whit_component::whit_core::Error>;
                }

                /// Defines the interface `core:exports/whit-component` in a linker.
                ///
                /// `host` finds in the data of a store what implements it.
                ///
                /// # Errors
                /// A name is taken.
                pub fn add_to_linker<T: 'static, H: Host_ + 'static>(
                    linker: &mut Linker<T>,
                    host: fn(&mut T) -> &mut H,
                ) -> core::result::Result<(), whit_component::whit_core::Error> {
                    let mut interface = linker.instance("core:exports/whit-component")?;
                    interface.resource("error", ResourceType::of::<Error>(), move |mut store, rep| {
                        HostError::drop(host(store.data_mut()), Resource::from_rep(rep))
                    })?;
                    interface.resource("host", ResourceType::of::<Host>(), move |mut store, rep| {
                        HostHost::drop(host(store.data_mut()), Resource::from_rep(rep))
                    })?;
                    interface.func_wrap(
                        "store",
                        move |mut store, (store_, instance_, interface_, rep_): (u8, u8, u8, whit_component::alloc::vec::Vec<Case>)| {
                            Ok((Host_::store(host(store.data_mut()), store_, instance_, interface_, rep_)?,))
                        },
                    )?;
                    interface.func_wrap("instance", move |mut store, ()| {
                        Ok((Host_::instance(host(store.data_mut()))?,))
                    })?;
                    interface.func_wrap("[constructor]error", move |mut store, (store_, host_): (u8, u8)| {
                        Ok((HostError::new(host(store.data_mut()), store_, host_)?,))
                    })?;
                    interface.func_wrap(
                        "[method]error.new",
                        move |mut store, (this, this_, linker_): (Resource<Error>, u8, u8)| {
                            Ok((HostError::new_(host(store.data_mut()), this, this_, linker_)?,))
                        },
                    )?;
                    interface.func_wrap("[method]error.drop", move |mut store, (this,): (Resource<Error>,)| {
                        HostError::drop_(host(store.data_mut()), this)
                    })?;
                    interface.func_wrap("[static]host.guest", move |mut store, ()| {
                        Ok((HostHost::guest(host(store.data_mut()))?,))
                    })?;
                    Ok(())
                }
            }
        }
    }

    pub mod exports {
        pub mod core {
            pub mod exports {
                /// Names that mean something in Rust, or in what is generated.
                pub mod whit_component {
                    use whit_component::whit_core::AsContextMut;
                    use whit_component::{Instance, ResourceAny, TypedFunc};

                    whit_component::record! {
                        /// The record `result`.
                        #[derive(Clone, Debug, PartialEq, Eq)]
                        pub struct Result {
                            pub self_: u8 = "self",
                            pub type_: u8 = "type",
                            pub host: whit_component::alloc::string::String = "host",
                        }
                    }

                    whit_component::enumeration! {
                        /// The enum `string`.
                        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
                        pub enum String {
                            Ok = "ok",
                            Self_ = "self",
                        }
                    }

                    whit_component::flags! {
                        /// The flags `bit`.
                        pub struct Bit {
                            A = "a",
                            B = "b",
                        }
                    }

                    /// The type `t`.
                    pub type T_ = u8;

                    /// The type `h`.
                    pub type H_ = Bit;

                    /// The resource `error`.
                    pub type Error = ResourceAny;

                    whit_component::record! {
                        /// The record `vec`.
                        #[derive(Clone, Debug)]
                        pub struct Vec {
                            pub error: Error = "error",
                            pub string: String = "string",
                        }
                    }

                    whit_component::record! {
                        /// The record `option`.
                        #[derive(Clone, Debug)]
                        pub struct Option {
                            pub vec: whit_component::alloc::vec::Vec<Vec> = "vec",
                            pub t: T_ = "t",
                            pub h: H_ = "h",
                            pub words: whit_component::alloc::vec::Vec<whit_component::alloc::string::String> = "words",
                            pub maybe: core::option::Option<T_> = "maybe",
                        }
                    }

                    whit_component::variant! {
                        /// The variant `case`.
                        #[derive(Clone, Debug)]
                        pub enum Case {
                            Some(payload: Option) = "some",
                            None = "none",
                            Error(payload: Result) = "error",
                        }
                    }

                    /// The resource `host`.
                    pub type Host = ResourceAny;

                    whit_component::record! {
                        /// The record `guest`.
                        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
                        pub struct Guest {
                            pub a_b: u8 = "a-b",
                            pub a_b2: u8 = "A-B2",
                        }
                    }

                    /// The functions of the interface `core:exports/whit-component`.
                    #[derive(Clone)]
                    pub struct Guest_ {
                        store: TypedFunc<(u8, u8, u8, &'static [Case]), (core::result::Result<Guest, Bit>,)>,
                        instance: TypedFunc<(), (core::option::Option<String>,)>,
                        error: GuestError,
                        host: GuestHost,
                    }

                    impl Guest_ {
                        /// Finds the functions in an instance.
                        ///
                        /// # Errors
                        /// One of them is not exported, or its type is another.
                        pub fn new(
                            mut store: impl AsContextMut,
                            instance: Instance,
                        ) -> core::result::Result<Self, whit_component::whit_core::Error> {
                            Ok(Self {
                                store: instance.get_typed_func(&mut store, &["core:exports/whit-component", "store"])?,
                                instance: instance.get_typed_func(&mut store, &["core:exports/whit-component", "instance"])?,
                                error: GuestError::new(&mut store, instance)?,
                                host: GuestHost::new(&mut store, instance)?,
                            })
                        }

                        /// The functions of the resource `error`.
                        pub fn error(&self) -> &GuestError {
                            &self.error
                        }

                        /// The functions of the resource `host`.
                        pub fn host(&self) -> &GuestHost {
                            &self.host
                        }

                        /// `store`.
                        pub fn call_store(
                            &self,
                            store: impl AsContextMut,
                            store_: u8,
                            instance_: u8,
                            interface_: u8,
                            rep_: &[Case],
                        ) -> core::result::Result<core::result::Result<Guest, Bit>, whit_component::whit_core::Error> {
                            let (result,) = self.store.call(store, (store_, instance_, interface_, rep_))?;
                            Ok(result)
                        }

                        /// `instance`.
                        pub fn call_instance(
                            &self,
                            store: impl AsContextMut,
                        ) -> core::result::Result<core::option::Option<String>, whit_component::whit_core::Error> {
                            let (result,) = self.instance.call(store, ())?;
                            Ok(result)
                        }
                    }

                    /// The functions of the resource `error`.
                    #[derive(Clone)]
                    pub struct GuestError {
                        constructor: TypedFunc<(u8, u8), (Error,)>,
                        new_: TypedFunc<(Error, u8, u8), (Result,)>,
                        drop: TypedFunc<(Error,), ()>,
                    }

                    impl GuestError {
                        /// Finds the functions in an instance.
                        ///
                        /// # Errors
                        /// One of them is not exported, or its type is another.
                        pub fn new(
                            mut store: impl AsContextMut,
                            instance: Instance,
                        ) -> core::result::Result<Self, whit_component::whit_core::Error> {
                            Ok(Self {
                                constructor: instance.get_typed_func(&mut store, &["core:exports/whit-component", "[constructor]error"])?,
                                new_: instance.get_typed_func(&mut store, &["core:exports/whit-component", "[method]error.new"])?,
                                drop: instance.get_typed_func(&mut store, &["core:exports/whit-component", "[method]error.drop"])?,
                            })
                        }

                        /// `[constructor]error`.
                        pub fn call_constructor(
                            &self,
                            store: impl AsContextMut,
                            store_: u8,
                            host_: u8,
                        ) -> core::result::Result<Error, whit_component::whit_core::Error> {
                            let (result,) = self.constructor.call(store, (store_, host_))?;
                            Ok(result)
                        }

                        /// `[method]error.new`.
                        pub fn call_new(
                            &self,
                            store: impl AsContextMut,
                            this: Error,
                            this_: u8,
                            linker_: u8,
                        ) -> core::result::Result<Result, whit_component::whit_core::Error> {
                            let (result,) = self.new_.call(store, (this, this_, linker_))?;
                            Ok(result)
                        }

                        /// `[method]error.drop`.
                        pub fn call_drop(
                            &self,
                            store: impl AsContextMut,
                            this: Error,
                        ) -> core::result::Result<(), whit_component::whit_core::Error> {
                            self.drop.call(store, (this,))
                        }
                    }

                    /// The functions of the resource `host`.
                    #[derive(Clone)]
                    pub struct GuestHost {
                        guest: TypedFunc<(), (Host,)>,
                    }

                    impl GuestHost {
                        /// Finds the functions in an instance.
                        ///
                        /// # Errors
                        /// One of them is not exported, or its type is another.
                        pub fn new(
                            mut store: impl AsContextMut,
                            instance: Instance,
                        ) -> core::result::Result<Self, whit_component::whit_core::Error> {
                            Ok(Self {
                                guest: instance.get_typed_func(&mut store, &["core:exports/whit-component", "[static]host.guest"])?,
                            })
                        }

                        /// `[static]host.guest`.
                        pub fn call_guest(
                            &self,
                            store: impl AsContextMut,
                        ) -> core::result::Result<Host, whit_component::whit_core::Error> {
                            let (result,) = self.guest.call(store, ())?;
                            Ok(result)
                        }
                    }
                }
            }
        }

        pub mod instance {
            use whit_component::whit_core::{AsContextMut, Error};
            use whit_component::{Instance, ResourceAny, TypedFunc};

            /// The resource `new`.
            pub type New = ResourceAny;

            /// The resource `call-it`.
            pub type CallIt = ResourceAny;

            /// The functions of the interface `instance`.
            #[derive(Clone)]
            pub struct Guest {
                it: TypedFunc<(), ()>,
                instantiate: TypedFunc<(&'static str,), ()>,
                new_: GuestNew,
                call_it_: GuestCallIt,
            }

            impl Guest {
                /// Finds the functions in an instance.
                ///
                /// # Errors
                /// One of them is not exported, or its type is another.
                pub fn new(mut store: impl AsContextMut, instance: Instance) -> Result<Self, Error> {
                    Ok(Self {
                        it: instance.get_typed_func(&mut store, &["instance", "it"])?,
                        instantiate: instance.get_typed_func(&mut store, &["instance", "instantiate"])?,
                        new_: GuestNew::new(&mut store, instance)?,
                        call_it_: GuestCallIt::new(&mut store, instance)?,
                    })
                }

                /// The functions of the resource `new`.
                pub fn new_(&self) -> &GuestNew {
                    &self.new_
                }

                /// The functions of the resource `call-it`.
                pub fn call_it_(&self) -> &GuestCallIt {
                    &self.call_it_
                }

                /// `it`.
                pub fn call_it(&self, store: impl AsContextMut) -> Result<(), Error> {
                    self.it.call(store, ())
                }

                /// `instantiate`.
                pub fn call_instantiate(&self, store: impl AsContextMut, store_: &str) -> Result<(), Error> {
                    self.instantiate.call(store, (store_,))
                }
            }

            /// The functions of the resource `new`.
            #[derive(Clone)]
            pub struct GuestNew {
                constructor: TypedFunc<(), (New,)>,
            }

            impl GuestNew {
                /// Finds the functions in an instance.
                ///
                /// # Errors
                /// One of them is not exported, or its type is another.
                pub fn new(mut store: impl AsContextMut, instance: Instance) -> Result<Self, Error> {
                    Ok(Self { constructor: instance.get_typed_func(&mut store, &["instance", "[constructor]new"])? })
                }

                /// `[constructor]new`.
                pub fn call_constructor(&self, store: impl AsContextMut) -> Result<New, Error> {
                    let (result,) = self.constructor.call(store, ())?;
                    Ok(result)
                }
            }

            /// The functions of the resource `call-it`.
            #[derive(Clone)]
            pub struct GuestCallIt {
                constructor: TypedFunc<(), (CallIt,)>,
            }

            impl GuestCallIt {
                /// Finds the functions in an instance.
                ///
                /// # Errors
                /// One of them is not exported, or its type is another.
                pub fn new(mut store: impl AsContextMut, instance: Instance) -> Result<Self, Error> {
                    Ok(Self {
                        constructor: instance.get_typed_func(&mut store, &["instance", "[constructor]call-it"])?,
                    })
                }

                /// `[constructor]call-it`.
                pub fn call_constructor(&self, store: impl AsContextMut) -> Result<CallIt, Error> {
                    let (result,) = self.constructor.call(store, ())?;
                    Ok(result)
                }
            }
        }
    }
}

#[allow(unused_imports, reason = "whichever of it is used")]
pub use string_world::*;
