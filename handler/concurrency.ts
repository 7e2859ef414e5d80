/**
 * Many pieces of work, a few at a time.
 */

/**
 * Does some work for each item. Every item is tried, also when the work for others fails.
 *
 * @param limit How many are worked on at a time.
 * @returns How each ended, in the order of the items.
 */
export async function settleEach<Item, Result>(
  items: Item[],
  limit: number,
  work: (item: Item) => Promise<Result>,
): Promise<PromiseSettledResult<Result>[]> {
  const results: PromiseSettledResult<Result>[] = [];
  const waiting = items.entries();
  const worker = async () => {
    for (const [index, item] of waiting) [results[index]] = await Promise.allSettled([work(item)]);
  };
  await Promise.all(Array.from({ length: limit }, worker));
  return results;
}
