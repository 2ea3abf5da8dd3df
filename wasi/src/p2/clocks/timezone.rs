//! `wasi:clocks/timezone` (unstable: `clocks-timezone`).

use whit_component::Linker;
use whit_core::Error;

use super::wall_clock::Datetime;
use crate::ctx::WasiCtx;
use crate::host::clocks::{TimeZone, Timestamp, Utc, ZoneDisplay};
use crate::p2::interface::{Interface, Project};

whit_component::record! {
    /// `timezone-display`.
    struct TimezoneDisplay {
        utc_offset: i32 = "utc-offset",
        name: String = "name",
        in_daylight_saving_time: bool = "in-daylight-saving-time",
    }
}

pub(crate) fn define<T: 'static>(linker: &mut Linker<T>, ctx: Project<T>) -> Result<(), Error> {
    let mut timezone = Interface::<T>::new(linker, "wasi:clocks/timezone@0.2.12", ctx)?;
    timezone.func("display", |ctx, (when,): (Datetime,)| {
        let ZoneDisplay { utc_offset, name, in_daylight_saving_time } = display(ctx, when);
        Ok((TimezoneDisplay { utc_offset, name, in_daylight_saving_time },))
    })?;
    timezone.func("utc-offset", |ctx, (when,): (Datetime,)| Ok((display(ctx, when).utc_offset,)))
}

/// Of a time that no platform has, nobody can say more than UTC.
fn display(ctx: &WasiCtx, when: Datetime) -> ZoneDisplay {
    match Timestamp::try_from(when) {
        Ok(when) => ctx.clocks.zone.display(when),
        Err(_) => Utc.display(Timestamp::default()),
    }
}
