/* SQLite at work, as a kernel: `run(n)` makes a database in memory, fills it with n orders, and asks it what people ask databases. It imports
 * nothing: the one file system there is has no files, and its clock stands.
 */
#include <stddef.h>
#include <string.h>

#include "../kernels/kernel.h"
#include "sqlite3.h"

static int no_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out) {
    (void)vfs, (void)name, (void)file, (void)flags, (void)out;
    return SQLITE_CANTOPEN;
}

static int nothing_to_delete(sqlite3_vfs *vfs, const char *name, int sync) {
    (void)vfs, (void)name, (void)sync;
    return SQLITE_IOERR_DELETE_NOENT;
}

static int nothing_there(sqlite3_vfs *vfs, const char *name, int flags, int *out) {
    (void)vfs, (void)name, (void)flags;
    *out = 0;
    return SQLITE_OK;
}

static int same_name(sqlite3_vfs *vfs, const char *name, int room, char *out) {
    (void)vfs;
    strncpy(out, name, (size_t)room);
    return SQLITE_OK;
}

static int no_chance(sqlite3_vfs *vfs, int count, char *out) {
    (void)vfs;
    memset(out, 0, (size_t)count);
    return count;
}

static int standing_clock(sqlite3_vfs *vfs, double *out) {
    (void)vfs;
    *out = 2460000.5;
    return SQLITE_OK;
}

int sqlite3_os_init(void) {
    static sqlite3_vfs vfs = {
        .iVersion = 1,
        .szOsFile = sizeof(sqlite3_file),
        .mxPathname = 64,
        .zName = "none",
        .xOpen = no_file,
        .xDelete = nothing_to_delete,
        .xAccess = nothing_there,
        .xFullPathname = same_name,
        .xRandomness = no_chance,
        .xCurrentTime = standing_clock,
    };
    return sqlite3_vfs_register(&vfs, 1);
}

int sqlite3_os_end(void) {
    return SQLITE_OK;
}

/* Runs a statement with one number as its parameter, and folds every value of every row into the checksum. */
static u64 ask(sqlite3 *database, const char *sql, i64 parameter, u64 sum) {
    sqlite3_stmt *statement;
    if (sqlite3_prepare_v2(database, sql, -1, &statement, NULL) != SQLITE_OK) return 0;
    sqlite3_bind_int64(statement, 1, parameter);
    int step;
    while ((step = sqlite3_step(statement)) == SQLITE_ROW) {
        for (int column = 0; column < sqlite3_column_count(statement); column++) {
            const unsigned char *text = sqlite3_column_text(statement, column);
            for (; text && *text; text++) sum = sum * 31 + *text;
            sum = mix(sum, (u64)column);
        }
    }
    sqlite3_finalize(statement);
    return step == SQLITE_DONE ? mix(sum, 1) : 0;
}

static int fill(sqlite3 *database, i32 orders) {
    static const char *const words[] = {"anvil", "bellows", "crucible", "drill", "engine", "flywheel", "gasket", "hammer"};
    sqlite3_stmt *customer, *order;
    u64 seed = 0x5EED;
    if (sqlite3_prepare_v2(database, "INSERT INTO customer VALUES (?1, ?2, ?3)", -1, &customer, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(database, "INSERT INTO sale VALUES (?1, ?2, ?3, ?4, ?5)", -1, &order, NULL) != SQLITE_OK)
        return 0;
    int done = 1;
    for (i32 id = 0; id < orders / 10 + 1; id++) {
        char name[32];
        sqlite3_snprintf(sizeof name, name, "%s & %s %d", words[random_below(&seed, 8)], words[random_below(&seed, 8)], id);
        sqlite3_bind_int(customer, 1, id);
        sqlite3_bind_text(customer, 2, name, -1, SQLITE_TRANSIENT);
        sqlite3_bind_int(customer, 3, (int)random_below(&seed, 20));
        done &= sqlite3_step(customer) == SQLITE_DONE;
        sqlite3_reset(customer);
    }
    for (i32 id = 0; id < orders; id++) {
        sqlite3_bind_int(order, 1, id);
        sqlite3_bind_int(order, 2, (int)random_below(&seed, (u32)orders / 10 + 1));
        sqlite3_bind_text(order, 3, words[random_below(&seed, 8)], -1, SQLITE_STATIC);
        sqlite3_bind_int(order, 4, 1 + (int)random_below(&seed, 12));
        sqlite3_bind_double(order, 5, (double)random_below(&seed, 100000) / 8.0);
        done &= sqlite3_step(order) == SQLITE_DONE;
        sqlite3_reset(order);
    }
    sqlite3_finalize(customer);
    sqlite3_finalize(order);
    return done;
}

KERNEL {
    sqlite3 *database;
    u64 sum = 1;
    if (sqlite3_open(":memory:", &database) != SQLITE_OK) return 0;
    sum = ask(database, "CREATE TABLE customer(id INTEGER PRIMARY KEY, name TEXT NOT NULL, region INT)", 0, sum);
    sum = ask(database, "CREATE TABLE sale(id INTEGER PRIMARY KEY, customer INT REFERENCES customer, item TEXT, pieces INT, price REAL)", 0, sum);
    sum = ask(database, "BEGIN", 0, sum);
    if (!fill(database, n)) return 0;
    sum = ask(database, "CREATE INDEX of_customer ON sale(customer, item)", 0, sum);
    sum = ask(database, "COMMIT", 0, sum);
    sum = ask(database,
              "SELECT region, item, count(*), sum(pieces), round(avg(price), 3) FROM sale JOIN customer ON customer.id = sale.customer "
              "GROUP BY region, item ORDER BY 4 DESC, region, item LIMIT ?1",
              40, sum);
    sum = ask(database, "SELECT name, (SELECT max(price) FROM sale WHERE customer = customer.id) FROM customer WHERE name LIKE '%rill%' ORDER BY name", 0, sum);
    sum = ask(database, "UPDATE sale SET price = price * 1.25, pieces = pieces + 1 WHERE id % 7 = ?1", 3, sum);
    sum = ask(database, "DELETE FROM sale WHERE customer IN (SELECT id FROM customer WHERE region = ?1)", 5, sum);
    sum = ask(database,
              "WITH RECURSIVE below(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM below WHERE x < ?1) "
              "SELECT sum(x * x), group_concat(substr(hex(x), 1, 2), '') FROM below WHERE x % 3 = 0",
              n, sum);
    sum = ask(database, "SELECT upper(item), printf('%08.2f', total(price * pieces)) FROM sale GROUP BY item HAVING count(*) > ?1", 1, sum);
    sqlite3_close(database);
    return (i64)sum;
}
