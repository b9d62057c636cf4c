import { describe, expect, it } from '@jest/globals';
import { visible } from '../src/output/visible.js';

describe('visible text', () => {
  it('spells out what would steer a terminal, and keeps lines, letters and boxes', () => {
    expect(visible('\u001b[31mred\u0007\r\u009b2J\u007f')).toBe(String.raw`\x1b[31mred\x07\x0d\x9b2J\x7f`);
    expect(visible('│ größe 😀 │\nnext')).toBe('│ größe 😀 │\nnext');
  });
});
