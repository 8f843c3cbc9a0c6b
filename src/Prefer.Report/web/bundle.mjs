// Bundles report.js and what it imports into one classic script, headed by the licences of the packages in it.
// node bundle.mjs NODE_MODULES FILE
import { createRequire } from "node:module";
import { readFileSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

const [modules, target] = process.argv.slice(2);
const { build } = createRequire(join(modules, "x.js"))("esbuild");

const result = await build({
  entryPoints: [join(dirname(fileURLToPath(import.meta.url)), "report.js")],
  bundle: true,
  minify: true,
  format: "iife",
  target: ["es2020"],
  charset: "ascii",
  legalComments: "none",
  nodePaths: [modules],
  metafile: true,
  write: false,
  logLevel: "error",
});

const temporary = `${target}.${process.pid}.tmp`;
writeFileSync(temporary, `/*!\n${licences(Object.keys(result.metafile.inputs))}*/\n${result.outputFiles[0].text}`);
renameSync(temporary, target);

// Packages that come under the same words are named above them together.
function licences(inputs) {
  const packages = new Set(inputs.map(packageOf).filter(name => name !== null));
  const namesOf = new Map();
  for (const name of [...packages].sort()) {
    const folder = join(modules, name);
    const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const file = readdirSync(folder).find(entry => /^licen[cs]e/i.test(entry));
    if (file === undefined) throw new Error(`${name} ${version}: no licence file in its package`);
    const text = readFileSync(join(folder, file), "utf8").replace(/\r/g, "").replaceAll("*/", "* /").trim();
    namesOf.set(text, [...(namesOf.get(text) ?? []), `${name} ${version}`]);
  }
  return [...namesOf].map(([text, names]) => `${names.join(", ")}\n\n${text}\n\n`).join("");
}

function packageOf(input) {
  const parts = relative(modules, input).split(sep);
  return parts[0] === ".." ? null : parts.slice(0, parts[0].startsWith("@") ? 2 : 1).join("/");
}
