//! How the data of a store leads to its WASI context.

use crate::ctx::WasiCtx;

/// Store data that carries a [`WasiCtx`].
///
/// Linking takes a projection function, so this trait is a convenience: `WasiView::wasi` is such a function.
pub trait WasiView {
    /// The context through which this store's guests reach the host.
    fn wasi(&mut self) -> &mut WasiCtx;
}

impl WasiView for WasiCtx {
    fn wasi(&mut self) -> &mut WasiCtx {
        self
    }
}
