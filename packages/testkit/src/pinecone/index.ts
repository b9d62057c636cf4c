export type { FakeRecord as FakePineconeRecord } from './fake-record.js';
export type {
  FakeFault as FakePineconeFault,
  FakeOperation as FakePineconeOperation,
  FakeReply as FakePineconeReply,
  FakeRequest as FakePineconeRequest,
} from './fake-reply.js';
export {
  type FakeIndexOptions as FakePineconeIndexOptions,
  type FakePinecone,
  type FakePineconeOptions,
  startFakePinecone,
} from './start-fake-pinecone.js';
