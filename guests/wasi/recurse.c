/* Calls itself far deeper than any stack allows, each time with a value that is needed afterwards. */
static volatile unsigned bottom = 0xFFFFFFFF;

__attribute__((noinline)) static unsigned dig(unsigned depth) {
    volatile unsigned here = depth;
    return depth == bottom ? 0 : dig(depth + 1) + here;
}

__attribute__((export_name("_start"))) void start(void) { (void)dig(0); }
