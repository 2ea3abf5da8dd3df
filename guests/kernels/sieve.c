/* The primes below n by a sieve over odd numbers, one bit each: strided read-modify-write of bytes. */
#include "kernel.h"

enum { LIMIT = 1 << 24 };
static u8 composite[LIMIT / 16];

NOINLINE static void mark(u32 bound) {
    for (u32 i = 3; i * i < bound; i += 2) {
        if (composite[i >> 4] & 1u << (i >> 1 & 7)) continue;
        for (u32 j = i * i; j < bound; j += 2 * i) composite[j >> 4] |= (u8)(1u << (j >> 1 & 7));
    }
}

KERNEL {
    u32 bound = n < LIMIT ? (u32)n : LIMIT;
    for (u32 i = 0; i < sizeof(composite); i++) composite[i] = 0;
    mark(bound);
    u32 count = bound > 2, last = 2;
    for (u32 i = 3; i < bound; i += 2)
        if (!(composite[i >> 4] & 1u << (i >> 1 & 7))) count++, last = i;
    return (i64)((u64)count << 32 | last);
}
