/**
 * The rules for each setting's value, which are AWS's, and the error messages.
 */
import { HOST_NAME, LONGEST_HOST_NAME, managedBy, readHostName, STACK_TAG } from '../agentkeys/names.js';
import { isService, type Service, services as slugs, unsupported, whyNot } from '../agentkeys/services.js';
import { isDay } from '../agentkeys/terms-of-service.js';
import { readWallet } from '../agentkeys/wallet.js';
import type { Json } from '../schema/schema.js';

/** A value, or the fault: the rest of a sentence that starts with the flag. */
export type Parsed<T> = { value: T } | { fault: string };

/** Parses the texts given for a setting; several for a list. */
export interface Parser<T> {
  (texts: readonly string[]): Parsed<T>;
  /** The JSON Schema of the value in the settings file. The parser refuses more where a schema can't express a rule. */
  readonly schema: Json;
}

function parser<T>(schema: Json, parse: (texts: readonly string[]) => Parsed<T>): Parser<T> {
  return Object.assign(parse, { schema });
}

function textLike({ source }: RegExp): Json {
  return { type: 'string', pattern: source };
}

/** A list without duplicates. */
function listOf(items: Json): Json {
  return { type: 'array', items, uniqueItems: true };
}

const LONGEST_ECHO = 80;

/** Quotes a value for an error message: control and formatting characters escaped, cut at 80 characters. */
export function quote(text: string): string {
  const escaped = JSON.stringify(text)
    .slice(1, -1)
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
  return `"${escaped.length > LONGEST_ECHO ? `${escaped.slice(0, LONGEST_ECHO - 1)}…` : escaped}"`;
}

/**
 * A setting with a single value.
 *
 * @param rule what the value must be, such as `a whole number from 1 to 900`.
 * @param read returns the value, or undefined for an invalid text.
 */
function one<T>(rule: string, schema: Json, read: (text: string) => T | undefined): Parser<T> {
  return parser<T>(schema, (texts) => {
    const [text = ''] = texts;
    if (texts.length !== 1) return { fault: `must be ${rule}: expected one value, got ${texts.length}` };
    const value = read(text);
    return value === undefined ? { fault: `must be ${rule}, not ${quote(text)}` } : { value };
  });
}

/** A setting whose value is its text, if it matches `pattern` and not `except`. */
function fitting(rule: string, pattern: RegExp, except?: RegExp): Parser<string> {
  const schema = { ...textLike(pattern), ...(except && { not: { pattern: except.source } }) };
  return one(rule, schema, (text) => (pattern.test(text) && except?.test(text) !== true ? text : undefined));
}

/** A whole number from `least` to `most`, both included. */
export function wholeNumber(rule: string, least: number, most: number): Parser<number> {
  return one(rule, { type: 'integer', minimum: least, maximum: most }, (text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    return value >= least && value <= most ? value : undefined;
  });
}

/** One of several words. */
export function oneOfWords<Word extends string>(allowed: readonly Word[]): Parser<Word> {
  return one(allowed.join(' or '), { enum: allowed }, (text) => allowed.find((word) => word === text));
}

/** One of several numbers. */
function oneOf(what: string, allowed: readonly number[]): Parser<number> {
  return one(`${what}, one of ${allowed.join(', ')}`, { enum: allowed }, (text) =>
    allowed.find((value) => String(value) === text),
  );
}

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */
export const logRetentionDays = oneOf(
  'a number of days that CloudWatch Logs knows',
  [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653],
);

const RUNTIMES = ['nodejs24.x', 'nodejs22.x'] as const;

/** A Lambda runtime that the function is built for, also by its number alone. https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html */
export const runtime = one(
  RUNTIMES.join(' or '),
  { enum: [...RUNTIMES, ...RUNTIMES.map(numberOf), ...RUNTIMES.map((name) => Number(numberOf(name)))] },
  (text) => RUNTIMES.find((name) => name === text || numberOf(name) === text),
);

/** `24` of `nodejs24.x`. */
function numberOf(name: string): string {
  return name.replace(/\D/g, '');
}

/** `true` or `false`. */
export const trueOrFalse: Parser<boolean> = one('true or false', { type: 'boolean' }, (text) =>
  new Map([
    ['true', true],
    ['false', false],
  ]).get(text.toLowerCase()),
);

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
export const bucketName = fitting(
  'the name of an S3 general purpose bucket (3 to 63 lower case letters, digits, dots and hyphens)',
  /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
  /\.\.|^\d+\.\d+\.\d+\.\d+$|^(xn--|sthree-|amzn-s3-demo-)|(-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$/,
);

/** Bounded so that the names made of it fit AWS's limits; in lower case because IAM's names are unique without regard to case. */
export const stackName = fitting(
  "a stack's name (1 to 32 lower case letters, digits and hyphens, from a letter to a letter or digit)",
  /^[a-z]([a-z0-9-]{0,30}[a-z0-9])?$/,
);

export const region = fitting('an AWS region such as us-east-1', /^[a-z]{2,}(-[a-z]+)+-\d{1,2}$/);

export const profileName = fitting('the name of a profile in the AWS configuration files', /^[^\p{Cc}[\]]+$/u);

/** 12 digits. Quotation marks around them and the console's hyphens are accepted. */
export const accountId = one('an AWS account ID of 12 digits', textLike(/^\d{12}$/), (text) => {
  const digits = text
    .trim()
    .replace(/^(["'])(.*)\1$/, '$2')
    .replace(/^(\d{4})-(\d{4})-(\d{4})$/, '$1$2$3');
  return /^\d{12}$/.test(digits) ? digits : undefined;
});

/** A domain that can receive mail. */
export const hostName = one(
  'a domain name such as bots.example.org',
  { ...textLike(HOST_NAME), maxLength: LONGEST_HOST_NAME },
  readHostName,
);

const IAM_NAME = 'letters, digits or _+=,.@-';

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html */
export const roleName = fitting(`an IAM role's name (1 to 64 ${IAM_NAME})`, /^[\w+=,.@-]{1,64}$/);

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateInstanceProfile.html */
export const instanceProfileName = fitting(`an instance profile's name (1 to 128 ${IAM_NAME})`, /^[\w+=,.@-]{1,128}$/);

/** https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html */
export const functionName = fitting(
  "a Lambda function's name (1 to 64 letters, digits, hyphens or underscores)",
  /^[\w-]{1,64}$/,
);

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html */
export const ruleName = fitting(
  "an EventBridge rule's name (1 to 64 letters, digits, dots, hyphens or underscores)",
  /^[.\w-]{1,64}$/,
);

/** An IAM path is `/`, or printable ASCII between two slashes. */
export const policyArn = fitting(
  'the ARN of an IAM policy such as arn:aws:iam::111122223333:policy/name',
  /^arn:aws(-[a-z]+)*:iam::(\d{12}|aws):policy\/([!-~]*\/)?[\w+=,.@-]{1,128}$/,
);

/** The path follows the same rule as a policy's. */
export const roleArn = fitting(
  'the ARN of an IAM role such as arn:aws:iam::111122223333:role/name',
  /^arn:aws(-[a-z]+)*:iam::\d{12}:role\/([!-~]*\/)?[\w+=,.@-]{1,64}$/,
);

/** It ends with the issuer's URL without `https://`. https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html */
export const oidcProviderArn = fitting(
  'the ARN of an IAM OIDC provider such as arn:aws:iam::111122223333:oidc-provider/oidc.example.com',
  /^arn:aws(-[a-z]+)*:iam::\d{12}:oidc-provider\/[!-~]+$/,
);

/** A standard topic. https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html */
export const topicArn = fitting(
  'the ARN of a standard SNS topic such as arn:aws:sns:us-east-1:111122223333:operators',
  /^arn:aws(-[a-z]+)*:sns:[a-z]{2,}(-[a-z]+)+-\d{1,2}:\d{12}:[\w-]{1,256}$/,
);

/** A user, a role, or an account by its root user. */
const PRINCIPAL_ARN = /^arn:aws(-[a-z]+)*:iam::\d{12}:(root|(user|role)\/([!-~]*\/)?[\w+=.@-]+)$/;

export const principalArns = parser<string[]>(listOf(textLike(PRINCIPAL_ARN)), (texts) => {
  const rule = "must be ARNs of users, roles or an account's root, such as arn:aws:iam::111122223333:role/admin";
  const wrong = texts.find((arn) => !PRINCIPAL_ARN.test(arn));
  return wrong === undefined ? eachOnce(texts) : { fault: `${rule}, not ${quote(wrong)}` };
});

export const endpointUrl = one('an http or https URL', textLike(/^https?:/), (text) =>
  URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) ? text : undefined,
);

/** Accepted in any case, returned in lower case. An error does not repeat the text: it may be a token, passed by mistake. */
export const wallet = parser<string>(textLike(/^0x[\da-fA-F]{40}$/), (texts) => {
  const value = texts.length === 1 ? readWallet(texts.join()) : undefined;
  return value === undefined ? { fault: 'must be a wallet: 0x and 40 hexadecimal digits' } : { value };
});

export const path = fitting('the path of a file', /^[^\0]+$/);

const PREFIX = /^[a-z][a-z0-9]{0,15}$/;

/** Local-part prefixes, the `or` of `or-0x…-1700000000@bots.example.org`. */
export const prefixes = parser<string[]>({ ...listOf(textLike(PREFIX)), minItems: 1 }, (texts) => {
  const rule = 'must be prefixes of 1 to 16 lower case letters and digits that start with a letter';
  const wrong = texts.find((text) => !PREFIX.test(text));
  if (wrong !== undefined) return { fault: `${rule}, not ${quote(wrong)}` };
  if (texts.length === 0) return { fault: `${rule}, at least one` };
  return eachOnce(texts);
});

/** Rejects duplicates. */
function eachOnce<Text extends string>(texts: readonly Text[]): Parsed<Text[]> {
  const twice = texts.find((text, index) => texts.indexOf(text) < index);
  return twice === undefined ? { value: [...texts] } : { fault: `contains ${quote(twice)} twice` };
}

/** Services of the catalogue, by slug. */
export const services = parser<Service[]>(listOf({ enum: slugs }), (texts) => {
  const wrong = texts.find((text) => !isService(text));
  return wrong === undefined ? eachOnce(texts.filter(isService)) : { fault: noService(wrong, 'be') };
});

function noService(slug: string, verb: 'be' | 'be for'): string {
  return Object.hasOwn(unsupported, slug) ? whyNot(slug, verb) : `${whyNot(slug, verb)}, not ${quote(slug)}`;
}

/** The time zone furthest ahead of UTC, in milliseconds: Pacific/Kiritimati, https://www.iana.org/time-zones. */
const FURTHEST_AHEAD = 14 * 3_600_000;

const DAYS_BY_SLUG = {
  type: 'object',
  propertyNames: { enum: slugs },
  additionalProperties: textLike(/^\d{4}-\d{2}-\d{2}$/),
};

/** Dates by slug. A date that is in the future in every time zone is an error. */
export const tosReviewed = parser<Record<string, string>>(DAYS_BY_SLUG, (texts) => {
  const value: Record<string, string> = {};
  for (const text of texts) {
    const { slug, day } = /^(?<slug>[^=]*)=(?<day>.*)$/s.exec(text)?.groups ?? {};
    if (slug === undefined || day === undefined || !isDay(day))
      return { fault: `must be <service>=<YYYY-MM-DD> with a valid date, not ${quote(text)}` };
    if (!isService(slug)) return { fault: noService(slug, 'be for') };
    if (Date.parse(day) > Date.now() + FURTHEST_AHEAD) return { fault: `must not be in the future: ${quote(text)}` };
    if (Object.hasOwn(value, slug)) return { fault: `contains ${quote(slug)} twice` };
    value[slug] = day;
  }
  return { value };
});

/** IAM allows 50 tags on a role; this tool sets up to 10 of its own. */
const MOST_TAGS = 40;

const TAG_KEY = /^[\p{L}\p{Z}\p{N}_.:/+@-]{1,128}$/u;
const TAG_VALUE = /^[\p{L}\p{Z}\p{N}_.:/=+@-]{0,256}$/u;

/** Keys that this tool sets on every resource. */
const OWN_KEYS = [managedBy.key, STACK_TAG];

const TAGS = {
  type: 'object',
  propertyNames: { pattern: TAG_KEY.source, not: { pattern: `^([aA][wW][sS]:|(${OWN_KEYS.join('|')})$)` } },
  additionalProperties: textLike(TAG_VALUE),
  maxProperties: MOST_TAGS,
};

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html. IAM compares keys without regard to case. */
export const tags = parser<Record<string, string>>(TAGS, (texts) => {
  const value: Record<string, string> = {};
  const keys = new Set<string>();
  for (const text of texts) {
    const [, key = '', tagged = ''] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
    const reserved = /^aws:/i.test(key) || OWN_KEYS.some((own) => own === key.toLowerCase());
    if (!TAG_KEY.test(key) || !TAG_VALUE.test(tagged) || reserved) {
      const rule = `must be key=value in characters that IAM allows, and the key must not start with aws: or be ${OWN_KEYS.join(' or ')}`;
      return { fault: `${rule}, not ${quote(text)}` };
    }
    if (keys.has(key.toLowerCase())) return { fault: `contains the key ${quote(key)} twice` };
    keys.add(key.toLowerCase());
    value[key] = tagged;
  }
  return keys.size > MOST_TAGS ? { fault: `must be at most ${MOST_TAGS} tags, not ${keys.size}` } : { value };
});
