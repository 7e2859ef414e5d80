/**
 * The known differences: where moto differs from AWS's documentation, and what the embedded AWS omits.
 * One that no longer occurs must be removed.
 */
import type { Difference } from '../shape.js';
import { cloudwatchExceptions } from './cloudwatch.js';
import { eventAndLogExceptions } from './events-and-logs.js';
import { iamExceptions } from './iam.js';
import { lambdaExceptions } from './lambda.js';
import { s3Exceptions } from './s3.js';
import { sesExceptions } from './ses.js';
import { sqsExceptions } from './sqs.js';

export interface Exception {
  /** Operations, `iam:CreateRole`, or single cases of them, `iam:CreateRole, there already`. It occurs in each of them. */
  in: string[];
  /** The member, by the end of its path; `answer` for the status and the error code. */
  path: string;
  moto: string;
  here: string;
  /** AWS's documentation. */
  aws: string;
  /** The page of AWS's documentation. */
  page: string;
  /** If the embedded AWS differs from AWS: why. */
  leftOut?: string;
}

export const exceptions: Exception[] = [
  ...iamExceptions,
  ...eventAndLogExceptions,
  ...lambdaExceptions,
  ...s3Exceptions,
  ...sesExceptions,
  ...sqsExceptions,
  ...cloudwatchExceptions,
];

/** The moto whose differences these are. */
export const motoVersion = '5.2.1';

/** Operations that moto does not support: the status of its answer, and why. */
export const unknownToMoto: Record<string, { status: number; why: string }> = {
  'iam:SimulatePrincipalPolicy': { status: 500, why: 'there is no such action: a page of HTML' },
  'ses:DeleteReceiptRule': { status: 500, why: 'there is no such action: a page of HTML' },
  'accessanalyzer:CheckNoNewAccess': { status: 500, why: 'there is no such service: a page of HTML' },
  ...Object.fromEntries(
    ['CreateRuleSet', 'GetRuleSet', 'ListRuleSets', 'DeleteRuleSet'].map((name) => [
      `mailmanager:${name}`,
      { status: 500, why: 'there is no such service: a page of HTML' },
    ]),
  ),
  'lambda:GetAccountSettings': { status: 404, why: 'there is no such path: a page of HTML' },
};

/**
 * The places at which an exception stands for a difference.
 *
 * @param operation `iam:CreateRole`
 * @param title of the case
 */
export function placesFor({ path, moto, here }: Difference, operation: string, title: string): string[] {
  return exceptions
    .filter((one) => `.${path}`.endsWith(`.${one.path}`) && one.moto === moto && one.here === here)
    .flatMap((one) => one.in.filter((place) => [operation, `${operation}, ${title}`].includes(place)).map(nameOf(one)));
}

/** All places of all exceptions. */
export function allPlaces(): string[] {
  return exceptions.flatMap((one) => one.in.map(nameOf(one)));
}

function nameOf({ path, moto, here }: Exception) {
  return (place: string) => `${place}: ${path}: moto ${moto}, here ${here}`;
}
