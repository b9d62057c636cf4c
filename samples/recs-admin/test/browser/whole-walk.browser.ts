import { join } from 'node:path';
import { it } from '@jest/globals';
import { lancedb } from '@vecport/adapter-lancedb';
import { tempFolder } from '@vecport/testkit';
import { describeBrowser } from '../support/describe-browser.js';
import { walk } from '../support/walk.js';

describeBrowser('The whole walk', (visit) => {
  it('over LanceDB, as over every other provider', async () => {
    const dataFolder = await tempFolder();
    const application = { dataFolder, host: { modules: [lancedb({ path: join(dataFolder, 'vectors') })] } };
    await walk(visit, { application, copy: `lancedb:${await tempFolder()}` });
  });
});
