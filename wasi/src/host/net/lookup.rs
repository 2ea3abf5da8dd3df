//! Names to addresses, by helper threads, because the system's resolver blocks.
//!
//! At most [`MAX_THREADS`] lookups of a context run at a time and [`MAX_LOOKUPS`] are outstanding; the others wait for a
//! thread, or are refused. A lookup that its guest dropped is not begun.

use std::collections::VecDeque;
use std::net::{IpAddr, ToSocketAddrs};
use std::sync::{Arc, Mutex, Weak};

use super::super::poll::Pollable;
use super::super::quota::{Held, Quota};
use super::super::wait::{Signal, Source, Subscribers, lock};
use super::SocketError;
use super::name::HostName;
use super::network::Network;

/// A way to look names up. May block: it is asked on a thread of its own.
pub trait Resolve: Send + Sync {
    /// The addresses of `name`, best first.
    fn resolve(&self, name: &HostName) -> Result<Vec<IpAddr>, SocketError>;
}

/// The host's own resolver.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemResolver;

impl Resolve for SystemResolver {
    fn resolve(&self, name: &HostName) -> Result<Vec<IpAddr>, SocketError> {
        // The standard library does not say which of the resolver's failures it was.
        let addresses = (name.as_str(), 0).to_socket_addrs().map_err(|_| SocketError::NameUnresolvable)?;
        Ok(addresses.map(|address| address.ip()).collect())
    }
}

const MAX_THREADS: u32 = 4;
const MAX_LOOKUPS: u32 = 64;

/// The most addresses that a guest is given for a name.
const MAX_ANSWERS: usize = 256;

/// The lookups of a network.
pub(super) struct Lookups {
    resolver: Arc<dyn Resolve>,
    outstanding: Quota,
    queue: Arc<Mutex<Queue>>,
}

/// Under one lock, so that a thread that finds nothing to do is gone for whoever adds something.
#[derive(Default)]
struct Queue {
    waiting: VecDeque<(HostName, Weak<Pending>)>,
    threads: u32,
}

#[derive(Default)]
struct Pending {
    state: Mutex<State>,
    _outstanding: Option<Held>,
}

#[derive(Default)]
struct State {
    answer: Option<Result<Vec<IpAddr>, SocketError>>,
    subscribers: Subscribers,
}

impl Lookups {
    pub(super) fn new(resolver: Arc<dyn Resolve>) -> Self {
        Lookups { resolver, outstanding: Quota::new(MAX_LOOKUPS), queue: Arc::default() }
    }

    /// Starts to look `name` up; the answer is remembered by `network` before anybody sees it.
    pub(super) fn start(&self, network: &Network, name: HostName) -> Result<Lookup, SocketError> {
        let outstanding = self.outstanding.take().ok_or(SocketError::TemporaryResolverFailure)?;
        let pending = Arc::new(Pending { state: Mutex::default(), _outstanding: Some(outstanding) });
        let mut queue = lock(&self.queue);
        // Dropped ones stay in the queue, which must not grow by them.
        queue.waiting.retain(|(_, pending)| pending.strong_count() > 0);
        queue.waiting.push_back((name, Arc::downgrade(&pending)));
        if queue.threads < MAX_THREADS {
            let (shared, resolver, network) = (self.queue.clone(), self.resolver.clone(), network.clone());
            let thread = std::thread::Builder::new().name("whit-lookup".into());
            match thread.spawn(move || answer_all(&shared, &*resolver, &network)) {
                Ok(_) => queue.threads += 1,
                // With another thread there it is only later.
                Err(_) if queue.threads > 0 => {}
                Err(_) => return Err(SocketError::OutOfMemory),
            }
        }
        Ok(Lookup { pending, next: 0 })
    }
}

/// Answers lookups until none is left.
fn answer_all(queue: &Mutex<Queue>, resolver: &dyn Resolve, network: &Network) {
    while let Some((name, pending)) = next(queue) {
        let answer = resolver.resolve(&name).map(|addresses| cleaned(&addresses)).and_then(|addresses| {
            network.remember(&name, &addresses);
            if addresses.is_empty() { Err(SocketError::NameUnresolvable) } else { Ok(addresses) }
        });
        pending.finish(answer);
    }
}

/// The next lookup that somebody still waits for; without one the calling thread is at its end.
fn next(queue: &Mutex<Queue>) -> Option<(HostName, Arc<Pending>)> {
    let mut queue = lock(queue);
    while let Some((name, pending)) = queue.waiting.pop_front() {
        if let Some(pending) = pending.upgrade() {
            return Some((name, pending));
        }
    }
    queue.threads -= 1;
    None
}

/// Every address once, IPv4 ones as such, and not endlessly many.
fn cleaned(addresses: &[IpAddr]) -> Vec<IpAddr> {
    let mut clean = Vec::new();
    for ip in addresses.iter().map(IpAddr::to_canonical) {
        if clean.len() < MAX_ANSWERS && !clean.contains(&ip) {
            clean.push(ip);
        }
    }
    clean
}

impl Pending {
    fn finish(&self, answer: Result<Vec<IpAddr>, SocketError>) {
        let mut state = lock(&self.state);
        state.answer = Some(answer);
        state.subscribers.notify();
    }
}

impl Source for Pending {
    fn is_ready(&self) -> bool {
        lock(&self.state).answer.is_some()
    }

    fn subscribe(&self, signal: &Signal) -> bool {
        lock(&self.state).subscribers.add(signal)
    }
}

/// `resolve-address-stream`: a lookup under way, then its addresses one by one.
pub struct Lookup {
    pending: Arc<Pending>,
    next: usize,
}

impl core::fmt::Debug for Lookup {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Lookup").field("next", &self.next).finish_non_exhaustive()
    }
}

impl Lookup {
    /// The lookup of an address, which is its own answer.
    pub(super) fn done(ip: IpAddr) -> Self {
        let pending = Pending::default();
        pending.finish(Ok(vec![ip]));
        Lookup { pending: Arc::new(pending), next: 0 }
    }

    /// `resolve-next-address`: the next address, or `None` after the last.
    pub fn next_address(&mut self) -> Result<Option<IpAddr>, SocketError> {
        match &lock(&self.pending.state).answer {
            None => Err(SocketError::WouldBlock),
            Some(Err(error)) => Err(error.clone()),
            Some(Ok(addresses)) => {
                let address = addresses.get(self.next).copied();
                self.next += usize::from(address.is_some());
                Ok(address)
            }
        }
    }

    /// `subscribe`: ready when there is an answer.
    pub fn subscribe(&self) -> Pollable {
        Pollable::source(self.pending.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::Denials;
    use super::super::super::clocks::SystemMonotonicClock;
    use super::super::super::wait::Attempt;
    use super::super::{NetGrants, Protocol};
    use super::*;
    use std::sync::mpsc;

    struct Table;

    impl Resolve for Table {
        fn resolve(&self, name: &HostName) -> Result<Vec<IpAddr>, SocketError> {
            match name.as_str() {
                "two.test" => Ok(["10.0.0.1", "::ffff:10.0.0.2", "10.0.0.1"].map(|ip| ip.parse().unwrap()).into()),
                "empty.test" => Ok(Vec::new()),
                "rebound.test" => Ok(vec!["127.0.0.1".parse().unwrap()]),
                _ => Err(SocketError::NameUnresolvable),
            }
        }
    }

    fn network(resolver: impl Resolve + 'static) -> Network {
        let mut grants = NetGrants::default();
        for rule in ["two.test:80", "empty.test:80", "rebound.test:80", "missing.test:80"] {
            grants.allow_connect(rule.parse().unwrap()).unwrap();
        }
        Network::with_resolver(grants, Quota::new(8), Denials::default(), Arc::new(resolver))
    }

    fn all(lookup: &mut Lookup) -> Result<Vec<String>, SocketError> {
        while let Attempt::Wait(wait) = lookup.subscribe().block(&SystemMonotonicClock::default()) {
            wait.block(None);
        }
        let mut addresses = Vec::new();
        while let Some(address) = lookup.next_address()? {
            addresses.push(address.to_string());
        }
        assert_eq!(lookup.next_address(), Ok(None));
        Ok(addresses)
    }

    #[test]
    fn a_granted_name_is_looked_up_and_its_addresses_can_be_connected_to() {
        let network = network(Table);
        let address = "10.0.0.2:80".parse().unwrap();
        assert!(network.check_connect(Protocol::Tcp, address).is_err());
        assert_eq!(all(&mut network.lookup("Two.Test.").unwrap()), Ok(vec!["10.0.0.1".into(), "10.0.0.2".into()]));
        assert_eq!(network.check_connect(Protocol::Tcp, address), Ok(()));
    }

    #[test]
    fn a_name_that_leads_into_the_machine_tells_so_and_grants_nothing() {
        let network = network(Table);
        assert_eq!(all(&mut network.lookup("rebound.test").unwrap()), Ok(vec!["127.0.0.1".into()]));
        assert!(network.check_connect(Protocol::Tcp, "127.0.0.1:80".parse().unwrap()).is_err());
    }

    #[test]
    fn addresses_are_their_own_answer_and_other_names_are_refused_before_the_resolver_is_asked() {
        struct Unasked;
        impl Resolve for Unasked {
            fn resolve(&self, _: &HostName) -> Result<Vec<IpAddr>, SocketError> {
                panic!("asked")
            }
        }
        let network = network(Unasked);
        assert_eq!(all(&mut network.lookup("::ffff:127.0.0.1").unwrap()), Ok(vec!["127.0.0.1".into()]));
        assert!(matches!(network.lookup("other.test").unwrap_err(), SocketError::Denied(_)));
        for name in ["", "two.test:80", "127.1", "a b", "bücher.test"] {
            assert_eq!(network.lookup(name).unwrap_err(), SocketError::InvalidArgument, "{name}");
        }
    }

    #[test]
    fn failures_and_empty_answers_are_no_address() {
        let network = network(Table);
        for name in ["missing.test", "empty.test"] {
            assert_eq!(all(&mut network.lookup(name).unwrap()), Err(SocketError::NameUnresolvable), "{name}");
        }
    }

    #[test]
    fn lookups_are_few_at_a_time_and_dropped_ones_are_not_begun() {
        struct Gate(Mutex<mpsc::Receiver<()>>, mpsc::Sender<()>);
        impl Resolve for Gate {
            fn resolve(&self, _: &HostName) -> Result<Vec<IpAddr>, SocketError> {
                self.1.send(()).unwrap();
                lock(&self.0).recv().map_err(|_| SocketError::PermanentResolverFailure)?;
                Ok(vec!["10.0.0.1".parse().unwrap()])
            }
        }
        let (open, gate) = mpsc::channel();
        let (asked, arrivals) = mpsc::channel();
        let network = network(Gate(Mutex::new(gate), asked));
        let mut lookups: Vec<_> = (0..MAX_LOOKUPS).map(|_| network.lookup("two.test").unwrap()).collect();
        assert_eq!(network.lookup("two.test").unwrap_err(), SocketError::TemporaryResolverFailure);
        assert_eq!(lookups[0].next_address(), Err(SocketError::WouldBlock));
        // Four are being answered; of the others only one stays.
        (0..MAX_THREADS).for_each(|_| arrivals.recv().unwrap());
        lookups.truncate(5);
        (0..5).for_each(|_| open.send(()).unwrap());
        for lookup in &mut lookups {
            assert_eq!(all(lookup), Ok(vec!["10.0.0.1".into()]));
        }
        arrivals.recv().unwrap();
        assert!(arrivals.try_recv().is_err());
        drop(lookups);
        assert!(network.lookup("two.test").is_ok());
        drop(open);
    }
}
