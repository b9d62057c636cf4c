// Given to node with --import: lets it run the TypeScript source, whose imports name the built files.
import { registerHooks } from 'node:module';

registerHooks({
  resolve: (specifier, context, next) => {
    // A thread's file is named by its address.
    const isThread = /^file:.*\/packages\/[\w-]+\/src\//.test(specifier);
    const fromSource = isThread || (context.parentURL?.endsWith('.ts') === true && specifier.startsWith('.'));
    return next(fromSource ? specifier.replace(/\.js$/, '.ts') : specifier, context);
  },
});
