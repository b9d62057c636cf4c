// Compiles the kernels and writes them into src/kernels/kernel-bytes.ts; with --check it only says whether that is what they compile to.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const TARGET = new URL('../src/kernels/kernel-bytes.ts', import.meta.url);
const OPTIONS = ['-O3', '--converge', '--noAssert', '--runtime', 'stub', '--enable', 'simd', '--initialMemory', '1'];

const written = `/** The module that assembly/ compiles to, in base64. Written by \`npm run kernels\`, as a test makes sure. */
export const KERNEL_BYTES =
  '${(await compile()).toString('base64')}';
`;
if (process.argv.includes('--check')) {
  if (readFileSync(TARGET, 'utf8') !== written)
    throw new Error('src/kernels/kernel-bytes.ts is not what assembly/ compiles to.');
} else {
  writeFileSync(TARGET, written);
}

async function compile() {
  let binary;
  const baseDir = fileURLToPath(new URL('.', import.meta.url));
  const { error } = await asc.main(['index.ts', '--baseDir', baseDir, '--outFile', 'kernels.wasm', ...OPTIONS], {
    readFile: (name, base) => readIfThere(new URL(name, `file://${base}/`)),
    writeFile: (_, contents) => {
      binary = Buffer.from(contents);
    },
    listFiles: () => [],
    stderr: process.stderr,
  });
  if (error !== null) throw error;
  return binary;
}

/** The compiler looks for each module in several places. */
function readIfThere(url) {
  try {
    return readFileSync(url, 'utf8');
  } catch {
    return null;
  }
}
