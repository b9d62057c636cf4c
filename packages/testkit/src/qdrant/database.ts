import { Collection } from './collection.js';
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from './json-value.js';
import { formatError, notFound, Refusal } from './server-error.js';

/** An alias and the collection it stands for. */
export interface Alias {
  readonly alias: string;
  readonly collection: string;
}

/** Everything the fake holds. Both interfaces work on it. */
export class Database {
  readonly #collections = new Map<string, Collection>();
  readonly #aliases = new Map<string, string>();

  /** The collection of a name or an alias. @throws Refusal when there is none. */
  collection(name: string): Collection {
    const found = this.#collections.get(this.#aliases.get(name) ?? name);
    if (found === undefined) throw missing(name);
    return found;
  }

  exists(name: string): boolean {
    return this.#collections.has(this.#aliases.get(name) ?? name);
  }

  names(): readonly string[] {
    return Array.from(this.#collections.keys()).toSorted();
  }

  /** @throws Refusal when the name is taken. */
  create(name: string, request: JsonObject): void {
    if (this.exists(name)) throw new Refusal('exists', `Wrong input: Collection \`${name}\` already exists!`);
    this.#collections.set(name, new Collection(request));
  }

  /** @returns whether there was one. Its aliases go with it. */
  drop(name: string): boolean {
    for (const { alias, collection } of this.aliases()) if (collection === name) this.#aliases.delete(alias);
    return this.#collections.delete(name);
  }

  aliases(collection?: string): readonly Alias[] {
    return Array.from(this.#aliases, ([alias, target]) => ({ alias, collection: target })).filter(
      (entry) => collection === undefined || entry.collection === collection,
    );
  }

  /** Carry out `actions` of an alias request in the form of the REST interface. */
  changeAliases(actions: JsonValue | undefined): void {
    if (!isJsonArray(actions)) throw formatError('missing field `actions`');
    for (const action of actions) {
      if (!isJsonObject(action)) throw formatError('data did not match any variant of untagged enum AliasOperations');
      for (const [name, value] of action) this.#changeAlias(name, value);
    }
  }

  #changeAlias(name: string, value: JsonValue): void {
    if (name === 'create_alias') {
      const collection = textMember(value, 'collection_name');
      if (!this.#collections.has(collection)) throw missing(collection);
      this.#aliases.set(textMember(value, 'alias_name'), collection);
    } else if (name === 'delete_alias') {
      this.#aliases.delete(textMember(value, 'alias_name'));
    } else if (name === 'rename_alias') {
      const old = textMember(value, 'old_alias_name');
      const collection = this.#aliases.get(old);
      if (collection === undefined) throw notFound(`Alias ${old} does not exists!`);
      this.#aliases.delete(old);
      this.#aliases.set(textMember(value, 'new_alias_name'), collection);
    } else {
      throw formatError('data did not match any variant of untagged enum AliasOperations');
    }
  }
}

function missing(name: string): Refusal {
  return notFound(`Collection \`${name}\` doesn't exist!`);
}

function textMember(value: JsonValue, name: string): string {
  const member = isJsonObject(value) ? value.get(name) : undefined;
  if (typeof member !== 'string') throw formatError(`missing field \`${name}\``);
  return member;
}
