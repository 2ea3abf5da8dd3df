//! Which chains would save the most dispatches: `cargo xtask chains COUNT FILE[=WEIGHT]…` prints rows for `core/src/code/chain.rs`.
//!
//! Each file is what `op_profile … places` or `whit run --profile=places` has printed of one program: its ops in the order of the code, with how often each
//! ran and how often what stands behind it ran next. Programs count alike unless they have a weight, however long they ran.
//!
//! With `+COUNT`, those that there are stay, and so many are added.
//!
//! Greedy: the chain that saves most is taken, and the others are looked at again. What a set of chains leaves is computed as the engine would run it, the
//! longest chain at each place.

use std::collections::{BTreeMap, BinaryHeap, HashMap, HashSet};
use std::fs;

use crate::{Outcome, shell};

/// The most ops of a chain, as in `core/src/code/chain.rs`.
const LONGEST: usize = 5;

/// What a chain must save, as a part of all dispatches of one program.
const LEAST: f64 = 0.0005;

/// Ops behind which nothing is run: they lead elsewhere, or what stands behind them is looked at by others.
const LAST: &[&str] =
    &["br_table", "return", "call_", "tail_call", "reload_memory", "unreachable", "leave", "enter_host", "translate"];

/// Parts of names of ops that are in no chain: what they do takes longer than a dispatch, or is rare.
const ALONE: &[&str] = &[
    "i64_div_",
    "i64_rem_",
    "return_many",
    "memory_",
    "table_",
    "_wide",
    "_far",
    "poll",
    "reload_memory",
    "call_indirect",
    "call_import",
    "call_ref",
    "tail_call",
    "br_table_s",
    "br_table_r",
];

/// Ops by their number in the table.
type Op = u16;
type Chain = Vec<Op>;

/// One op in code.
struct Place {
    op: Op,
    count: f64,
    /// The part of its runs behind which what stands behind it ran next.
    onward: f64,
}

/// Ops that stand behind one another, and what one run of one of them counts.
struct Stretch {
    weight: f64,
    places: Vec<Place>,
}

pub fn run(arguments: &[String]) -> Outcome {
    let usage = "cargo xtask chains [+]COUNT FILE[=WEIGHT]…";
    let (count, files) = arguments.split_first().ok_or(usage)?;
    let ops = Ops::read()?;
    let (present, count) = match count.strip_prefix('+') {
        Some(more) => (ops.present()?, more),
        None => (HashSet::new(), count.as_str()),
    };
    let count: usize = count.parse().map_err(|_| usage)?;
    let mut stretches = Vec::new();
    for file in files {
        let (file, weight) = file.rsplit_once('=').unwrap_or((file, "1"));
        let weight: f64 = weight.parse().map_err(|_| format!("{weight} is no weight"))?;
        let text = fs::read_to_string(file).map_err(|e| format!("{file}: {e}"))?;
        ops.stretches(&text, weight, &mut stretches);
    }
    let before: f64 = stretches.iter().flat_map(|s| s.places.iter().map(|place| place.count * s.weight)).sum();
    let most = present.len() + count;
    let mut chosen = Choice::new(&ops, &stretches, present);
    chosen.take(most);
    eprintln!(
        "{} chains leave {:.1} of 100 dispatches",
        chosen.set.len(),
        chosen.left.iter().sum::<f64>() / before * 100.0
    );
    let mut rows: Vec<&Chain> = chosen.set.iter().collect();
    rows.sort();
    for row in rows {
        let names: Vec<&str> = row.iter().map(|op| ops.names[usize::from(*op)].as_str()).collect();
        println!("            {};", names.join(", "));
    }
    Ok(())
}

/// The table of ops.
struct Ops {
    names: Vec<String>,
    numbers: HashMap<String, Op>,
    /// Whether an op has a handler that a chain may be made of.
    joins: Vec<bool>,
}

impl Ops {
    fn read() -> Result<Ops, String> {
        let path = "core/src/code/op.rs";
        let text = fs::read_to_string(shell::top().join(path)).map_err(|e| format!("{path}: {e}"))?;
        let mut ops = Ops { names: Vec::new(), numbers: HashMap::new(), joins: Vec::new() };
        let mut section = "";
        for line in text.lines().map(str::trim) {
            if let Some(name) = line.strip_suffix(" {") {
                section = name;
            } else if let Some((name, _)) =
                line.split_once('(').filter(|_| line.contains(") = ") && line.ends_with(';'))
            {
                ops.numbers.insert(name.to_string(), ops.names.len() as Op);
                let alone = ALONE.iter().any(|part| name.contains(part)) || name.ends_with("_x");
                ops.joins.push(["hot", "vector", "specialized"].contains(&section) && !alone);
                ops.names.push(name.to_string());
            }
        }
        Ok(ops)
    }

    /// The chains that there are.
    fn present(&self) -> Result<HashSet<Chain>, String> {
        let path = "core/src/code/chain.rs";
        let text = fs::read_to_string(shell::top().join(path)).map_err(|e| format!("{path}: {e}"))?;
        let row = |line: &str| -> Option<Chain> {
            line.trim().strip_suffix(';')?.split(", ").map(|name| self.numbers.get(name).copied()).collect()
        };
        Ok(text.lines().filter_map(row).filter(|chain| chain.len() > 1).collect())
    }

    /// Whether ops may stand behind this one in a chain.
    fn goes_on(&self, op: Op) -> bool {
        let name = &self.names[usize::from(op)];
        name != "br" && !LAST.iter().any(|beginning| name.starts_with(beginning))
    }

    fn stretches(&self, text: &str, weight: f64, stretches: &mut Vec<Stretch>) {
        let mut places = Vec::new();
        let first = stretches.len();
        let mut total = 0.0;
        for line in text.lines() {
            let words: Vec<&str> = line.split(' ').collect();
            let [name, count, went_on, followed] = words[..] else { continue };
            let (Some(&op), Ok(count), Ok(went_on)) =
                (self.numbers.get(name), count.parse::<f64>(), went_on.parse::<f64>())
            else {
                continue;
            };
            // A program that was stopped in time has looked at the clock between its ops.
            if name != "poll" {
                total += count;
                places.push(Place { op, count, onward: if count > 0.0 { went_on / count } else { 0.0 } });
            }
            if followed != "true" {
                stretches.push(Stretch { weight, places: std::mem::take(&mut places) });
            }
        }
        for stretch in &mut stretches[first..] {
            stretch.weight /= total;
        }
    }
}

/// The chains taken so far, and what is left.
struct Choice<'a> {
    stretches: &'a [Stretch],
    /// In which stretches a chain could be used.
    uses: BTreeMap<Chain, Vec<usize>>,
    set: HashSet<Chain>,
    /// Dispatches of each stretch.
    left: Vec<f64>,
}

impl<'a> Choice<'a> {
    fn new(ops: &Ops, stretches: &'a [Stretch], set: HashSet<Chain>) -> Self {
        let mut uses: BTreeMap<Chain, Vec<usize>> = BTreeMap::new();
        for (index, stretch) in stretches.iter().enumerate() {
            for start in 0..stretch.places.len() {
                let mut chain = Vec::new();
                for place in stretch.places[start..].iter().take(LONGEST) {
                    let entry = ops.names[usize::from(place.op)].starts_with("enter");
                    if !ops.joins[usize::from(place.op)] || (entry && !chain.is_empty()) {
                        break;
                    }
                    chain.push(place.op);
                    if chain.len() > 1 {
                        let places = uses.entry(chain.clone()).or_default();
                        if places.last() != Some(&index) {
                            places.push(index);
                        }
                    }
                    if !ops.goes_on(place.op) || place.onward == 0.0 {
                        break;
                    }
                }
            }
        }
        let left = stretches.iter().map(|stretch| dispatches(stretch, &set)).collect();
        Choice { stretches, uses, set, left }
    }

    /// What would be saved if `chain` were taken too.
    fn gain(&mut self, chain: &Chain) -> f64 {
        self.set.insert(chain.clone());
        let gain = self.uses[chain]
            .iter()
            .map(|&index| self.left[index] - dispatches(&self.stretches[index], &self.set))
            .sum();
        self.set.remove(chain);
        gain
    }

    /// Takes up to `count` chains.
    fn take(&mut self, count: usize) {
        // What one saves by itself is the most that it can save later. In millionths, to be ordered.
        let millionths = |gain: f64| (gain * 1e6) as i64;
        let all: Vec<Chain> = self.uses.keys().filter(|chain| !self.set.contains(*chain)).cloned().collect();
        let mut heap: BinaryHeap<(i64, Chain)> = BinaryHeap::new();
        for chain in all {
            let gain = self.gain(&chain);
            if gain > LEAST {
                heap.push((millionths(gain), chain));
            }
        }
        while self.set.len() < count
            && let Some((_, chain)) = heap.pop()
        {
            let gain = self.gain(&chain);
            if heap.peek().is_some_and(|(next, _)| millionths(gain) < *next) {
                if gain > LEAST {
                    heap.push((millionths(gain), chain));
                }
                continue;
            }
            self.set.insert(chain.clone());
            for &index in &self.uses[&chain] {
                self.left[index] = dispatches(&self.stretches[index], &self.set);
            }
        }
    }
}

/// Dispatches of a stretch with these chains, by its weight.
fn dispatches(stretch: &Stretch, chains: &HashSet<Chain>) -> f64 {
    let places = &stretch.places;
    // Runs that begin at each place with a dispatch: those that came from elsewhere, and those that a chain before has left there.
    let mut begun = vec![0.0; places.len() + LONGEST + 1];
    let mut total = 0.0;
    for index in 0..places.len() {
        let came_on = index.checked_sub(1).map_or(0.0, |before| places[before].count * places[before].onward);
        let here = begun[index] + (places[index].count - came_on).max(0.0);
        if here <= 0.0 {
            continue;
        }
        total += here;
        let most = LONGEST.min(places.len() - index);
        let mut ops: Chain = places[index..index + most].iter().map(|place| place.op).collect();
        while ops.len() > 1 && !chains.contains(&ops) {
            ops.pop();
        }
        let length = ops.len();
        begun[index + length] += here * places[index..index + length].iter().map(|place| place.onward).product::<f64>();
    }
    total * stretch.weight
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ops(names: &[&str]) -> Ops {
        let numbers = names.iter().enumerate().map(|(number, name)| (name.to_string(), number as Op)).collect();
        Ops { names: names.iter().map(|name| name.to_string()).collect(), numbers, joins: vec![true; names.len()] }
    }

    #[test]
    fn a_loop_of_three_ops_becomes_one_dispatch() {
        let ops = ops(&["a", "b", "br_if"]);
        let mut stretches = Vec::new();
        ops.stretches("a 100 100 true\nb 100 100 true\nbr_if 100 0 false\nnot a place\n", 1.0, &mut stretches);
        let mut choice = Choice::new(&ops, &stretches, HashSet::new());
        assert_eq!(choice.left.iter().sum::<f64>(), 1.0);
        choice.take(1);
        assert_eq!(choice.set.iter().collect::<Vec<_>>(), [&vec![0, 1, 2]]);
        assert!((choice.left.iter().sum::<f64>() - 1.0 / 3.0).abs() < 1e-9);
    }

    #[test]
    fn chains_that_there_are_stay() {
        let ops = ops(&["a", "b", "c", "br_if"]);
        let mut stretches = Vec::new();
        ops.stretches("a 9 9 true\nb 9 9 true\nc 9 9 true\nbr_if 9 0 false\n", 1.0, &mut stretches);
        let present = vec![0, 1];
        let mut choice = Choice::new(&ops, &stretches, HashSet::from([present.clone()]));
        choice.take(2);
        assert_eq!(choice.set, HashSet::from([present, vec![0, 1, 2, 3]]));
    }

    #[test]
    fn what_is_entered_in_the_middle_is_a_dispatch_of_its_own() {
        let ops = ops(&["a", "b"]);
        let mut stretches = Vec::new();
        ops.stretches("a 50 50 true\nb 100 0 false\n", 1.0, &mut stretches);
        let chains = HashSet::from([vec![0, 1]]);
        // Fifty runs of both, fifty of the second alone: 100 of 150.
        assert!((dispatches(&stretches[0], &chains) - 100.0 / 150.0).abs() < 1e-9);
    }
}
