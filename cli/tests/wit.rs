//! `whit wit`: the world of a component as text that was WIT before, and is again.

mod common;

use common::{Folder, guest, whit};
use wit_component::{ComponentEncoder, StringEncoding, dummy_module, embed_component_metadata};
use wit_parser::{LiftLowerAbi, ManglingAndAbi, Resolve};

/// A component whose world is the world `root` of this text; its functions trap.
fn component(wit: &str) -> Vec<u8> {
    let mut resolve = Resolve::default();
    let package = resolve.push_str("world.wit", wit).expect("the text is WIT");
    let world = resolve.select_world(&[package], Some("root")).expect("there is a world `root`");
    let mut module = dummy_module(&resolve, world, ManglingAndAbi::Legacy(LiftLowerAbi::Sync));
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8, false)
        .expect("the world can be encoded");
    ComponentEncoder::default().module(&module).expect("the module fits").encode().expect("a component")
}

/// What `whit wit` makes of the component of a world.
fn printed(wit: &str) -> String {
    let folder = Folder::new();
    let file = folder.write("component.wasm", component(wit));
    let (status, stdout, stderr) = whit(["wit", &file]);
    assert_eq!((status, stderr.as_str()), (0, ""), "{stdout}");
    assert_eq!(whit(["inspect", "--wit", &file]), (0, stdout.clone(), String::new()));
    stdout
}

#[test]
fn every_kind_of_type_comes_back_as_it_was_written() {
    let text = r#"package root:component;

world root {
  import my:things/all@1.2.0;

  export my:things/all@1.2.0;
}
package my:things@1.2.0 {
  interface all {
    record point {
      x: s32,
      y: s32,
      %type: option<string>,
    }

    type points = list<point>;

    variant shape {
      circle(f64),
      none,
      polygon(list<point>),
    }

    enum colour {
      red,
      green,
    }

    flags rights {
      read,
      write,
    }

    type same = point;

    mixed: func(a: list<u8>, b: list<u8, 4>, c: tuple<char, bool>, d: f32, e: points) -> result<shape, colour>;

    %use: func(a: result, b: result<_, u64>, c: result<s8>, d: option<option<s64>>) -> rights;

    nothing: func(a: same, b: u16, c: s16);
  }
}
"#;
    assert_eq!(printed(text), text);
}

#[test]
fn resources_have_their_functions_and_are_used_from_elsewhere() {
    let text = r#"package root:component;

world root {
  import my:files/types;
  import my:files/open;
  import other:pkg/reader@0.1.0;
}
package my:files {
  interface types {
    resource file {
      constructor(name: string);
      read: func(len: u32) -> result<list<u8>, error>;
      same: static func(a: borrow<file>, b: borrow<file>) -> bool;
    }

    enum error {
      gone,
      busy,
    }
  }

  interface open {
    use types.{file, error as failure};

    open: func(name: string) -> result<file, failure>;
  }
}
package other:pkg@0.1.0 {
  interface reader {
    use my:files/types.{file};

    resource reader;

    make: func(of: file) -> reader;

    peek: func(it: borrow<reader>) -> u8;
  }
}
"#;
    assert_eq!(printed(text), text);
}

#[test]
fn a_world_has_functions_types_and_interfaces_of_its_own() {
    let text = r#"package root:component;

world root {
  use my:pkg/types.{t};

  record item {
    a: t,
  }

  import my:pkg/types;
  import inline: interface {
    record r {
      x: u8,
    }

    f: func() -> r;
  }
  import log: func(text: string, it: item);

  export run: func(it: item) -> t;
  export api: interface {
    use my:pkg/types.{t};

    g: func(x: t);
  }
}
package my:pkg {
  interface types {
    record t {
      n: u64,
    }
  }
}
"#;
    assert_eq!(printed(text), text);
}

#[test]
fn the_world_of_a_program_is_wit() {
    let (status, stdout, stderr) = whit(["wit", &guest("command")]);
    assert_eq!((status, stderr.as_str()), (0, ""));
    assert!(stdout.contains("  export wasi:cli/run@0.2.0;\n") && stdout.contains("use error.{error};"), "{stdout}");
    Resolve::default().push_str("command.wit", &stdout).expect("the text is WIT");
}

#[test]
fn what_wit_has_no_words_for_is_a_comment_and_what_is_no_component_is_said() {
    let folder = Folder::new();
    let text =
        r#"(component (import "lib" (core module)) (import "part" (component)) (import "f" (func (param "x" u8))))"#;
    let (status, stdout, _) = whit(["wit", &folder.write("a.wat", text)]);
    assert_eq!(status, 0);
    for part in ["// import lib: core module", "// import part: component", "import f: func(x: u8);"] {
        assert!(stdout.contains(part), "no `{part}` in {stdout}");
    }
    Resolve::default().push_str("a.wit", &stdout).expect("the text is WIT");
    let (status, stdout, stderr) = whit(["wit", &guest("fib")]);
    assert!(
        status == 1 && stdout.is_empty() && stderr.contains("core module") && stderr.contains("inspect"),
        "{stderr}"
    );
    let mut cut = component("package root:component; world root { import f: func(); }");
    cut.truncate(cut.len() - 3);
    let (status, stdout, stderr) = whit(["wit", &folder.write("cut.wasm", cut)]);
    assert!(status == 1 && stdout.is_empty() && stderr.contains("not a valid component"), "{stderr}");
}

#[test]
fn functions_that_wit_cannot_say_are_comments() {
    let folder = Folder::new();
    let text = r#"(component
        (import "i" (instance $i (export "r" (type (sub resource)))))
        (alias export $i "r" (type $r))
        (import "f" (func (param "x" (own $r))))
        (import "my:pkg/g" (func))
        (import "h" (func)))"#;
    let (status, stdout, _) = whit(["wit", &folder.write("a.wat", text)]);
    assert_eq!(status, 0);
    for part in ["  // import f: func(x:", "  // import my:pkg/g: func()", "  import h: func();"] {
        assert!(stdout.contains(part), "no `{part}` in {stdout}");
    }
    Resolve::default().push_str("a.wit", &stdout).expect("the text is WIT");
}

#[test]
fn a_world_of_too_many_names_is_refused() {
    let folder = Folder::new();
    let functions = (0..10_001).map(|at| format!("(import \"f{at}\" (func))"));
    let text = format!("(component {})", functions.collect::<String>());
    let (status, stdout, stderr) = whit(["wit", &folder.write("many.wat", text)]);
    assert!(status == 1 && stdout.is_empty() && stderr.contains("10000 names"), "{stderr}");
}
