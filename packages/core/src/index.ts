export type { AdapterState } from './adapter-state.js';
export * from './boot-report.js';
export type { CapabilityEntry, CapabilityRegistry } from './capability-registry.js';
export * from './compose-host.js';
export * from './create-host.js';
export * from './create-repository.js';
export * from './discover-adapters.js';
export type { RepositoryAbout } from './driver-repository.js';
export * from './env-files.js';
export * from './format-boot-report.js';
export * from './host-options.js';
export * from './layers/around-calls.js';
export * from './layers/error-context-layer.js';
export * from './layers/tracing-layer.js';
export * from './layers/validation-layer.js';
export * from './repository-layer.js';
export {
  type EnvFileVariables,
  type ResolvedSetting,
  type ResolvedSettings,
  resolveSettings,
  type SettingInputs,
  type SettingSource,
} from './resolve-settings.js';
export * from './store-catalog.js';
export * from './trace-event.js';
export * from './vecport-module.js';
