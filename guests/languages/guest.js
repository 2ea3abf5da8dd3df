// The guest of README.md beside it, in JavaScript.

import { getArguments, getEnvironment } from "wasi:cli/environment@0.2.12";
import { exitWithCode } from "wasi:cli/exit@0.2.12";
import { getDirectories } from "wasi:filesystem/preopens@0.2.12";

const FOLDER = "/app/data";

// Writes what is in `in.txt` to `out.txt` in capitals, and counts its lines.
function copy() {
  const granted = getDirectories().find(([, name]) => name === FOLDER);
  if (!granted) throw new Error(`${FOLDER} is not granted`);
  const [folder] = granted;
  const from = folder.openAt({ symlinkFollow: true }, "in.txt", {}, { read: true });
  const [bytes] = from.read(from.stat().size, 0n);
  const text = new TextDecoder().decode(bytes);
  const to = folder.openAt({}, "out.txt", { create: true, truncate: true }, { write: true });
  to.write(new TextEncoder().encode(text.toUpperCase()), 0n);
  return text.split("\n").length - 1;
}

export const run = {
  run() {
    const words = getArguments().slice(1);
    console.log(`arguments: ${words.join(", ")}`);
    const key = getEnvironment().find(([name]) => name === "API_KEY");
    console.log(`API_KEY: ${key ? key[1] : "not set"}`);
    try {
      console.error(`${copy()} lines`);
    } catch (error) {
      console.error(String(error.payload ?? error.message));
      exitWithCode(1);
    }
    const status = words[0]?.match(/^exit=(\d+)$/);
    if (status) exitWithCode(Number(status[1]));
  },
};
