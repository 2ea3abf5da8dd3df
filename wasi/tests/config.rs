//! `wasi:config` as a component sees it: what the embedder gave it and nothing else.

use whit_component::{Component, Instance, Linker};
use whit_core::{Engine, Store};
use whit_wasi::{WasiCtx, WasiCtxBuilder, WasiView, add_to_linker_p2};

/// An instance of the guest in `config/guest.wat`.
fn guest(give: impl FnOnce(&mut WasiCtxBuilder)) -> (Store<WasiCtx>, Instance) {
    let engine = Engine::default();
    let bytes = wat::parse_str(include_str!("config/guest.wat")).unwrap();
    let component = Component::new(&engine, bytes).unwrap();
    let mut linker = Linker::new(&engine);
    add_to_linker_p2(&mut linker, WasiCtx::wasi).unwrap();
    let mut builder = WasiCtx::builder();
    give(&mut builder);
    let mut store = Store::new(&engine, builder.build().unwrap());
    let instance = linker.instantiate(&mut store, &component).unwrap();
    (store, instance)
}

#[test]
fn a_guest_reads_what_it_was_given() {
    let (mut store, instance) = guest(|builder| {
        builder.config_var("host", "db.example").config_var("attempts", "3").config_var("host", "db2.example");
    });
    let get = instance.get_func(&mut store, &["get"]).unwrap().typed::<(String,), (String,)>(&mut store).unwrap();
    let mut get = |key: &str| get.call(&mut store, (key.into(),)).unwrap().0;
    assert_eq!(get("host"), "db2.example");
    assert_eq!(get("attempts"), "3");
    assert_eq!(get("HOST"), "(nothing)");
    let all = instance.get_func(&mut store, &["get-all"]).unwrap();
    let all = all.typed::<(), (Vec<(String, String)>,)>(&mut store).unwrap();
    let pair = |name: &str, value: &str| (name.to_string(), value.to_string());
    assert_eq!(all.call(&mut store, ()).unwrap().0, [pair("attempts", "3"), pair("host", "db2.example")]);
}

#[test]
fn without_any_there_is_nothing() {
    let (mut store, instance) = guest(|_| {});
    let all = instance.get_func(&mut store, &["get-all"]).unwrap();
    let all = all.typed::<(), (Vec<(String, String)>,)>(&mut store).unwrap();
    assert_eq!(all.call(&mut store, ()).unwrap().0, []);
}
