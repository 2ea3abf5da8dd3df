//! Says hello to the world, or to whoever is named in the arguments.

fn main() {
    let names: Vec<String> = std::env::args().skip(1).collect();
    let whom = if names.is_empty() { "world".to_string() } else { names.join(" and ") };
    println!("Hello, {whom}!");
}
