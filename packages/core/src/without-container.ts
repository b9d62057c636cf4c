export * from './compose-host.js';
export * from './env-files.js';
export * from './format-boot-report.js';
