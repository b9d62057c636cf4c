import { VecportError } from '@vecport/abstractions';
import { describeConformance, memoryAdapter } from '@vecport/testkit';

const refuseWrite = ({ id }: { readonly id: string }) =>
  id === 'refused' ? new VecportError('conflict', 'The point is locked.') : undefined;
const adapter = memoryAdapter({ refuseWrite });

describeConformance('the oracle', {
  adapter,
  settings: () => ({ path: 'tested' }),
  refusedPoint: { id: 'refused', embedding: new Float32Array(8).fill(1) },
  openCursors: () => adapter.store('tested').openCursors(),
});
