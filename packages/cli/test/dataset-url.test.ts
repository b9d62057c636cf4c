import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DATASET_ID, datasetIn, datasetName, exportId, isFolderOfDatasets } from '../src/dataset-url.js';

const TIME = new Date('2026-11-21T08:40:12.345Z');

describe('the name of a new export', () => {
  it('says what it holds and when it began', () => {
    expect(exportId(['emoji'], TIME)).toBe('emoji-20261121t084012z');
    expect(exportId(['Items', 'tags'], TIME)).toBe('items-tags-20261121t084012z');
    expect(exportId(['emoji'], TIME, 2)).toBe('emoji-20261121t084012z-2');
  });

  it('has a name for collections without a character that may be used', () => {
    expect(exportId(['日本'], TIME)).toBe('export-20261121t084012z');
    expect(exportId(['../..'], TIME)).toBe('export-20261121t084012z');
  });

  it('fits everywhere, whatever the collections are called', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ maxLength: 300, unit: 'binary' }), { minLength: 1 }),
        fc.integer({ min: 1, max: 99 }),
        (names, attempt) => {
          expect(exportId(names, TIME, attempt)).toMatch(DATASET_ID);
        },
      ),
    );
  });
});

describe('dataset URLs', () => {
  it.each([
    ['exports/', true],
    ['exports', false],
    ['file:///var/exports/', true],
    ['C:\\exports\\', true],
    ['s3://bucket/exports/?region=eu', true],
    ['s3://bucket/exports?endpoint=http://host/', false],
    ['what?/', true],
  ])('%p names a folder of datasets: %p', (url, folder) => {
    expect(isFolderOfDatasets(url)).toBe(folder);
  });

  it('puts a dataset into a folder, before the query', () => {
    expect(datasetIn('exports/', 'a')).toBe('exports/a');
    expect(datasetIn('s3://bucket/exports/?region=eu', 'a')).toBe('s3://bucket/exports/a?region=eu');
  });

  it.each([
    ['backup/monday', 'monday'],
    ['./monday', 'monday'],
    ['file:monday', 'monday'],
    ['C:\\backup\\monday', 'monday'],
    ['s3://bucket/a/monday?region=eu', 'monday'],
    ['.', 'dataset'],
  ])('calls the dataset in %p %p', (url, name) => {
    expect(datasetName(url)).toBe(name);
  });
});
