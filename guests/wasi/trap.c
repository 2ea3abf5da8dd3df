/* Divides by zero three calls deep; built with debug information, so that a backtrace can name file and line. */
__attribute__((noinline)) static int share(int total, int people) { return total / people; }

__attribute__((noinline)) static int hand_out(int total, int people) {
    int each = share(total, people);
    return total - each * people;
}

__attribute__((export_name("_start"))) void start(void) {
    volatile int nobody = 0;
    volatile int rest = hand_out(100, nobody);
    (void)rest;
}
