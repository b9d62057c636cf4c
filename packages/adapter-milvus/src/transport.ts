/** How one call is made. */
export interface MilvusCallOptions {
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
}

/** Calls whose messages are bytes. */
export interface Transport {
  unary(path: string, message: Uint8Array, options: MilvusCallOptions): Promise<Uint8Array>;
  close(): void;
}
