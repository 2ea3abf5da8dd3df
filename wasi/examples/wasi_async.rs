//! Two guests on one thread, one reading what the other writes, as in `hello | wordcount`: a guest that waits lets the other run. Any executor will do;
//! this one fits the page. How waiting works is in `wasi/src/host/wait.rs`.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use whit_core::{Engine, Error, Linker, Module, Result, Store};
use whit_wasi::host::stream::MemoryPipe;
use whit_wasi::{Exit, WasiCtx, WasiCtxBuilder, WasiView, add_to_linker_p1};

const HELLO: &[u8] = include_bytes!("../../guests/wasm/hello.wasm");
const WORDCOUNT: &[u8] = include_bytes!("../../guests/wasm/wordcount.wasm");

/// Runs a command to its end: a store, an instance and a call of its own.
async fn run(linker: &Linker<WasiCtx>, module: &Module, grants: &mut WasiCtxBuilder) -> Result<u32> {
    let mut store = Store::new(linker.engine(), std::mem::take(grants).build().map_err(Error::new)?);
    let instance = linker.instantiate_async(&mut store, module).await?;
    let start = instance.get_typed_func::<(), ()>(&store, "_start")?;
    match start.call_async(&mut store, ()).await {
        Ok(()) => Ok(0),
        Err(error) => error.downcast_ref::<Exit>().map(|exit| exit.0).ok_or(error),
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Polls all tasks whenever one of them is woken, until all are ready.
fn run_all(mut tasks: Vec<Pin<Box<dyn Future<Output = Result<()>> + '_>>>) -> Result<()> {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    loop {
        let mut waiting = Vec::new();
        for mut task in tasks {
            match task.as_mut().poll(&mut context) {
                Poll::Ready(result) => result?,
                Poll::Pending => waiting.push(task),
            }
        }
        if waiting.is_empty() {
            return Ok(());
        }
        tasks = waiting;
        thread::park();
    }
}

fn main() -> Result<()> {
    let engine = Engine::default();
    let mut linker = Linker::new(&engine);
    add_to_linker_p1(&mut linker, WasiCtx::wasi)?;
    let (hello, wordcount) = (Module::new(&engine, HELLO)?, Module::new(&engine, WORDCOUNT)?);
    let pipe = MemoryPipe::default();

    run_all(vec![
        Box::pin(async {
            let mut grants = WasiCtx::builder();
            grants.arg("wordcount").map_err(Error::new)?.stdin(pipe.clone()).inherit_stdout();
            let status = run(&linker, &wordcount, &mut grants).await?;
            println!("the reader, which began first and waited, exits with {status}");
            Ok(())
        }),
        Box::pin(async {
            let mut grants = WasiCtx::builder();
            grants.args(["hello", "pipe", "reader"]).map_err(Error::new)?.stdout(pipe.clone());
            let status = run(&linker, &hello, &mut grants).await?;
            pipe.close();
            println!("the writer exits with {status}");
            Ok(())
        }),
    ])
}
