// Texts per second of Prefer's tokenizers beside Hugging Face's Rust library (npm's `tokenizers`), on the same texts and
// the same cores, the two taking turns. Prints a Markdown table of medians.
//
//   npm install --no-save --prefix bench/tokenizers tokenizers@0.23.2
//   dotnet build -c Release bench/Prefer.Benchmarks
//   node bench/tokenizers/compare.mjs --data train.jsonl.gz --cores 0 NAME=tokenizer.json …
//
// --data   JSON lines (gzip or not) with texts under `chosen` and `rejected`, or `text`
// --cores  the cores both are held to, as taskset counts them; without it all are used
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';

const here = dirname(fileURLToPath(import.meta.url));
const { values: options, positionals: tokenizers } = parseArgs({
  options: {
    data: { type: 'string' }, cores: { type: 'string' }, turns: { type: 'string', default: '5' },
    // What a turn of the Rust library is called with; not for people.
    'run-rust': { type: 'boolean', default: false },
  },
  allowPositionals: true,
});
const passesPerTurn = 3; // the last counts: by then code is compiled and words are cached, on both sides

if (options['run-rust']) {
  await runRust(...tokenizers);
} else {
  compare();
}

async function runRust(file, texts) {
  const { Tokenizer } = await import('tokenizers');
  const tokenizer = Tokenizer.fromFile(file);
  tokenizer.disableTruncation();
  tokenizer.disablePadding();
  const rows = readFileSync(texts, 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line));
  for (let pass = 0; pass < passesPerTurn; pass++) {
    const start = process.hrtime.bigint();
    const encoded = await tokenizer.encodeBatch(rows);
    const seconds = Number(process.hrtime.bigint() - start) / 1e9;
    let [tokens, checksum] = [0, 0n];
    for (const row of encoded) {
      for (const id of row.getIds()) {
        tokens++;
        checksum = (checksum * 31n + BigInt(id)) % 1_000_000_007n;
      }
    }
    console.log(JSON.stringify({ texts_per_second: rows.length / seconds, tokens, checksum: Number(checksum) }));
  }
}

function compare() {
  const folder = mkdtempSync(join(tmpdir(), 'prefer-tokenizers-'));
  try {
    const raw = readFileSync(options.data);
    const lines = (raw[0] === 0x1f ? gunzipSync(raw) : raw).toString('utf8').split('\n').filter(Boolean);
    const texts = lines.flatMap((line) => { const row = JSON.parse(line); return row.text === undefined ? [row.chosen, row.rejected] : [row.text]; });
    const file = join(folder, 'texts.jsonl');
    writeFileSync(file, texts.map((text) => JSON.stringify(text)).join('\n') + '\n');
    const prefer = join(here, '../Prefer.Benchmarks/bin/Release/net10.0/Prefer.Benchmarks');

    console.log(`${texts.length} texts, ${options.turns} turns each, ${options.cores ? `held to core ${options.cores}` : 'all cores'}; median [minimum, maximum] texts per second\n`);
    console.log('| tokenizer | Prefer | Rust library | ratio | same ids | bytes allocated per token |');
    console.log('|---|---:|---:|---:|---|---:|');
    for (const argument of tokenizers) {
      const [name, path] = argument.split('=');
      const [ours, theirs] = [[], []];
      for (let turn = 0; turn < Number(options.turns); turn++) {
        ours.push(last(prefer, ['tokenizer', path, file, String(passesPerTurn)]));
        theirs.push(last(process.execPath, [fileURLToPath(import.meta.url), '--run-rust', path, file]));
      }
      const same = ours[0].tokens === theirs[0].tokens && ours[0].checksum === theirs[0].checksum;
      const ratio = median(ours.map((our, turn) => our.texts_per_second / theirs[turn].texts_per_second));
      console.log(`| ${name} | ${spread(ours)} | ${spread(theirs)} | ${ratio.toFixed(2)} | ${same ? 'yes' : 'NO'} | ${ours[0].bytes_per_token.toFixed(1)} |`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function last(program, words) {
  const one = options.cores !== undefined && !/[,-]/.test(options.cores);
  const environment = { ...process.env, ...(one ? { RAYON_NUM_THREADS: '1', TOKENIZERS_PARALLELISM: 'false' } : {}) };
  const command = options.cores === undefined ? [program, ...words] : ['taskset', '-c', options.cores, program, ...words];
  const lines = execFileSync(command[0], command.slice(1), { env: environment, encoding: 'utf8', maxBuffer: 1 << 26 }).trimEnd().split('\n');
  return JSON.parse(lines.at(-1));
}

function median(values) {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function spread(runs) {
  const rates = runs.map((run) => run.texts_per_second);
  return `${median(rates).toFixed(0)} [${Math.min(...rates).toFixed(0)}, ${Math.max(...rates).toFixed(0)}]`;
}
