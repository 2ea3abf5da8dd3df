//! Resources of guests in the hands of the host: passed back, lent, dropped; and each way to misuse them.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use whit_component::{Component, Func, Instance, InstancePre, Linker, ResourceAny, ResourceError, RuntimeTrap, Val};
use whit_core::{Engine, Error, ErrorKind, Store, StoreContextMut};

/// A component that defines a resource type whose destructor notes the representation, and traps for 13. It lends what it makes to the host by `show`, and
/// calls `wait` in the destructor for 14.
const GUEST: &str = r#"(component
    (import "wait" (func $wait))
    (core func $wait (canon lower (func $wait)))
    (core module $destructors
        (import "host" "wait" (func $wait))
        (global (export "dropped") (mut i32) (i32.const 0))
        (func (export "destroy") (param i32)
            (if (i32.eq (local.get 0) (i32.const 13)) (then unreachable))
            (if (i32.eq (local.get 0) (i32.const 14)) (then (call $wait)))
            (global.set 0 (local.get 0))))
    (core instance $destructors (instantiate $destructors
        (with "host" (instance (export "wait" (func $wait))))))
    (alias core export $destructors "dropped" (core global $dropped))
    (type $thing' (resource (rep i32) (dtor (core func $destructors "destroy"))))
    (export $thing "thing" (type $thing'))
    (type $other' (resource (rep i32)))
    (export $other "other" (type $other'))

    (core func $new (canon resource.new $thing'))
    (core func $new-other (canon resource.new $other'))
    (core module $m
        (import "thing" "new" (func $new (param i32) (result i32)))
        (import "thing" "new-other" (func $new-other (param i32) (result i32)))
        (import "thing" "dropped" (global $dropped (mut i32)))
        (import "thing" "wait" (func $wait))
        (func (export "make") (param i32) (result i32) (call $new (local.get 0)))
        (func (export "make-other") (param i32) (result i32) (call $new-other (local.get 0)))
        (func (export "look") (param i32) (result i32) (local.get 0))
        (func (export "linger") (param i32) (call $wait))
        (func (export "take") (param i32))
        (func (export "dropped") (result i32) (global.get $dropped))
        (func (export "trap") unreachable))
    (core instance $i (instantiate $m (with "thing" (instance
        (export "new" (func $new))
        (export "new-other" (func $new-other))
        (export "dropped" (global $dropped))
        (export "wait" (func $wait))))))
    (func (export "make") (param "rep" u32) (result (own $thing)) (canon lift (core func $i "make")))
    (func (export "make-other") (param "rep" u32) (result (own $other)) (canon lift (core func $i "make-other")))
    (func (export "look") (param "thing" (borrow $thing)) (result u32) (canon lift (core func $i "look")))
    (func (export "linger") (param "thing" (borrow $thing)) (canon lift (core func $i "linger")))
    (func (export "take") (param "thing" (own $thing)) (canon lift (core func $i "take")))
    (func (export "dropped") (result u32) (canon lift (core func $i "dropped")))
    (func (export "trap") (canon lift (core func $i "trap"))))"#;

struct Guest {
    store: Store<u32>,
    linked: InstancePre<u32>,
    instance: Instance,
}

impl Guest {
    /// One whose `wait` waits as many polls as the store's data says.
    fn new() -> Self {
        Self::of(&Engine::default())
    }

    fn of(engine: &Engine) -> Self {
        let component = Component::new(engine, wat::parse_str(GUEST).unwrap()).unwrap();
        let mut linker = Linker::new(engine);
        linker
            .root()
            .func_wrap_async("wait", |mut store: StoreContextMut<'_, u32>, (): ()| {
                let waits = std::mem::take(store.data_mut());
                Box::pin(async move {
                    for _ in 0..waits {
                        yield_once().await;
                    }
                    Ok(())
                })
            })
            .unwrap();
        let mut store = Store::new(engine, 0);
        let linked = linker.instantiate_pre(&component).unwrap();
        let instance = linked.instantiate(&mut store).unwrap();
        Self { store, linked, instance }
    }

    fn func(&mut self, name: &str) -> Func {
        self.instance.get_func(&mut self.store, &[name]).unwrap()
    }

    fn make(&mut self, rep: u32) -> ResourceAny {
        let make = self.func("make").typed::<(u32,), (ResourceAny,)>(&mut self.store).unwrap();
        make.call(&mut self.store, (rep,)).unwrap().0
    }

    fn look(&mut self, thing: ResourceAny) -> Result<u32, Error> {
        let look = self.func("look").typed::<(ResourceAny,), (u32,)>(&mut self.store).unwrap();
        look.call(&mut self.store, (thing,)).map(|(rep,)| rep)
    }

    fn dropped(&mut self) -> u32 {
        let dropped = self.func("dropped").typed::<(), (u32,)>(&mut self.store).unwrap();
        dropped.call(&mut self.store, ()).unwrap().0
    }
}

async fn yield_once() {
    let mut is_second = false;
    std::future::poll_fn(|_| match std::mem::replace(&mut is_second, true) {
        true => Poll::Ready(()),
        false => Poll::Pending,
    })
    .await;
}

fn misuse(error: Error) -> ResourceError {
    *error.downcast_ref().unwrap_or_else(|| panic!("no misuse of a resource: {error}"))
}

fn trap(error: Error) -> RuntimeTrap {
    *error.downcast_ref().unwrap_or_else(|| panic!("no trap of the runtime: {error}"))
}

#[test]
fn dropping_what_the_host_owns_calls_the_guests_destructor_once() {
    let mut guest = Guest::new();
    let (first, second) = (guest.make(7), guest.make(8));
    assert_eq!((guest.look(first).unwrap(), guest.look(second).unwrap(), guest.dropped()), (7, 8, 0));
    first.resource_drop(&mut guest.store).unwrap();
    assert_eq!((guest.dropped(), guest.look(second).unwrap()), (7, 8));
    assert_eq!(misuse(first.resource_drop(&mut guest.store).unwrap_err()), ResourceError::NotHeld);
    // The place of the first is used again; a copy of its handle finds nothing there.
    let third = guest.make(9);
    assert_eq!(misuse(first.resource_drop(&mut guest.store).unwrap_err()), ResourceError::NotHeld);
    third.resource_drop(&mut guest.store).unwrap();
    assert_eq!(guest.dropped(), 9);
}

#[test]
fn a_resource_without_a_destructor_can_be_dropped_too() {
    let mut guest = Guest::new();
    let make = guest.func("make-other");
    let Some(Val::Resource(other)) = make.call(&mut guest.store, &[Val::U32(5)]).unwrap() else { panic!("a resource") };
    other.resource_drop(&mut guest.store).unwrap();
    assert_eq!(misuse(other.resource_drop(&mut guest.store).unwrap_err()), ResourceError::NotHeld);
}

#[test]
fn what_was_given_away_is_not_the_hosts_to_drop() {
    let mut guest = Guest::new();
    let thing = guest.make(7);
    let take = guest.func("take");
    take.call(&mut guest.store, &[Val::Resource(thing)]).unwrap();
    assert_eq!(misuse(thing.resource_drop(&mut guest.store).unwrap_err()), ResourceError::NotHeld);
    assert_eq!(guest.dropped(), 0);
    assert_eq!(misuse(take.call(&mut guest.store, &[Val::Resource(thing)]).unwrap_err()), ResourceError::NotHeld);
}

#[test]
fn a_resource_of_another_type_or_store_is_refused() {
    let engine = Engine::default();
    let (mut guest, mut stranger) = (Guest::of(&engine), Guest::of(&engine));
    let make = guest.func("make-other");
    let other = make.call(&mut guest.store, &[Val::U32(5)]).unwrap().unwrap();
    let look = guest.func("look");
    assert_eq!(misuse(look.call(&mut guest.store, &[other]).unwrap_err()), ResourceError::OtherType);

    let thing = stranger.make(7);
    assert_eq!(misuse(thing.resource_drop(&mut guest.store).unwrap_err()), ResourceError::OtherStore);
    let mut guest = Guest::of(&engine);
    assert_eq!(misuse(guest.look(thing).unwrap_err()), ResourceError::OtherStore);
    assert_eq!(stranger.look(thing).unwrap(), 7);
}

#[test]
fn a_destructor_that_traps_ends_its_component_and_nothing_else() {
    let mut guest = Guest::new();
    let (bad, good) = (guest.make(13), guest.make(7));
    assert_eq!(bad.resource_drop(&mut guest.store).unwrap_err().kind(), ErrorKind::Trap);
    // Gone it is, all the same.
    assert_eq!(misuse(bad.resource_drop(&mut guest.store).unwrap_err()), ResourceError::NotHeld);
    assert_eq!(trap(good.resource_drop(&mut guest.store).unwrap_err()), RuntimeTrap::CannotEnter);
    assert_eq!(misuse(good.resource_drop(&mut guest.store).unwrap_err()), ResourceError::NotHeld);
}

#[test]
fn after_its_component_has_trapped_a_resource_is_gone_without_its_destructor() {
    let mut guest = Guest::new();
    let thing = guest.make(7);
    let func = guest.func("trap");
    assert_eq!(func.call(&mut guest.store, &[]).unwrap_err().kind(), ErrorKind::Trap);
    assert_eq!(trap(thing.resource_drop(&mut guest.store).unwrap_err()), RuntimeTrap::CannotEnter);
}

#[test]
fn a_destructor_may_wait_where_the_drop_can() {
    let mut guest = Guest::new();
    let thing = guest.make(14);
    *guest.store.data_mut() = 2;
    {
        let mut drop = pin!(thing.resource_drop_async(&mut guest.store));
        let mut context = Context::from_waker(Waker::noop());
        assert!(drop.as_mut().poll(&mut context).is_pending());
        assert!(drop.as_mut().poll(&mut context).is_pending());
        assert!(matches!(drop.as_mut().poll(&mut context), Poll::Ready(Ok(()))));
    }
    assert_eq!(guest.dropped(), 14);

    // A drop that cannot wait is a trap, and one that is not awaited to its end leaves the component in the middle of something.
    let (first, second) = (guest.make(14), guest.make(7));
    *guest.store.data_mut() = 1;
    assert!(first.resource_drop(&mut guest.store).is_err());
    assert_eq!(trap(second.resource_drop(&mut guest.store).unwrap_err()), RuntimeTrap::CannotEnter);
    let mut guest = Guest::new();
    let (first, second) = (guest.make(14), guest.make(7));
    *guest.store.data_mut() = 1;
    {
        let mut drop = pin!(first.resource_drop_async(&mut guest.store));
        assert!(drop.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    }
    assert_eq!(trap(second.resource_drop(&mut guest.store).unwrap_err()), RuntimeTrap::CannotEnter);
}

#[test]
fn a_call_dropped_at_any_await_point_ends_its_instance_and_gives_back_what_was_lent() {
    const WAITS: u32 = 3;
    for polls in 0..=WAITS {
        let mut guest = Guest::new();
        let thing = guest.make(7);
        let linger = guest.func("linger");
        *guest.store.data_mut() = WAITS;
        {
            let params = [Val::Resource(thing)];
            let mut call = pin!(linger.call_async(&mut guest.store, &params));
            for _ in 0..polls {
                assert!(call.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
            }
        }
        let dropped = thing.resource_drop(&mut guest.store);
        match polls {
            // A future that is never polled has done nothing.
            0 => dropped.unwrap(),
            // Not lent any longer: only its instance cannot be entered.
            _ => assert_eq!(trap(dropped.unwrap_err()), RuntimeTrap::CannotEnter, "after {polls} polls"),
        }
        // The store goes on, with another instance of the same component.
        guest.instance = guest.linked.instantiate(&mut guest.store).unwrap();
        let thing = guest.make(8);
        assert_eq!(guest.look(thing).unwrap(), 8);
    }
}

/// A component that shows the host what it is lent.
const LENDER: &str = r#"(component
    (import "things" (instance $things (export "thing" (type (sub resource)))))
    (alias export $things "thing" (type $thing))
    (import "show" (func $show (param "thing" (borrow $thing))))
    (core func $show (canon lower (func $show)))
    (core func $drop (canon resource.drop $thing))
    (core module $m
        (import "host" "show" (func $show (param i32)))
        (import "host" "drop" (func $drop (param i32)))
        (func (export "lend") (param i32) (call $show (local.get 0)) (call $drop (local.get 0))))
    (core instance $i (instantiate $m (with "host" (instance
        (export "show" (func $show)) (export "drop" (func $drop))))))
    (func (export "lend") (param "thing" (borrow $thing)) (canon lift (core func $i "lend"))))"#;

/// What the host does when it is shown a resource.
type Show = fn(StoreContextMut<'_, Seen>, ResourceAny) -> Result<(), Error>;

/// What the store of a lender holds.
#[derive(Default)]
struct Seen {
    /// What the host owns.
    owned: Option<ResourceAny>,
    /// A function that takes it.
    take: Option<Func>,
    /// What was shown last.
    shown: Option<ResourceAny>,
}

/// Lends what the host owns to a component that shows it to the host: the store, and what that came to.
fn lend(show: Show) -> (Store<Seen>, Result<Option<Val>, Error>) {
    let engine = Engine::default();
    let mut store = Store::new(&engine, Seen::default());
    let mut linker = Linker::new(&engine);
    linker.root().func_wrap("wait", |_: StoreContextMut<'_, Seen>, (): ()| Ok(())).unwrap();
    let component = Component::new(&engine, wat::parse_str(GUEST).unwrap()).unwrap();
    let guest = linker.instantiate(&mut store, &component).unwrap();
    linker.define_instance(&mut store, "things", &guest).unwrap();
    let shows = move |mut store: StoreContextMut<'_, Seen>, (thing,): (ResourceAny,)| {
        store.data_mut().shown = Some(thing);
        show(store, thing)
    };
    linker.root().func_wrap("show", shows).unwrap();
    let component = Component::new(&engine, wat::parse_str(LENDER).unwrap()).unwrap();
    let lender = linker.instantiate(&mut store, &component).unwrap();

    let make = guest.get_func(&mut store, &["make"]).unwrap();
    let Some(Val::Resource(thing)) = make.call(&mut store, &[Val::U32(7)]).unwrap() else { panic!("a resource") };
    store.data_mut().owned = Some(thing);
    store.data_mut().take = guest.get_func(&mut store, &["take"]);
    let lend = lender.get_func(&mut store, &["lend"]).unwrap();
    let came_to = lend.call(&mut store, &[Val::Resource(thing)]);
    (store, came_to)
}

/// After [`lend`]: what was shown is not held any longer, and what is owned can be dropped.
fn expect_given_back(mut store: Store<Seen>) {
    let (shown, owned) = (store.data().shown.unwrap(), store.data().owned.unwrap());
    assert_eq!(misuse(shown.resource_drop(&mut store).unwrap_err()), ResourceError::NotHeld);
    owned.resource_drop(&mut store).unwrap();
}

#[test]
fn a_borrow_is_the_hosts_until_its_function_returns() {
    let (store, came_to) = lend(|_, _| Ok(()));
    came_to.unwrap();
    expect_given_back(store);
    // Dropping it before does not drop the resource, and a second time is a misuse.
    let (store, came_to) = lend(|mut store, thing| {
        thing.resource_drop(&mut store)?;
        assert_eq!(misuse(thing.resource_drop(&mut store).unwrap_err()), ResourceError::NotHeld);
        Ok(())
    });
    came_to.unwrap();
    expect_given_back(store);
}

#[test]
fn a_borrow_ends_where_the_hosts_function_fails() {
    let (store, came_to) = lend(|_, _| Err(Error::msg("as asked")));
    assert_eq!(came_to.unwrap_err().to_string(), "as asked");
    expect_given_back(store);
}

#[test]
fn what_the_host_has_lent_can_be_neither_dropped_nor_given_away() {
    let (store, came_to) = lend(|mut store, _| {
        let owned = store.data().owned.unwrap();
        owned.resource_drop(&mut store)
    });
    assert_eq!(misuse(came_to.unwrap_err()), ResourceError::Lent);
    expect_given_back(store);
    let (_, came_to) = lend(|mut store, _| {
        let (owned, take) = (store.data().owned.unwrap(), store.data().take.unwrap());
        take.call(&mut store, &[Val::Resource(owned)]).map(|_| ())
    });
    assert_eq!(misuse(came_to.unwrap_err()), ResourceError::Lent);
}

#[test]
fn the_host_cannot_give_away_what_it_borrows() {
    let (_, came_to) = lend(|mut store, thing| {
        let take = store.data().take.unwrap();
        take.call(&mut store, &[Val::Resource(thing)]).map(|_| ())
    });
    assert_eq!(misuse(came_to.unwrap_err()), ResourceError::Borrowed);
}

#[test]
fn a_guests_resource_is_not_taken_for_one_of_the_host() {
    let mut guest = Guest::new();
    let make = guest.func("make").typed::<(u32,), (whit_component::Resource<u8>,)>(&mut guest.store).unwrap();
    assert_eq!(misuse(make.call(&mut guest.store, (7,)).unwrap_err()), ResourceError::OfAGuest);
    let mut guest = Guest::new();
    let look = guest.func("look").typed::<(whit_component::Resource<u8>,), (u32,)>(&mut guest.store).unwrap();
    let forged = whit_component::Resource::from_rep(0);
    assert_eq!(misuse(look.call(&mut guest.store, (forged,)).unwrap_err()), ResourceError::OfTheHost);
}
