//! What all tests here need.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Wake, Waker};
use std::time::Duration;

use whit_core::{Config, Engine, Instance, Module, Store};

/// A module from its text.
pub fn module(engine: &Engine, text: &str) -> Module {
    Module::new(engine, wat::parse_str(text).expect("the text is well formed")).expect("the module is valid")
}

/// A store with an instance of a module without imports.
pub fn instance(text: &str) -> (Store<()>, Instance) {
    let mut store = Store::new(&Engine::default(), ());
    let module = module(store.engine(), text);
    let instance = Instance::new(&mut store, &module, &[]).expect("an instance");
    (store, instance)
}

/// An engine with some settings changed.
pub fn engine(change: impl FnOnce(&mut Config)) -> Engine {
    let mut config = Config::new();
    change(&mut config);
    Engine::new(&config).expect("the configuration makes sense")
}

/// Advances an engine's epoch every millisecond until it is dropped.
pub struct Ticker(Arc<AtomicBool>);

impl Ticker {
    pub fn start(engine: &Engine) -> Self {
        let (stop, engine) = (Arc::new(AtomicBool::new(false)), engine.clone());
        std::thread::spawn({
            let stop = stop.clone();
            move || {
                while !stop.load(Ordering::SeqCst) {
                    std::thread::sleep(Duration::from_millis(1));
                    engine.increment_epoch();
                }
            }
        });
        Self(stop)
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// A waker that counts.
#[derive(Default)]
pub struct Counter(AtomicUsize);

impl Counter {
    pub fn new() -> (Arc<Self>, Waker) {
        let counter = Arc::new(Self::default());
        let waker = Waker::from(counter.clone());
        (counter, waker)
    }

    pub fn wakes(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

impl Wake for Counter {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// Something whose drops are counted.
pub struct Dropped(pub Arc<AtomicUsize>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}
