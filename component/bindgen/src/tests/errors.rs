//! What is wrong is said where it is: at an option, with what the WIT has.

use super::rustc;

/// Asserts what is said of a use of the macro, whose options begin in line 2, and of which line and column it is said.
fn refused(name: &str, options: &str, message: &str, place: &str) {
    let errors = rustc::errors(name, &format!("whit_component::bindgen!({{\n{options}\n}});\n"));
    assert!(errors.contains(message), "{errors}");
    assert!(errors.contains(&format!("{name}.rs:{place}\n")), "{errors}");
}

const TWO_WORLDS: &str = r#"inline: "package a:b; interface i { type t = u8; f: func(); } world w { import i; } world v { import f: func(); }","#;

#[test]
fn a_missing_file_is_named() {
    refused("missing_file", "path: \"no/such.wit\",", "no/such.wit`; a path begins at the package's folder", "2:7");
}

#[test]
fn an_unknown_world_is_said_with_those_that_there_are() {
    let message = "there is no world `x`: the package `a:b` has the worlds `w`, `v`";
    refused("unknown_world", &format!("{TWO_WORLDS} world: \"x\""), message, &format!("2:{}", TWO_WORLDS.len() + 9));
    let world = format!("{TWO_WORLDS} world: \"a:c/w\"");
    refused("unknown_package", &world, "unknown package `a:c`", &format!("2:{}", TWO_WORLDS.len() + 9));
    let message = "the package `a:b` has the worlds `w`, `v`; `world: \"…\"` chooses one";
    refused("which_world", TWO_WORLDS, message, "2:9");
    refused("no_world", "inline: \"package a:b;\"", "the package `a:b` has no worlds", "2:9");
}

#[test]
fn invalid_wit_is_shown() {
    let options = "inline: \"package a:b;\nworld w { import f: func(x: y); }\"";
    for message in ["name `y` does not exist", "--> inline:2:29", "2 | world w { import f: func(x: y); }"] {
        refused("invalid_wit", options, message, "2:9");
    }
    refused("invalid_wit_2", "inline: \"package\"", "expected an identifier or string, found eof", "2:9");
}

#[test]
fn what_is_not_supported_is_said_with_its_place() {
    let place = "inline:1:";
    for (name, wit, message) in [
        ("a_stream", "import f: func() -> stream<u8>;", "the type `stream`; not yet: asynchronous components"),
        ("a_future", "import f: func(x: future);", "the type `future`; not yet: asynchronous components"),
        ("async_func", "export f: async func();", "the function `f` is asynchronous; not yet: asynchronous components"),
        (
            "big_tuple",
            "export f: func(x: tuple<u8,u8,u8,u8,u8,u8,u8,u8,u8,u8,u8,u8,u8,u8,u8,u8,u8>);",
            "more than 16 types; not supported",
        ),
    ] {
        let options = format!("inline: \"package a:b; world w {{ {wit} }}\"");
        refused(name, &options, message, "2:9");
        refused(name, &options, place, "2:9");
    }
    let params = (0..17).map(|index| format!("p{index}: u8")).collect::<Vec<_>>().join(", ");
    let options = format!("inline: \"package a:b; world w {{ import f: func({params}); }}\"");
    refused("many_params", &options, "the function `f` has more than 16 parameters; not supported", "2:9");
    let flags = (0..33).map(|index| format!("flag{index}")).collect::<Vec<_>>().join(", ");
    let options = format!("inline: \"package a:b; world w {{ flags many {{ {flags} }} import f: func(x: many); }}\"");
    refused("many_flags", &options, "more than 32 flags", "2:9");
}

#[test]
fn names_that_the_world_does_not_have_are_pointed_at() {
    let options = format!("{TWO_WORLDS}\nworld: \"w\",\nwith: {{ \"a:b/i.u\": u8 }}");
    let message = "the world `w` uses no interface and no type `a:b/i.u`; an interface is named as in `wasi:io/poll`";
    refused("unused_with", &options, message, "4:9");
    let options = format!("{TWO_WORLDS}\nworld: \"w\",\nasync: [\"a:b/i.f\", \"g\"]");
    refused("unused_async", &options, "the world `w` imports no interface and no function `g`", "4:20");
}

#[test]
fn options_are_checked() {
    refused("no_option", "paths: \"wit\"", "`paths` is no option of `bindgen!`; there are `path`, `inline`", "2:1");
    refused("twice", "world: \"a\",\nworld: \"b\"", "`world` is given twice", "3:1");
    refused("not_a_bool", "async: 1", "expected boolean literal", "2:8");
}
