//! `wasi:clocks/wall-clock`.

use whit_component::Linker;
use whit_core::Error;

use crate::host::HostError;
use crate::host::clocks::Timestamp;
use crate::p2::interface::{Interface, Project};

whit_component::record! {
    /// `datetime`.
    #[derive(Clone, Copy)]
    pub(crate) struct Datetime {
        seconds: u64 = "seconds",
        nanoseconds: u32 = "nanoseconds",
    }
}

impl From<Timestamp> for Datetime {
    fn from(time: Timestamp) -> Self {
        let (seconds, nanoseconds) = time.to_unsigned();
        Datetime { seconds, nanoseconds }
    }
}

impl TryFrom<Datetime> for Timestamp {
    type Error = HostError;

    fn try_from(time: Datetime) -> Result<Self, HostError> {
        Timestamp::new(time.seconds, time.nanoseconds)
    }
}

pub(crate) fn define<T: 'static>(linker: &mut Linker<T>, ctx: Project<T>) -> Result<(), Error> {
    let mut clock = Interface::<T>::new(linker, "wasi:clocks/wall-clock@0.2.12", ctx)?;
    clock.func("now", |ctx, ()| Ok((Datetime::from(ctx.clocks.wall.now()),)))?;
    clock.func("resolution", |ctx, ()| Ok((Datetime::from(Timestamp::from_nanoseconds(ctx.clocks.wall.resolution())),)))
}
