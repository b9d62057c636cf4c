import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { openStorage, type Storage } from '@vecport/storage';
import { type FaultProxy, type HttpFaultAnswer, startFaultProxy } from '@vecport/testkit';

const KEY = 'AKIDEXAMPLE';
const SECRET = 'wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY';
const TOKEN = 'FwoGZXIvYXdzEXAMPLETOKEN';
const ENVIRONMENT = {
  AWS_ACCESS_KEY_ID: KEY,
  AWS_SECRET_ACCESS_KEY: SECRET,
  AWS_SESSION_TOKEN: TOKEN,
  AZURE_STORAGE_KEY: Buffer.from(SECRET).toString('base64'),
};

/** Answers of the stores as their references describe them; no server of the tests gives them. */
let liar: FaultProxy;
let answer: HttpFaultAnswer;

beforeAll(async () => {
  liar = await startFaultProxy({ target: 'http://127.0.0.1:9', faults: () => ({ answer }) });
});
afterAll(async () => liar.close());

const s3Error = (status: number, code: string, message = 'Told so.'): HttpFaultAnswer => ({
  status,
  headers: { 'content-type': 'application/xml' },
  body: `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`,
});

const gcsError = (status: number, reason: string, message = 'Told so.'): HttpFaultAnswer => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ error: { code: status, message, errors: [{ reason, message }] } }),
});

const azureError = (status: number, code: string, detail = ''): HttpFaultAnswer => ({
  status,
  headers: { 'content-type': 'application/xml', 'x-ms-error-code': code },
  body: `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>Told so. ${detail}</Message></Error>`,
});

function open(scheme: string): Storage {
  const parameters = new URLSearchParams({ endpoint: liar.url, retries: '0' });
  if (scheme === 's3') parameters.set('region', 'us-east-1');
  if (scheme === 'az') parameters.set('account', 'account');
  return openStorage(`${scheme}://bucket/prefix?${parameters.toString()}`, { environment: ENVIRONMENT });
}

async function put(storage: Storage): Promise<void> {
  const writer = await storage.put('file');
  await writer.write([new Uint8Array(10)]);
  await writer.commit();
}

describe.each<[string, HttpFaultAnswer, string, RegExp]>([
  ['s3', s3Error(400, 'ExpiredToken'), 'expired', /session token has expired\. Get new credentials/],
  ['s3', s3Error(400, 'TokenRefreshRequired'), 'expired', /expired/],
  ['s3', s3Error(403, 'InvalidAccessKeyId'), 'credentials', /Check the credentials/],
  ['s3', s3Error(403, 'SignatureDoesNotMatch'), 'credentials', /Check the credentials/],
  ['s3', s3Error(403, 'RequestTimeTooSkewed'), 'credentials', /clock/],
  ['s3', s3Error(403, 'AccessDenied', 'User bob is not authorized.'), 'forbidden', /policies.*User bob is not/],
  ['s3', s3Error(404, 'NoSuchBucket'), 'no-bucket', /no such bucket/],
  ['s3', s3Error(301, 'PermanentRedirect'), 'invalid-setting', /another region/],
  ['s3', s3Error(400, 'AuthorizationHeaderMalformed'), 'invalid-setting', /another region/],
  ['s3', s3Error(403, 'QuotaExceeded'), 'full', /quota/],
  ['s3', s3Error(507, 'XMinioStorageFull'), 'full', /Free some space/],
  ['s3', s3Error(503, 'SlowDown'), 'unavailable', /too busy/],
  ['s3', s3Error(500, 'InternalError'), 'unavailable', /Try again later/],
  ['s3', { status: 502, body: '<html>Bad gateway</html>' }, 'unavailable', /HTTP 502/],
  ['s3', s3Error(501, 'NotImplemented'), 'invalid-setting', /checksum=md5/],
  ['s3', s3Error(400, 'SomethingNew', 'A reason.'), 'io', /SomethingNew.*A reason/],
  ['gs', gcsError(401, 'authError', 'Invalid Credentials'), 'credentials', /GOOGLE_APPLICATION_CREDENTIALS/],
  ['gs', gcsError(401, 'authError', 'The access token has expired.'), 'expired', /Get new credentials/],
  ['gs', gcsError(403, 'forbidden', 'bob does not have storage.objects.create access'), 'forbidden', /bob does not/],
  ['gs', gcsError(403, 'userRateLimitExceeded'), 'unavailable', /too busy/],
  ['gs', gcsError(403, 'quotaExceeded'), 'full', /quota/],
  ['gs', gcsError(404, 'notFound'), 'no-bucket', /no such bucket/],
  ['gs', gcsError(429, 'rateLimitExceeded'), 'unavailable', /too busy/],
  ['gs', gcsError(503, 'backendError'), 'unavailable', /too busy/],
  ['az', azureError(403, 'AuthenticationFailed'), 'credentials', /Check the account/],
  [
    'az',
    azureError(403, 'AuthenticationFailed', 'Signature not valid in the specified time frame'),
    'expired',
    /Get a new one/,
  ],
  ['az', azureError(403, 'AuthorizationPermissionMismatch'), 'forbidden', /Storage Blob Data Contributor/],
  ['az', azureError(404, 'ContainerNotFound'), 'no-bucket', /no such container/],
  ['az', azureError(409, 'ContainerBeingDeleted'), 'no-bucket', /no such container/],
  ['az', azureError(409, 'BlobImmutableDueToPolicy'), 'forbidden', /policy/],
  ['az', azureError(503, 'ServerBusy'), 'unavailable', /too busy/],
  ['az', azureError(500, 'OperationTimedOut'), 'unavailable', /too busy/],
])('%s answers with %j', (scheme, told, code, message) => {
  it(`which is \`${code}\``, async () => {
    answer = told;
    const storage = open(scheme);
    for (const call of [
      async () => put(storage),
      async () => storage.read('file'),
      async () => storage.lock('a.lock'),
    ]) {
      const error = (await call().then(
        () => undefined,
        (thrown: unknown) => thrown,
      )) as Error;
      expect(error).toMatchObject({ name: 'StorageError', code, message: expect.stringMatching(message) });
      const shown = [error.message, error.stack, JSON.stringify(error.cause), String(error.cause)].join('\n');
      for (const secret of [SECRET, TOKEN, ENVIRONMENT.AZURE_STORAGE_KEY]) expect(shown).not.toContain(secret);
    }
    await expect(Array.fromAsync(storage.list(''))).rejects.toMatchObject({ code });
  });
});

describe('what is sent with a new object of S3', () => {
  const headersOf = async (parameters: string): Promise<IncomingHttpHeaders> => {
    answer = s3Error(403, 'AccessDenied');
    const url = `s3://bucket/x?endpoint=${liar.url}&retries=0&${parameters}`;
    await expect(put(openStorage(url, { environment: ENVIRONMENT }))).rejects.toMatchObject({ code: 'forbidden' });
    return liar.requests.at(-1)?.headers ?? {};
  };

  it('is the MD5 sum, which every server knows, unless something else is asked for', async () => {
    const sum = createHash('md5').update(new Uint8Array(10)).digest('base64');
    const headers = await headersOf('');
    expect(headers).toMatchObject({ 'content-md5': sum, 'x-amz-security-token': TOKEN, 'content-length': '10' });
    expect(Object.keys(headers).join()).not.toMatch(/checksum|crc/);
    expect(await headersOf('checksum=crc32')).toMatchObject({ 'x-amz-checksum-crc32': expect.any(String) });
    const bare = await headersOf('checksum=none');
    expect(Object.keys(bare).join()).not.toMatch(/checksum|crc|md5/);
  });

  it('is the encryption and the storage class', async () => {
    expect(await headersOf('sse=aws:kms&sse-kms-key-id=alias/k&storage-class=STANDARD_IA')).toMatchObject({
      'x-amz-server-side-encryption': 'aws:kms',
      'x-amz-server-side-encryption-aws-kms-key-id': 'alias/k',
      'x-amz-storage-class': 'STANDARD_IA',
    });
  });

  it('names the bucket in the path where an endpoint is given', async () => {
    await headersOf('');
    expect(liar.requests.at(-1)?.path).toMatch(/^\/bucket\/x\/file/);
  });
});

describe('a server that is not there', () => {
  it.each([
    ['s3', 'http://127.0.0.1:9', /not reached.*ECONNREFUSED.*network/],
    ['gs', 'http://127.0.0.1:9', /not reached.*ECONNREFUSED.*network/],
    ['az', 'http://127.0.0.1:9', /not reached.*ECONNREFUSED.*network/],
    ['s3', 'http://nowhere.invalid', /no host of the name in http:\/\/nowhere\.invalid/],
    ['gs', 'http://nowhere.invalid', /no host of the name in http:\/\/nowhere\.invalid/],
    ['az', 'http://nowhere.invalid', /no host of the name in http:\/\/nowhere\.invalid/],
  ])('is said to be so: %s at %s', async (scheme, endpoint, message) => {
    const parameters = `endpoint=${endpoint}&retries=0${scheme === 'az' ? '&account=account' : ''}`;
    const storage = openStorage(`${scheme}://bucket?${parameters.toString()}`, { environment: ENVIRONMENT });
    await expect(storage.head('file')).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(message),
    });
  });
});

describe('credentials that cannot be read', () => {
  it('are said to be so: the key file of Google', async () => {
    // Google's library warns of files that are named to it.
    const warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
    const environment = { GOOGLE_APPLICATION_CREDENTIALS: '/nowhere/key.json' };
    const storage = openStorage(`gs://bucket?endpoint=${liar.url}&retries=0`, { environment });
    await expect(storage.head('file')).rejects.toMatchObject({
      code: 'credentials',
      message: expect.stringContaining('GOOGLE_APPLICATION_CREDENTIALS'),
    });
    warn.mockRestore();
  });

  it('are said to be so: the connection string of Azure, without showing it', async () => {
    const environment = { AZURE_STORAGE_CONNECTION_STRING: `AccountName=a;AccountKey=${SECRET}` };
    const error = (await openStorage('az://bucket', { environment })
      .head('file')
      .catch((thrown: unknown) => thrown)) as Error;
    expect(error).toMatchObject({ code: 'invalid-setting', message: expect.stringContaining('Copy it again') });
    expect(`${error.message}${error.stack}`).not.toContain(SECRET);
  });

  it('are said to be missing: the package that looks for an identity in Azure', async () => {
    const storage = openStorage(`az://bucket?account=a&endpoint=${liar.url}`, { environment: {} });
    await expect(storage.head('file')).rejects.toMatchObject({
      code: 'not-installed',
      message: expect.stringContaining('npm install @azure/identity'),
    });
  });
});
