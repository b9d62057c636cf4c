import { isVecportError } from '@vecport/abstractions';
import { type Manifest, openDataset } from '@vecport/dataset';
import { mayUseAll, mayUseSome } from '../auth/grants.js';
import type { DatasetAddress } from '../backends/backends.js';
import type { ImportRequestBody, ImportStatus } from '../contract/export-schemas.js';
import type { BackendName } from '../contract/names.js';
import type { LiveJob } from '../jobs/job-manager.js';
import { statusOf } from '../jobs/job-status.js';
import { ProblemError } from '../problems/problem-error.js';
import type { ImportRecord, JobKey } from '../state/job-record.js';
import { unknownStore } from '../stores/store-pool.js';
import { type Caller, denied, lacking, notFound, type Subject } from './caller.js';
import { checkLists, storeOf } from './choose-classes.js';
import { authorizeCancel, backendProblem, maySee } from './export-operations.js';
import type { ServiceParts } from './service-parts.js';

/** What can be done with imports: of each dataset the latest one is known. Every call is decided about and audited. */
export interface ImportOperations {
  /** Begin to write a complete dataset into a store. The same request after a failure goes on with it. */
  start(caller: Caller, backend: BackendName, id: string, body: ImportRequestBody): Promise<ImportStatus>;
  /** @throws ProblemError `not-found`, also for what the caller may not see. */
  find(caller: Caller, backend: BackendName, id: string, operation: string): LiveJob;
  cancel(caller: Caller, backend: BackendName, id: string): Promise<ImportStatus>;
}

/** Imports of a service. */
export function importOperations(parts: ServiceParts): ImportOperations {
  const { manager } = parts;
  const starting = new Set<string>();
  return {
    start: async (caller, backend, id, body) => {
      const key: JobKey = { kind: 'import', backend, id };
      const subject: Subject = { operation: 'startImport', target: `import/${backend}/${id}` };
      const store = storeOf(parts, body.target, 'target');
      authorizeImport(caller, store, body, subject);
      const lock = `${backend} ${id}`;
      if (starting.has(lock)) throw inProgress(id);
      starting.add(lock);
      try {
        const address = parts.backends.address(backend, body.config, id);
        if (!parts.stores.names.includes(store)) throw unknownStore(store);
        const classes = await classesOf(parts, caller, { address, body, store, subject });
        if (manager.isActive(key)) throw inProgress(id);
        const record = recordOf(parts, caller, { address, store, classes, body });
        return statusOf(manager.start(record)) as ImportStatus;
      } finally {
        starting.delete(lock);
      }
    },
    find: (caller, backend, id, operation) => {
      const job = manager.get({ kind: 'import', backend, id });
      const subject: Subject = { operation, target: `import/${backend}/${id}` };
      if (job === undefined || !maySee(caller, job.record)) {
        caller.deny(subject, job === undefined ? 'it does not exist' : 'READ is missing');
        throw notFound(`import of '${id}' in ${backend}`);
      }
      caller.allow({ ...subject, store: job.record.store, classes: job.record.classes });
      return job;
    },
    cancel: async (caller, backend, id) => {
      const key: JobKey = { kind: 'import', backend, id };
      const job = manager.get(key);
      const subject: Subject = { operation: 'cancelImport', target: `import/${backend}/${id}` };
      authorizeCancel(caller, job, subject, `import of '${id}' in ${backend}`);
      return statusOf(await manager.cancel(key)) as ImportStatus;
    },
  };
}

/** Refuse names the caller may not manage, before anybody looks whether they are there. */
function authorizeImport(caller: Caller, store: string, body: ImportRequestBody, subject: Subject): void {
  checkLists(body);
  const { include = [], as } = body;
  if (as !== undefined && include.length !== 1) {
    throw new ProblemError('invalid-request', 'as: name the one class that gets this name in include.');
  }
  const named = as === undefined ? include : [as];
  const missing = lacking(caller, 'manage', store, named);
  if (missing.length === 0 && mayUseSome(caller.principal, 'manage', store)) return;
  caller.deny({ ...subject, store, classes: named }, 'manage is missing');
  throw denied(missing.length === 0 ? 'manage is missing.' : `manage is missing on: ${missing.join(', ')}.`);
}

interface Wanted {
  readonly address: DatasetAddress;
  readonly store: string;
  readonly body: ImportRequestBody;
  readonly subject: Subject;
}

/**
 * The classes of the dataset that are imported. A dataset is not there for a caller who may not write what is chosen of
 * it, or could read by its import what may not be read where it comes from.
 */
async function classesOf(parts: ServiceParts, caller: Caller, wanted: Wanted): Promise<readonly string[]> {
  const { address, store, body, subject } = wanted;
  const { include = [], exclude = [], as } = body;
  const manifest = await manifestOf(parts, address, mayUseAll(caller.principal, 'read'));
  const origin = parts.manager.get({ kind: 'export', backend: address.backend, id: address.id })?.record.store;
  const all = manifest?.collections.map(({ name }) => name) ?? [];
  const chosen = include.length > 0 ? [...new Set(include)] : all.filter((name) => !exclude.includes(name));
  const hidden = [
    ...lacking(caller, 'read', origin ?? store, chosen),
    ...(as === undefined ? lacking(caller, 'manage', store, chosen) : []),
  ];
  const unknown = [...include, ...exclude].filter((name) => !all.includes(name));
  // Of a dataset without a class that may be known, not even that is told.
  const unseen = unknown.length > 0 && lacking(caller, 'read', origin ?? store, all).length > 0;
  if (manifest === undefined || hidden.length > 0 || unseen) {
    caller.deny(
      { ...subject, store, classes: chosen },
      manifest === undefined ? 'it does not exist' : 'rights are missing',
    );
    throw notFound(`complete export '${address.id}' in ${address.backend} there`);
  }
  if (unknown.length > 0) {
    throw new ProblemError('class-does-not-exist', `class does not exist in the export: ${unknown.join(', ')}.`);
  }
  if (chosen.length === 0) throw new ProblemError('invalid-request', 'exclude: nothing is left to import.');
  caller.allow({ ...subject, store, classes: chosen });
  return chosen;
}

/** The manifest of a complete dataset; `undefined` where there is none, and of a damaged one unless that may be told. */
async function manifestOf(
  { backends }: ServiceParts,
  address: DatasetAddress,
  tellDamage: boolean,
): Promise<Manifest | undefined> {
  try {
    return (await openDataset(await backends.open(address))).manifest;
  } catch (error) {
    if (isVecportError(error) && (error.code === 'not-found' || error.code === 'incomplete')) return undefined;
    if (isVecportError(error) && error.code === 'corrupt-data') {
      if (!tellDamage) return undefined;
      throw new ProblemError('invalid-request', `The export '${address.id}' is damaged.`, { cause: error });
    }
    throw backendProblem(error, address, (text) => backends.scrub(text));
  }
}

function recordOf(
  { clock }: ServiceParts,
  { principal }: Caller,
  { address, store, classes, body }: Omit<Wanted, 'subject'> & { readonly classes: readonly string[] },
): ImportRecord {
  return {
    kind: 'import',
    address,
    store,
    classes,
    request: body,
    owner: principal.name,
    status: 'STARTED',
    startedAt: clock.now(),
    attempts: 0,
    progress: {},
  };
}

function inProgress(id: string): ProblemError {
  return new ProblemError('import-already-in-progress', `'${id}' is being imported already.`);
}
