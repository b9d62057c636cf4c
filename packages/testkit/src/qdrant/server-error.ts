/** What a request is refused for; each kind has one HTTP status and one gRPC code. */
export type RefusalKind = 'format' | 'input' | 'validation' | 'missing' | 'exists' | 'unauthorized' | 'absent';

const STATUSES: Readonly<Record<RefusalKind, { readonly http: number; readonly grpc: number }>> = {
  format: { http: 400, grpc: 3 },
  input: { http: 400, grpc: 3 },
  validation: { http: 422, grpc: 3 },
  missing: { http: 404, grpc: 5 },
  exists: { http: 409, grpc: 6 },
  unauthorized: { http: 401, grpc: 16 },
  absent: { http: 501, grpc: 12 },
};

/** A request the fake refuses, with the text and the statuses a real server has for it. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly kind: RefusalKind;
  readonly httpStatus: number;
  readonly grpcCode: number;

  constructor(kind: RefusalKind, message: string) {
    super(message);
    this.kind = kind;
    this.httpStatus = STATUSES[kind].http;
    this.grpcCode = STATUSES[kind].grpc;
  }
}

/** The request is well formed and asks for what cannot be: `Wrong input: …`. */
export function wrongInput(what: string): Refusal {
  return new Refusal('input', `Wrong input: ${what}`);
}

/** The JSON body is not what the route takes: `Format error in JSON body: …`. */
export function formatError(what: string): Refusal {
  return new Refusal('format', `Format error in JSON body: ${what}`);
}

/** Nothing of that name or id: `Not found: …`. */
export function notFound(what: string): Refusal {
  return new Refusal('missing', `Not found: ${what}`);
}

/** A real server can do it and this fake cannot. */
export function notInFake(what: string): Refusal {
  return new Refusal('absent', `The fake of Qdrant has no ${what}`);
}
