/**
 * What AWS's errors mean to this tool: the resource does not exist, a race, "not yet", or a failure to explain.
 * SDK errors are distinguished by name and message: AWS provides nothing else.
 */
import { messageOf, nameOf, OperatorError, sentence } from './error-facts.js';
import { printsPolicy } from './own-command.js';
import { explainNetwork } from './unreachable.js';

export { nameOf, OperatorError, sentence, statusOf } from './error-facts.js';

/** EventBridge answered 200 but rejected an entry. Its name is EventBridge's error code. */
export class FailedEntryError extends Error {
  constructor(operation: string, code: string | undefined, message: string | undefined) {
    super(`EventBridge answered ${operation} with a failed entry: ${message ?? 'no message'}`);
    this.name = code ?? 'FailedEntry';
  }
}

/** Codes of a failed entry that passes: the SDK retries an error, not an answer of 200 that holds one. */
const passing = /^(Throttling(Exception)?|Internal(Exception|Failure|Error)|ServiceUnavailable(Exception)?)$/;

/** How often the SDK made the call; 1 if the error is none of the SDK's. */
function attemptsOf(error: unknown): number {
  return (error as { $metadata?: { attempts?: number } }).$metadata?.attempts ?? 1;
}

const absent = new Set([
  'NoSuchEntityException',
  'ResourceNotFoundException',
  'QueueDoesNotExist',
  'NoSuchBucketPolicy',
  'NoSuchPublicAccessBlockConfiguration',
  'ServerSideEncryptionConfigurationNotFoundError',
  'ObjectLockConfigurationNotFoundError',
]);

/** Whether the error says that the resource does not exist. */
export function isAbsent(error: unknown): boolean {
  return absent.has(nameOf(error));
}

/** The response, or undefined if AWS says that the resource does not exist. */
export async function ifExists<Answer>(asked: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

/**
 * All values; or the failure of the first promise, in the order given, that failed: which error is reported must not depend on which
 * response came first.
 */
export async function firstFailure<const Asked extends readonly Promise<unknown>[]>(asked: Asked) {
  await Promise.allSettled(asked);
  return Promise.all(asked);
}

const raced = new Set([
  'EntityAlreadyExistsException',
  'QueueNameExists',
  'ResourceAlreadyExistsException',
  'PreconditionFailedException',
  'ConcurrentModificationException',
  'DeleteConflictException',
  'OperationAborted',
  'OperationAbortedException',
]);

/** What looks like a race by its name, and stays so: a role in an instance profile, a permissions boundary that does not exist. */
function isFinal(error: unknown): boolean {
  return /instance profile|is not attachable/i.test(messageOf(error));
}

/**
 * Whether the error says that the resource has changed since it was read: by someone else, or by a call whose response was lost.
 * The fix is to read it again.
 */
export function isRace(error: unknown): error is Error {
  if (isFinal(error)) return false;
  return (
    raced.has(nameOf(error)) ||
    isAbsent(error) ||
    (nameOf(error) === 'ResourceConflictException' && /already exist/i.test(messageOf(error)))
  );
}

/**
 * What AWS is not ready for yet, completing "waiting for …"; undefined for any other error.
 * Lambda can assume a new role only after some seconds, and a function accepts one update at a time.
 */
export function notYet(error: unknown): string | undefined {
  const message = messageOf(error);
  if (nameOf(error) === 'InvalidParameterValueException' && /cannot be assumed/i.test(message))
    return 'Lambda to be able to assume the new execution role';
  // A denial, by a service control policy for instance, has the same beginning, and stays.
  if (
    nameOf(error) === 'InvalidParameterValueException' &&
    /KMS key is invalid for CreateGrant/i.test(message) &&
    !/AccessDenied|not authorized|explicit deny/i.test(message)
  )
    return 'the new execution role to be known to KMS';
  if (error instanceof FailedEntryError && passing.test(error.name)) return 'EventBridge to accept the target';
  // IAM is eventually consistent: the role's policy may have been written a second ago.
  if (
    nameOf(error) === 'InvalidParameterValueException' &&
    /function('s)? execution role does not have permissions to call/i.test(message)
  )
    return "the execution role's permissions for the retry queue to take effect";
  if (nameOf(error) === 'ResourceInUseException')
    return 'Lambda to complete another change of the event source mapping';
  // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html: for a minute after the deletion.
  if (nameOf(error) === 'QueueDeletedRecently') return "SQS to free the deleted queue's name";
  // Lambda words it in several ways: an update in progress, a concurrent update, a function that is Pending or Inactive.
  if (nameOf(error) === 'ResourceConflictException' && !/already exist|state: Failed/i.test(message))
    return 'Lambda to complete another change of the function';
  // https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DeleteRule.html: a removed target blocks the deletion for a moment.
  if (nameOf(error) === 'ValidationException' && /since it has targets/i.test(message))
    return 'EventBridge to let go of the target';
  return undefined;
}

/**
 * What to do about an error that did not pass while it was waited for, after a space; empty where there is nothing to say. The execution role's
 * own policy allows what the queue needs: what still denies it is above the policy.
 */
export function afterWaiting(error: unknown): string {
  return /execution role does not have permissions to call/i.test(messageOf(error))
    ? ". The role's permissions boundary, or a policy of the AWS organization, denies it: allow the role sqs:SendMessage, sqs:ReceiveMessage, sqs:DeleteMessage and sqs:GetQueueAttributes on the retry queue there, or deploy with --no-retry-queue."
    : '';
}

const denied = /^(AccessDenied|AccessDeniedException|UnauthorizedOperation)$/;

/** What an error means and what to do about it, by its name: the first match is used. */
const explanations: Array<[names: RegExp, explain: (message: string, attempts: number) => string]> = [
  [/^(RequestTimeTooSkewed|RequestExpired|RequestInTheFuture)$/, (message) => clockIsOff(message)],
  [
    /^CredentialsProviderError$/,
    (message) =>
      /could not load credentials|no credentials/i.test(message)
        ? 'No AWS credentials were found. Log in (for instance `aws sso login`), or name a profile that has some with --profile (AWS_PROFILE).'
        : `The AWS credentials could not be used: ${message}`,
  ],
  [
    /^(ExpiredToken|ExpiredTokenException|TokenRefreshRequired)$/,
    () => 'The AWS credentials have expired. Log in again, then repeat the command.',
  ],
  [
    /^(InvalidClientTokenId|UnrecognizedClientException|InvalidAccessKeyId|SignatureDoesNotMatch|InvalidSignatureException|InvalidToken)$/,
    (message) =>
      /signature (expired|not yet current)/i.test(message)
        ? clockIsOff(message)
        : `AWS does not accept these credentials: ${sentence(message)} Check --profile and the AWS_* variables, and that the account has this region enabled.`,
  ],
  [
    /^InvalidParameterValueException$/,
    (message) =>
      /does not have permissions to call/i.test(message)
        ? `Lambda rejects the execution role: ${sentence(message)} The function has a VPC or a dead-letter queue that this tool did not configure. Allow the role to use it with a policy of your own, or remove it from the function, then deploy again.`
        : refusedRuntime(message),
  ],
  [
    // https://docs.aws.amazon.com/lambda/latest/dg/configuration-codesigning.html
    /^(CodeVerificationFailedException|InvalidCodeSignatureException)$/,
    (message) =>
      `Lambda rejects this tool's code, which is not signed: ${sentence(message)} The function's code signing configuration, which this tool did not configure, enforces signatures. Detach it (aws lambda delete-function-code-signing-config) or let it warn only, then deploy again.`,
  ],
  [
    /^DeleteConflictException$/,
    (message) =>
      /instance profile/i.test(message)
        ? `IAM does not delete the role: ${sentence(message)} Remove it from the instance profile (aws iam remove-role-from-instance-profile), then run the command again.`
        : `DeleteConflictException: ${sentence(message)}`,
  ],
  [
    /^NoSuchEntityException$/,
    (message) =>
      /is not attachable/i.test(message)
        ? `IAM does not accept the permissions boundary: ${sentence(message)} Check --permissions-boundary.`
        : `NoSuchEntityException: ${sentence(message)}`,
  ],
  [denied, (message) => `AWS denied access: ${sentence(message)} ${whatHelps(message)}${withoutQueue(message)}`],
  [
    /^(Throttling|ThrottlingException|TooManyRequestsException|SlowDown|RequestLimitExceeded)$/,
    (_message, attempts) =>
      attempts > 1
        ? `AWS kept throttling the calls, in ${attempts} attempts. Run the command again in a minute.`
        : 'AWS throttled a call. Run the command again in a minute.',
  ],
  [
    /^(Internal(Failure|Error|ServerError|Exception)|Service(Failure|Unavailable|FailureException|UnavailableException|Exception))$/,
    (message, attempts) =>
      `AWS had an internal error${attempts > 1 ? ` in ${attempts} attempts` : ''}: ${sentence(message)} Run the command again in a minute.`,
  ],
];

/** Lambda's runtimes and instruction sets differ by region. */
function refusedRuntime(message: string): string {
  const text = `InvalidParameterValueException: ${sentence(message)}`;
  if (/architecture/i.test(message))
    return `Lambda does not accept the function's architecture in this region: ${sentence(message)} Choose the other one with --architecture (arm64, x86_64), then deploy again.`;
  if (/\bruntime\b/i.test(message))
    return `Lambda does not accept the function's runtime in this region: ${sentence(message)} Choose the other one with --runtime (nodejs24.x, nodejs22.x), then deploy again.`;
  return text;
}

/** Whether AWS denied the call: a policy of the caller, of the resource or of the organization. */
export function isDenied(error: unknown): boolean {
  return denied.test(nameOf(error));
}

/** What else helps against a denial that concerns the retry queue alone. */
function withoutQueue(message: string): string {
  return /\bsqs:|EventSourceMapping/i.test(message) ? ' To do without a retry queue, add --no-retry-queue.' : '';
}

/** The SDK corrects the time by AWS's own; this is left where it can't. */
function clockIsOff(message: string): string {
  return `AWS rejects the time of the request: ${sentence(message)} This machine's clock is off: set it (for instance with NTP), then run the command again.`;
}

/**
 * What ends a denial. Adding an Allow to the operator's own policy helps only where that is missing.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
 */
function whatHelps(message: string): string {
  const [, explicit, policy = ''] =
    /(with an explicit deny in an?|because no) ([\w -]*?(?:policy|permissions boundary))(?=$|[.:]| allows)/i.exec(
      message,
    ) ?? [];
  if (/service control|resource control/i.test(policy))
    return `This is a ${policy} of the AWS organization: ask who administers the organization.`;
  if (explicit?.startsWith('with') === true)
    return `An Allow does not help against an explicit Deny: change the ${policy}, or use another role.`;
  if (policy !== '' && !/^identity-based/i.test(policy)) return `Change the ${policy}, or use another role.`;
  return printsPolicy;
}

/**
 * One or two lines on an error: what happened and what to do.
 *
 * @param endpointUrl the endpoint in use, unless it is AWS's own.
 */
export function explain(error: unknown, endpointUrl?: string): string {
  if (error instanceof OperatorError) return error.message;
  const network = explainNetwork(error, endpointUrl);
  if (network !== undefined) return network;
  for (const [names, explanation] of explanations)
    if (names.test(nameOf(error))) return explanation(messageOf(error), attemptsOf(error));
  return `${nameOf(error)}: ${sentence(messageOf(error))}`;
}
