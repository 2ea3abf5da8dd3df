/* What every kernel shares: fixed-width names, a pseudo-random source, a checksum, and the one export `run`.
 *
 * A kernel is one freestanding file that exports `run(n: i32) -> i64`: it does work in proportion to n, starting from
 * the same state at every call, and returns a checksum of all it computed. It imports nothing, so that any runtime can
 * run it. The same file compiles natively: `guests/build.sh check` compares the two results.
 */
#ifndef WHIT_KERNEL_H
#define WHIT_KERNEL_H

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef signed short i16;
typedef int i32;
typedef long long i64;

#ifdef __wasm__
#define EXPORT(NAME) __attribute__((export_name(NAME)))
#else
#define EXPORT(NAME)
#endif

#define KERNEL EXPORT("run") i64 run(i32 n)
#define NOINLINE __attribute__((noinline))
#define LENGTH(ARRAY) ((u32)(sizeof(ARRAY) / sizeof((ARRAY)[0])))

/* A 64-bit xorshift generator with a multiplicative finish: good enough that no kernel sees a pattern. */
static inline u64 random_next(u64 *state) {
    u64 x = *state;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    *state = x;
    return x * 0x2545F4914F6CDD1DULL;
}

/* A number below `bound`, by the high half of a product (no division). */
static inline u32 random_below(u64 *state, u32 bound) {
    return (u32)(((random_next(state) >> 32) * bound) >> 32);
}

/* Folds one more value into a checksum, order-sensitive. */
static inline u64 mix(u64 sum, u64 value) {
    sum ^= value;
    sum *= 0x9E3779B97F4A7C15ULL;
    return sum ^ (sum >> 29);
}

static inline u64 bits_of(double value) {
    union {
        double number;
        u64 bits;
    } view = {value};
    return view.bits;
}

#endif
