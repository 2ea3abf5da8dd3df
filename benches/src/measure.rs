//! Attempts to durations: the least of several rounds, every contender once a round.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use anyhow::Result;

/// One contender's work, which times itself: setting up and tearing down stay outside.
pub type Attempt<'a> = Box<dyn FnMut() -> Result<Duration> + 'a>;

/// A time, or why there is none.
pub type Outcome = Result<Duration, String>;

/// How long to measure.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// Rounds; every contender runs once in each.
    pub rounds: u32,
    /// A contender that has used this much in all sits the later rounds out: compiling a large module takes some of
    /// them seconds.
    pub budget: Duration,
}

impl Effort {
    /// One round: for checking results.
    pub const CHECK: Self = Self { rounds: 1, budget: Duration::MAX };

    /// For work of a tenth of a second and more.
    pub const LONG: Self = Self { rounds: 7, budget: Duration::from_secs(20) };

    /// For work that may take microseconds, where one interruption is more than the work.
    pub const SHORT: Self = Self { rounds: 41, budget: Duration::from_secs(5) };
}

/// Runs `work` and tells how long it took, with what it gave.
pub fn timed<T>(work: impl FnOnce() -> Result<T>) -> Result<(Duration, T)> {
    let start = Instant::now();
    let result = work()?;
    Ok((start.elapsed(), result))
}

/// The least time of each contender over interleaved rounds. One that fails, once, is out, with its reason; so is one
/// that panics, because a peer's bug must not cost the table.
pub fn interleaved(effort: Effort, contenders: Vec<Result<Attempt<'_>, String>>) -> Vec<Outcome> {
    let mut contenders = contenders;
    let mut outcomes: Vec<Outcome> =
        contenders.iter().map(|contender| contender.as_ref().map(|_| Duration::MAX).map_err(Clone::clone)).collect();
    let mut spent = vec![Duration::ZERO; contenders.len()];
    for _ in 0..effort.rounds.max(1) {
        for (index, contender) in contenders.iter_mut().enumerate() {
            let (Ok(attempt), Ok(best)) = (contender, &mut outcomes[index]) else { continue };
            if spent[index] >= effort.budget {
                continue;
            }
            match guarded(attempt) {
                Ok(time) => {
                    *best = time.min(*best);
                    spent[index] += time;
                }
                Err(reason) => outcomes[index] = Err(reason),
            }
        }
    }
    outcomes
}

/// A peer's panic or error as one line.
pub fn guarded<T>(work: impl FnOnce() -> Result<T>) -> Result<T, String> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(one_line(&format!("{error:#}"))),
        Err(payload) => {
            let text = payload.downcast_ref::<String>().map(String::as_str);
            let text = text.or(payload.downcast_ref::<&str>().copied()).unwrap_or("no message");
            Err(one_line(&format!("panicked: {text}")))
        }
    }
}

/// Any text as one line of moderate length.
pub fn one_line(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(140) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// The geometric mean of `times / baseline` over the rows where both have a time, and how many those are.
pub fn geometric_mean(times: &[&Outcome], baseline: &[&Outcome]) -> Option<(f64, usize)> {
    let logarithms: Vec<f64> = times
        .iter()
        .zip(baseline)
        .filter_map(|(time, base)| match (time, base) {
            (Ok(time), Ok(base)) => Some((time.as_secs_f64() / base.as_secs_f64()).ln()),
            _ => None,
        })
        .collect();
    let count = logarithms.len();
    (count > 0).then(|| ((logarithms.iter().sum::<f64>() / count as f64).exp(), count))
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use anyhow::bail;

    use super::*;

    #[test]
    fn contenders_alternate_and_the_least_time_counts() {
        let order = RefCell::new(Vec::new());
        let contender = |name: char, times: [u64; 3]| -> Result<Attempt<'_>, String> {
            let mut times = times.into_iter();
            let order = &order;
            Ok(Box::new(move || {
                order.borrow_mut().push(name);
                Ok(Duration::from_millis(times.next().unwrap()))
            }))
        };
        let effort = Effort { rounds: 3, budget: Duration::MAX };
        let outcomes = interleaved(effort, vec![contender('a', [3, 1, 2]), contender('b', [5, 6, 4])]);
        assert_eq!(outcomes, [Ok(Duration::from_millis(1)), Ok(Duration::from_millis(4))]);
        assert_eq!(order.into_inner(), ['a', 'b', 'a', 'b', 'a', 'b']);
    }

    #[test]
    fn failure_and_panic_are_outcomes_of_their_contender_only() {
        let contenders: Vec<Result<Attempt<'_>, String>> = vec![
            Ok(Box::new(|| bail!("wrong\nresult"))),
            Ok(Box::new(|| panic!("oh"))),
            Err("not built".into()),
            Ok(Box::new(|| Ok(Duration::from_millis(1)))),
        ];
        let outcomes = interleaved(Effort { rounds: 2, budget: Duration::MAX }, contenders);
        assert_eq!(outcomes[0], Err("wrong result".into()));
        assert_eq!(outcomes[1], Err("panicked: oh".into()));
        assert_eq!(outcomes[2], Err("not built".into()));
        assert_eq!(outcomes[3], Ok(Duration::from_millis(1)));
    }

    #[test]
    fn a_slow_contender_keeps_to_its_budget() {
        let runs = RefCell::new(0);
        let attempt: Attempt<'_> = Box::new(|| {
            *runs.borrow_mut() += 1;
            Ok(Duration::from_secs(2))
        });
        interleaved(Effort { rounds: 10, budget: Duration::from_secs(3) }, vec![Ok(attempt)]);
        assert_eq!(runs.into_inner(), 2);
    }

    #[test]
    fn geometric_mean_skips_rows_without_both_times() {
        let (one, four, none) = (Ok(Duration::from_secs(1)), Ok(Duration::from_secs(4)), Err("no".to_string()));
        let (mean, count) = geometric_mean(&[&four, &one, &none], &[&one, &one, &one]).unwrap();
        assert!((mean - 2.0).abs() < 1e-12);
        assert_eq!(count, 2);
        assert!(geometric_mean(&[&none], &[&one]).is_none());
    }
}
