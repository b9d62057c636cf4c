import type { Loss } from './foretell-losses.js';
import { migrateCollections } from './migrate-collections.js';
import type { MigrateRequest } from './migrate-request.js';

type Losses = Readonly<Record<string, readonly Loss[]>>;

/** Ends a migration when everything is known and nothing is changed. */
class Foretold extends Error {
  readonly losses: Losses;

  constructor(losses: Losses) {
    super('Nothing is changed.');
    this.losses = losses;
  }
}

/**
 * What a migration could not keep, by collection. It is planned as it would be run, and changes nothing.
 * @throws VecportError what `migrateCollections` has to say before it changes something.
 */
export async function foretellMigration(request: MigrateRequest): Promise<Losses> {
  const stop = (losses: Losses): never => {
    throw new Foretold(losses);
  };
  try {
    await migrateCollections({ ...request, onLosses: stop });
    return {};
  } catch (error) {
    if (error instanceof Foretold) return error.losses;
    throw error;
  }
}
