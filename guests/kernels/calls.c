/* Calls of every kind, for the question what one costs. Not one of the timed kernels: it imports `env.increment`.
 *
 * Each loop feeds a call's result to the next, so that none can be dropped, and answers the number of calls. */
#include "kernel.h"

__attribute__((import_module("env"), import_name("increment"))) i64 host_increment(i64 value);

EXPORT("increment") NOINLINE i64 increment(i64 value) { return value + 1; }

static NOINLINE i64 increment_otherwise(i64 value) { return value - -1; }

/* Read at run time, or the compiler would call the functions directly. */
static i64 (*volatile choices[2])(i64) = {increment, increment_otherwise};

__attribute__((disable_tail_calls)) EXPORT("fib") NOINLINE i64 fib(i32 n) {
    return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

EXPORT("direct") i64 direct(i32 n) {
    i64 value = 0;
    for (i32 i = 0; i < n; i++) {
        value = increment(value);
        /* Hides from the compiler that the callee is so simple. */
        __asm__("" : "+r"(value));
    }
    return value;
}

EXPORT("indirect") i64 indirect(i32 n) {
    i64 value = 0;
    for (i32 i = 0; i < n; i++) value = choices[i & 1](value);
    return value;
}

EXPORT("host") i64 host(i32 n) {
    i64 value = 0;
    for (i32 i = 0; i < n; i++) value = host_increment(value);
    return value;
}
