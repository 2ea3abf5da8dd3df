/* CRC-32 (the reflected polynomial of Ethernet and zip) of a 64 KiB buffer, one table look-up a byte, n times over. */
#include "kernel.h"

static u32 table[256];
static u8 buffer[65536];

static void make_table(void) {
    for (u32 byte = 0; byte < 256; byte++) {
        u32 remainder = byte;
        for (u32 bit = 0; bit < 8; bit++) remainder = (remainder >> 1) ^ (remainder & 1 ? 0xEDB88320u : 0);
        table[byte] = remainder;
    }
}

NOINLINE static u32 crc32(u32 crc, const u8 *bytes, u32 length) {
    crc = ~crc;
    for (u32 i = 0; i < length; i++) crc = (crc >> 8) ^ table[(crc ^ bytes[i]) & 0xFF];
    return ~crc;
}

KERNEL {
    u64 seed = 0x1234567;
    make_table();
    for (u32 i = 0; i < sizeof(buffer); i++) buffer[i] = (u8)random_next(&seed);
    u32 crc = 0;
    for (i32 round = 0; round < n; round++) crc = crc32(crc, buffer, sizeof(buffer));
    return (i64)crc;
}
