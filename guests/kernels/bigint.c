/* n decimal digits of pi by Machin's formula, in fixed point over 32-bit limbs: long division by small numbers, carry
 * chains, 64-bit products; then a schoolbook square of the result. */
#include "kernel.h"

enum { LIMIT = 2048 };
typedef struct {
    u32 limb[LIMIT]; /* most significant first; limb[0] is the integer part */
} Number;

static Number sum_of_terms, power, term, pi;
static u32 square[2 * LIMIT];

/* Divides by a small number and tells the first limb that is not zero afterwards. */
NOINLINE static u32 divide(Number *out, const Number *in, u32 divisor, u32 from, u32 limbs) {
    u64 remainder = 0;
    u32 first = limbs;
    for (u32 i = from; i < limbs; i++) {
        u64 value = remainder << 32 | in->limb[i];
        u32 quotient = (u32)(value / divisor);
        remainder = value % divisor;
        out->limb[i] = quotient;
        if (quotient && i < first) first = i;
    }
    return first;
}

NOINLINE static void add(Number *to, const Number *value, u32 from, u32 limbs) {
    u64 carry = 0;
    for (u32 i = limbs; i-- > from;) {
        carry += (u64)to->limb[i] + value->limb[i];
        to->limb[i] = (u32)carry;
        carry >>= 32;
    }
    for (u32 i = from; carry && i-- > 0;) {
        carry += to->limb[i];
        to->limb[i] = (u32)carry;
        carry >>= 32;
    }
}

NOINLINE static void subtract(Number *to, const Number *value, u32 from, u32 limbs) {
    i64 borrow = 0;
    for (u32 i = limbs; i-- > from;) {
        borrow += (i64)to->limb[i] - value->limb[i];
        to->limb[i] = (u32)borrow;
        borrow >>= 32;
    }
    for (u32 i = from; borrow && i-- > 0;) {
        borrow += to->limb[i];
        to->limb[i] = (u32)borrow;
        borrow >>= 32;
    }
}

NOINLINE static void multiply_small(Number *number, u32 factor, u32 limbs) {
    u64 carry = 0;
    for (u32 i = limbs; i-- > 0;) {
        carry += (u64)number->limb[i] * factor;
        number->limb[i] = (u32)carry;
        carry >>= 32;
    }
}

/* out = arctan(1 / x), by its alternating series. */
static void arctan_inverse(Number *out, u32 x, u32 limbs) {
    for (u32 i = 0; i < limbs; i++) power.limb[i] = out->limb[i] = term.limb[i] = 0;
    power.limb[0] = 1;
    u32 first = divide(&power, &power, x, 0, limbs);
    add(out, &power, 0, limbs);
    for (u32 k = 3; first < limbs; k += 2) {
        first = divide(&power, &power, x * x, first, limbs);
        if (first >= limbs) break;
        divide(&term, &power, k, first, limbs);
        (k & 2 ? subtract : add)(out, &term, first, limbs);
    }
}

NOINLINE static void square_of(u32 *out, const u32 *in, u32 limbs) {
    for (u32 i = 0; i < 2 * limbs; i++) out[i] = 0;
    for (u32 i = limbs; i-- > 0;) {
        u64 carry = 0;
        for (u32 j = limbs; j-- > 0;) {
            carry += (u64)in[i] * in[j] + out[i + j + 1];
            out[i + j + 1] = (u32)carry;
            carry >>= 32;
        }
        out[i] = (u32)carry;
    }
}

KERNEL {
    /* 32 bits hold 9.63 digits; two limbs of guard absorb the truncations. */
    u32 limbs = (u32)n / 9 + 3;
    if (limbs > LIMIT) limbs = LIMIT;
    arctan_inverse(&sum_of_terms, 239, limbs);
    arctan_inverse(&pi, 5, limbs);
    multiply_small(&pi, 4, limbs);
    subtract(&pi, &sum_of_terms, 0, limbs);
    multiply_small(&pi, 4, limbs);
    square_of(square, pi.limb, limbs);
    u64 sum = 0;
    for (u32 i = 0; i < 2 * limbs; i++) sum = mix(sum, square[i]);
    /* The digits, nine at a time. */
    for (i32 digits = 0; digits < n; digits += 9) {
        sum = mix(sum, pi.limb[0]);
        pi.limb[0] = 0;
        multiply_small(&pi, 1000000000, limbs);
    }
    return (i64)sum;
}
