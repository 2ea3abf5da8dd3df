/* Dense product of two n x n matrices of doubles, plainly and in 16 x 16 tiles; both must agree to the last bit. */
#include "kernel.h"

enum { LIMIT = 256, TILE = 16 };
static double a[LIMIT * LIMIT], b[LIMIT * LIMIT], plain[LIMIT * LIMIT], tiled[LIMIT * LIMIT];

NOINLINE static void multiply(double *c, const double *x, const double *y, u32 n) {
    for (u32 i = 0; i < n; i++)
        for (u32 j = 0; j < n; j++) {
            double sum = 0;
            for (u32 k = 0; k < n; k++) sum += x[i * n + k] * y[k * n + j];
            c[i * n + j] = sum;
        }
}

/* Each element still adds its products in ascending k, so rounding is that of `multiply`. */
NOINLINE static void multiply_tiled(double *c, const double *x, const double *y, u32 n) {
    for (u32 i = 0; i < n * n; i++) c[i] = 0;
    for (u32 kk = 0; kk < n; kk += TILE)
        for (u32 jj = 0; jj < n; jj += TILE)
            for (u32 i = 0; i < n; i++)
                for (u32 k = kk; k < n && k < kk + TILE; k++) {
                    double factor = x[i * n + k];
                    for (u32 j = jj; j < n && j < jj + TILE; j++) c[i * n + j] += factor * y[k * n + j];
                }
}

KERNEL {
    u32 size = n < LIMIT ? (u32)n : LIMIT;
    u64 seed = 99;
    for (u32 i = 0; i < size * size; i++) {
        a[i] = (double)(i32)(random_next(&seed) >> 40) / 1024.0 - 8000.0;
        b[i] = (double)(i32)(random_next(&seed) >> 40) / 4096.0 - 2000.0;
    }
    multiply(plain, a, b, size);
    multiply_tiled(tiled, a, b, size);
    u64 sum = 0;
    for (u32 i = 0; i < size * size; i++) {
        if (plain[i] != tiled[i]) return -1;
        sum = mix(sum, bits_of(plain[i]));
    }
    return (i64)sum;
}
