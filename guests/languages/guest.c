// The guest of README.md beside it, in C.

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Writes what is in `in.txt` to `out.txt` in capitals, and counts its lines; -1 says that it could not.
static int copy(void) {
    FILE *in = fopen("/app/data/in.txt", "r");
    if (!in)
        return -1;
    FILE *out = fopen("/app/data/out.txt", "w");
    if (!out)
        return -1;
    int lines = 0;
    for (int c = getc(in); c != EOF; c = getc(in)) {
        lines += c == '\n';
        if (putc(toupper(c), out) == EOF)
            return -1;
    }
    return fclose(out) == 0 && fclose(in) == 0 ? lines : -1;
}

int main(int count, char **words) {
    printf("arguments: ");
    for (int i = 1; i < count; i++)
        printf("%s%s", i > 1 ? ", " : "", words[i]);
    const char *key = getenv("API_KEY");
    printf("\nAPI_KEY: %s\n", key ? key : "not set");
    int lines = copy();
    if (lines < 0) {
        fprintf(stderr, "%s\n", strerror(errno));
        return 1;
    }
    fprintf(stderr, "%d lines\n", lines);
    return count > 1 && strncmp(words[1], "exit=", 5) == 0 ? atoi(words[1] + 5) : 0;
}
