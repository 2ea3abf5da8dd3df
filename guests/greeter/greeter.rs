//! Greets a user. The types are those of `greeter.wit`.

wit_bindgen::generate!({ path: "greeter.wit" });

struct Component;

impl Guest for Component {
    fn greet_user(name: String) -> Greeting {
        Greeting { text: format!("Hello, {name}"), exclamation_marks: 3 }
    }
}

export!(Component);
