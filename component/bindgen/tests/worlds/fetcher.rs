//! The asynchronous form: those imports that wait are futures, and so are calls.

use std::future::{Future, poll_fn, ready};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll, Waker};

use whit_component::{Resource, ResourceTable, bindgen};
use whit_core::Error;

use crate::linked;

bindgen!({ path: "tests/goldens/fetcher.wit", async: ["fetch", "clock.timer.wait"] });

use clock::Timer;

/// A host whose time passes when it is polled.
#[derive(Default)]
struct World {
    table: ResourceTable,
    lines: Vec<String>,
    polls: Arc<AtomicU32>,
}

/// What stands behind a [`Timer`].
struct Ticks(u32);

impl FetcherImports for World {
    fn fetch(&mut self, url: String) -> impl Future<Output = Result<Result<String, u16>, Error>> + Send + 'static {
        ready(Ok(if url == "/" { Ok("home".into()) } else { Err(404) }))
    }

    fn log(&mut self, line: String) -> Result<(), Error> {
        self.lines.push(line);
        Ok(())
    }
}

impl clock::HostTimer for World {
    fn new(&mut self, ticks: u32) -> Result<Resource<Timer>, Error> {
        let ticks = self.table.push(Ticks(ticks))?;
        Ok(Resource::from_rep(ticks.rep()))
    }

    fn wait(&mut self, this: Resource<Timer>) -> impl Future<Output = Result<(), Error>> + Send + 'static {
        let ticks = self.table.get(&Resource::<Ticks>::from_rep(this.rep())).map(|ticks| ticks.0);
        let polls = self.polls.clone();
        async move {
            let mut left = ticks?;
            poll_fn(|_| {
                polls.fetch_add(1, Ordering::Relaxed);
                left = left.saturating_sub(1);
                if left == 0 { Poll::Ready(()) } else { Poll::Pending }
            })
            .await;
            Ok(())
        }
    }

    fn drop(&mut self, this: Resource<Timer>) -> Result<(), Error> {
        self.table.delete(Resource::<Ticks>::from_rep(this.rep()))?;
        Ok(())
    }
}

#[test]
fn a_call_waits_where_its_imports_do() {
    let (mut store, component, mut linker) = linked(include_str!("fetcher.wat"), World::default());
    Fetcher::add_to_linker(&mut linker, |world| world).unwrap();
    let fetcher = Fetcher::instantiate(&mut store, &component, &linker).unwrap();
    {
        let mut call = pin!(fetcher.call_run(&mut store, "/"));
        let mut context = Context::from_waker(Waker::noop());
        assert!(call.as_mut().poll(&mut context).is_pending());
        assert!(call.as_mut().poll(&mut context).is_pending());
        let Poll::Ready(result) = call.as_mut().poll(&mut context) else { panic!("three ticks are over") };
        assert_eq!(result.unwrap(), Ok("home".into()));
    }
    let world = store.data();
    assert_eq!((world.lines.as_slice(), world.polls.load(Ordering::Relaxed)), (&["/".to_string()][..], 3));
    assert!(world.table.is_empty(), "the timer was dropped");
    let mut call = pin!(fetcher.call_run(&mut store, "/none"));
    let mut context = Context::from_waker(Waker::noop());
    let result = loop {
        if let Poll::Ready(result) = call.as_mut().poll(&mut context) {
            break result;
        }
    };
    assert_eq!(result.unwrap(), Err(404));
}
