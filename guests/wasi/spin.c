/* Never ends, and never calls out: only the host can stop it. */
__attribute__((export_name("_start"))) void start(void) {
    for (volatile unsigned turns = 0;; turns++) {
    }
}
