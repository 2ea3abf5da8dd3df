/* A library-shaped sort of n records: any element size, a comparison by function pointer (call_indirect), bytewise
 * swaps; quicksort with median of three, insertion sort for short runs. Sorted by two keys in turn. */
#include "kernel.h"

typedef struct {
    u32 key;
    i32 rank;
    u64 payload;
} Record;

typedef i32 Compare(const void *, const void *);

enum { LIMIT = 1 << 18 };
static Record records[LIMIT];

static void swap(u8 *a, u8 *b, u32 size) {
    for (u32 i = 0; i < size; i++) {
        u8 held = a[i];
        a[i] = b[i];
        b[i] = held;
    }
}

NOINLINE static void sort(u8 *base, u32 count, u32 size, Compare *compare) {
    while (count > 12) {
        u8 *low = base, *middle = base + count / 2 * size, *high = base + (count - 1) * size;
        if (compare(middle, low) < 0) swap(middle, low, size);
        if (compare(high, middle) < 0) {
            swap(high, middle, size);
            if (compare(middle, low) < 0) swap(middle, low, size);
        }
        /* The pivot waits at `base`; [base + size, i) is not above it, (j, high] not below it. */
        swap(low, middle, size);
        u8 *i = base + size, *j = high;
        for (;;) {
            while (i <= j && compare(i, base) < 0) i += size;
            while (i <= j && compare(j, base) > 0) j -= size;
            if (i >= j) break;
            swap(i, j, size);
            i += size;
            j -= size;
        }
        swap(base, j, size);
        u32 left = (u32)(j - base) / size, right = count - left - 1;
        /* Recurse into the shorter side: the stack stays logarithmic. */
        if (left < right) {
            sort(base, left, size, compare);
            base = j + size;
            count = right;
        } else {
            sort(j + size, right, size, compare);
            count = left;
        }
    }
    for (u32 i = 1; i < count; i++)
        for (u8 *at = base + i * size; at > base && compare(at, at - size) < 0; at -= size) swap(at, at - size, size);
}

static i32 by_key(const void *a, const void *b) {
    const Record *left = a, *right = b;
    return left->key < right->key ? -1 : left->key > right->key;
}

static i32 by_rank(const void *a, const void *b) {
    const Record *left = a, *right = b;
    if (left->rank != right->rank) return left->rank < right->rank ? -1 : 1;
    return by_key(a, b);
}

KERNEL {
    /* Read at run time, or the compiler would call the comparisons directly. */
    static Compare *volatile order[] = {by_key, by_rank};
    u32 count = n < LIMIT ? (u32)n : LIMIT;
    u64 seed = 2026, sum = 0;
    for (u32 i = 0; i < count; i++) {
        u64 bits = random_next(&seed);
        records[i] = (Record){(u32)bits, (i32)(bits >> 48) - 32768, i};
    }
    for (u32 key = 0; key < LENGTH(order); key++) {
        Compare *compare = order[key];
        sort((u8 *)records, count, sizeof(Record), compare);
        for (u32 i = 0; i < count; i++) {
            if (i && compare(&records[i - 1], &records[i]) > 0) return -1;
            sum = mix(sum, records[i].payload);
        }
    }
    return (i64)sum;
}
