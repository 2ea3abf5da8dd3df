/// The world `branch`.
#[allow(
    dead_code,
    missing_docs,
    rustdoc::all,
    reason = "a world is declared whole, and with the documentation that it has"
)]
mod branch_world {
    use whit_component::alloc::string::String;
    use whit_component::whit_core::{AsContextMut, Error};
    use whit_component::{Component, Instance, Linker, TypedFunc};

    /// What the world `branch` asks of the host.
    pub trait BranchImports {
        /// `log`.
        fn log(&mut self, line: String) -> Result<(), Error>;
    }

    /// An instance of a component of the world `branch`.
    #[derive(Clone)]
    pub struct Branch {
        instance: Instance,
        type_: TypedFunc<(&'static [String], Option<&'static str>), (u32,)>,
        example_bank_ledger: exports::example::bank::ledger::Guest,
        teller: exports::teller::Guest,
    }

    impl Branch {
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
            Ok(Self {
                instance,
                type_: instance.get_typed_func(&mut store, &["type"])?,
                example_bank_ledger: exports::example::bank::ledger::Guest::new(&mut store, instance)?,
                teller: exports::teller::Guest::new(&mut store, instance)?,
            })
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
            H: BranchImports + example::bank::accounts::Host + time::Host + 'static,
        {
            example::bank::accounts::add_to_linker(linker, host)?;
            time::add_to_linker(linker, host)?;
            let mut root = linker.root();
            root.func_wrap("log", move |mut store, (line,): (String,)| {
                BranchImports::log(host(store.data_mut()), line)
            })?;
            Ok(())
        }

        /// The functions of the interface `example:bank/ledger@0.1.0`.
        pub fn example_bank_ledger(&self) -> &exports::example::bank::ledger::Guest {
            &self.example_bank_ledger
        }

        /// The functions of the interface `teller`.
        pub fn teller(&self) -> &exports::teller::Guest {
            &self.teller
        }

        /// `type`.
        pub fn call_type(&self, store: impl AsContextMut, words: &[String], maybe: Option<&str>) -> Result<u32, Error> {
            let (result,) = self.type_.call(store, (words, maybe))?;
            Ok(result)
        }
    }

    pub mod example {
        pub mod bank {
            /// Where money is.
            pub mod accounts {
                use whit_component::alloc::string::String;
                use whit_component::whit_core::Error;
                use whit_component::{Linker, Resource, ResourceType};

                /// Cents.
                pub type Amount = i64;

                whit_component::variant! {
                    /// Why money does not move.
                    #[derive(Clone, Debug, PartialEq, Eq)]
                    pub enum Refusal {
                        /// There is less than is asked for.
                        Insufficient(payload: Amount) = "insufficient",
                        /// Nobody has an account of that name.
                        UnknownOwner(payload: String) = "unknown-owner",
                        Closed = "closed",
                    }
                }

                whit_component::enumeration! {
                    /// The enum `currency`.
                    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
                    pub enum Currency {
                        Euro = "euro",
                        Yen = "yen",
                    }
                }

                whit_component::flags! {
                    /// The flags `rights`.
                    pub struct Rights {
                        DEPOSIT = "deposit",
                        WITHDRAW = "withdraw",
                    }
                }

                /// An account of someone.
                pub enum Account {}

                /// What the interface `example:bank/accounts@0.1.0` asks of the host.
                pub trait Host: HostAccount {
                    /// All that may be done.
                    fn rights_of(&mut self, of: Resource<Account>) -> Result<Rights, Error>;

                    /// `close-all`.
                    fn close_all(&mut self) -> Result<(), Error>;
                }

                /// What the resource `account` asks of the host.
                pub trait HostAccount {
                    /// Opens one.
                    fn new(&mut self, owner: String, currency: Currency) -> Result<Resource<Account>, Error>;

                    /// Who it belongs to.
                    fn owner(&mut self, this: Resource<Account>) -> Result<String, Error>;

                    /// `[method]account.move`.
                    fn move_(
                        &mut self,
                        this: Resource<Account>,
                        amount: Amount,
                    ) -> Result<Result<Amount, Refusal>, Error>;

                    /// Puts two together.
                    fn merge(
                        &mut self,
                        a: Resource<Account>,
                        b: Resource<Account>,
                    ) -> Result<Option<Resource<Account>>, Error>;

                    /// The guest has dropped its last handle.
                    fn drop(&mut self, this: Resource<Account>) -> Result<(), Error>;
                }

                /// Defines the interface `example:bank/accounts@0.1.0` in a linker.
                ///
                /// `host` finds in the data of a store what implements it.
                ///
                /// # Errors
                /// A name is taken.
                pub fn add_to_linker<T: 'static, H: Host + 'static>(
                    linker: &mut Linker<T>,
                    host: fn(&mut T) -> &mut H,
                ) -> Result<(), Error> {
                    let mut interface = linker.instance("example:bank/accounts@0.1.0")?;
                    interface.resource("account", ResourceType::of::<Account>(), move |mut store, rep| {
                        HostAccount::drop(host(store.data_mut()), Resource::from_rep(rep))
                    })?;
                    interface.func_wrap("rights-of", move |mut store, (of,): (Resource<Account>,)| {
                        Ok((Host::rights_of(host(store.data_mut()), of)?,))
                    })?;
                    interface.func_wrap("close-all", move |mut store, ()| {
                        Host::close_all(host(store.data_mut()))
                    })?;
                    interface.func_wrap(
                        "[constructor]account",
                        move |mut store, (owner, currency): (String, Currency)| {
                            Ok((HostAccount::new(host(store.data_mut()), owner, currency)?,))
                        },
                    )?;
                    interface.func_wrap("[method]account.owner", move |mut store, (this,): (Resource<Account>,)| {
                        Ok((HostAccount::owner(host(store.data_mut()), this)?,))
                    })?;
                    interface.func_wrap(
                        "[method]account.move",
                        move |mut store, (this, amount): (Resource<Account>, Amount)| {
                            Ok((HostAccount::move_(host(store.data_mut()), this, amount)?,))
                        },
                    )?;
                    interface.func_wrap(
                        "[static]account.merge",
                        move |mut store, (a, b): (Resource<Account>, Resource<Account>)| {
                            Ok((HostAccount::merge(host(store.data_mut()), a, b)?,))
                        },
                    )?;
                    Ok(())
                }
            }
        }
    }

    pub mod exports {
        pub mod example {
            pub mod bank {
                pub mod ledger {
                    use whit_component::alloc::string::String;
                    use whit_component::whit_core::{AsContextMut, Error};
                    use whit_component::{Instance, Resource, TypedFunc};

                    pub use super::super::super::super::example::bank::accounts::{Account, Amount as Cents, Refusal};

                    whit_component::record! {
                        /// The record `entry`.
                        #[derive(Clone, Debug, PartialEq, Eq)]
                        pub struct Entry {
                            pub owner: String = "owner",
                            pub cents: Cents = "cents",
                        }
                    }

                    /// The functions of the interface `example:bank/ledger@0.1.0`.
                    #[derive(Clone)]
                    pub struct Guest {
                        note: TypedFunc<(&'static [Entry], (u32, f64)), (Result<(), Refusal>,)>,
                        audit: TypedFunc<(Resource<Account>,), (Resource<Account>,)>,
                    }

                    impl Guest {
                        /// Finds the functions in an instance.
                        ///
                        /// # Errors
                        /// One of them is not exported, or its type is another.
                        pub fn new(mut store: impl AsContextMut, instance: Instance) -> Result<Self, Error> {
                            Ok(Self {
                                note: instance.get_typed_func(&mut store, &["example:bank/ledger@0.1.0", "note"])?,
                                audit: instance.get_typed_func(&mut store, &["example:bank/ledger@0.1.0", "audit"])?,
                            })
                        }

                        /// Writes down.
                        pub fn call_note(
                            &self,
                            store: impl AsContextMut,
                            entries: &[Entry],
                            self_: (u32, f64),
                        ) -> Result<Result<(), Refusal>, Error> {
                            let (result,) = self.note.call(store, (entries, self_))?;
                            Ok(result)
                        }

                        /// `audit`.
                        pub fn call_audit(
                            &self,
                            store: impl AsContextMut,
                            of: Resource<Account>,
                        ) -> Result<Resource<Account>, Error> {
                            let (result,) = self.audit.call(store, (of,))?;
                            Ok(result)
                        }
                    }
                }
            }
        }

        pub mod teller {
            use whit_component::whit_core::{AsContextMut, Error};
            use whit_component::{Instance, ResourceAny, TypedFunc};

            /// The resource `counter`.
            pub type Counter = ResourceAny;

            /// The functions of the interface `teller`.
            #[derive(Clone)]
            pub struct Guest {
                counter: GuestCounter,
            }

            impl Guest {
                /// Finds the functions in an instance.
                ///
                /// # Errors
                /// One of them is not exported, or its type is another.
                pub fn new(mut store: impl AsContextMut, instance: Instance) -> Result<Self, Error> {
                    Ok(Self { counter: GuestCounter::new(&mut store, instance)? })
                }

                /// The functions of the resource `counter`.
                pub fn counter(&self) -> &GuestCounter {
                    &self.counter
                }
            }

            /// The functions of the resource `counter`.
            #[derive(Clone)]
            pub struct GuestCounter {
                constructor: TypedFunc<(u32,), (Counter,)>,
                next: TypedFunc<(Counter,), (u32,)>,
            }

            impl GuestCounter {
                /// Finds the functions in an instance.
                ///
                /// # Errors
                /// One of them is not exported, or its type is another.
                pub fn new(mut store: impl AsContextMut, instance: Instance) -> Result<Self, Error> {
                    Ok(Self {
                        constructor: instance.get_typed_func(&mut store, &["teller", "[constructor]counter"])?,
                        next: instance.get_typed_func(&mut store, &["teller", "[method]counter.next"])?,
                    })
                }

                /// `[constructor]counter`.
                pub fn call_constructor(&self, store: impl AsContextMut, start: u32) -> Result<Counter, Error> {
                    let (result,) = self.constructor.call(store, (start,))?;
                    Ok(result)
                }

                /// `[method]counter.next`.
                pub fn call_next(&self, store: impl AsContextMut, this: Counter) -> Result<u32, Error> {
                    let (result,) = self.next.call(store, (this,))?;
                    Ok(result)
                }
            }
        }
    }

    pub mod time {
        use whit_component::whit_core::Error;
        use whit_component::Linker;

        /// What the interface `time` asks of the host.
        pub trait Host {
            /// `now`.
            fn now(&mut self) -> Result<u64, Error>;
        }

        /// Defines the interface `time` in a linker.
        ///
        /// `host` finds in the data of a store what implements it.
        ///
        /// # Errors
        /// A name is taken.
        pub fn add_to_linker<T: 'static, H: Host + 'static>(
            linker: &mut Linker<T>,
            host: fn(&mut T) -> &mut H,
        ) -> Result<(), Error> {
            let mut interface = linker.instance("time")?;
            interface.func_wrap("now", move |mut store, ()| {
                Ok((Host::now(host(store.data_mut()))?,))
            })?;
            Ok(())
        }
    }
}

#[allow(unused_imports, reason = "whichever of it is used")]
pub use branch_world::*;
