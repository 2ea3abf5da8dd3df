/* The Mandelbrot set on an n x n grid, at most 100 iterations a point: double arithmetic, one hard-to-predict exit. */
#include "kernel.h"

NOINLINE static u32 escape(double cx, double cy) {
    double x = 0, y = 0, xx = 0, yy = 0;
    u32 count = 0;
    while (count < 100 && xx + yy <= 4.0) {
        y = 2 * x * y + cy;
        x = xx - yy + cx;
        xx = x * x;
        yy = y * y;
        count++;
    }
    return count;
}

KERNEL {
    u64 sum = 0;
    for (i32 row = 0; row < n; row++)
        for (i32 column = 0; column < n; column++)
            sum = mix(sum, escape(3.0 * column / n - 2.0, 2.4 * row / n - 1.2));
    return (i64)sum;
}
