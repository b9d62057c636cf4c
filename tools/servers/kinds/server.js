// @ts-check

/**
 * A server that can be started by its name.
 * @typedef {object} Server
 * @property {string} name
 * @property {string} version
 * @property {import('../install.js').Installation} installation
 * @property {(run: Run) => Promise<Started>} start
 * @property {number} weight how much of the machine its start takes: 2 for all of it, 1 for half
 */

/**
 * What a start is given.
 * @typedef {object} Run
 * @property {string} home the installation
 * @property {string} data an empty folder for this run
 * @property {string} log a file to append to
 * @property {AbortSignal} signal
 * @property {(text: string) => void} say
 */

/**
 * A server whose process was started.
 * @typedef {object} Started
 * @property {import('../launch.js').Launched} launched
 * @property {string} url
 * @property {string} storeUrl
 * @property {Record<string, number>} ports
 * @property {Record<string, number>} [innerPorts]
 * @property {NodeJS.Signals} [stopSignal]
 * @property {Record<string, string>} [extra]
 * @property {() => Promise<boolean>} ready asks the server for real; false when it does not answer well yet
 */
export {};
