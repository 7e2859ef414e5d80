/**
 * The order of S3's keys, and a map that keeps its keys sorted, so that a listing does not sort them for each page.
 */
/** The rank of a code unit: surrogates represent the characters that sort after all others. */
function rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

/** "In UTF-8 binary order", which is the order of code points. https://docs.aws.amazon.com/AmazonS3/latest/userguide/ListingKeysUsingAPIs.html */
export function byBytes(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  for (let at = 0; at < shorter; at += 1) {
    const difference = rank(a.charCodeAt(at)) - rank(b.charCodeAt(at));
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/**
 * The index of the first entry for which a condition holds; it must hold for all later entries too.
 * @param from the index to start at
 * @returns the list's length if it holds for none
 */
export function firstWhere(keys: readonly string[], holds: (key: string) => boolean, from = 0): number {
  let [low, high] = [from, keys.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(String(keys[middle]))) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** A map by S3 keys. Changes are merged into the sorted keys when these are next read. */
export class KeyedMap<V> extends Map<string, V> {
  #sorted: string[] = [];
  readonly #come = new Set<string>();
  readonly #gone = new Set<string>();

  override set(key: string, value: V): this {
    if (!this.has(key) && !this.#gone.delete(key)) this.#come.add(key);
    return super.set(key, value);
  }

  override delete(key: string): boolean {
    const there = super.delete(key);
    if (there && !this.#come.delete(key)) this.#gone.add(key);
    return there;
  }

  override clear(): void {
    super.clear();
    this.#sorted = [];
    this.#come.clear();
    this.#gone.clear();
  }

  /** The keys, sorted. */
  sortedKeys(): readonly string[] {
    if (this.#gone.size > 0) this.#sorted = this.#sorted.filter((key) => !this.#gone.has(key));
    if (this.#come.size > 0) this.#sorted = merged(this.#sorted, [...this.#come].sort(byBytes));
    this.#come.clear();
    this.#gone.clear();
    return this.#sorted;
  }
}

/** Merges two sorted lists; usually the second is shorter. */
function merged(keys: string[], others: string[]): string[] {
  const all: string[] = [];
  let from = 0;
  for (const other of others) {
    const to = firstWhere(keys, (key) => byBytes(key, other) > 0, from);
    for (const key of keys.slice(from, to)) all.push(key);
    all.push(other);
    from = to;
  }
  for (const key of keys.slice(from)) all.push(key);
  return all;
}
