/* SHA-256 (FIPS 180-4) of n KiB: rotations, long dependency chains, more live values than any machine has registers.
 *
 * The round constants are computed, not listed: the first 32 fractional bits of the cube roots of the first 64 primes.
 */
#include "kernel.h"

static u32 round_constants[64];
static u32 initial_hash[8];
static u8 message[1024];

/* The cube root by Newton's method: 53 bits, of which 35 are needed. */
static double cube_root(double value) {
    double root = value;
    for (u32 i = 0; i < 32; i++) root -= (root * root * root - value) / (3 * root * root);
    return root;
}

static u32 fraction_bits(double value) { return (u32)((value - (double)(u32)value) * 4294967296.0); }

static void make_constants(void) {
    u32 found = 0;
    for (u32 candidate = 2; found < 64; candidate++) {
        i32 prime = 1;
        for (u32 divisor = 2; divisor * divisor <= candidate; divisor++)
            if (candidate % divisor == 0) prime = 0;
        if (!prime) continue;
        if (found < 8) initial_hash[found] = fraction_bits(__builtin_sqrt(candidate));
        round_constants[found++] = fraction_bits(cube_root(candidate));
    }
}

static inline u32 rotate_right(u32 x, u32 by) { return (x >> by) | (x << (32 - by)); }

NOINLINE static void compress(u32 hash[8], const u8 *block) {
    u32 w[64];
    for (u32 t = 0; t < 16; t++)
        w[t] = (u32)block[4 * t] << 24 | (u32)block[4 * t + 1] << 16 | (u32)block[4 * t + 2] << 8 | block[4 * t + 3];
    for (u32 t = 16; t < 64; t++) {
        u32 s0 = rotate_right(w[t - 15], 7) ^ rotate_right(w[t - 15], 18) ^ (w[t - 15] >> 3);
        u32 s1 = rotate_right(w[t - 2], 17) ^ rotate_right(w[t - 2], 19) ^ (w[t - 2] >> 10);
        w[t] = w[t - 16] + s0 + w[t - 7] + s1;
    }
    u32 a = hash[0], b = hash[1], c = hash[2], d = hash[3], e = hash[4], f = hash[5], g = hash[6], h = hash[7];
    for (u32 t = 0; t < 64; t++) {
        u32 s1 = rotate_right(e, 6) ^ rotate_right(e, 11) ^ rotate_right(e, 25);
        u32 t1 = h + s1 + ((e & f) ^ (~e & g)) + round_constants[t] + w[t];
        u32 s0 = rotate_right(a, 2) ^ rotate_right(a, 13) ^ rotate_right(a, 22);
        u32 t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
        h = g, g = f, f = e, e = d + t1, d = c, c = b, b = a, a = t1 + t2;
    }
    hash[0] += a, hash[1] += b, hash[2] += c, hash[3] += d, hash[4] += e, hash[5] += f, hash[6] += g, hash[7] += h;
}

KERNEL {
    u32 hash[8];
    make_constants();
    for (u32 i = 0; i < sizeof(message); i++) message[i] = (u8)(i * 7 + 3);
    for (u32 i = 0; i < 8; i++) hash[i] = initial_hash[i];
    for (i32 kib = 0; kib < n; kib++)
        for (u32 at = 0; at < sizeof(message); at += 64) compress(hash, message + at);
    /* The last block: the mark, zeros, and the length in bits. */
    u8 last[64] = {0x80};
    u64 bits = (u64)(u32)n * sizeof(message) * 8;
    for (u32 i = 0; i < 8; i++) last[63 - i] = (u8)(bits >> (8 * i));
    compress(hash, last);
    return (i64)((u64)hash[0] << 32 | hash[1]);
}
