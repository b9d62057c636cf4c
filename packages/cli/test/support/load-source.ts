// Given to node with --import: lets it run the TypeScript source, whose imports name the built files.
import { registerHooks } from 'node:module';

registerHooks({
  resolve: (specifier, context, next) => {
    const fromSource = context.parentURL?.endsWith('.ts') === true && specifier.startsWith('.');
    return next(fromSource ? specifier.replace(/\.js$/, '.ts') : specifier, context);
  },
});
