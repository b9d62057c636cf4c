// Work that does not end when it is asked to.
import { listenForInterrupt } from '../../src/interrupt.js';

listenForInterrupt(() => console.log('asked to stop'));
setInterval(() => {}, 1000);
console.log('working');
