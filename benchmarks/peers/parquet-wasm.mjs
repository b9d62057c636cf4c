import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/*
 * Writes a Parquet file with parquet-wasm, in memory: `parquet-wasm.mjs FOLDER WORK`. FOLDER holds the packages, WORK is JSON:
 * file, vectors ("plain" or "split"), points, times. The table is there as an Arrow stream before the clock starts; that it gets into
 * the memory of the module is part of the work.
 */
const [folder, argument] = process.argv.slice(2);
const load = createRequire(import.meta.url);
const wasm = load(join(folder, 'node_modules', 'parquet-wasm', 'node', 'parquet_wasm.js'));
const { file, vectors, points, times } = JSON.parse(argument);

const stream = wasm.readParquet(readFileSync(file)).intoIPCStream();
const properties = () => {
  // Each call takes the builder away.
  const builder = new wasm.WriterPropertiesBuilder()
    .setCompression(wasm.Compression.ZSTD)
    .setDictionaryEnabled(false)
    .setEncoding(wasm.Encoding.PLAIN);
  if (vectors !== 'split') return builder.build();
  return builder.setColumnEncoding('vector.list.element', wasm.Encoding.BYTE_STREAM_SPLIT).build();
};

let bytes = 0;
let wallMs = 0;
let cpuMs = 0;
for (let round = 0; round < times; round++) {
  const cpu = process.cpuUsage();
  const start = performance.now();
  bytes = wasm.writeParquet(wasm.Table.fromIPCStream(stream), properties()).length;
  wallMs += performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  cpuMs += (user + system) / 1000;
}
const peakRssMb = Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024;
process.stdout.write(JSON.stringify({ rows: points * times, bytes, wallMs, cpuMs, peakRssMb }));
