/// Greets people.
#[allow(
    dead_code,
    missing_docs,
    rustdoc::all,
    reason = "a world is declared whole, and with the documentation that it has"
)]
mod greeter_world {
    use whit_component::alloc::string::String;
    use whit_component::whit_core::{AsContextMut, Error};
    use whit_component::{Component, Instance, Linker, TypedFunc};

    whit_component::record! {
        /// What to say to someone.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct Greeting {
            /// The words.
            pub text: String = "text",
            /// How loud they are.
            pub exclamation_marks: u8 = "exclamation-marks",
        }
    }

    /// An instance of a component of the world `greeter`.
    #[derive(Clone)]
    pub struct Greeter {
        instance: Instance,
        greet_user: TypedFunc<(&'static str,), (Greeting,)>,
    }

    impl Greeter {
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
            Ok(Self { instance, greet_user: instance.get_typed_func(&mut store, &["greet-user"])? })
        }

        /// The instance.
        pub fn instance(&self) -> Instance {
            self.instance
        }

        /// Makes a greeting for a user.
        pub fn call_greet_user(&self, store: impl AsContextMut, name: &str) -> Result<Greeting, Error> {
            let (result,) = self.greet_user.call(store, (name,))?;
            Ok(result)
        }
    }
}

#[allow(unused_imports, reason = "whichever of it is used")]
pub use greeter_world::*;
