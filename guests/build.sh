#!/bin/sh
# Rebuilds the checked-in modules of guests/wasm, one subcommand a guest:
#
#   guests/build.sh kernels | NAME_OF_A_KERNEL | sql | markdown | hello | command | greeter | wordcount | exit42 | trap | spin | recurse | hoard | proxy | fetch | messages | sqlite | all
#   guests/build.sh check     compiles the kernels natively and compares their results with kernels.tsv
#
# Needs clang 19 and lld 19 (kernels, trap, spin, recurse), wasi-libc and libclang-rt-19-dev-wasm32 (C programs for
# WASI), the Rust targets wasm32-wasip1 (hello) and wasm32-wasip2 (command, greeter, proxy, fetch, messages), and a crate registry (greeter, proxy, fetch, messages,
# sqlite, sql, markdown), and wasm32-unknown-unknown (markdown). Debian:
#   apt-get install clang-19 lld-19 wasi-libc libclang-rt-19-dev-wasm32
set -eu
cd "$(dirname "$0")"
clang=${CLANG:-clang-19}
out=wasm

common="-O2 -std=c11 -Wall -Wextra -Werror"
freestanding="--target=wasm32 -nostdlib -ffreestanding -Wl,--no-entry -Wl,-z,stack-size=65536"
# One rounding an operation, as WebAssembly has it: the native build must agree to the last bit.
floats="-ffp-contract=off -fno-math-errno"

kernel() {
    case $1 in simd_*) vectors=-msimd128 ;; *) vectors= ;; esac
    "$clang" $common $freestanding $floats -mbulk-memory $vectors -Wl,--strip-debug -o "$out/$1.wasm" "kernels/$1.c"
}

kernels() {
    for source in kernels/*.c; do
        name=${source#kernels/}
        kernel "${name%.c}"
    done
}

# A program with WASI's C library.
wasi_c() {
    name=$1
    shift
    "$clang" --target=wasm32-wasi -std=c11 "$@" -Wl,--strip-all -o "$out/$name.wasm" "wasi/$name.c"
}

# A program that needs nothing but its own `_start`.
bare() {
    name=$1
    shift
    "$clang" $common $freestanding "$@" -o "$out/$name.wasm" "wasi/$name.c"
}

# A small program in Rust: for a target, to a name, from a source.
small_rust() {
    rustc --edition 2024 --target "$1" -C opt-level=z -C lto -C panic=abort -C codegen-units=1 -C strip=symbols \
        --remap-path-prefix "$PWD=guests" -o "$out/$2.wasm" "$3"
}

hello() {
    small_rust wasm32-wasip1 hello wasi/hello.rs
}

command_component() {
    small_rust wasm32-wasip2 command wasi2/command.rs
}

greeter() {
    CARGO_TARGET_DIR=$PWD/build/greeter RUSTFLAGS="--remap-path-prefix $PWD=guests --remap-path-prefix ${CARGO_HOME:-$HOME/.cargo}=cargo" \
        cargo build --quiet --release --locked --target wasm32-wasip2 --manifest-path greeter/Cargo.toml
    cp build/greeter/wasm32-wasip2/release/greeter.wasm "$out/greeter.wasm"
}

# Programs with the interfaces of HTTP, which the standard library does not have.
http() {
    RUSTFLAGS="--remap-path-prefix $PWD=guests --remap-path-prefix ${CARGO_HOME:-$HOME/.cargo}=cargo" \
        cargo build --release --locked --target wasm32-wasip2 --manifest-path http/Cargo.toml --target-dir target
    for name in proxy fetch messages; do cp "target/wasm32-wasip2/release/$name.wasm" "$out"; done
}

# The folder of SQLite's source.
sqlite_source() {
    manifest=$(cargo metadata --format-version 1 --manifest-path sqlite/Cargo.toml |
        tr ',' '\n' | sed -n 's/.*"manifest_path":"\(.*libsqlite3-sys-0[^"]*\)".*/\1/p' | head -n 1)
    echo "$(dirname "$manifest")/sqlite3"
}

# SQLite without files and threads, and the kernel that asks it; what follows is for the compiler.
sql_with() {
    source=$(sqlite_source)
    "$clang" -O2 -std=c11 -ffp-contract=off -I "$source" "$@" sqlite/sql.c "$source/sqlite3.c" \
        -DSQLITE_OS_OTHER=1 -DSQLITE_THREADSAFE=0 -DSQLITE_TEMP_STORE=3 -DSQLITE_OMIT_LOAD_EXTENSION -DSQLITE_OMIT_WAL \
        -DSQLITE_OMIT_DEPRECATED -DSQLITE_OMIT_LOCALTIME -DSQLITE_DEFAULT_MEMSTATUS=0 -DSQLITE_DQS=0 -DSQLITE_OMIT_SHARED_CACHE
}

sql() {
    sql_with --target=wasm32-wasi -mexec-model=reactor -nostartfiles -Wl,--no-entry -Wl,--strip-all -Wl,-z,stack-size=262144 \
        -o "$out/sql.wasm"
}

markdown() {
    # Where the sources of crates are: that name is in no module.
    crates=$(cargo metadata --format-version 1 --locked --manifest-path markdown/Cargo.toml |
        tr ',' '\n' | sed -n 's/.*"manifest_path":"\(.*\)\/pulldown-cmark-0[^"]*".*/\1/p' | head -n 1)
    RUSTFLAGS="--remap-path-prefix $PWD=guests --remap-path-prefix $crates=crates" \
        cargo build --quiet --release --locked --lib --target wasm32-unknown-unknown --manifest-path markdown/Cargo.toml --target-dir target
    cp target/wasm32-unknown-unknown/release/markdown.wasm "$out"
}

sqlite() {
    source=$(sqlite_source)
    wasi_c sqlite -Os -I "$source" "$source/sqlite3.c" \
        -DSQLITE_THREADSAFE=0 -DSQLITE_OMIT_LOAD_EXTENSION -DSQLITE_OMIT_WAL -DSQLITE_DEFAULT_LOCKING_MODE=1 \
        -DSQLITE_OMIT_DEPRECATED -DSQLITE_DEFAULT_MEMSTATUS=0 -DSQLITE_DQS=0 \
        -D_WASI_EMULATED_SIGNAL -D_WASI_EMULATED_MMAN -D_WASI_EMULATED_PROCESS_CLOCKS -D_WASI_EMULATED_GETPID \
        -lwasi-emulated-signal -lwasi-emulated-mman -lwasi-emulated-process-clocks -lwasi-emulated-getpid
}

guest() {
    case $1 in
    kernels | sql | markdown | hello | greeter | sqlite) "$1" ;;
    command) command_component ;;
    proxy | fetch | messages) http ;;
    wordcount | exit42 | hoard) wasi_c "$1" -O2 -Wall -Wextra -Werror ;;
    # Little optimisation: lines and calls stay where the source has them. The path is the same on every machine.
    trap) bare trap -O1 -g -ffile-prefix-map="$PWD=guests" ;;
    spin | recurse) bare "$1" -Wl,--strip-debug ;;
    all) for each in kernels sql markdown hello command greeter proxy wordcount exit42 trap spin recurse hoard sqlite; do guest "$each"; done ;;
    check) check ;;
    *)
        if [ ! -f "kernels/$1.c" ]; then
            echo "build.sh: no guest $1" >&2
            exit 1
        fi
        kernel "$1"
        ;;
    esac
}

check() {
    mkdir -p build
    printf '%s\n' '#include <stdio.h>' '#include <stdlib.h>' 'long long run(int);' \
        'int main(int argc, char **argv) { printf("%lld\n", run(atoi(argv[argc - 1]))); }' >build/main.c
    failures=0
    while IFS="$(printf '\t')" read -r name small small_result full full_result; do
        case $name in '' | '#'*) continue ;; esac
        case $name in
        sql) sql_with -o build/sql build/main.c -lm ;;
        markdown)
            cargo build --quiet --release --locked --manifest-path markdown/Cargo.toml --target-dir target
            cp target/release/markdown build/markdown
            ;;
        *) "$clang" $common $floats -o "build/$name" "kernels/$name.c" build/main.c ;;
        esac
        for pair in "$small $small_result" "$full $full_result"; do
            result=$("build/$name" "${pair% *}")
            if [ "$result" != "${pair#* }" ]; then
                echo "$name(${pair% *}) = $result natively, ${pair#* } in kernels.tsv" >&2
                failures=$((failures + 1))
            fi
        done
    done <kernels/kernels.tsv
    [ "$failures" = 0 ] && echo "all kernels agree with their native builds"
}

[ $# -gt 0 ] || set -- all
for each in "$@"; do guest "$each"; done
# The linker marks its output executable.
chmod 644 "$out"/*.wasm
