import type * as AzureSdk from '@azure/storage-blob';
import type {
  AnonymousCredential,
  ContainerClient,
  StoragePipelineOptions,
  StorageSharedKeyCredential,
} from '@azure/storage-blob';
import { idleAgent } from '../object/idle-agent.js';
import { importClient } from '../object/import-client.js';
import { StorageError } from '../storage-error.js';
import type { AzureAccess, AzureSettings } from './azure-settings.js';

type Sdk = typeof AzureSdk;
type Credential = StorageSharedKeyCredential | AnonymousCredential | TokenCredential;

/** What `@azure/identity` gives. */
interface TokenCredential {
  getToken(scopes: string | string[]): Promise<{ token: string; expiresOnTimestamp: number } | null>;
}

/** Its own retries are off: ours are the same for all stores, and can be broken off. */
const OPTIONS: StoragePipelineOptions = { retryOptions: { maxTries: 1 } };
const IDENTITY = '@azure/identity';

/**
 * Load the client of Azure and set it up.
 * @throws StorageError `not-installed`, also for the package that looks for an identity, where no key is set;
 * `invalid-setting` for a connection string that is none.
 */
export async function connectAzure({ access, container }: AzureSettings, timeoutMs: number): Promise<ContainerClient> {
  const sdk = await importClient('@azure/storage-blob', async () => import('@azure/storage-blob'));
  const { url, credential } = await accountOf(sdk, access);
  const pipeline = sdk.newPipeline(credential, OPTIONS);
  const agent = idleAgent(url.startsWith('https:'), timeoutMs);
  pipeline.factories.push({
    create: (next) => ({
      // A proxy from the environment has an agent of its own.
      sendRequest: async (request) => next.sendRequest(Object.assign(request, { agent: request.agent ?? agent })),
    }),
  });
  return new sdk.BlobServiceClient(url, pipeline).getContainerClient(container);
}

async function accountOf(sdk: Sdk, access: AzureAccess): Promise<{ url: string; credential: Credential }> {
  if (!('connectionString' in access)) {
    const url = 'sas' in access ? `${access.endpoint}?${access.sas}` : access.endpoint;
    return { url, credential: await credentialOf(sdk, access) };
  }
  try {
    const { url, credential } = sdk.BlobServiceClient.fromConnectionString(access.connectionString);
    return { url, credential };
  } catch {
    // Its message may hold a part of the string.
    const text = 'AZURE_STORAGE_CONNECTION_STRING is no connection string of a storage account. Copy it again.';
    throw new StorageError('invalid-setting', text, 'az:');
  }
}

async function credentialOf(sdk: Sdk, access: Exclude<AzureAccess, { connectionString: string }>): Promise<Credential> {
  if ('key' in access) return new sdk.StorageSharedKeyCredential(access.account, access.key);
  if ('sas' in access) return new sdk.AnonymousCredential();
  const { DefaultAzureCredential } = await importClient(IDENTITY, async () => loadIdentity());
  return new DefaultAzureCredential();
}

/** By a name that is no literal: whoever has a key does not need the package, nor do its types have to be there. */
async function loadIdentity() {
  const name: string = IDENTITY;
  return (await import(name)) as { readonly DefaultAzureCredential: new () => TokenCredential };
}
