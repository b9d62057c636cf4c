import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { grantSchema, type Principal } from './grants.js';

const FORMAT = /^vpk_([0-9a-f]{16})_([A-Za-z0-9_-]{43})$/;
const NOBODY = '0'.repeat(64);

/** An API key as it is kept: without the key itself, which is 256 random bits, so one hash is enough. */
export const apiKeySchema = z.strictObject({
  id: z.string().regex(/^[0-9a-f]{16}$/),
  name: z.string().min(1).max(100),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  grants: z.array(grantSchema).readonly(),
  expiresAt: z.iso.datetime().optional(),
});
/** See {@link apiKeySchema}. */
export type ApiKeyRecord = z.infer<typeof apiKeySchema>;

/** A new API key: the text, which is shown once and never kept, and the record to keep. */
export function createApiKey(
  name: string,
  grants: ApiKeyRecord['grants'],
  expiresAt?: string,
): { readonly key: string; readonly record: ApiKeyRecord } {
  const id = randomBytes(8).toString('hex');
  const secret = randomBytes(32).toString('base64url');
  const record = { id, name, sha256: hashOf(secret), grants, ...(expiresAt === undefined ? {} : { expiresAt }) };
  return { key: `vpk_${id}_${secret}`, record };
}

/** Whether a bearer token looks like an API key. */
export function isApiKey(token: string): boolean {
  return token.startsWith('vpk_');
}

/** Who holds a key; `undefined` for an unknown or expired one. Takes the same time whether the hash is right or wrong. */
export function principalOfKey(token: string, records: readonly ApiKeyRecord[], now: number): Principal | undefined {
  const [, id = '', secret = ''] = FORMAT.exec(token) ?? [];
  const record = records.find((candidate) => candidate.id === id);
  const same = timingSafeEqual(Buffer.from(hashOf(secret), 'hex'), Buffer.from(record?.sha256 ?? NOBODY, 'hex'));
  if (!same || record === undefined) return undefined;
  if (record.expiresAt !== undefined && Date.parse(record.expiresAt) <= now) return undefined;
  return { name: `key:${record.name}`, grants: record.grants };
}

function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
