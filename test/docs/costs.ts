/**
 * What routing costs: AWS's unit prices times what a message takes of each.
 */
import { reasons } from '../../handler/mail/decide.js';
import { METRIC_UNITS } from '../../handler/metrics.js';

interface Price {
  what: string;
  /** US dollars for one unit, us-east-1. */
  dollars: number;
  unit: string;
  /** The page that states it. */
  source: string;
}

const list = (offer: string) => `price list, ${offer}`;

export const prices = {
  request: { what: 'Lambda, invocation', dollars: 0.0000002, unit: 'invocation', source: list('AWSLambda') },
  duration: { what: 'Lambda, duration on arm64', dollars: 0.0000133334, unit: 'GB-second', source: list('AWSLambda') },
  get: { what: 'S3, GET', dollars: 0.0000004, unit: 'request', source: list('AmazonS3') },
  copy: { what: 'S3, PUT, COPY or LIST', dollars: 0.000005, unit: 'request', source: list('AmazonS3') },
  event: { what: 'EventBridge, event of S3', dollars: 0.000001, unit: 'event', source: 'not confirmed, see below' },
  storage: { what: 'S3 Standard, storage', dollars: 0.023, unit: 'GB-month', source: list('AmazonS3') },
  ingestion: { what: 'CloudWatch Logs, ingestion', dollars: 0.5, unit: 'GB', source: list('AmazonCloudWatch') },
  logStorage: { what: 'CloudWatch Logs, storage', dollars: 0.03, unit: 'GB-month', source: list('AmazonCloudWatch') },
} satisfies Record<string, Price>;

/** A custom metric of CloudWatch's, for a month. */
const METRIC = 0.3;

/** What one message takes. */
export interface Message {
  /** Calls to S3, as counted. */
  gets: number;
  copies: number;
  /** Events that S3 sends EventBridge: one for the message, one for each copy. */
  events: number;
  /** Bytes that are stored twice from then on. */
  copied: number;
  /** Bytes in the function's log, Lambda's own lines included. */
  logged: number;
}

/** Assumptions: values that are known only on AWS. */
export const assumed = { seconds: 0.5, gigabytes: 0.25, months: 1 };

const GB = 1e9;

/** One line of the sum: an amount and its price. */
interface Line {
  price: Price;
  amount: number;
}

/** The lines of the sum for a thousand messages. */
export function linesOf({ gets, copies, events, copied, logged }: Message): Line[] {
  const { seconds, gigabytes, months } = assumed;
  const amounts: Record<keyof typeof prices, number> = {
    request: 1,
    duration: seconds * gigabytes,
    get: gets,
    copy: copies,
    event: events,
    storage: (copied / GB) * months,
    ingestion: logged / GB,
    logStorage: (logged / GB) * months,
  };
  return Object.entries(prices).map(([key, price]) => ({ price, amount: 1_000 * amounts[key as keyof typeof prices] }));
}

/** Dollars for a thousand messages. */
export function total(message: Message): number {
  return linesOf(message).reduce((sum, { price, amount }) => sum + price.dollars * amount, 0);
}

/** Dollars for a month in which all the function's metrics are written. */
export function metricsAMonth(): { metrics: number; dollars: number } {
  const metrics = Object.keys(METRIC_UNITS).length + reasons.length;
  return { metrics, dollars: metrics * METRIC };
}

/** The table of a thousand messages that are routed, and a thousand that stay. */
export function costsTable(routed: Message, staying: Message): string {
  const row = (...cells: string[]) => `| ${cells.join(' | ')} |`;
  // Without exponents, and with significant digits only.
  const number = (value: number) => value.toLocaleString('en-US', { maximumSignificantDigits: 6 });
  const cells = (lines: Line[], at: number): string[] => {
    const { price, amount } = lines[at] ?? { price: prices.get, amount: 0 };
    return amount === 0 ? ['', ''] : [number(amount), (price.dollars * amount).toFixed(6)];
  };
  const [one, other] = [linesOf(routed), linesOf(staying)];
  return [
    row('', 'USD for one', 'read in', '1,000 routed take', 'USD', '1,000 that stay take', 'USD'),
    row('---', '---', '---', '---:', '---:', '---:', '---:'),
    ...Object.values(prices).map(({ what, dollars, unit, source }, at) =>
      row(what, `${number(dollars)} / ${unit}`, source, ...cells(one, at), ...cells(other, at)),
    ),
    row('**sum**', '', '', '', `**${total(routed).toFixed(4)}**`, '', `**${total(staying).toFixed(4)}**`),
  ].join('\n');
}
