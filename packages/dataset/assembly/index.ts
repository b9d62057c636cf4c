export { joinBytes, splitBytes } from './byte-stream-split';
export { markCanonical } from './canonical-rows';
