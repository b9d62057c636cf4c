import type { FakeDeployment, FakeIndexSpec } from './fake-index.js';
import { controlError, type FakeReply, type FakeRequest, Refused } from './fake-reply.js';

/** An index as the control plane knows it. */
export interface ControlledIndex {
  readonly spec: FakeIndexSpec;
  readonly host: string;
  tags: Readonly<Record<string, string>> | null;
  deletionProtection: string;
  /** Further descriptions until it is ready. */
  initializing: number;
  /** Further descriptions until it is gone; `undefined` while nobody deleted it. */
  terminating: number | undefined;
}

/** What the control plane works with. */
export interface ControlPlaneState {
  readonly indexes: Map<string, ControlledIndex>;
  /** Descriptions a new index needs to become ready, and a deleted one to be gone. */
  readonly transitions: number;
  /** Start the index's host. */
  start(spec: FakeIndexSpec): Promise<ControlledIndex>;
  /** Stop the index's host. */
  stop(name: string): Promise<void>;
}

type Json = Readonly<Record<string, unknown>>;

/** Answer a request to the control plane. @throws Refused. */
export async function answerControlPlane(state: ControlPlaneState, request: FakeRequest): Promise<FakeReply> {
  switch (request.operation) {
    case 'list-indexes': {
      const indexes = [...state.indexes.values()].map((index) => describe(index));
      return { status: 200, body: JSON.stringify({ indexes }) };
    }
    case 'create-index':
      return created(state, parseBody(request));
    case 'describe-index':
      return { status: 200, body: JSON.stringify(describe(await advance(state, find(state, nameOf(request))))) };
    case 'configure-index':
      return configured(find(state, nameOf(request)), parseBody(request));
    case 'delete-index':
      return deleted(state, find(state, nameOf(request)));
    default:
      return controlError(404, 'NOT_FOUND', `${request.method} ${request.path} not found`);
  }
}

async function created(state: ControlPlaneState, body: Json): Promise<FakeReply> {
  const spec = parseSpec(body);
  if (state.indexes.has(spec.name)) throw new Refused(controlError(409, 'ALREADY_EXISTS', 'Resource already exists'));
  const index = await state.start(spec);
  index.tags = tagsOf(body['tags']);
  index.deletionProtection = body['deletion_protection'] === 'enabled' ? 'enabled' : 'disabled';
  index.initializing = state.transitions;
  return { status: 201, body: JSON.stringify(describe(index)) };
}

function configured(index: ControlledIndex, body: Json): FakeReply {
  if (body['tags'] !== undefined) index.tags = tagsOf({ ...index.tags, ...(body['tags'] as Json) });
  if (typeof body['deletion_protection'] === 'string') index.deletionProtection = body['deletion_protection'];
  return { status: 202, body: JSON.stringify(describe(index)) };
}

async function deleted(state: ControlPlaneState, index: ControlledIndex): Promise<FakeReply> {
  if (index.deletionProtection === 'enabled') {
    throw new Refused(
      controlError(
        403,
        'FORBIDDEN',
        'Deletion protection is enabled for this index. Disable deletion protection before retrying.',
      ),
    );
  }
  index.terminating ??= state.transitions;
  if (index.terminating <= 0) await remove(state, index);
  return { status: 202, body: '' };
}

async function advance(state: ControlPlaneState, index: ControlledIndex): Promise<ControlledIndex> {
  if (index.terminating !== undefined) {
    index.terminating -= 1;
    if (index.terminating < 0) {
      await remove(state, index);
      return find(state, index.spec.name);
    }
  } else if (index.initializing > 0) index.initializing -= 1;
  return index;
}

async function remove(state: ControlPlaneState, index: ControlledIndex): Promise<void> {
  state.indexes.delete(index.spec.name);
  await state.stop(index.spec.name);
}

function find({ indexes }: ControlPlaneState, name: string): ControlledIndex {
  const index = indexes.get(name);
  if (index === undefined) throw new Refused(controlError(404, 'NOT_FOUND', `Resource ${name} not found`));
  return index;
}

function describe({ spec, host, tags, deletionProtection, initializing, terminating }: ControlledIndex): Json {
  const state = terminating !== undefined ? 'Terminating' : initializing > 0 ? 'Initializing' : 'Ready';
  const sparse = { type: 'sparse_vector' };
  const fields =
    spec.vectorType === 'sparse'
      ? { _sparse_values: sparse }
      : { _values: { type: 'dense_vector', dimension: spec.dimension, metric: spec.metric }, _sparse_values: sparse };
  const onDemand = { mode: 'OnDemand', status: { state: 'Ready', current_replicas: null, current_shards: null } };
  return {
    name: spec.name,
    host,
    status: { ready: state === 'Ready', state },
    deployment: spec.deployment,
    ...(spec.deployment.deployment_type === 'managed' && { read_capacity: onDemand }),
    schema: { fields },
    tags,
    deletion_protection: deletionProtection,
  };
}

function parseSpec(body: Json): FakeIndexSpec {
  const name = typeof body['name'] === 'string' ? body['name'] : '';
  if (!/^[a-z0-9](?:[a-z0-9-]{0,43}[a-z0-9])?$/.test(name)) {
    throw invalidArgument(`Name must be 1-45 lower case alphanumeric characters or '-', got '${name}'`);
  }
  const fields = ((body['schema'] as Json | undefined)?.['fields'] ?? {}) as Readonly<Record<string, Json>>;
  const { _values: dense, _sparse_values: sparse, ...others } = fields;
  if (Object.keys(others).length > 0) throw invalidArgument('Document schemas are not part of this fake');
  const deployment = parseDeployment((body['deployment'] ?? {}) as Json);
  if (dense !== undefined) {
    const { dimension, metric } = dense;
    if (typeof dimension !== 'number' || dimension < 1 || dimension > 20_000)
      throw invalidArgument('Dimension must be between 1 and 20000');
    if (!['cosine', 'dotproduct', 'euclidean'].includes(String(metric)))
      throw invalidArgument(`Unknown metric '${String(metric)}'`);
    return { name, vectorType: 'dense', dimension, metric: String(metric), deployment };
  }
  if (sparse === undefined)
    throw invalidArgument(
      'Schema must contain at least one of the following field types: dense_vector, sparse_vector, string with full_text_search',
    );
  return { name, vectorType: 'sparse', dimension: undefined, metric: 'dotproduct', deployment };
}

function parseDeployment(deployment: Json): FakeDeployment {
  const { deployment_type: type = 'managed', cloud = 'aws', region = 'us-east-1' } = deployment;
  if (type !== 'managed') throw invalidArgument(`Indexes of the type '${String(type)}' cannot be created`);
  return {
    deployment_type: 'managed',
    cloud: String(cloud),
    region: String(region),
    environment: `${String(cloud)}-${String(region)}`,
  };
}

function tagsOf(tags: unknown): Readonly<Record<string, string>> | null {
  const kept = Object.entries((tags ?? {}) as Record<string, unknown>).filter(
    ([, value]) => value !== '' && value !== null,
  );
  if (kept.length > 20) throw invalidArgument('An index can have at most 20 tags');
  for (const [key, value] of kept) {
    if (!/^[\w-]{1,80}$/.test(key) || typeof value !== 'string' || !/^[\x20-\x7e]{1,120}$/.test(value)) {
      throw invalidArgument(`Invalid tag '${key}'`);
    }
  }
  return kept.length === 0 ? null : (Object.fromEntries(kept) as Record<string, string>);
}

function parseBody({ body }: FakeRequest): Json {
  try {
    return JSON.parse(body) as Json;
  } catch {
    throw invalidArgument('The body is not JSON');
  }
}

function nameOf({ path }: FakeRequest): string {
  return decodeURIComponent(path.slice('/indexes/'.length));
}

function invalidArgument(message: string): Refused {
  return new Refused(controlError(400, 'INVALID_ARGUMENT', message));
}
