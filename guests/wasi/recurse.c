/* Calls itself without end, each time with a value that is needed afterwards. The value stays out of linear memory, whose own
   stack would otherwise overflow first: what ends this program is the engine's stack. */
static volatile unsigned bottom = 0xFFFFFFFF;

__attribute__((noinline)) static unsigned dig(unsigned depth) {
    return depth == bottom ? 0 : (dig(depth + 1) * 3) ^ depth;
}

__attribute__((export_name("_start"))) void start(void) { bottom = dig(0); }
