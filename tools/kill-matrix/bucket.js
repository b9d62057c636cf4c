// @ts-check
import { serverAccess, serverUrl } from '@vecport/testkit';

/**
 * A folder in the bucket of the server `s3`, and the variables that open it: those of the environment, else those of
 * the server that `npm run servers` has started.
 * @param {string} folder
 * @returns {{ url: string, env: Readonly<Record<string, string>> }}
 */
export function bucketOf(folder) {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = process.env;
  const own = AWS_ACCESS_KEY_ID !== undefined && AWS_SECRET_ACCESS_KEY !== undefined;
  const [place = '', query = ''] = serverUrl('s3').split('?');
  return {
    url: `${place.replace(/\/$/, '')}/${folder}?${query}`,
    env: own ? { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } : serverAccess('s3'),
  };
}
