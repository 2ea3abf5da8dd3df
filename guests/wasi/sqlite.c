/* A minimal front to SQLite: `sqlite [DATABASE [SQL]]` runs the SQL (or standard input) and prints rows with `|` between
 * the columns. Without a database, or with `:memory:`, nothing touches a file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sqlite3.h"

static int print_row(void *unused, int columns, char **values, char **names) {
    (void)unused, (void)names;
    for (int i = 0; i < columns; i++) printf("%s%s", i ? "|" : "", values[i] ? values[i] : "");
    putchar('\n');
    return 0;
}

static char *read_all(FILE *file) {
    size_t length = 0, room = 4096;
    char *text = malloc(room);
    while (text) {
        length += fread(text + length, 1, room - length - 1, file);
        if (length < room - 1) break;
        char *larger = realloc(text, room *= 2);
        if (!larger) free(text);
        text = larger;
    }
    if (text) text[length] = '\0';
    return text;
}

int main(int argc, char **argv) {
    sqlite3 *database;
    char *message = NULL;
    char *input = argc > 2 ? NULL : read_all(stdin);
    const char *sql = argc > 2 ? argv[2] : input;
    if (!sql) return 1;
    if (sqlite3_open(argc > 1 ? argv[1] : ":memory:", &database) != SQLITE_OK) {
        fprintf(stderr, "sqlite: %s\n", sqlite3_errmsg(database));
        sqlite3_close(database);
        return 1;
    }
    int status = sqlite3_exec(database, sql, print_row, NULL, &message) == SQLITE_OK ? 0 : 1;
    if (status) fprintf(stderr, "sqlite: %s\n", message ? message : sqlite3_errmsg(database));
    sqlite3_free(message);
    sqlite3_close(database);
    free(input);
    return status;
}
