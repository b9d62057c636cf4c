/** One request Vecport made, as it is asked again. */
export interface RecordedRequest {
  readonly kind: 'http' | 'grpc' | 'copy';
  /** Of http and grpc: scheme, host and port. */
  readonly origin?: string | undefined;
  readonly method?: string | undefined;
  readonly path?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** In base64; of gRPC with the five bytes before the message. */
  readonly body?: string | undefined;
  /** Of copy: the statement. */
  readonly sql?: string | undefined;
}

/** All requests of one export. */
export interface Recording {
  readonly requests: readonly RecordedRequest[];
  /** How many were under way at the same time, at most. */
  readonly concurrency: number;
  /** Bytes that came in over all connections, with what the protocols add. */
  readonly receivedBytes: number;
  /** Points they bring. */
  readonly rows: number;
}
