/**
 * Bounded concurrency.
 */

/**
 * Runs the work for each item. Every item is tried, even when others fail.
 *
 * @param limit The maximum number of items in progress.
 * @returns the results, in the order of the items.
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
