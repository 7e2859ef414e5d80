/**
 * A message of fixtures/signups as SES delivers it to another address: the one that its trace header names.
 */
export function addressedTo(address: string, raw: string): string {
  return raw.replace(/ for or-\S+@bots\.litentry\.org;/, ` for ${address};`);
}
