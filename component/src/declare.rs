//! Macros that declare a record, variant, enum or flags of WIT as a type of Rust, with its conversions.
//!
//! Each name is written twice, as Rust has it and as WIT has it, so that either is found by searching for it. What they expand to is what
//! [`typed`](crate::typed) shows: [`ComponentType`](crate::typed::ComponentType), [`Lift`](crate::typed::Lift) and
//! [`Lower`](crate::typed::Lower).

/// Declares a record.
///
/// ```
/// whit_component::record! {
///     /// Something to say.
///     #[derive(Clone, Debug)]
///     pub struct Greeting {
///         /// The words.
///         pub text: String = "text",
///         /// How many follow them.
///         pub exclamation_marks: u8 = "exclamation-marks",
///     }
/// }
/// ```
#[macro_export]
macro_rules! record {
    ($(#[$meta:meta])* $visibility:vis struct $name:ident {
        $($(#[$field_meta:meta])* $field_visibility:vis $field:ident: $ty:ty = $label:literal),* $(,)?
    }) => {
        $(#[$meta])*
        $visibility struct $name {
            $($(#[$field_meta])* $field_visibility $field: $ty,)*
        }

        impl $crate::typed::ComponentType for $name {
            fn typecheck(
                ty: $crate::typed::ValType,
                types: &$crate::typed::Types,
            ) -> ::core::result::Result<(), $crate::typed::TypeMismatch> {
                let fields: &[(&str, $crate::typed::Typecheck)] =
                    &[$(($label, <$ty as $crate::typed::ComponentType>::typecheck)),*];
                $crate::typed::typecheck_record(ty, types, fields)
            }
        }

        impl $crate::typed::Lift for $name {
            fn lift(
                from: &mut $crate::typed::Lifting<'_>,
                ty: $crate::typed::ValType,
                at: $crate::typed::Place,
            ) -> ::core::result::Result<Self, $crate::typed::Error> {
                let mut fields = from.fields(ty, at)?;
                ::core::result::Result::Ok(Self { $($field: from.field(&mut fields)?),* })
            }
        }

        impl $crate::typed::Lower for $name {
            fn lower(
                &self,
                to: &mut $crate::typed::Lowering<'_>,
                ty: $crate::typed::ValType,
                at: $crate::typed::Place,
            ) -> ::core::result::Result<(), $crate::typed::Error> {
                let mut fields = to.fields(ty, at)?;
                $(to.field(&mut fields, &self.$field)?;)*
                ::core::result::Result::Ok(())
            }
        }
    };
}

/// Declares a variant. A payload has a name, which says what it is and has no other use.
///
/// ```
/// whit_component::variant! {
///     /// What to set a time to.
///     #[derive(Clone, Debug)]
///     pub enum NewTime {
///         /// What it is.
///         NoChange = "no-change",
///         /// These seconds.
///         Timestamp(seconds: u64) = "timestamp",
///     }
/// }
/// let time = NewTime::Timestamp(7);
/// # drop(time);
/// ```
#[macro_export]
macro_rules! variant {
    ($(#[$meta:meta])* $visibility:vis enum $name:ident {
        $($(#[$case_meta:meta])* $case:ident $(($payload:ident: $ty:ty))? = $label:literal),* $(,)?
    }) => {
        $(#[$meta])*
        $visibility enum $name {
            $($(#[$case_meta])* $case $(($ty))?,)*
        }

        const _: () = {
            /// The cases, numbered. No type of WIT is called so, which payloads may be of.
            enum __Case {
                $($case,)*
            }

            impl $crate::typed::ComponentType for $name {
                fn typecheck(
                    ty: $crate::typed::ValType,
                    types: &$crate::typed::Types,
                ) -> ::core::result::Result<(), $crate::typed::TypeMismatch> {
                    let cases: &[(&str, &[$crate::typed::Typecheck])] =
                        &[$(($label, &[$(<$ty as $crate::typed::ComponentType>::typecheck)?])),*];
                    $crate::typed::typecheck_variant(ty, types, cases)
                }
            }

            impl $crate::typed::Lift for $name {
                fn lift(
                    from: &mut $crate::typed::Lifting<'_>,
                    ty: $crate::typed::ValType,
                    at: $crate::typed::Place,
                ) -> ::core::result::Result<Self, $crate::typed::Error> {
                    let variant = from.variant(ty, at)?;
                    $(
                        if variant.case == __Case::$case as u32 {
                            return ::core::result::Result::Ok(Self::$case $((from.payload::<$ty>(variant.payload)?))?);
                        }
                    )*
                    ::core::result::Result::Err($crate::typed::unknown_case(ty, from.types()).into())
                }
            }

            impl $crate::typed::Lower for $name {
                fn lower(
                    &self,
                    to: &mut $crate::typed::Lowering<'_>,
                    ty: $crate::typed::ValType,
                    at: $crate::typed::Place,
                ) -> ::core::result::Result<(), $crate::typed::Error> {
                    match self {
                        $(
                            Self::$case $(($payload))? => {
                                let _payload = to.variant(ty, at, __Case::$case as u32)?;
                                $(to.payload(_payload, $payload)?;)?
                                ::core::result::Result::Ok(())
                            }
                        )*
                    }
                }
            }
        };
    };
}

/// Declares an enum: a variant without payloads.
///
/// ```
/// whit_component::enumeration! {
///     /// A family of addresses.
///     #[derive(Clone, Copy, Debug, PartialEq, Eq)]
///     pub enum Family {
///         /// IPv4.
///         Ipv4 = "ipv4",
///         /// IPv6.
///         Ipv6 = "ipv6",
///     }
/// }
/// ```
#[macro_export]
macro_rules! enumeration {
    ($(#[$meta:meta])* $visibility:vis enum $name:ident {
        $($(#[$case_meta:meta])* $case:ident = $label:literal),* $(,)?
    }) => {
        $(#[$meta])*
        $visibility enum $name {
            $($(#[$case_meta])* $case,)*
        }

        impl $crate::typed::ComponentType for $name {
            fn typecheck(
                ty: $crate::typed::ValType,
                types: &$crate::typed::Types,
            ) -> ::core::result::Result<(), $crate::typed::TypeMismatch> {
                $crate::typed::typecheck_enum(ty, types, &[$($label),*])
            }
        }

        impl $crate::typed::Lift for $name {
            fn lift(
                from: &mut $crate::typed::Lifting<'_>,
                ty: $crate::typed::ValType,
                at: $crate::typed::Place,
            ) -> ::core::result::Result<Self, $crate::typed::Error> {
                let variant = from.variant(ty, at)?;
                $(
                    if variant.case == Self::$case as u32 {
                        return ::core::result::Result::Ok(Self::$case);
                    }
                )*
                ::core::result::Result::Err($crate::typed::unknown_case(ty, from.types()).into())
            }
        }

        impl $crate::typed::Lower for $name {
            fn lower(
                &self,
                to: &mut $crate::typed::Lowering<'_>,
                ty: $crate::typed::ValType,
                at: $crate::typed::Place,
            ) -> ::core::result::Result<(), $crate::typed::Error> {
                let case = match self {
                    $(Self::$case => Self::$case as u32,)*
                };
                to.variant(ty, at, case).map(::core::mem::drop)
            }
        }
    };
}

/// Declares flags, as a set that has a constant for each of them.
///
/// ```
/// whit_component::flags! {
///     /// What may be done.
///     pub struct Rights {
///         /// Reading.
///         READ = "read",
///         /// Writing.
///         WRITE = "write",
///     }
/// }
/// let both = Rights::READ | Rights::WRITE;
/// assert!(both.contains(Rights::WRITE) && !Rights::default().contains(Rights::WRITE));
/// ```
#[macro_export]
macro_rules! flags {
    ($(#[$meta:meta])* $visibility:vis struct $name:ident {
        $($(#[$flag_meta:meta])* $flag:ident = $label:literal),* $(,)?
    }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        $visibility struct $name(u32);

        const _: () = {
            /// The flags, numbered.
            #[allow(non_camel_case_types, clippy::upper_case_acronyms, reason = "they are named as the constants")]
            enum __Bit {
                $($flag,)*
            }

            #[allow(dead_code, reason = "flags are declared whole, whichever of them are used")]
            impl $name {
                $($(#[$flag_meta])* $visibility const $flag: Self = Self(1 << __Bit::$flag as u32);)*

                /// Whether all of these are in it.
                $visibility const fn contains(self, flags: Self) -> bool {
                    self.0 & flags.0 == flags.0
                }
            }
        };

        impl ::core::ops::BitOr for $name {
            type Output = Self;

            fn bitor(self, other: Self) -> Self {
                Self(self.0 | other.0)
            }
        }

        impl $crate::typed::ComponentType for $name {
            fn typecheck(
                ty: $crate::typed::ValType,
                types: &$crate::typed::Types,
            ) -> ::core::result::Result<(), $crate::typed::TypeMismatch> {
                $crate::typed::typecheck_flags(ty, types, &[$($label),*])
            }
        }

        impl $crate::typed::Lift for $name {
            fn lift(
                from: &mut $crate::typed::Lifting<'_>,
                ty: $crate::typed::ValType,
                at: $crate::typed::Place,
            ) -> ::core::result::Result<Self, $crate::typed::Error> {
                from.flags(ty, at).map(Self)
            }
        }

        impl $crate::typed::Lower for $name {
            fn lower(
                &self,
                to: &mut $crate::typed::Lowering<'_>,
                ty: $crate::typed::ValType,
                at: $crate::typed::Place,
            ) -> ::core::result::Result<(), $crate::typed::Error> {
                to.flags(ty, at, self.0)
            }
        }
    };
}
