//! `wasi:keyvalue` as a component sees it.

use whit_component::{Component, Instance, Linker};
use whit_core::{Engine, Store};
use whit_wasi::host::Denial;
use whit_wasi::host::keyvalue::{Bucket, DEFAULT_MAX_BYTES, ENTRY_BYTES};
use whit_wasi::{WasiCtx, WasiCtxBuilder, WasiView, add_to_linker_p2};

/// An instance of the guest in `keyvalue/guest.wat`.
fn guest(give: impl FnOnce(&mut WasiCtxBuilder)) -> (Store<WasiCtx>, Instance) {
    let engine = Engine::default();
    let bytes = wat::parse_str(include_str!("keyvalue/guest.wat")).unwrap();
    let component = Component::new(&engine, bytes).unwrap();
    let mut linker = Linker::new(&engine);
    add_to_linker_p2(&mut linker, WasiCtx::wasi).unwrap();
    let mut builder = WasiCtx::builder();
    give(&mut builder);
    let mut store = Store::new(&engine, builder.build().unwrap());
    let instance = linker.instantiate(&mut store, &component).unwrap();
    (store, instance)
}

/// What `run` says.
fn run(store: &mut Store<WasiCtx>, instance: &Instance) -> u32 {
    let run = instance.get_func(&mut *store, &["run"]).unwrap().typed::<(), (u32,)>(&mut *store).unwrap();
    run.call(store, ()).unwrap().0
}

#[test]
fn a_guest_sets_gets_counts_lists_and_deletes() {
    let bucket = Bucket::in_memory(DEFAULT_MAX_BYTES);
    let (mut store, instance) = guest(|builder| {
        builder.bucket("", &bucket);
    });
    assert_eq!(run(&mut store, &instance), 0, "the step that went wrong");
    // What it left is here, and in another guest's way.
    assert_eq!(bucket.keys(None), (vec!["two".to_string()], false));
    assert_eq!(bucket.get("two").as_deref(), Some(&b"2"[..]));
}

#[test]
fn a_bucket_that_was_not_granted_is_none_and_the_denial_names_the_flag() {
    let bucket = Bucket::in_memory(DEFAULT_MAX_BYTES);
    let (mut store, instance) = guest(|builder| {
        builder.bucket("granted", &bucket);
    });
    let open = instance.get_func(&mut store, &["open"]).unwrap().typed::<(String,), (u32,)>(&mut store).unwrap();
    assert_eq!(open.call(&mut store, ("granted".into(),)).unwrap().0, 0);
    // The first case of the error: no such store.
    assert_eq!(open.call(&mut store, ("other".into(),)).unwrap().0, 1);
    let denials = store.data().denials();
    assert_eq!(denials, [Denial::Bucket("other".into())]);
    assert_eq!(
        denials[0].to_string(),
        "opening the bucket `other` is not granted (-S keyvalue grants one without a name)"
    );
}

#[test]
fn a_bucket_that_is_full_is_an_error_of_the_interface() {
    let bucket = Bucket::in_memory(ENTRY_BYTES);
    let (mut store, instance) = guest(|builder| {
        builder.bucket("", &bucket);
    });
    // The first value does not fit.
    assert_eq!(run(&mut store, &instance), 3);
}

#[cfg(feature = "keyvalue-file")]
mod in_a_file {
    use whit_wasi::host::keyvalue::KeyValueError;

    use super::*;

    #[test]
    fn what_a_guest_leaves_is_there_the_next_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bucket");
        for _ in 0..2 {
            let bucket = Bucket::in_file(&path, DEFAULT_MAX_BYTES).unwrap();
            let (mut store, instance) = guest(|builder| {
                builder.bucket("", &bucket);
            });
            assert_eq!(run(&mut store, &instance), 0, "the step that went wrong");
            drop((store, bucket));
            let bucket = Bucket::in_file(&path, DEFAULT_MAX_BYTES).unwrap();
            assert_eq!(bucket.keys(None), (vec!["two".to_string()], false));
            assert_eq!(bucket.increment("two", 0), Ok(2));
        }
        let bucket = Bucket::in_file(&path, DEFAULT_MAX_BYTES).unwrap();
        bucket.delete("two").unwrap();
        drop(bucket);
        assert_eq!(Bucket::in_file(&path, DEFAULT_MAX_BYTES).unwrap().keys(None), (Vec::new(), false));
    }

    #[test]
    fn limits_hold_and_what_is_refused_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bucket");
        let bucket = Bucket::in_file(&path, 2 * (ENTRY_BYTES + 2)).unwrap();
        bucket.set_all(vec![("a".into(), vec![1]), ("b".into(), vec![2])]).unwrap();
        assert_eq!(bucket.set("c", vec![3]), Err(KeyValueError::Full));
        drop(bucket);
        let bucket = Bucket::in_file(&path, 2 * (ENTRY_BYTES + 2)).unwrap();
        assert_eq!(bucket.keys(None).0, ["a", "b"]);
        drop(bucket);
        assert_eq!(Bucket::in_file(&path, ENTRY_BYTES).unwrap_err(), KeyValueError::Full);
    }

    #[test]
    fn a_file_that_is_no_bucket_or_in_use_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bucket");
        std::fs::write(&path, "something else, of some length, which a bucket does not begin with").unwrap();
        assert!(matches!(Bucket::in_file(&path, DEFAULT_MAX_BYTES), Err(KeyValueError::File(_))));
        assert!(matches!(Bucket::in_file(folder.path(), DEFAULT_MAX_BYTES), Err(KeyValueError::File(_))));
        let other = folder.path().join("other");
        let _bucket = Bucket::in_file(&other, DEFAULT_MAX_BYTES).unwrap();
        assert!(matches!(Bucket::in_file(&other, DEFAULT_MAX_BYTES), Err(KeyValueError::File(_))));
    }
}
