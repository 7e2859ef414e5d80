/**
 * The order of S3's keys, and a map that has its keys in it at hand: a listing of many pages must not sort them for each.
 */
/** A code unit's place among all of them: surrogates stand for the characters that come after all others. */
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
 * Where in a list something begins to hold: what holds for an entry holds for all after it.
 * @param from the first place to look at
 * @returns the list's length where it holds for none
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

/** A map by keys of S3's. What comes and goes is put in its place when the keys are next asked for. */
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

  /** The keys in their order. */
  sortedKeys(): readonly string[] {
    if (this.#gone.size > 0) this.#sorted = this.#sorted.filter((key) => !this.#gone.has(key));
    if (this.#come.size > 0) this.#sorted = merged(this.#sorted, [...this.#come].sort(byBytes));
    this.#come.clear();
    this.#gone.clear();
    return this.#sorted;
  }
}

/** Two sorted lists as one. The second is the shorter one, mostly. */
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
