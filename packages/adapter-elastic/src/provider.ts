/** The adapter's name, as errors and reports print it. */
export const PROVIDER = 'elastic';
