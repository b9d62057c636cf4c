import { type AdapterDefinition, type SettingSpec, type Settings, VecportError } from '@vecport/abstractions';

/** Where a setting comes from. The file is relative to the application's root. */
export type SettingSource = 'option' | 'url' | `environment ${string}` | `.env file (${string})` | 'default';

/** The variables of the `.env` files of an application; each from the nearest file that has it. */
export type EnvFileVariables = ReadonlyMap<string, { readonly value: string; readonly file: string }>;

/** All places a setting can come from; the first that has it wins, in the order of these fields. */
export interface SettingInputs {
  /** Given in code with the call. */
  readonly explicit?: Settings | undefined;
  /** Said by a store URL. */
  readonly url?: Settings | undefined;
  /** Given in code when the adapter was registered; a URL that was asked for is more specific. */
  readonly registered?: Settings | undefined;
  /** A variable that is set to the empty text counts as not set. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  readonly envFile?: EnvFileVariables | undefined;
}

/** One setting with its source. Holds secrets in clear: not for printing. */
export interface ResolvedSetting {
  readonly value: string;
  readonly source: SettingSource;
}

/** The settings of an adapter that have a value, by name. Holds secrets in clear: not for printing. */
export type ResolvedSettings = Readonly<Record<string, ResolvedSetting>>;

/**
 * The settings of an adapter with their sources.
 * @throws VecportError `invalid-argument` for a required setting without a value, naming its
 * variables, and for a setting the adapter does not know.
 */
export function resolveSettings(adapter: AdapterDefinition, inputs: SettingInputs = {}): ResolvedSettings {
  const resolved = lookUpSettings(adapter, inputs);
  const missing = missingSettings(adapter, resolved)[0];
  if (missing === undefined) return resolved;
  const variables = missing.env ?? [];
  throw new VecportError('invalid-argument', `The setting '${missing.name}' is required and has no value.`, {
    provider: adapter.name,
    advice:
      variables.length > 0
        ? `Set ${variables.join(' or ')} in the environment or a .env file.`
        : `Give '${missing.name}' in code or in the store URL.`,
  });
}

/** As `resolveSettings`, without asking for the required ones. */
export function lookUpSettings(adapter: AdapterDefinition, inputs: SettingInputs): ResolvedSettings {
  for (const given of [inputs.explicit, inputs.url, inputs.registered]) refuseUnknown(adapter, given);
  const found = adapter.settings.flatMap((spec) => {
    const setting = lookUp(spec, inputs);
    return setting === undefined ? [] : [[spec.name, setting] as const];
  });
  return Object.fromEntries(found);
}

/** Whether somebody said something about an adapter: a setting that is no default. */
export function isConfigured(resolved: ResolvedSettings): boolean {
  return Object.values(resolved).some(({ source }) => source !== 'default');
}

/** The required settings that have no value. */
export function missingSettings(adapter: AdapterDefinition, resolved: ResolvedSettings): readonly SettingSpec[] {
  return adapter.settings.filter((spec) => spec.required === true && !Object.hasOwn(resolved, spec.name));
}

/** The values alone, as an adapter receives them. */
export function settingValues(resolved: ResolvedSettings): Settings {
  return Object.fromEntries(Object.entries(resolved).map(([name, { value }]) => [name, value]));
}

/** A variable of the environment, or else of a `.env` file. */
export function readVariable(
  name: string,
  { env, envFile }: Pick<SettingInputs, 'env' | 'envFile'>,
): ResolvedSetting | undefined {
  const own = env?.[name];
  if (own !== undefined && own !== '') return { value: own, source: `environment ${name}` };
  const found = envFile?.get(name);
  if (found === undefined || found.value === '') return undefined;
  return { value: found.value, source: `.env file (${found.file})` };
}

function lookUp(spec: SettingSpec, inputs: SettingInputs): ResolvedSetting | undefined {
  return (
    given(spec, inputs.explicit, 'option') ??
    given(spec, inputs.url, 'url') ??
    given(spec, inputs.registered, 'option') ??
    fromVariables(spec, inputs) ??
    (spec.default === undefined ? undefined : { value: spec.default, source: 'default' })
  );
}

function given(spec: SettingSpec, settings: Settings | undefined, source: SettingSource): ResolvedSetting | undefined {
  const value = settings?.[spec.name];
  return value === undefined ? undefined : { value, source };
}

// The environment as a whole wins over the files as a whole.
function fromVariables(spec: SettingSpec, { env, envFile }: SettingInputs): ResolvedSetting | undefined {
  const names = spec.env ?? [];
  const first = (from: Pick<SettingInputs, 'env' | 'envFile'>): ResolvedSetting | undefined =>
    names.map((name) => readVariable(name, from)).find((found) => found !== undefined);
  return first({ env }) ?? first({ envFile });
}

function refuseUnknown(adapter: AdapterDefinition, settings: Settings | undefined): void {
  const known = adapter.settings.map((spec) => spec.name);
  const unknown = Object.keys(settings ?? {}).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new VecportError('invalid-argument', `There is no setting '${unknown}'.`, {
    provider: adapter.name,
    advice: known.length === 0 ? 'The adapter has none.' : `The adapter has: ${known.join(', ')}.`,
  });
}
