/** What the server says of itself; the recordings were made of it. */
export const SERVER_TITLE = 'qdrant - vector search engine';
/** The version whose answers the fake gives. */
export const SERVER_VERSION = '1.18.3';
/** The commit that version was built from. */
export const SERVER_COMMIT = 'db8fa43fcb6aedec1e739487e17a99731b74590a';
