"""cases.json -> cases.json: what each program does in Wasmtime becomes what it is expected to do.

Programs are core modules of WASI 0.1 or components of WASI 0.2. Needs the package `wasmtime` from PyPI. `programs.rs` beside this folder runs the same cases in whit; a case names a checked-in guest, its arguments,
environment, standard input and the files of the one directory it is granted.
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

HERE = pathlib.Path(__file__).parent
GUESTS = HERE / "../../../guests/wasm"
TRAPPED = 134


def run(guest, grant, env, arguments):
    """Runs one program in this process, on its streams."""
    engine = wasmtime.Engine()
    store = wasmtime.Store(engine)
    wasi = wasmtime.WasiConfig()
    wasi.argv = [guest + ".wasm", *arguments]
    wasi.env = [tuple(variable.split("=", 1)) for variable in env]
    wasi.inherit_stdin()
    wasi.inherit_stdout()
    wasi.inherit_stderr()
    wasi.preopen_dir(grant, "/")
    store.set_wasi(wasi)
    binary = (GUESTS / (guest + ".wasm")).read_bytes()
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


def expect(case):
    """Fills in what `case` expects."""
    with tempfile.TemporaryDirectory() as grant:
        for name, content in case.get("files", {}).items():
            pathlib.Path(grant, name).write_text("".join(content))
        words = [case["guest"], grant, json.dumps(case.get("env", [])), *case.get("args", [])]
        done = subprocess.run(
            [sys.executable, __file__, *words],
            input="".join(case.get("stdin", [])).encode(),
            capture_output=True,
        )
        case["expect"] = {
            "status": done.returncode,
            "stdout": lines(done.stdout),
            "stderr": lines(done.stderr),
            "leaves": sorted(os.listdir(grant)),
        }


if len(sys.argv) > 1:
    run(sys.argv[1], sys.argv[2], json.loads(sys.argv[3]), sys.argv[4:])
else:
    path = HERE / "cases.json"
    cases = json.loads(path.read_text())
    for case in cases["cases"]:
        expect(case)
    cases["expected of"] = "Wasmtime " + importlib.metadata.version("wasmtime") + ", by expect.py"
    path.write_text(json.dumps(cases, indent=1, ensure_ascii=False) + "\n")
