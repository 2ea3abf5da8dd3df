/* Lempel-Ziv compression of n KiB of generated text (hash chains, lazy evaluation, byte-aligned output) and its
 * decompression; what comes back must equal what went in. */
#include "kernel.h"

enum {
    LIMIT = 1 << 20,
    WINDOW = 1 << 15,
    HASHES = 1 << 14,
    MINIMUM = 4,
    LONGEST = 255 + MINIMUM,
    TRIES = 16,
    NOWHERE = -1
};
static u8 text[LIMIT], packed[LIMIT + LIMIT / 8], unpacked[LIMIT];
static i32 head[HASHES], chain[WINDOW];

static u32 hash_at(const u8 *at) {
    u32 bytes = (u32)at[0] | (u32)at[1] << 8 | (u32)at[2] << 16 | (u32)at[3] << 24;
    return (bytes * 2654435761u) >> 18;
}

static void enter(u32 at) {
    u32 hash = hash_at(text + at);
    chain[at & (WINDOW - 1)] = head[hash];
    head[hash] = (i32)at;
}

NOINLINE static u32 longest_match(u32 at, u32 length, u32 *where) {
    u32 best = 0, most = length - at < LONGEST ? length - at : LONGEST;
    i32 candidate = head[hash_at(text + at)];
    for (u32 tries = TRIES; tries && candidate != NOWHERE && at - (u32)candidate < WINDOW; tries--) {
        const u8 *a = text + at, *b = text + candidate;
        if (a[best] == b[best]) {
            u32 common = 0;
            while (common < most && a[common] == b[common]) common++;
            if (common > best) {
                best = common;
                *where = (u32)candidate;
                if (best == most) break;
            }
        }
        candidate = chain[candidate & (WINDOW - 1)];
    }
    return best;
}

/* Groups of eight items behind a byte of flags: a literal, or (length - MINIMUM, distance in two bytes). */
NOINLINE static u32 pack(u32 length) {
    u32 at = 0, out = 0, flags_at = 0, item = 8;
    for (u32 i = 0; i < HASHES; i++) head[i] = NOWHERE;
    while (at < length) {
        if (item == 8) {
            flags_at = out++;
            packed[flags_at] = 0;
            item = 0;
        }
        u32 where = 0, found = 0;
        if (at + LONGEST < length) {
            found = longest_match(at, length, &where);
            enter(at);
            if (found >= MINIMUM && found < 32) {
                u32 later = 0;
                if (longest_match(at + 1, length, &later) > found + 1) found = 0;
            }
        }
        if (found >= MINIMUM) {
            u32 distance = at - where;
            packed[flags_at] |= (u8)(1u << item);
            packed[out++] = (u8)(found - MINIMUM);
            packed[out++] = (u8)distance;
            packed[out++] = (u8)(distance >> 8);
            for (u32 i = 1; i < found; i++)
                if (at + i + LONGEST < length) enter(at + i);
            at += found;
        } else {
            packed[out++] = text[at++];
        }
        item++;
    }
    return out;
}

NOINLINE static u32 unpack(u32 length) {
    u32 at = 0, out = 0;
    while (at < length) {
        u32 flags = packed[at++];
        for (u32 item = 0; item < 8 && at < length; item++, flags >>= 1) {
            if (!(flags & 1)) {
                unpacked[out++] = packed[at++];
                continue;
            }
            u32 count = packed[at] + MINIMUM, distance = packed[at + 1] | (u32)packed[at + 2] << 8;
            at += 3;
            /* Byte by byte: source and destination may overlap, which repeats a pattern. */
            for (; count; count--, out++) unpacked[out] = unpacked[out - distance];
        }
    }
    return out;
}

/* Sentences over a small vocabulary whose words are made up, the early ones more frequent. */
static void generate(u32 length) {
    u64 seed = 777;
    u8 words[512][12];
    u32 lengths[512];
    for (u32 i = 0; i < LENGTH(lengths); i++) {
        lengths[i] = 2 + random_below(&seed, 9);
        for (u32 j = 0; j < lengths[i]; j++) words[i][j] = (u8)('a' + random_below(&seed, 26));
    }
    for (u32 at = 0; at < length;) {
        u32 word = random_below(&seed, 512) * random_below(&seed, 512) >> 9;
        for (u32 j = 0; j < lengths[word] && at < length; j++) text[at++] = words[word][j];
        if (at < length) text[at++] = random_below(&seed, 12) ? ' ' : '.';
    }
}

KERNEL {
    u32 length = n < LIMIT / 1024 ? (u32)n * 1024 : LIMIT;
    generate(length);
    u32 size = pack(length);
    if (unpack(size) != length) return -1;
    for (u32 i = 0; i < length; i++)
        if (unpacked[i] != text[i]) return -2;
    u64 sum = size;
    for (u32 i = 0; i < size; i++) sum = mix(sum, packed[i]);
    return (i64)sum;
}
