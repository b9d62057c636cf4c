// @ts-check
import { execFileSync } from 'node:child_process';
import { pbkdf2Sync, randomBytes, X509Certificate } from 'node:crypto';
import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const USERNAME = 'vecport';
const ROUNDS = 10_000;

/**
 * Makes a server that lets nobody in without a password and speaks TLS alone: with a certificate of its own that is
 * also the authority to trust, and a superuser in a file, so that no tool of the server has to be started first.
 * @param {string} config folder
 */
export async function secure(config) {
  const key = join(config, 'http.key');
  const certificate = join(config, 'http.crt');
  const password = randomBytes(12).toString('hex');
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '30', '-keyout', key, '-out', certificate];
  execFileSync('openssl', [...request, ...subject], { stdio: ['ignore', 'ignore', 'pipe'] });
  await appendFile(join(config, 'users'), `${USERNAME}:${hashed(password)}\n`);
  await appendFile(join(config, 'users_roles'), `superuser:${USERNAME}\n`);
  const ca = await readFile(certificate, 'utf8');
  return {
    settings: {
      'xpack.security.enabled': true,
      'xpack.security.autoconfiguration.enabled': false,
      'xpack.security.http.ssl.enabled': true,
      'xpack.security.http.ssl.key': key,
      'xpack.security.http.ssl.certificate': certificate,
    },
    access: { username: USERNAME, password, ca, fingerprint: new X509Certificate(ca).fingerprint256 },
  };
}

/** @param {string} password */
function hashed(password) {
  const salt = randomBytes(32);
  const hash = pbkdf2Sync(password, salt, ROUNDS, 32, 'sha512');
  return `{PBKDF2}${ROUNDS}$${salt.toString('base64')}$${hash.toString('base64')}`;
}
