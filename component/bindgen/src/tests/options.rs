//! Options in all their forms lead to Rust that compiles.

use super::rustc;

/// Asserts that a crate compiles, all warnings being errors.
fn compiles(name: &str, text: &str) {
    assert_eq!(rustc::errors(name, &format!("#![deny(warnings)]\n{text}")), "");
}

/// The golden that is chosen, as the compiler sees it; that of the folder's package is this crate's.
const GREETER: &str = "tests/goldens/greeter.wit";

#[test]
fn the_short_forms_name_a_world() {
    compiles("short", &format!("whit_component::bindgen!(\"greeter\" in {GREETER:?});\npub use Greeting as It;"));
    let errors = rustc::errors("shorter", "whit_component::bindgen!(\"greeter\");");
    assert!(errors.contains("there is no file or folder") && errors.contains("/wit`"), "{errors}");
    let errors =
        rustc::errors("too_long", &format!("whit_component::bindgen!(\"greeter\" in {GREETER:?}, async: true);"));
    assert!(errors.contains("other options have the form `bindgen!({ path: \"wit\" })`"), "{errors}");
}

#[test]
fn inline_text_uses_what_the_paths_have() {
    let inline = "package a:b; world w { use example:bank/accounts@0.1.0.{amount}; export f: func() -> amount; }";
    let options = format!("path: \"tests/goldens/bank.wit\", inline: {inline:?}");
    compiles(
        "inline",
        &format!("whit_component::bindgen!({{ {options} }});\npub fn f(amount: Amount) -> i64 {{ amount }}"),
    );
}

#[test]
fn the_library_may_have_another_name() {
    let options = format!("path: {GREETER:?}, crate: crate::renamed::component");
    compiles(
        "renamed",
        &format!("mod renamed {{ pub use whit_component as component; }}\nwhit_component::bindgen!({{ {options} }});"),
    );
}

#[test]
fn more_can_be_derived() {
    let inline = "package a:b; world w { record r { x: u8 } enum e { a } flags f { b } variant v { c(string) } export g: func(r: r); }";
    let options = format!("inline: {inline:?}, additional_derives: [Hash, core::cmp::PartialOrd]");
    let uses = "pub fn bounds() {\n    fn has<T: core::hash::Hash + PartialOrd + Clone + Eq>() {}\n    has::<R>();\n    has::<E>();\n    has::<F>();\n    has::<V>();\n}";
    compiles("derives", &format!("whit_component::bindgen!({{ {options} }});\n{uses}"));
}

#[test]
fn unstable_items_are_there_by_their_feature() {
    let inline = "package a:b@1.0.0; world w { @unstable(feature = soon) export f: func(); export g: func(); }";
    let call = "pub fn f(w: &W, store: &mut whit_component::whit_core::Store<()>) { let _ = w.call_f(store); }";
    let text =
        |features: &str| format!("whit_component::bindgen!({{ inline: {inline:?}, features: [{features}] }});\n{call}");
    compiles("unstable", &text("\"soon\""));
    let errors = rustc::errors("stable", &text(""));
    assert!(errors.contains("no method named `call_f`"), "{errors}");
}
