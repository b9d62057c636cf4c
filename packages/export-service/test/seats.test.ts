import { expect, it } from '@jest/globals';
import { createSeats } from '../src/http/seats.js';

it('gives nobody more than half of the seats, and none twice', () => {
  const seats = createSeats(5);
  const leave = [seats.take('a'), seats.take('a')];
  expect(() => seats.take('a')).toThrow('Too many');
  leave.push(seats.take('b'), seats.take('b'), seats.take('c'));
  expect(() => seats.take('d')).toThrow('Too many');
  leave[0]?.();
  seats.take('a');
  for (const one of leave.slice(1)) one();
  expect(seats.take('d')).toBeDefined();
});
