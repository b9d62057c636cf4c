import type { LineFile } from './line-file.js';

/** Where the points of a benchmark are. */
export interface Place {
  /** Which client talks to it, see `clients.ts`. */
  readonly client: string;
  /** The store as Vecport opens it. */
  readonly storeUrl: string;
  /** Settings beside the URL. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
  readonly host: string;
  /** By what is spoken there. */
  readonly ports: Readonly<Record<string, number>>;
  readonly collection: string;
  /** What is unlike the usual collection in this one; of Weaviate `dates`: a property is a date. */
  readonly variant?: 'dates' | undefined;
}

/** A program that exports with the client of the provider, connected. */
export interface PlainExport {
  /** Write every point as a line of JSON, the way the documentation of the client shows. */
  write(file: LineFile): Promise<void>;
  close(): Promise<void>;
}

/** What is needed of a provider, all of it with its own client. */
export interface ProviderClient {
  /** Make the collection as its users would, filled with the points of the benchmark. */
  fill(place: Place): Promise<void>;
  drop(place: Place): Promise<void>;
  /** The usual ways to read everything, by what they are called in the tables. */
  readonly exports: Readonly<Record<string, (place: Place) => Promise<PlainExport>>>;
}
