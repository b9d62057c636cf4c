import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { removeTempFolders, tempFolder } from '@vecport/testkit';
import { parseIds, readIdFile } from '../src/id-file.js';

afterAll(removeTempFolders);

describe('a file of ids', () => {
  it('has an id a line, as it is, each once', () => {
    expect(parseIds('b\na \r\nb\n\n7\n', 'f')).toEqual(['b', 'a ', '7']);
    expect(parseIds('', 'f')).toEqual([]);
  });

  it('may have JSON lines', () => {
    const lines = ['"a\\n\\"b"', '{"id":"c","x":1}', '{"id":12}', '{"id":9007199254740993}'];
    expect(parseIds(lines.join('\n'), 'f')).toEqual(['a\n"b', 'c', '12', '9007199254740993']);
  });

  it.each([
    ['{"x":1}', 'f, line 1: there is no id'],
    ['a\n{"id":1.5}', 'f, line 2: there is no id'],
    ['""', 'f, line 1: there is no id'],
    ['"a', 'f, line 1: '],
  ])('with the line %p is refused', (text, message) => {
    expect(() => parseIds(text, 'f')).toThrow(message);
  });

  it('is UTF-8, with or without a byte order mark', async () => {
    const path = join(await tempFolder(), 'ids');
    await writeFile(path, '\uFEFFä\n');
    expect(await readIdFile(path)).toEqual(['ä']);
    await writeFile(path, Buffer.from([0xff, 0xfe, 0x61]));
    await expect(readIdFile(path)).rejects.toMatchObject({ code: 'invalid-argument' });
    await expect(readIdFile(`${path}.not`)).rejects.toMatchObject({ code: 'not-found' });
  });
});
