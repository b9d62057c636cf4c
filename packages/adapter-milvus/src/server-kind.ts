/** Which program answers. Their protocols are one, their expressions and limits are not. */
type ServerKind =
  /** Milvus itself, also Zilliz Cloud. */
  | 'milvus'
  /** milvus-lite 3, written in Python. */
  | 'lite-3'
  /** milvus-lite 2, written in C++ around an early core of Milvus 2.5. */
  | 'lite-2';

/** A server, as its version tells. */
export interface ServerInfo {
  readonly kind: ServerKind;
  /** As the server spells it; `undefined` where it does not say. */
  readonly version: string | undefined;
  readonly major: number;
  readonly minor: number;
}

/** What a server is, from its answer to GetVersion; `undefined` where it does not know that call, as milvus-lite 2. */
export function serverInfo(version: string | undefined): ServerInfo {
  const digits = /(\d+)\.(\d+)/.exec(version ?? '');
  const major = Number(digits?.[1] ?? 2);
  const minor = Number(digits?.[2] ?? 0);
  if (version === undefined) return { kind: 'lite-2', version, major: 2, minor: 4 };
  if (/^milvus[_-]lite/i.test(version)) return { kind: 'lite-3', version, major, minor };
  return { kind: 'milvus', version, major, minor };
}

/** Whether the server is Milvus of at least this version. */
export function isAtLeast({ major, minor }: ServerInfo, wantedMajor: number, wantedMinor: number): boolean {
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}
