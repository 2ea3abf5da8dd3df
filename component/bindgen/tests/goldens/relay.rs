/// The world `relay`.
#[allow(
    dead_code,
    missing_docs,
    rustdoc::all,
    reason = "a world is declared whole, and with the documentation that it has"
)]
mod relay_world {
    use whit_component::whit_core::{AsContextMut, Error};
    use whit_component::{Component, Instance, Linker};

    /// An instance of a component of the world `relay`.
    #[derive(Clone)]
    pub struct Relay {
        instance: Instance,
        example_relay_values: exports::example::relay::values::Guest,
    }

    impl Relay {
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
                example_relay_values: exports::example::relay::values::Guest::new(&mut store, instance)?,
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
        pub fn add_to_linker<T: 'static, H: example::relay::values::Host + 'static>(
            linker: &mut Linker<T>,
            host: fn(&mut T) -> &mut H,
        ) -> Result<(), Error> {
            example::relay::values::add_to_linker(linker, host)?;
            Ok(())
        }

        /// The functions of the interface `example:relay/values`.
        pub fn example_relay_values(&self) -> &exports::example::relay::values::Guest {
            &self.example_relay_values
        }
    }

    pub mod example {
        pub mod relay {
            /// Values of all kinds.
            pub mod values {
                use whit_component::alloc::collections::BTreeMap;
                use whit_component::alloc::string::String;
                use whit_component::alloc::vec::Vec;
                use whit_component::whit_core::Error;
                use whit_component::Linker;

                whit_component::record! {
                    /// The record `point`.
                    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
                    pub struct Point {
                        pub x: i32 = "x",
                        pub y: i32 = "y",
                    }
                }

                whit_component::variant! {
                    /// The variant `shape`.
                    #[derive(Clone, Debug, PartialEq)]
                    pub enum Shape {
                        Circle(payload: f64) = "circle",
                        Polygon(payload: Vec<Point>) = "polygon",
                        Nothing = "nothing",
                    }
                }

                whit_component::enumeration! {
                    /// The enum `color`.
                    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
                    pub enum Color {
                        Red = "red",
                        DeepBlue = "deep-blue",
                    }
                }

                whit_component::flags! {
                    /// The flags `style`.
                    pub struct Style {
                        DASHED = "dashed",
                        VERY_THICK = "very-thick",
                    }
                }

                whit_component::record! {
                    /// One of each.
                    #[derive(Clone, Debug, PartialEq)]
                    pub struct Everything {
                        pub yes: bool = "yes",
                        pub bytes: (u8, i8) = "bytes",
                        pub shorts: (u16, i16) = "shorts",
                        pub words: (u32, i32) = "words",
                        pub longs: (u64, i64) = "longs",
                        pub floats: (f32, f64) = "floats",
                        pub letter: char = "letter",
                        pub text: String = "text",
                        pub shapes: Vec<Shape> = "shapes",
                        pub color: Color = "color",
                        pub style: Style = "style",
                        pub maybe: Option<Option<String>> = "maybe",
                        pub answer: Result<Point, Color> = "answer",
                        pub silence: Result<(), ()> = "silence",
                        pub only_error: Result<(), Shape> = "only-error",
                        pub ages: BTreeMap<String, u32> = "ages",
                    }
                }

                /// What the interface `example:relay/values` asks of the host.
                pub trait Host {
                    /// Gives back what it gets.
                    fn pass(&mut self, all: Everything) -> Result<Everything, Error>;

                    /// `midpoint`.
                    fn midpoint(&mut self, a: Point, b: Point, style: Style) -> Result<Point, Error>;
                }

                /// Defines the interface `example:relay/values` in a linker.
                ///
                /// `host` finds in the data of a store what implements it.
                ///
                /// # Errors
                /// A name is taken.
                pub fn add_to_linker<T: 'static, H: Host + 'static>(
                    linker: &mut Linker<T>,
                    host: fn(&mut T) -> &mut H,
                ) -> Result<(), Error> {
                    let mut interface = linker.instance("example:relay/values")?;
                    interface.func_wrap("pass", move |mut store, (all,): (Everything,)| {
                        Ok((Host::pass(host(store.data_mut()), all)?,))
                    })?;
                    interface.func_wrap("midpoint", move |mut store, (a, b, style): (Point, Point, Style)| {
                        Ok((Host::midpoint(host(store.data_mut()), a, b, style)?,))
                    })?;
                    Ok(())
                }
            }
        }
    }

    pub mod exports {
        pub mod example {
            pub mod relay {
                /// Values of all kinds.
                pub mod values {
                    use whit_component::alloc::collections::BTreeMap;
                    use whit_component::alloc::string::String;
                    use whit_component::alloc::vec::Vec;
                    use whit_component::whit_core::{AsContextMut, Error};
                    use whit_component::{Instance, TypedFunc};

                    whit_component::record! {
                        /// The record `point`.
                        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
                        pub struct Point {
                            pub x: i32 = "x",
                            pub y: i32 = "y",
                        }
                    }

                    whit_component::variant! {
                        /// The variant `shape`.
                        #[derive(Clone, Debug, PartialEq)]
                        pub enum Shape {
                            Circle(payload: f64) = "circle",
                            Polygon(payload: Vec<Point>) = "polygon",
                            Nothing = "nothing",
                        }
                    }

                    whit_component::enumeration! {
                        /// The enum `color`.
                        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
                        pub enum Color {
                            Red = "red",
                            DeepBlue = "deep-blue",
                        }
                    }

                    whit_component::flags! {
                        /// The flags `style`.
                        pub struct Style {
                            DASHED = "dashed",
                            VERY_THICK = "very-thick",
                        }
                    }

                    whit_component::record! {
                        /// One of each.
                        #[derive(Clone, Debug, PartialEq)]
                        pub struct Everything {
                            pub yes: bool = "yes",
                            pub bytes: (u8, i8) = "bytes",
                            pub shorts: (u16, i16) = "shorts",
                            pub words: (u32, i32) = "words",
                            pub longs: (u64, i64) = "longs",
                            pub floats: (f32, f64) = "floats",
                            pub letter: char = "letter",
                            pub text: String = "text",
                            pub shapes: Vec<Shape> = "shapes",
                            pub color: Color = "color",
                            pub style: Style = "style",
                            pub maybe: Option<Option<String>> = "maybe",
                            pub answer: Result<Point, Color> = "answer",
                            pub silence: Result<(), ()> = "silence",
                            pub only_error: Result<(), Shape> = "only-error",
                            pub ages: BTreeMap<String, u32> = "ages",
                        }
                    }

                    /// The functions of the interface `example:relay/values`.
                    #[derive(Clone)]
                    pub struct Guest {
                        pass: TypedFunc<(&'static Everything,), (Everything,)>,
                        midpoint: TypedFunc<(Point, Point, Style), (Point,)>,
                    }

                    impl Guest {
                        /// Finds the functions in an instance.
                        ///
                        /// # Errors
                        /// One of them is not exported, or its type is another.
                        pub fn new(mut store: impl AsContextMut, instance: Instance) -> Result<Self, Error> {
                            Ok(Self {
                                pass: instance.get_typed_func(&mut store, &["example:relay/values", "pass"])?,
                                midpoint: instance.get_typed_func(&mut store, &["example:relay/values", "midpoint"])?,
                            })
                        }

                        /// Gives back what it gets.
                        pub fn call_pass(
                            &self,
                            store: impl AsContextMut,
                            all: &Everything,
                        ) -> Result<Everything, Error> {
                            let (result,) = self.pass.call(store, (all,))?;
                            Ok(result)
                        }

                        /// `midpoint`.
                        pub fn call_midpoint(
                            &self,
                            store: impl AsContextMut,
                            a: Point,
                            b: Point,
                            style: Style,
                        ) -> Result<Point, Error> {
                            let (result,) = self.midpoint.call(store, (a, b, style))?;
                            Ok(result)
                        }
                    }
                }
            }
        }
    }
}

#[allow(unused_imports, reason = "whichever of it is used")]
pub use relay_world::*;
