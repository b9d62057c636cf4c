import type { Settings } from '../settings/read-settings.js';

/** Everything that is known of a container of Azure Blob Storage before it is asked. */
export interface AzureSettings {
  readonly container: string;
  readonly access: AzureAccess;
  readonly accessTier: string | undefined;
  readonly partSize: number;
}

/** Who asks whom. */
export type AzureAccess =
  | { readonly connectionString: string }
  | { readonly endpoint: string; readonly account: string; readonly key: string }
  | { readonly endpoint: string; readonly sas: string }
  /** Whoever `@azure/identity` finds. */
  | { readonly endpoint: string };

/** @throws StorageError `invalid-setting`. */
export function azureSettings(container: string, settings: Settings): AzureSettings {
  return {
    container,
    access: accessOf(settings),
    accessTier: settings.text('storage-class'),
    partSize: settings.partSize(),
  };
}

function accessOf(settings: Settings): AzureAccess {
  const connectionString = settings.text('connection-string');
  if (connectionString !== undefined) return { connectionString };
  const account = settings.text('account');
  const given = settings.endpoint();
  if (account === undefined && given === undefined) return settings.missing('invalid-setting', 'account');
  const endpoint = given ?? `https://${account}.blob.core.windows.net`;
  const key = settings.text('account-key');
  if (key !== undefined) return { endpoint, key, account: account ?? settings.missing('invalid-setting', 'account') };
  const sas = settings.text('sas-token');
  return sas === undefined ? { endpoint } : { endpoint, sas: sas.replace(/^\?/, '') };
}
