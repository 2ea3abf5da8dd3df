//! Values of all kinds go to the guest, from there to the host, and all the way back.

use std::collections::BTreeMap;

use whit_component::bindgen;

use crate::linked;

bindgen!({ path: "tests/goldens/relay.wit" });

use example::relay::values as host;
use exports::example::relay::values::{Color, Everything, Point, Shape, Style};

/// What the host saw.
#[derive(Default)]
struct Seen(Vec<host::Everything>);

impl host::Host for Seen {
    fn pass(&mut self, all: host::Everything) -> Result<host::Everything, whit_core::Error> {
        self.0.push(all.clone());
        Ok(all)
    }

    fn midpoint(
        &mut self,
        a: host::Point,
        b: host::Point,
        style: host::Style,
    ) -> Result<host::Point, whit_core::Error> {
        assert!(style.contains(host::Style::VERY_THICK) && !style.contains(host::Style::DASHED));
        Ok(host::Point { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 })
    }
}

fn everything() -> Everything {
    Everything {
        yes: true,
        bytes: (255, -1),
        shorts: (65535, -2),
        words: (u32::MAX, i32::MIN),
        longs: (u64::MAX, i64::MIN),
        floats: (0.5, -0.25),
        letter: 'ö',
        text: "snow ☃".into(),
        shapes: vec![
            Shape::Circle(1.5),
            Shape::Polygon(vec![Point { x: 1, y: 2 }, Point { x: -3, y: 4 }]),
            Shape::Nothing,
        ],
        color: Color::DeepBlue,
        style: Style::DASHED | Style::VERY_THICK,
        maybe: Some(None),
        answer: Err(Color::Red),
        silence: Err(()),
        only_error: Err(Shape::Circle(2.0)),
        ages: BTreeMap::from([("ada".into(), 36), ("kurt".into(), 71)]),
    }
}

#[test]
fn values_of_all_kinds_pass() {
    let (mut store, component, mut linker) = linked(include_str!("relay.wat"), Seen::default());
    Relay::add_to_linker(&mut linker, |seen| seen).unwrap();
    let relay = Relay::instantiate(&mut store, &component, &linker).unwrap();
    let values = relay.example_relay_values();
    let all = everything();
    assert_eq!(values.call_pass(&mut store, &all).unwrap(), all);
    let other = Everything {
        maybe: Some(Some("yes".into())),
        answer: Ok(Point { x: 1, y: 2 }),
        silence: Ok(()),
        ..everything()
    };
    assert_eq!(values.call_pass(&mut store, &other).unwrap(), other);
    let seen = &store.data().0;
    assert_eq!((seen.len(), seen[0].text.as_str(), seen[1].answer), (2, "snow ☃", Ok(host::Point { x: 1, y: 2 })));
    let (a, b) = (Point { x: 0, y: -10 }, Point { x: 10, y: 0 });
    assert_eq!(values.call_midpoint(&mut store, a, b, Style::VERY_THICK).unwrap(), Point { x: 5, y: -5 });
}

/// A component of another world is refused when its exports are looked for, by name.
#[test]
fn a_component_of_another_world_is_refused() {
    let (mut store, component, linker) = linked("(component)", Seen::default());
    let error = Relay::instantiate(&mut store, &component, &linker).err().expect("refused").to_string();
    assert_eq!(error, "the component exports no function `example:relay/values` · `pass`");
}
