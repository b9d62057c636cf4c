import { networkFault, retryAfterMs, statusFault } from '../object/network-fault.js';
import type { Fault } from '../object/object-driver.js';
import { GcsError } from './gcs-error.js';

const BUSY = 'the store is too busy. Try again later, or with less at the same time.';
const NO_CREDENTIALS =
  'no credentials of Google were found, or they do not work. Set GOOGLE_APPLICATION_CREDENTIALS, or run: gcloud auth application-default login';
/** What Google's word for a 403 means, where it is not a missing permission. */
const BUSY_REASONS = /^(?:rateLimitExceeded|userRateLimitExceeded|slowDown)$/;

/** What an error means; see `ObjectDriver.explain`. */
export function explainGcs(error: unknown, endpoint: string): Fault {
  if (error instanceof GcsError) return explainAnswer(error);
  return networkFault(error, endpoint) ?? explainCredentials(error);
}

function explainAnswer({ status, reason, message, retryAfter }: GcsError): Fault {
  const waits = { retryAfterMs: retryAfterMs(retryAfter) };
  if (BUSY_REASONS.test(reason)) return { code: 'unavailable', text: BUSY, transient: true, ...waits };
  if (/^quotaExceeded$|^storageQuota/i.test(reason)) {
    return fault('full', 'the quota of the store is used up. Free some space or choose another bucket.');
  }
  if (status === 401) return explain401(message);
  if (status === 403) {
    const text = 'these credentials may not do that. Give their account the role Storage Object User on the bucket.';
    return fault('forbidden', withDetail(text, message));
  }
  if (status === 404) return fault('no-bucket', 'there is no such bucket. Check its name, or create it.');
  if (status === 410) return fault('io', 'the upload has expired or was removed. Write it again.');
  if (status === 412) return fault('io', 'it changed meanwhile. Try again.');
  if (status === 413) return fault('full', 'the store does not take objects of this size. Write smaller files.');
  if (status === 409) return { code: 'unavailable', text: 'it is being changed by somebody else.', transient: true };
  const byStatus = statusFault(status);
  if (byStatus !== undefined) return { ...byStatus, ...waits };
  return fault('io', withDetail(`the store refused (HTTP ${status}).`, message));
}

function explain401(message: string): Fault {
  if (/expired/i.test(message)) return fault('expired', 'the token has expired. Get new credentials and go on.');
  return fault('credentials', withDetail(NO_CREDENTIALS, message));
}

/** What Google's library says that looks for credentials and renews tokens. */
function explainCredentials(error: unknown): Fault {
  const message = error instanceof Error ? error.message : String(error);
  const status = (error as { status?: number } | null)?.status;
  const byStatus = statusFault(status);
  if (byStatus !== undefined) return byStatus;
  if (/invalid_rapt|reauth|token.*(?:expired|revoked)/i.test(message)) {
    return fault('expired', 'the credentials of Google have expired. Run: gcloud auth application-default login');
  }
  if (status !== undefined || /credential|invalid_grant|ENOENT|JSON|private key|PEM|DECODER/i.test(message)) {
    return fault('credentials', withDetail(NO_CREDENTIALS, message));
  }
  return fault('io', withDetail('the request failed.', message));
}

function fault(code: Fault['code'], text: string): Fault {
  return { code, text, transient: false };
}

function withDetail(text: string, message: string): string {
  const detail = message.trim().replaceAll(/\s+/g, ' ').slice(0, 300);
  return detail === '' ? text : `${text} Google says: ${detail}`;
}
