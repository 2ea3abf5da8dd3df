/* Searching strings in 256 KiB of text, n rounds: the plain way, Boyer-Moore-Horspool, Knuth-Morris-Pratt, and bytes
 * eight at a time. All must find the same. */
#include "kernel.h"

enum { TEXT = 1 << 18, PATTERN = 32 };
static u8 text[TEXT];

NOINLINE static u32 count_plain(const u8 *pattern, u32 length) {
    u32 found = 0;
    for (u32 at = 0; at + length <= TEXT; at++) {
        u32 i = 0;
        while (i < length && text[at + i] == pattern[i]) i++;
        found += i == length;
    }
    return found;
}

NOINLINE static u32 count_horspool(const u8 *pattern, u32 length) {
    u8 skip[256];
    u32 found = 0;
    for (u32 i = 0; i < 256; i++) skip[i] = (u8)length;
    for (u32 i = 0; i + 1 < length; i++) skip[pattern[i]] = (u8)(length - 1 - i);
    for (u32 at = 0; at + length <= TEXT;) {
        u8 last = text[at + length - 1];
        if (last == pattern[length - 1]) {
            u32 i = 0;
            while (i + 1 < length && text[at + i] == pattern[i]) i++;
            found += i + 1 == length;
        }
        at += skip[last];
    }
    return found;
}

NOINLINE static u32 count_prefix(const u8 *pattern, u32 length) {
    u8 border[PATTERN + 1];
    u32 matched = 0, found = 0;
    border[0] = border[1] = 0;
    for (u32 i = 1; i < length; i++) {
        while (matched && pattern[i] != pattern[matched]) matched = border[matched];
        matched += pattern[i] == pattern[matched];
        border[i + 1] = (u8)matched;
    }
    matched = 0;
    for (u32 at = 0; at < TEXT; at++) {
        while (matched && (matched == length || text[at] != pattern[matched])) matched = border[matched];
        matched += text[at] == pattern[matched];
        found += matched == length;
    }
    return found;
}

/* How often a byte occurs: zero bytes of (word ^ byte in every lane), found without a branch. */
NOINLINE static u32 count_byte(u8 byte) {
    const u64 low = 0x7F7F7F7F7F7F7F7FULL, lanes = 0x0101010101010101ULL * byte;
    u32 found = 0;
    for (u32 at = 0; at < TEXT; at += 8) {
        u64 word;
        __builtin_memcpy(&word, text + at, 8);
        word ^= lanes;
        word = ~(((word & low) + low) | word | low);
        found += (u32)__builtin_popcountll(word);
    }
    return found;
}

KERNEL {
    u64 seed = 1001, sum = 0;
    /* Sixteen letters with a skew: partial matches are common. */
    for (u32 i = 0; i < TEXT; i++) text[i] = (u8)('a' + (random_below(&seed, 16) & random_below(&seed, 16)));
    for (i32 round = 0; round < n; round++) {
        u8 pattern[PATTERN];
        u32 length = 3 + random_below(&seed, PATTERN - 3), from = random_below(&seed, TEXT - PATTERN);
        for (u32 i = 0; i < length; i++) pattern[i] = text[from + i];
        u32 found = count_plain(pattern, length);
        if (count_horspool(pattern, length) != found || count_prefix(pattern, length) != found) return -1;
        sum = mix(sum, (u64)found << 32 | count_byte(pattern[0]));
    }
    return (i64)sum;
}
