// Finds what was left to do in a project: lines with TODO, and where they are.
import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import colors from "picocolors";

const workspace = process.env.DSPATCH_WORKSPACE_DIR;
// What says TODO because it is about TODO.
const skipped = new Set(["node_modules", ".git", "gardener.mjs"]);

async function* files(directory) {
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    if (skipped.has(entry.name)) continue;
    const path = join(directory, entry.name);
    if (entry.isDirectory()) yield* files(path);
    else if (entry.isFile()) yield path;
  }
}

let count = 0;
for await (const path of files(workspace)) {
  const lines = (await readFile(path, "utf8")).split("\n");
  lines.forEach((line, index) => {
    const found = line.match(/\bTODO\b:?\s*(.*)/);
    if (!found) return;
    count += 1;
    console.log(`${colors.bold(relative(workspace, path))}:${index + 1}: ${found[1]}`);
  });
}
console.log(`${count} left to do`);
