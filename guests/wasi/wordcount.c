/* Counts lines, words and bytes of the files named in the arguments, or of standard input, as `wc` does.
 *
 * WORDCOUNT_ONLY=lines|words|bytes in the environment chooses one column. A file that cannot be read is reported on
 * standard error, the others are still counted, and the exit status is then 1. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    unsigned long lines, words, bytes;
} Count;

static int count(FILE *file, Count *into) {
    static char block[65536];
    int in_word = 0;
    size_t length;
    *into = (Count){0, 0, 0};
    while ((length = fread(block, 1, sizeof(block), file)) > 0) {
        into->bytes += length;
        for (size_t i = 0; i < length; i++) {
            int space = strchr(" \t\n\v\f\r", block[i]) != NULL && block[i] != '\0';
            into->lines += block[i] == '\n';
            into->words += !space && !in_word;
            in_word = !space;
        }
    }
    return ferror(file) ? -1 : 0;
}

static void print(const Count *count, const char *name) {
    const char *only = getenv("WORDCOUNT_ONLY");
    if (!only)
        printf("%7lu %7lu %7lu", count->lines, count->words, count->bytes);
    else
        printf("%7lu", !strcmp(only, "lines") ? count->lines : !strcmp(only, "words") ? count->words : count->bytes);
    printf(name ? " %s\n" : "\n", name);
}

int main(int argc, char **argv) {
    Count total = {0, 0, 0};
    int status = 0;
    for (int i = 1; i < argc; i++) {
        Count one;
        FILE *file = fopen(argv[i], "rb");
        if (!file || count(file, &one)) {
            fprintf(stderr, "wordcount: %s: %s\n", argv[i], strerror(errno));
            status = 1;
        } else {
            print(&one, argv[i]);
            total.lines += one.lines, total.words += one.words, total.bytes += one.bytes;
        }
        if (file) fclose(file);
    }
    if (argc < 2) {
        if (count(stdin, &total)) status = 1;
        print(&total, NULL);
    } else if (argc > 2) {
        print(&total, "total");
    }
    return status;
}
