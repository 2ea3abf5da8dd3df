//! Values of any component-level type pass through components unchanged: what is lowered is what is lifted, in every encoding of strings, from host to
//! guest, from guest to host, and from guest to guest; and bytes that are no value are a trap.
#![no_main]

use std::sync::LazyLock;

use arbitrary::Unstructured;
use libfuzzer_sys::{Corpus, fuzz_target};
use whit_component::{Component, Linker, TrapCode, Val};
use whit_core::{Engine, Error, Store};
use whit_fuzz::component::generate;

static ENGINE: LazyLock<Engine> = LazyLock::new(Engine::default);

/// What the host was given, and what it has to give.
struct Host {
    seen: Vec<Val>,
    result: Val,
}

fuzz_target!(|input: &[u8]| -> Corpus {
    let Ok(case) = generate(&mut Unstructured::new(input)) else { return Corpus::Reject };
    if let Err(error) = pass(&case) {
        panic!("{error}\n{}", case.text);
    }
    Corpus::Keep
});

fn pass(case: &whit_fuzz::component::Case) -> Result<(), Error> {
    let wasm = wat::parse_str(&case.text).map_err(|error| Error::msg(error.to_string()))?;
    let component = Component::new(&ENGINE, wasm)?;
    let mut linker = Linker::<Host>::new(&ENGINE);
    for name in ["sink", "look"] {
        linker.root().func_new(name, |mut store, params| {
            store.data_mut().seen = params.to_vec();
            Ok(None)
        })?;
    }
    linker.root().func_new("source", |store, _| Ok(Some(store.data().result.clone())))?;
    let mut store = Store::new(&ENGINE, Host { seen: Vec::new(), result: case.result.clone() });
    let instance = linker.instantiate(&mut store, &component)?;
    let call = |store: &mut Store<Host>, name: &str, params: &[Val]| {
        let func = instance.get_func(&mut *store, &[name]).ok_or_else(|| Error::msg("an export is missing"))?;
        func.call(store, params)
    };
    call(&mut store, "sink", &case.params)?;
    same(&store.data().seen, &case.params, "sink");
    let result = call(&mut store, "source", &[])?;
    same(&result, &Some(case.result.clone()), "source");
    let list = call(&mut store, "echo", std::slice::from_ref(&case.list))?;
    same(&list, &Some(case.list.clone()), "echo");

    // Noise is a value or a trap; what the host sees of it is what comes back from another guest.
    let looked = call(&mut store, "look-at-noise", &[]);
    if let Err(error) = &looked {
        assert!(error.downcast_ref::<TrapCode>().is_some(), "look-at-noise: {error}");
        return Ok(());
    }
    let seen = std::mem::take(&mut store.data_mut().seen);
    let echoed = call(&mut store, "echo-noise", &[])?;
    same(&echoed.as_slice(), &seen.as_slice(), "echo-noise");
    Ok(())
}

/// As text they are the same: there is one NaN, and zeroes have their sign.
fn same<V: std::fmt::Debug>(found: &V, given: &V, function: &str) {
    let (found, given) = (format!("{found:?}"), format!("{given:?}"));
    assert!(found == given, "{function}: {found}\nis not {given}");
}
