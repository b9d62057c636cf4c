import { createHost, type HostOptions, type VecportHost } from '@vecport/core';

/** A host that sees nothing of this machine: no environment, no files, no installed adapters. */
export async function isolatedHost(options: HostOptions): Promise<VecportHost> {
  return createHost({ discover: false, envFile: false, env: {}, ...options });
}
