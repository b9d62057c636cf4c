import { it } from '@jest/globals';
import { serverUrl, tempFolder } from '@vecport/testkit';
import { describeBrowser } from '../support/describe-browser.js';
import { walk } from '../support/walk.js';

describeBrowser('The dashboard over a real server, by one variable', (visit) => {
  it.each([
    ['elastic-9', 'recs-walk'],
    // Weaviate begins names of collections with a capital letter.
    ['weaviate-1.39', 'RecsWalk'],
  ])('%s', async (server, collection) => {
    const application = {
      dataFolder: await tempFolder(),
      settings: { store: serverUrl(server), collection },
      host: { discover: true, modules: [] },
    };
    try {
      await walk(visit, { application, copy: `lancedb:${await tempFolder()}` });
    } finally {
      const store = await visit.application.host.catalog.open();
      await store.drop(visit.application.repository.collection);
      await store.close();
    }
  });
});
