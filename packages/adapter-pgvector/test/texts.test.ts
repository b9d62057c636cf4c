import { describe, expect, it } from '@jest/globals';
import { isVecportError } from '@vecport/abstractions';
import fc from 'fast-check';
import { parseUrl, readCallConfig, readConfig } from '../src/config.js';
import { sqlStateOf, toVecportError } from '../src/errors.js';
import { stringJson } from '../src/jsonb-text.js';
import { type KeyColumn, keyCompare, keyIn, splitId } from '../src/key.js';
import { parseTableName, printTableName } from '../src/names.js';
import { cursorAfter, parseCursor, parseToken, printToken } from '../src/position.js';
import { isSameJson } from '../src/same-json.js';
import { quoteText } from '../src/sql.js';
import { printTableNote, readTableNote } from '../src/table-note.js';

const part = fc.string({
  minLength: 1,
  maxLength: 20,
  unit: fc.constantFrom('a', 'B', '.', '"', ' ', 'é', "'", '\\', '%'),
});
const text = fc.string({ unit: 'grapheme', maxLength: 20 });

describe('names of tables', () => {
  it('come back from how they are printed, whatever they hold', () => {
    fc.assert(
      fc.property(part, part, part, (schema, table, standard) => {
        expect(parseTableName(printTableName({ schema, table }, standard), standard)).toEqual({ schema, table });
      }),
    );
  });

  it.each([
    ['docs', { schema: 'public', table: 'docs' }],
    ['My.Docs', { schema: 'My', table: 'Docs' }],
    ['"a.b"', { schema: 'public', table: 'a.b' }],
    ['x."say ""hi"""', { schema: 'x', table: 'say "hi"' }],
  ])('%s is read as one', (name, expected) => expect(parseTableName(name, 'public')).toEqual(expected));

  it.each(['', '.', 'a.', '.a', 'a.b.c', '"a', 'a"b', '"a"b', 'a\0b', '""'])('%j is none', (name) => {
    expect(() => parseTableName(name, 'public')).toThrow(/not the name of a table/);
  });
});

describe('texts in SQL', () => {
  it('are quoted so that they end where they end', () => {
    expect(quoteText("it's")).toBe("'it''s'");
    expect(quoteText("\\'; DROP TABLE t; --")).toBe("E'\\\\''; DROP TABLE t; --'");
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("'", '\\', 'a', 'E') }), (value) => {
        const literal = quoteText(value);
        const body = literal.slice(literal.indexOf("'") + 1, -1);
        const unescaped = literal.startsWith('E') ? body.replaceAll('\\\\', '\\') : body;
        expect(unescaped.replaceAll("''", "'")).toBe(value);
        expect(body.replaceAll('\\\\', '').replaceAll("''", '')).not.toMatch(/['\\]/);
      }),
    );
  });

  it('for jsonb stay different and in order', () => {
    const special = fc.string({ unit: fc.constantFrom('\0', '\u0001', '\u0002', 'a'), maxLength: 5 });
    const stored = (value: string): Buffer => Buffer.from(JSON.parse(stringJson(value, true)) as string);
    fc.assert(
      fc.property(special, special, (left, right) => {
        expect(stored(left).includes(0)).toBe(false);
        expect(Math.sign(Buffer.compare(stored(left), stored(right)))).toBe(
          Math.sign(Buffer.compare(Buffer.from(left), Buffer.from(right))),
        );
      }),
    );
  });
});

const column = (kind: KeyColumn['kind'], name = 'k'): KeyColumn => ({
  name,
  kind,
  type: kind === 'other' ? 'numeric' : kind,
  isBytewise: false,
});

describe('identifiers', () => {
  it('of several columns come back from their JSON', () => {
    const key = [column('text', 'a'), column('other', 'b'), column('int4', 'c')];
    fc.assert(
      fc.property(text, text, fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), (a, b, c) => {
        fc.pre(!`${a}${b}`.includes('\0') && `${a}${b}`.isWellFormed());
        const parts = [a, b, String(c)];
        expect(splitId(key, JSON.stringify(parts))).toEqual(parts);
        expect(splitId(key, ` ${JSON.stringify(parts)}`)).toBeUndefined();
      }),
    );
  });

  it.each([
    ['int2', '32767', '32768'],
    ['int4', '-2147483648', '-2147483649'],
    ['int8', '9223372036854775807', '9223372036854775808'],
    ['int8', '0', '00'],
    ['int8', '-1', '-0'],
    ['int8', '7', '7 '],
    ['uuid', '00000000-0000-0000-0000-00000000000a', '00000000-0000-0000-0000-00000000000A'],
    ['text', 'anything', 'with\0nul'],
    ['text', 'É', '\ud800'],
  ] as const)('of the type %s can be %j and not %j', (kind, good, bad) => {
    expect(splitId([column(kind)], good)).toEqual([good]);
    expect(splitId([column(kind)], bad)).toBeUndefined();
    expect(keyIn([column(kind)], [bad])).toBe('false');
    expect(keyCompare([column(kind)], '>', bad)).toBeUndefined();
  });

  it('are compared by columns, those of other types by their text', () => {
    expect(keyIn([column('int8', 'a'), column('other', 'b')], ['["1","x"]', 'no'])).toBe(
      `(t."a", t."b"::text COLLATE "C") IN (('1'::int8, 'x'))`,
    );
    expect(keyCompare([column('int8', 'a'), column('text', 'b')], '<=', '["1","x"]')).toBe(
      `(t."a", t."b") <= ('1'::int8, 'x'::text)`,
    );
  });
});

describe('cursors and slices', () => {
  it('come back from their texts', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.option(fc.string(), { nil: undefined }), (id, to) => {
        expect(parseCursor(cursorAfter(id))).toBe(id);
        const token = { plan: 'p', snapshot: 's', server: 'x', after: id, to };
        expect(parseToken({ token: printToken(token) })).toEqual(token);
      }),
    );
  });

  it('of others are refused', () => {
    for (const cursor of ['', 'pg1:', 'x']) expect(() => parseCursor(cursor)).toThrow(/no cursor/);
    for (const token of ['', '1', 'null', '[]', '{"v":2}']) expect(() => parseToken({ token })).toThrow(/no slice/);
  });
});

describe('notes in comments', () => {
  it('come back, and other comments are none', () => {
    const note = {
      idKinds: ['u64'],
      vectors: { "it's \\": { column: 'vector_1', metric: 'dot' } },
      embeddingModel: 'm',
    } as const;
    expect(readTableNote(printTableNote(note))).toEqual(note);
    for (const comment of [null, '', 'vecport:1 ', 'vecport:1 {', 'vecport:1 {}', 'A table of vectors'])
      expect(readTableNote(comment)).toBeUndefined();
  });
});

describe('JSON texts', () => {
  it.each([
    ['{"a":1,"b":[true,null,"x"]}', '{ "b": [true, null, "\\u0078"], "a": 1 }', true],
    ['{"a":1}', '{"a":1.0}', false],
    ['{"a":100}', '{"a":1e2}', false],
    ['{"a":9007199254740993}', '{"a":9007199254740992}', false],
    ['{"a":"1"}', '{"a":1}', false],
    ['{"a":null}', '{}', false],
    ['[1,2]', '[2,1]', false],
    ['{"number":"1"}', '{"number":1}', false],
    ['{"__proto__":1}', '{}', false],
    ['no', 'no ', false],
  ])('%s and %s say the same: %p', (left, right, same) => {
    expect(isSameJson(left, right)).toBe(same);
    expect(isSameJson(right, left)).toBe(same);
  });

  it('that are missing are like each other only', () => {
    expect(isSameJson(undefined, undefined)).toBe(true);
    expect(isSameJson(undefined, '{}')).toBe(false);
  });
});

describe('settings', () => {
  it('are read from a URL', () => {
    expect(parseUrl('pgvector://us%40er:p%3Aw@db.example:6543/my%20db?schema=s&timeout=5#a.%22b.c%22')).toEqual({
      settings: {
        host: 'db.example',
        port: '6543',
        database: 'my db',
        user: 'us@er',
        password: 'p:w',
        schema: 's',
        timeout: '5',
      },
      collection: 'a."b.c"',
    });
    expect(parseUrl('pgvector+tls://h').settings).toEqual({ host: 'h', sslmode: 'verify-full' });
    expect(readConfig(parseUrl('pgvector:///db?host=/var/run/postgresql').settings)).toMatchObject({
      host: '/var/run/postgresql',
      port: 5432,
    });
    expect(readConfig(parseUrl('pgvector://[::1]:5/db').settings)).toMatchObject({ host: '::1', port: 5 });
  });

  it('of a URL win over defaults, and single ones over both', () => {
    const settings = { url: 'postgres://u:p@h/db?schema=s', schema: 'public', timeout: '60000', connections: '8' };
    expect(readCallConfig(settings)).toEqual({ schema: 's', timeoutMs: 60_000, connections: 8 });
    expect(readConfig({ ...settings, database: 'other' })).toMatchObject({
      host: 'h',
      database: 'other',
      sslMode: 'disable',
    });
  });

  it('of a URL are not used for another host: a password goes to its own server only', () => {
    const env = 'pgvector+tls://admin:secret@prod:6543/shop';
    expect(readConfig({ url: env, ...parseUrl('pgvector://localhost/db').settings })).toEqual({
      host: 'localhost',
      port: 5432,
      database: 'db',
      user: undefined,
      password: undefined,
      sslMode: 'disable',
      ca: undefined,
    });
  });

  it.each([
    [{}, /No PostgreSQL server is configured.*PGVECTOR_URL/],
    [{ url: 'http://h' }, /not a URL of PostgreSQL/],
    [{ url: 'pgvector://h?sslmod=x' }, /unknown parameter 'sslmod'/],
    [{ url: 'pgvector+tls://h?sslmode=disable' }, /contradict/],
    [{ url: 'pgvector://h?sslmode=prefer' }, /sslmode 'prefer'.*disable, require/],
    [{ url: 'pgvector://u:secret%ZZ@h' }, /%/],
    [{ host: 'h', port: '70000' }, /'port'.*65535/],
    [{ host: 'h', port: '0' }, /'port'/],
  ])('%j are refused, without their secrets', (settings, message) => {
    const read = (): unknown => readConfig(settings);
    expect(read).toThrow(message);
    expect(read).not.toThrow(/secret/);
  });

  it.each(['0', '-1', 'x', '1e3', '99999999999'])('a timeout of %s is refused', (timeout) => {
    expect(() => readCallConfig({ timeout })).toThrow(/'timeout'/);
  });
});

describe('errors', () => {
  const thrown = (code: string, more: object = { severity: 'ERROR' }): Error =>
    Object.assign(new Error('what happened'), { code, ...more });
  it.each([
    ['08006', 'unavailable'],
    ['22P02', 'invalid-argument'],
    ['23505', 'invalid-argument'],
    ['25006', 'not-supported'],
    ['28P01', 'unauthorized'],
    ['3D000', 'not-found'],
    ['40001', 'conflict'],
    ['40P01', 'conflict'],
    ['42501', 'forbidden'],
    ['42703', 'source-changed'],
    ['42704', 'forbidden'],
    ['42883', 'forbidden'],
    ['42P01', 'not-found'],
    ['42P07', 'already-exists'],
    ['53100', 'storage'],
    ['53200', 'unavailable'],
    ['54001', 'not-supported'],
    ['55P03', 'conflict'],
    ['57014', 'timeout'],
    ['57P01', 'unavailable'],
    ['57P03', 'unavailable'],
    ['XX000', 'provider-error'],
    ['XX001', 'corrupt-data'],
  ])('with the SQLSTATE %s are %s', (state, code) => {
    const error = toVecportError(thrown(state));
    expect(isVecportError(error) ? error.code : error).toBe(code);
    expect(String(error)).toContain('PostgreSQL: what happened.');
    expect(sqlStateOf(error)).toBe(state);
  });

  it.each([
    ['ECONNREFUSED', 'unavailable'],
    ['ENOTFOUND', 'unavailable'],
    ['ECONNRESET', 'unavailable'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'unauthorized'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'unauthorized'],
  ])('of the connection, %s, are %s', (code, expected) => {
    const error = toVecportError(thrown(code, {}));
    expect(isVecportError(error) ? error.code : error).toBe(expected);
  });

  it('of others pass through', () => {
    for (const other of [new TypeError('a fault'), 'a text', undefined]) expect(toVecportError(other)).toBe(other);
  });
});
