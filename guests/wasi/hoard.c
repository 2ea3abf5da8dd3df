/* Takes and touches memory until no more is given, then leaves with status 3. */
#include <stdlib.h>

int main(void) {
    enum { PAGE = 65536 };
    for (;;) {
        unsigned long page = __builtin_wasm_memory_grow(0, 1);
        if (page == (unsigned long)-1) exit(3);
        *(volatile char *)(page * PAGE) = 1;
    }
}
