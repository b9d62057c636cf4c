import { pipeline } from 'node:stream/promises';
import { stringifyJson, VecportError } from '@vecport/abstractions';
import { summarizeDataset } from '@vecport/dataset';
import { type Response, Router } from 'express';
import { inject, injectable } from 'inversify';
import type { ExportList } from '../exports/export-list.js';
import { EXPORT_LIST } from '../tokens.js';
import { clientSignal } from './client-signal.js';
import { fileQuerySchema, recordsQuerySchema } from './query.js';

/** The datasets this application has exported, under `/admin/exports`. */
@injectable()
export class ExportsController {
  constructor(@inject(EXPORT_LIST) private readonly exports: ExportList) {}

  /** The routes of this controller. */
  routes(): Router {
    const router = Router();
    router.get('/', async (_request, response) => {
      response.json({ exports: await this.exports.list(clientSignal(response)) });
    });
    router.get('/:name', async (request, response) => {
      const dataset = await this.exports.open(request.params.name, clientSignal(response));
      const { manifest } = dataset;
      response.json({
        name: request.params.name,
        summary: summarizeDataset(manifest),
        manifest,
        files: this.exports.files(dataset),
      });
    });
    router.get('/:name/records', async (request, response) => {
      const { collection, limit } = recordsQuerySchema.parse(request.query);
      const dataset = await this.exports.open(request.params.name, clientSignal(response));
      const records = await this.exports.preview(dataset, collection, limit);
      // Integers beyond 2^53 stay what they are.
      response.type('json').send(stringifyJson({ records: records.map((record) => dropUndefined(record)) }));
    });
    router.get('/:name/file', async (request, response) => {
      await this.download(request.params.name, fileQuerySchema.parse(request.query).path, response);
    });
    return router;
  }

  private async download(name: string, path: string, response: Response): Promise<void> {
    const signal = clientSignal(response);
    const dataset = await this.exports.open(name, signal);
    if (!this.exports.files(dataset).includes(path)) {
      throw new VecportError('not-found', `The export '${name}' has no file ${JSON.stringify(path)}.`);
    }
    const entry = await dataset.storage.head(path, { signal });
    if (entry === undefined)
      throw new VecportError('corrupt-data', `The file '${path}' of the export '${name}' is gone.`);
    response.attachment(`${name}-${path.replaceAll('/', '-')}`);
    response.set({ 'content-type': 'application/octet-stream', 'content-length': String(entry.size) });
    await pipeline(dataset.storage.stream(path, { signal }), response, { signal });
  }
}

function dropUndefined<T extends object>(record: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as never;
}
