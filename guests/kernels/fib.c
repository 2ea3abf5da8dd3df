/* Doubly recursive Fibonacci: nothing but calls, compares and additions. The cost of a guest call. */
#include "kernel.h"

/* Without the attribute the compiler turns one of the two calls into a loop. */
__attribute__((disable_tail_calls)) NOINLINE static u64 fib(u32 n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }

KERNEL { return (i64)fib((u32)n); }
