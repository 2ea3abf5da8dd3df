//! Time: a wall clock that can be set, a monotonic clock that cannot, a virtual clock that only moves when looked at, and
//! the time zone.
//!
//! Promises that a monotonic clock never goes back and that no reading panics, whatever the host's clock says.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use super::HostError;

/// A point in time as seconds and nanoseconds since 1970; times before are negative seconds plus positive nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp {
    /// Whole seconds since 1970-01-01T00:00:00Z.
    pub seconds: i64,
    /// Nanoseconds within the second, below 10⁹.
    pub nanoseconds: u32,
}

impl Timestamp {
    /// The time that an unsigned count of seconds and some nanoseconds after it mean. [`HostError::Invalid`] unless the
    /// nanoseconds are less than a second, [`HostError::Overflow`] for times that no platform has.
    pub fn new(seconds: u64, nanoseconds: u32) -> Result<Self, HostError> {
        if nanoseconds >= 1_000_000_000 {
            return Err(HostError::Invalid);
        }
        Ok(Timestamp { seconds: i64::try_from(seconds).map_err(|_| HostError::Overflow)?, nanoseconds })
    }

    /// Seconds since 1970 and the nanoseconds after them: 0 for times before, which an unsigned count cannot say.
    pub fn to_unsigned(self) -> (u64, u32) {
        u64::try_from(self.seconds).map_or((0, 0), |seconds| (seconds, self.nanoseconds))
    }

    /// The time `nanoseconds` after 1970.
    pub fn from_nanoseconds(nanoseconds: u64) -> Self {
        let (seconds, nanoseconds) = (nanoseconds / 1_000_000_000, nanoseconds % 1_000_000_000);
        Timestamp { seconds: seconds as i64, nanoseconds: nanoseconds as u32 }
    }

    /// Nanoseconds since 1970: 0 for times before it, which an unsigned count cannot say, and
    /// [`HostError::Overflow`] for times after the year 2554.
    pub fn to_nanoseconds(self) -> Result<u64, HostError> {
        let Ok(seconds) = u64::try_from(self.seconds) else { return Ok(0) };
        seconds
            .checked_mul(1_000_000_000)
            .and_then(|ns| ns.checked_add(self.nanoseconds.into()))
            .ok_or(HostError::Overflow)
    }

    /// As the standard library's type; `None` when the platform cannot represent it.
    pub fn to_system_time(self) -> Option<SystemTime> {
        let whole = Duration::from_secs(self.seconds.unsigned_abs());
        let base = if self.seconds < 0 {
            SystemTime::UNIX_EPOCH.checked_sub(whole)?
        } else {
            SystemTime::UNIX_EPOCH.checked_add(whole)?
        };
        base.checked_add(Duration::from_nanos(self.nanoseconds.into()))
    }
}

impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Self {
        match time.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(after) => Timestamp {
                seconds: i64::try_from(after.as_secs()).unwrap_or(i64::MAX),
                nanoseconds: after.subsec_nanos(),
            },
            Err(error) => {
                let before = error.duration();
                let seconds = -i64::try_from(before.as_secs()).unwrap_or(i64::MAX);
                match before.subsec_nanos() {
                    0 => Timestamp { seconds, nanoseconds: 0 },
                    nanos => Timestamp { seconds: seconds.saturating_sub(1), nanoseconds: 1_000_000_000 - nanos },
                }
            }
        }
    }
}

/// The time of day.
pub trait WallClock: Send {
    /// The time now.
    fn now(&self) -> Timestamp;
    /// The smallest step the clock can show, in nanoseconds.
    fn resolution(&self) -> u64;
}

/// A clock for measuring intervals.
pub trait MonotonicClock: Send {
    /// Nanoseconds since an arbitrary start; never less than an earlier answer.
    fn now(&self) -> u64;
    /// The smallest step the clock can show, in nanoseconds.
    fn resolution(&self) -> u64;
    /// Moves the clock on by `nanoseconds` at once and answers true, if waiting on this clock takes no real time.
    fn skip(&self, nanoseconds: u64) -> bool {
        let _ = nanoseconds;
        false
    }
}

/// The clocks of a context, and where it is.
pub struct Clocks {
    /// The time of day.
    pub wall: Box<dyn WallClock>,
    /// The interval clock.
    pub monotonic: Box<dyn MonotonicClock>,
    /// The time zone.
    pub zone: Box<dyn TimeZone>,
}

impl Default for Clocks {
    fn default() -> Self {
        Clocks {
            wall: Box::new(SystemWallClock),
            monotonic: Box::new(SystemMonotonicClock::default()),
            zone: Box::new(Utc),
        }
    }
}

impl Clocks {
    /// Clocks that start at `start` (wall) and 0 (monotonic), advance one microsecond each time either is read, and skip
    /// over every sleep: two runs of the same guest see the same times.
    pub fn deterministic(start: Timestamp) -> Self {
        let clock = VirtualClock { start, elapsed: Arc::new(AtomicU64::new(0)) };
        Clocks { wall: Box::new(clock.clone()), monotonic: Box::new(clock), zone: Box::new(Utc) }
    }

    /// The same clocks, which move in steps of `nanoseconds`: what a guest cannot see, it cannot measure.
    pub fn in_steps_of(self, nanoseconds: u64) -> Self {
        let step = nanoseconds.max(1);
        Clocks {
            wall: Box::new(Stepping { clock: self.wall, step }),
            monotonic: Box::new(Stepping { clock: self.monotonic, step }),
            zone: self.zone,
        }
    }
}

/// How times are told where the guest is.
pub trait TimeZone: Send {
    /// What a clock there shows besides the time itself.
    fn display(&self, when: Timestamp) -> ZoneDisplay;
}

/// A zone at one time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZoneDisplay {
    /// Seconds to add to UTC; less than a day either way.
    pub utc_offset: i32,
    /// The abbreviated name.
    pub name: String,
    /// Whether daylight saving is on.
    pub in_daylight_saving_time: bool,
}

/// Coordinated universal time: what a guest is told that was not granted to know where it is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Utc;

impl TimeZone for Utc {
    fn display(&self, _: Timestamp) -> ZoneDisplay {
        ZoneDisplay { utc_offset: 0, name: "UTC".into(), in_daylight_saving_time: false }
    }
}

/// The host's time of day.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemWallClock;

impl WallClock for SystemWallClock {
    fn now(&self) -> Timestamp {
        SystemTime::now().into()
    }

    fn resolution(&self) -> u64 {
        // The finest step `SystemTime` has on the platform: 100 ns on Windows, else one.
        if cfg!(windows) { 100 } else { 1 }
    }
}

/// The host's monotonic clock, counted from the creation of this value so that a guest cannot read the uptime.
#[derive(Clone, Copy, Debug)]
pub struct SystemMonotonicClock {
    start: Instant,
}

impl Default for SystemMonotonicClock {
    fn default() -> Self {
        SystemMonotonicClock { start: Instant::now() }
    }
}

impl MonotonicClock for SystemMonotonicClock {
    fn now(&self) -> u64 {
        // 584 years of uptime fit.
        u64::try_from(self.start.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    fn resolution(&self) -> u64 {
        if cfg!(windows) { 100 } else { 1 }
    }
}

/// A clock seen through steps.
struct Stepping<C> {
    clock: C,
    step: u64,
}

impl WallClock for Stepping<Box<dyn WallClock>> {
    fn now(&self) -> Timestamp {
        let now = self.clock.now();
        let nanoseconds = i128::from(now.seconds) * 1_000_000_000 + i128::from(now.nanoseconds);
        let shown = nanoseconds - nanoseconds.rem_euclid(self.step.into());
        Timestamp {
            // Only the first moments of time itself lie in a step that begins before it.
            seconds: i64::try_from(shown.div_euclid(1_000_000_000)).unwrap_or(i64::MIN),
            nanoseconds: shown.rem_euclid(1_000_000_000) as u32,
        }
    }

    fn resolution(&self) -> u64 {
        self.step.max(self.clock.resolution())
    }
}

impl MonotonicClock for Stepping<Box<dyn MonotonicClock>> {
    fn now(&self) -> u64 {
        let now = self.clock.now();
        now - now % self.step
    }

    fn resolution(&self) -> u64 {
        self.step.max(self.clock.resolution())
    }

    fn skip(&self, nanoseconds: u64) -> bool {
        self.clock.skip(nanoseconds)
    }
}

/// Nanoseconds that pass each time a virtual clock is read: guests that spin until time moves on must end.
const VIRTUAL_STEP: u64 = 1_000;

#[derive(Clone)]
struct VirtualClock {
    start: Timestamp,
    elapsed: Arc<AtomicU64>,
}

impl VirtualClock {
    fn advance(&self, nanoseconds: u64) -> u64 {
        let step = |elapsed: u64| Some(elapsed.saturating_add(nanoseconds));
        // The closure always answers `Some`, so both arms carry the value before the step.
        let (Ok(before) | Err(before)) = self.elapsed.fetch_update(Ordering::Relaxed, Ordering::Relaxed, step);
        before.saturating_add(nanoseconds)
    }
}

impl WallClock for VirtualClock {
    fn now(&self) -> Timestamp {
        let elapsed = Timestamp::from_nanoseconds(self.advance(VIRTUAL_STEP));
        let nanoseconds = self.start.nanoseconds + elapsed.nanoseconds;
        let carry = i64::from(nanoseconds / 1_000_000_000);
        Timestamp {
            seconds: self.start.seconds.saturating_add(elapsed.seconds).saturating_add(carry),
            nanoseconds: nanoseconds % 1_000_000_000,
        }
    }

    fn resolution(&self) -> u64 {
        VIRTUAL_STEP
    }
}

impl MonotonicClock for VirtualClock {
    fn now(&self) -> u64 {
        self.advance(VIRTUAL_STEP)
    }

    fn resolution(&self) -> u64 {
        VIRTUAL_STEP
    }

    fn skip(&self, nanoseconds: u64) -> bool {
        self.advance(nanoseconds);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_before_1970_keep_their_nanoseconds_positive() {
        let half_before = SystemTime::UNIX_EPOCH - Duration::from_millis(1_500);
        let stamp = Timestamp::from(half_before);
        assert_eq!(stamp, Timestamp { seconds: -2, nanoseconds: 500_000_000 });
        assert_eq!(stamp.to_system_time(), Some(half_before));
        assert_eq!(stamp.to_nanoseconds(), Ok(0));
    }

    #[test]
    fn the_far_future_overflows_instead_of_wrapping() {
        let stamp = Timestamp { seconds: i64::MAX, nanoseconds: 999_999_999 };
        assert_eq!(stamp.to_nanoseconds(), Err(HostError::Overflow));
        let _ = stamp.to_system_time();
        let _ = Timestamp { seconds: i64::MIN, nanoseconds: 0 }.to_system_time();
        assert_eq!(Timestamp::from_nanoseconds(u64::MAX).to_nanoseconds(), Ok(u64::MAX));
    }

    #[test]
    fn deterministic_clocks_repeat_and_skip_sleeps() {
        let read = || {
            let clocks = Clocks::deterministic(Timestamp { seconds: 7, nanoseconds: 999_999_999 });
            let first = clocks.wall.now();
            assert!(clocks.monotonic.skip(5_000_000_000));
            (first, clocks.monotonic.now(), clocks.wall.now())
        };
        assert_eq!(read(), read());
        assert_eq!(read().0, Timestamp { seconds: 8, nanoseconds: 999 });
        assert!(read().1 >= 5_000_000_000);
    }

    #[test]
    fn a_virtual_clock_saturates_at_the_end_of_time() {
        let clocks = Clocks::deterministic(Timestamp { seconds: i64::MAX, nanoseconds: 0 });
        clocks.monotonic.skip(u64::MAX);
        assert_eq!(clocks.monotonic.now(), u64::MAX);
        assert_eq!(clocks.wall.now().seconds, i64::MAX);
    }

    #[test]
    fn clocks_in_steps_show_nothing_in_between_and_their_sleeps_end() {
        let start = Timestamp { seconds: -1, nanoseconds: 700_000_000 };
        let clocks = Clocks::deterministic(start).in_steps_of(400_000_000);
        assert_eq!(clocks.wall.now(), Timestamp { seconds: -1, nanoseconds: 600_000_000 });
        assert_eq!(clocks.monotonic.now(), 0);
        assert_eq!((clocks.wall.resolution(), clocks.monotonic.resolution()), (400_000_000, 400_000_000));
        assert!(clocks.monotonic.skip(500_000_000));
        assert_eq!(clocks.monotonic.now(), 400_000_000);
        assert_eq!(clocks.wall.now(), Timestamp { seconds: 0, nanoseconds: 0 });
        let end_of_time = Clocks::deterministic(Timestamp { seconds: i64::MIN, nanoseconds: 0 }).in_steps_of(u64::MAX);
        end_of_time.wall.now();
        Clocks::default().in_steps_of(0).monotonic.now();
    }

    #[test]
    fn unsigned_times_are_checked_both_ways() {
        assert_eq!(Timestamp::new(7, 999_999_999), Ok(Timestamp { seconds: 7, nanoseconds: 999_999_999 }));
        assert_eq!(Timestamp::new(0, 1_000_000_000), Err(HostError::Invalid));
        assert_eq!(Timestamp::new(u64::MAX, 0), Err(HostError::Overflow));
        assert_eq!(Timestamp { seconds: -1, nanoseconds: 5 }.to_unsigned(), (0, 0));
        assert_eq!(Timestamp { seconds: 1, nanoseconds: 5 }.to_unsigned(), (1, 5));
    }

    #[test]
    fn where_the_guest_is_it_is_not_told() {
        let display = Clocks::default().zone.display(Timestamp::default());
        assert_eq!(display, ZoneDisplay { utc_offset: 0, name: "UTC".into(), in_daylight_saving_time: false });
    }
}
