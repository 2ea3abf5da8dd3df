/* A growing open-addressing map from strings to counters: n operations (insert, look up, delete) on keys drawn with a
 * skew. Hashing of short strings, comparison, probing, rehashing. */
#include "kernel.h"

typedef struct {
    u32 hash; /* 0: never used, 1: deleted */
    u16 length;
    u16 reserved;
    const u8 *key;
    u64 value;
} Entry;

/* A table of 2 * KEYS entries is never more than half full, so none grows beyond it. */
enum { POOL = 1 << 20, KEYS = 1 << 15, TABLE = 2 * KEYS };
static u8 pool[POOL];
static Entry storage[2][TABLE];
static const u8 *keys[KEYS];
static u16 key_lengths[KEYS];

typedef struct {
    Entry *entries;
    u32 mask, used, live;
} Map;

/* A table is rebuilt into the half of `storage` that the old one does not use. */
static u32 half;

static Entry *allocate(u32 count) {
    half ^= 1;
    for (u32 i = 0; i < count; i++) storage[half][i] = (Entry){0};
    return storage[half];
}

static u32 hash_of(const u8 *key, u32 length) {
    u32 hash = 0x811C9DC5u;
    for (u32 i = 0; i < length; i++) hash = (hash ^ key[i]) * 0x01000193u;
    hash ^= hash >> 15;
    return hash < 2 ? hash + 2 : hash;
}

static i32 equal(const u8 *a, const u8 *b, u32 length) {
    for (u32 i = 0; i < length; i++)
        if (a[i] != b[i]) return 0;
    return 1;
}

static Entry *find(Map *map, u32 hash, const u8 *key, u32 length) {
    for (u32 at = hash & map->mask;; at = (at + 1) & map->mask) {
        Entry *entry = &map->entries[at];
        if (entry->hash == 0) return 0;
        if (entry->hash == hash && entry->length == length && equal(entry->key, key, length)) return entry;
    }
}

NOINLINE static void rebuild(Map *map) {
    Entry *old = map->entries;
    u32 old_size = map->mask + 1, size = old_size;
    if (map->live * 2 > old_size) size *= 2;
    map->entries = allocate(size);
    map->mask = size - 1;
    map->used = map->live;
    for (u32 i = 0; i < old_size; i++) {
        if (old[i].hash < 2) continue;
        u32 at = old[i].hash & map->mask;
        while (map->entries[at].hash) at = (at + 1) & map->mask;
        map->entries[at] = old[i];
    }
}

NOINLINE static void add(Map *map, const u8 *key, u32 length, u64 amount) {
    u32 hash = hash_of(key, length);
    Entry *entry = find(map, hash, key, length);
    if (entry) {
        entry->value += amount;
        return;
    }
    if (map->used * 4 >= (map->mask + 1) * 3) rebuild(map);
    u32 at = hash & map->mask;
    while (map->entries[at].hash) at = (at + 1) & map->mask;
    map->entries[at] = (Entry){hash, (u16)length, 0, key, amount};
    map->used++;
    map->live++;
}

NOINLINE static u64 get(Map *map, const u8 *key, u32 length) {
    Entry *entry = find(map, hash_of(key, length), key, length);
    return entry ? entry->value : 0;
}

NOINLINE static void discard(Map *map, const u8 *key, u32 length) {
    Entry *entry = find(map, hash_of(key, length), key, length);
    if (!entry) return;
    entry->hash = 1;
    entry->length = 0xFFFF; /* no key is so long: a tombstone never matches */
    map->live--;
}

KERNEL {
    u64 seed = 4242, sum = 0;
    u32 filled = 0;
    for (u32 i = 0; i < KEYS; i++) {
        u32 length = 4 + random_below(&seed, 20);
        keys[i] = pool + filled;
        key_lengths[i] = (u16)length;
        for (u32 j = 0; j < length; j++) pool[filled++] = (u8)('a' + random_below(&seed, 26));
    }
    Map map = {allocate(64), 63, 0, 0};
    for (i32 i = 0; i < n; i++) {
        /* The product of two draws: low numbers are much more frequent. */
        u32 index = (u32)(((u64)random_below(&seed, KEYS) * random_below(&seed, KEYS)) >> 15);
        u32 choice = random_below(&seed, 8);
        if (choice < 4) {
            add(&map, keys[index], key_lengths[index], (u64)i);
        } else if (choice < 7) {
            sum = mix(sum, get(&map, keys[index], key_lengths[index]));
        } else {
            discard(&map, keys[index], key_lengths[index]);
        }
    }
    return (i64)mix(sum, map.live);
}
