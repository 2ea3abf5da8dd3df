"""cases.json -> cases.json: what each program does in Wasmtime becomes what it is expected to do.

    python3 expect.py CASES FOLDER...    finds guests in the first folder that has them

Programs are core modules of WASI 0.1 or components of WASI 0.2. Needs the package `wasmtime` from PyPI. `mod.rs` beside this file runs the same cases
in whit. A case has a `name`, a `guest`, its `args`, `env` and `stdin`, the `files` of the one directory it is granted, the `grant` that names
this directory to the guest (`/` if it is absent, none if it is empty), the variables it `inherits`, and the files it `writes`, whose text counts.
"""

import importlib.metadata
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import wasmtime
import wasmtime.component

TRAPPED = 134


def run(guest, folder, grant, env, arguments):
    """Runs one program in this process, on its streams."""
    guest = pathlib.Path(guest)
    engine = wasmtime.Engine()
    store = wasmtime.Store(engine)
    wasi = wasmtime.WasiConfig()
    wasi.argv = [guest.name, *arguments]
    wasi.env = [tuple(variable.split("=", 1)) for variable in env]
    wasi.inherit_stdin()
    wasi.inherit_stdout()
    wasi.inherit_stderr()
    if grant:
        wasi.preopen_dir(folder, grant)
    store.set_wasi(wasi)
    binary = guest.read_bytes()
    start = start_component if binary[4:8] == b"\r\0\1\0" else start_module
    try:
        start(engine, store, binary)
    except wasmtime.ExitTrap as exit:
        sys.exit(exit.code)
    except wasmtime.Trap:
        # Each runtime tells of a trap in its own words: only the status is compared.
        sys.exit(TRAPPED)


def start_module(engine, store, binary):
    linker = wasmtime.Linker(engine)
    linker.define_wasi()
    linker.instantiate(store, wasmtime.Module(engine, binary)).exports(store)["_start"](store)


def start_component(engine, store, binary):
    linker = wasmtime.component.Linker(engine)
    linker.add_wasip2()
    component = wasmtime.component.Component(engine, binary)
    name = next(name for name in component.type.exports(engine) if name.startswith("wasi:cli/run@"))
    instance = linker.instantiate(store, component)
    index = instance.get_export_index(store, "run", instance.get_export_index(store, name))
    try:
        result = instance.get_func(store, index)(store)
    except wasmtime.WasmtimeError as error:
        # Linking is over: whatever is no exit is a trap.
        if isinstance(error, wasmtime.ExitTrap) or "wasm trap" not in str(error):
            raise
        sys.exit(TRAPPED)
    if getattr(result, "tag", "ok") == "err":
        sys.exit(1)


def lines(data):
    return data.decode().splitlines(keepends=True)


def expect(case, folders):
    """Fills in what `case` expects."""
    guest = next(path for folder in folders if (path := pathlib.Path(folder, case["guest"] + ".wasm")).exists())
    with tempfile.TemporaryDirectory() as folder:
        for name, content in case.get("files", {}).items():
            pathlib.Path(folder, name).write_text("".join(content))
        env = json.dumps(case.get("env", []) + case.get("inherits", []))
        words = [guest, folder, case.get("grant", "/"), env, *case.get("args", [])]
        done = subprocess.run(
            [sys.executable, __file__, "--run", *words],
            input="".join(case.get("stdin", [])).encode(),
            capture_output=True,
        )
        case["expect"] = {
            "status": done.returncode,
            "stdout": lines(done.stdout),
            "stderr": lines(done.stderr),
            "leaves": sorted(os.listdir(folder)),
        }
        if writes := case.get("writes"):
            read = lambda name: lines(pathlib.Path(folder, name).read_bytes())
            case["expect"]["writes"] = {name: read(name) for name in writes}


if sys.argv[1] == "--run":
    run(*sys.argv[2:5], json.loads(sys.argv[5]), sys.argv[6:])
else:
    path = pathlib.Path(sys.argv[1])
    cases = json.loads(path.read_text())
    for case in cases["cases"]:
        expect(case, sys.argv[2:])
    cases["expected of"] = "Wasmtime " + importlib.metadata.version("wasmtime") + ", by expect.py"
    path.write_text(json.dumps(cases, indent=1, ensure_ascii=False) + "\n")
