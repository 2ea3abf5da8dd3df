use whit_core::*;
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let bytes = wat::parse_file(&a[1]).unwrap();
    let mut c = Config::new();
    if a.get(4).is_some_and(|x| x == "loop") {
        c.execution(ExecutionEngine::Loop);
    }
    let engine = Engine::new(&c).unwrap();
    let t = std::time::Instant::now();
    let module = Module::new(&engine, bytes).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    println!("load {:?}", t.elapsed());
    let f = instance.get_typed_func::<i32, i32>(&mut store, &a[2]).unwrap();
    let t = std::time::Instant::now();
    let r = f.call(&mut store, a[3].parse().unwrap());
    println!("{:?} {:?}", r, t.elapsed());
}
