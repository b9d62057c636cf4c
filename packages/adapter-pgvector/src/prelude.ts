import type { ServerFacts } from './server-facts.js';
import { quoteName, quoteText } from './sql.js';

/** What a transaction is begun with. */
export interface PreludeOptions {
  /** All of a `read` sees one state of the database. */
  readonly mode: 'read' | 'write';
  /** For each statement; 0 is without end. */
  readonly timeoutMs: number;
  /** See the state another transaction exported under this name. */
  readonly snapshot?: string | undefined;
}

const BEGIN = {
  read: 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY',
  write: 'BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE',
} as const;
const BACKEND = 'SELECT pg_catalog.pg_backend_pid()';

/** What the first transaction is begun with, before anything is known of the server. */
export function firstPrelude(timeoutMs: number): string {
  return [BEGIN.read, ...settingStatements(timeSettings(timeoutMs)), BACKEND].join('; ');
}

/**
 * The statements a transaction begins with. Everything that changes how values are printed, which names are found or
 * which rows are seen is said, whatever role and database have set; it ends with the transaction.
 */
export function preludeOf({ mode, timeoutMs, snapshot }: PreludeOptions, facts: ServerFacts): string {
  const settings = {
    client_encoding: 'UTF8',
    standard_conforming_strings: 'on',
    row_security: 'off',
    extra_float_digits: '1',
    datestyle: 'ISO, YMD',
    intervalstyle: 'postgres',
    timezone: 'UTC',
    bytea_output: 'hex',
    lc_monetary: 'C',
    ...timeSettings(timeoutMs),
    ...(facts.versionNumber >= 170_000 ? { transaction_timeout: '0' } : {}),
    ...facts.searchSettings,
  };
  return [
    BEGIN[mode],
    ...(snapshot === undefined ? [] : [`SET TRANSACTION SNAPSHOT ${quoteText(snapshot)}`]),
    `SET LOCAL search_path TO pg_catalog, ${quoteName(facts.vectorSchema)}`,
    ...settingStatements(settings),
    BACKEND,
  ].join('; ');
}

function timeSettings(timeoutMs: number): Readonly<Record<string, string>> {
  return { statement_timeout: String(timeoutMs), idle_in_transaction_session_timeout: '0' };
}

function settingStatements(settings: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(settings).map(([name, value]) => `SET LOCAL ${name} TO ${quoteText(value)}`);
}
