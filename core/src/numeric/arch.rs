//! What baseline instructions of a host do much better than the code a compiler makes of portable Rust.
//!
//! The only file of [`numeric`](super) that is not portable and the only one with unsafe code. Each function is here
//! for a measured difference (an AMD EPYC, rustc 1.95), and has a portable twin, which is what other hosts use;
//! the tests hold both to the same results. The unsafety is formal: an intrinsic may be called where its instruction
//! exists, and a baseline instruction always does.

#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
pub use host::*;
#[cfg(not(all(target_arch = "x86_64", target_feature = "sse2")))]
pub use portable::*;

/// Any host.
#[cfg(any(test, not(all(target_arch = "x86_64", target_feature = "sse2"))))]
pub mod portable {
    #[cfg(feature = "simd")]
    use crate::numeric::simd::{V128, zip};

    /// `a` truncated to an integer, if it is known without further tests that it fits. Here it never is: the caller
    /// then compares `a` with the bounds of the type it wants, which is less work than with those of `i64` first.
    #[inline(always)]
    pub fn truncate_f64(_a: f64) -> Option<i64> {
        None
    }

    /// As [`truncate_f64`].
    #[inline(always)]
    pub fn truncate_f32(_a: f32) -> Option<i64> {
        None
    }

    /// Sums of neighbouring products of signed 16-bit lanes, modulo 2³².
    #[cfg(feature = "simd")]
    #[inline(always)]
    pub fn dot_i16x8(a: V128, b: V128) -> V128 {
        zip(a, b, |x: i32, y: i32| {
            // Both factors of a product as halves of a wide lane: that way, unlike with narrow lanes, LLVM sees vectors.
            let low = i32::from(x as i16) * i32::from(y as i16);
            let high = (x >> 16) * (y >> 16);
            low.wrapping_add(high)
        })
    }
}

/// x86-64 with SSE2, which only its variant without any floats lacks.
#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
#[allow(unsafe_code)] // Calls of intrinsics on numbers; none touches memory.
mod host {
    #[cfg(feature = "simd")]
    use crate::numeric::simd::V128;
    use core::arch::x86_64::{_mm_cvttsd_si64, _mm_cvttss_si64, _mm_set_sd, _mm_set_ss};

    /// `a` truncated, if one instruction can tell that it fits; see the portable twin.
    ///
    /// It answers `i64::MIN` to whatever does not fit. Rust's `as` must test for that and for NaNs before: a trapping
    /// truncation, converted back, took 5.5 ns with `as` and 2.1 ns without.
    #[inline(always)]
    pub fn truncate_f64(a: f64) -> Option<i64> {
        // SAFETY: SSE2 is there, says the condition on this module.
        let truncated = unsafe { _mm_cvttsd_si64(_mm_set_sd(a)) };
        if truncated == i64::MIN { None } else { Some(truncated) }
    }

    /// As [`truncate_f64`].
    #[inline(always)]
    pub fn truncate_f32(a: f32) -> Option<i64> {
        // SAFETY: as above; SSE is a part of SSE2.
        let truncated = unsafe { _mm_cvttss_si64(_mm_set_ss(a)) };
        if truncated == i64::MIN { None } else { Some(truncated) }
    }

    /// See the portable twin; one instruction, where LLVM makes twenty (2.6 ns more).
    #[cfg(feature = "simd")]
    #[inline(always)]
    pub fn dot_i16x8(a: V128, b: V128) -> V128 {
        use core::arch::x86_64::{__m128i, _mm_cvtsi128_si64, _mm_madd_epi16, _mm_set_epi64x, _mm_unpackhi_epi64};

        // SAFETY: SSE2 is there, says the condition on this module.
        unsafe {
            let vector = |n: u128| -> __m128i { _mm_set_epi64x((n >> 64) as i64, n as i64) };
            let sums = _mm_madd_epi16(vector(a.into()), vector(b.into()));
            let low = _mm_cvtsi128_si64(sums) as u64;
            let high = _mm_cvtsi128_si64(_mm_unpackhi_epi64(sums, sums)) as u64;
            V128::from(u128::from(high) << 64 | u128::from(low))
        }
    }
}
