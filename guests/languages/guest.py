"""The guest of README.md beside it, in Python."""

import os
import sys

from wit_world import exports


def copy():
    """Writes what is in `in.txt` to `out.txt` in capitals, and counts its lines."""
    with open("/app/data/in.txt") as file:
        text = file.read()
    with open("/app/data/out.txt", "w") as file:
        file.write(text.upper())
    return len(text.splitlines())


class Run(exports.Run):
    def run(self):
        arguments = sys.argv[1:]
        print("arguments:", ", ".join(arguments))
        print("API_KEY:", os.environ.get("API_KEY", "not set"))
        try:
            print(copy(), "lines", file=sys.stderr)
        except OSError as error:
            print(error, file=sys.stderr)
            sys.exit(1)
        if arguments and arguments[0].startswith("exit="):
            sys.exit(int(arguments[0].removeprefix("exit=")))
