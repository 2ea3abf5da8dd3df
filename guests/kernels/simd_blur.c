/* A 3 x 3 box-like blur (weights 1 2 1) of a 256 x 128 grey image, n rounds, with 128-bit vectors: bytes widened to
 * 16 bits, summed, rounded, narrowed. Written with the compiler's vector types; the wasm is built with -msimd128. */
#include "kernel.h"

typedef u8 u8x16 __attribute__((vector_size(16)));
typedef u8 u8x8 __attribute__((vector_size(8)));
typedef u16 u16x8 __attribute__((vector_size(16)));

enum { WIDTH = 256, HEIGHT = 128, MARGIN = 16, STRIDE = WIDTH + 2 * MARGIN };
static u8 image[2][(HEIGHT + 2) * STRIDE];

static inline u16x8 load_wide(const u8 *at) {
    u8x8 bytes;
    __builtin_memcpy(&bytes, at, sizeof(bytes));
    return __builtin_convertvector(bytes, u16x8);
}

static inline u16x8 row_sum(const u8 *at) { return load_wide(at - 1) + (load_wide(at) << 1) + load_wide(at + 1); }

NOINLINE static void blur(u8 *to, const u8 *from) {
    for (u32 y = 1; y <= HEIGHT; y++)
        for (u32 x = MARGIN; x < MARGIN + WIDTH; x += 8) {
            const u8 *at = from + y * STRIDE + x;
            u16x8 sum = row_sum(at - STRIDE) + (row_sum(at) << 1) + row_sum(at + STRIDE);
            u8x8 bytes = __builtin_convertvector((sum + 8) >> 4, u8x8);
            __builtin_memcpy(to + y * STRIDE + x, &bytes, sizeof(bytes));
        }
}

/* Brightens dark pixels, so that the picture does not fade to one grey: unsigned maximum and saturation by lanes. */
NOINLINE static void lift(u8 *pixels, u8 floor) {
    u8x16 least = (u8x16){0} + floor;
    for (u32 y = 1; y <= HEIGHT; y++)
        for (u32 x = MARGIN; x < MARGIN + WIDTH; x += 16) {
            u8x16 block;
            u8 *at = pixels + y * STRIDE + x;
            __builtin_memcpy(&block, at, sizeof(block));
            block = __builtin_elementwise_max(block, least);
            block = __builtin_elementwise_add_sat(block, block >> 5);
            __builtin_memcpy(at, &block, sizeof(block));
        }
}

KERNEL {
    u64 seed = 8, sum = 0;
    for (u32 i = 0; i < LENGTH(image[0]); i++) image[0][i] = image[1][i] = 0;
    for (u32 y = 1; y <= HEIGHT; y++)
        for (u32 x = MARGIN; x < MARGIN + WIDTH; x++) image[0][y * STRIDE + x] = (u8)random_next(&seed);
    for (i32 round = 0; round < n; round++) {
        u8 *from = image[round & 1], *to = image[~round & 1];
        blur(to, from);
        lift(to, (u8)(16 + (round & 63)));
    }
    const u8 *last = image[n & 1];
    for (u32 i = 0; i < LENGTH(image[0]); i++) sum = mix(sum, last[i]);
    return (i64)sum;
}
