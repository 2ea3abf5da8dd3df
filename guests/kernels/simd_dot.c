/* Dot products with 128-bit vectors, n rounds over 16 KiB: floats by four, 16-bit integers widened to 32. Written with
 * the compiler's vector types; the wasm is built with -msimd128. */
#include "kernel.h"

typedef float f32x4 __attribute__((vector_size(16)));
typedef i32 i32x4 __attribute__((vector_size(16)));
typedef i16 i16x8 __attribute__((vector_size(16)));
typedef i16 i16x4 __attribute__((vector_size(8)));

enum { FLOATS = 2048, SHORTS = 4096 };
static f32x4 x[FLOATS / 4], y[FLOATS / 4];
static i16x8 p[SHORTS / 8], q[SHORTS / 8];

/* Four sums side by side, added in a fixed order at the end: one rounding everywhere. */
NOINLINE static float dot_floats(const f32x4 *a, const f32x4 *b, u32 count) {
    f32x4 sum = {0, 0, 0, 0};
    for (u32 i = 0; i < count; i++) sum += a[i] * b[i];
    return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

NOINLINE static i32 dot_shorts(const i16x8 *a, const i16x8 *b, u32 count) {
    i32x4 low = {0, 0, 0, 0}, high = {0, 0, 0, 0};
    for (u32 i = 0; i < count; i++) {
        i16x8 left = a[i], right = b[i];
        i16x4 left_low = __builtin_shufflevector(left, left, 0, 1, 2, 3);
        i16x4 left_high = __builtin_shufflevector(left, left, 4, 5, 6, 7);
        i16x4 right_low = __builtin_shufflevector(right, right, 0, 1, 2, 3);
        i16x4 right_high = __builtin_shufflevector(right, right, 4, 5, 6, 7);
        low += __builtin_convertvector(left_low, i32x4) * __builtin_convertvector(right_low, i32x4);
        high += __builtin_convertvector(left_high, i32x4) * __builtin_convertvector(right_high, i32x4);
    }
    i32x4 sum = low + high;
    return sum[0] + sum[1] + sum[2] + sum[3];
}

KERNEL {
    u64 seed = 5, sum = 0;
    for (u32 i = 0; i < FLOATS; i++) {
        x[i / 4][i % 4] = (float)(i32)random_below(&seed, 2000) / 64.0f - 15.0f;
        y[i / 4][i % 4] = (float)(i32)random_below(&seed, 2000) / 128.0f - 7.0f;
    }
    for (u32 i = 0; i < SHORTS; i++) {
        p[i / 8][i % 8] = (i16)(random_below(&seed, 1024) - 512);
        q[i / 8][i % 8] = (i16)(random_below(&seed, 1024) - 512);
    }
    for (i32 round = 0; round < n; round++) {
        u32 slot = (u32)round % (FLOATS / 4);
        x[slot] = x[slot] * 0.5f + 1.0f;
        p[slot] ^= (i16)(round & 7);
        sum = mix(sum, bits_of(dot_floats(x, y, FLOATS / 4)));
        sum = mix(sum, (u32)dot_shorts(p, q, SHORTS / 8));
    }
    return (i64)sum;
}
