import { openStorage, type Storage } from '@vecport/storage';
import { serverAccess, serverUrl } from '@vecport/testkit';

/** What to change of a server's URL and environment. */
export interface ServerChanges {
  readonly bucket?: string | undefined;
  /** Stands in the place of the server: a proxy before it. */
  readonly endpoint?: string | undefined;
  readonly parameters?: Readonly<Record<string, string>> | undefined;
  readonly environment?: Readonly<Record<string, string>> | undefined;
}

/** The bucket of a server that `npm run servers` started, below a prefix. */
export function openServer(name: string, prefix: string, changes: ServerChanges = {}): Storage {
  const { url, environment } = serverAddress(name, prefix, changes);
  return openStorage(url, { environment });
}

/** What {@link openServer} opens. */
export function serverAddress(name: string, prefix: string, changes: ServerChanges = {}) {
  const environment: Record<string, string> = { ...serverAccess(name), ...changes.environment };
  const [, scheme = '', bucket = '', query = ''] = /^(\w+):\/\/([^/?]+)\/?(?:\?(.*))?$/.exec(serverUrl(name)) ?? [];
  const parameters = new URLSearchParams(query);
  if (changes.endpoint !== undefined) parameters.set('endpoint', atEndpoint(endpointOf(name), changes.endpoint));
  for (const [key, value] of Object.entries(changes.parameters ?? {})) parameters.set(key, value);
  return { url: `${scheme}://${changes.bucket ?? bucket}/${encodeURI(prefix)}?${parameters.toString()}`, environment };
}

/** Where a server listens. */
export function endpointOf(name: string): string {
  const given = new URLSearchParams(serverUrl(name).split('?')[1]).get('endpoint') ?? serverAccess(name)['R2_ENDPOINT'];
  if (given === undefined) throw new Error(`${name} does not say where it listens.`);
  return given;
}

/** The host of one URL with the path of another: an account of Azurite stands in the path. */
function atEndpoint(original: string, replacement: string): string {
  return new URL(new URL(original).pathname, replacement).href.replace(/\/$/, '');
}
