/**
 * What AWS's errors mean to this tool: a thing that isn't there, a race, a "not yet", or a failure to be explained.
 * SDK errors are told apart by name and message, as AWS gives no other mark.
 */

/** A failure that an operator can act upon: what happened, and the next move. Its message is shown as it is, without a stack trace. */
export class OperatorError extends Error {
  override readonly name: string = 'OperatorError';
}

/** The name of an error, whatever was thrown. */
export function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : '';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The HTTP status AWS answered with, where it answered at all. */
export function statusOf(error: unknown): number | undefined {
  return (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
}

const absent = new Set([
  'NoSuchEntityException',
  'ResourceNotFoundException',
  'NoSuchBucketPolicy',
  'NoSuchPublicAccessBlockConfiguration',
  'ServerSideEncryptionConfigurationNotFoundError',
]);

/** Whether the error says that what was asked for does not exist. */
export function isAbsent(error: unknown): boolean {
  return absent.has(nameOf(error));
}

/** The answer, or undefined when AWS says that there is no such thing. */
export async function ifExists<Answer>(asked: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

/**
 * All of them; or the failure of the first, in the order given, that failed: what is told of a failure must not hang on which answer
 * came first.
 */
export async function firstFailure<const Asked extends readonly Promise<unknown>[]>(asked: Asked) {
  await Promise.allSettled(asked);
  return Promise.all(asked);
}

const raced = new Set([
  'EntityAlreadyExistsException',
  'ResourceAlreadyExistsException',
  'PreconditionFailedException',
  'ConcurrentModificationException',
  'DeleteConflictException',
  'OperationAborted',
  'OperationAbortedException',
]);

/**
 * Whether the error says that the resource is no longer as it was read: somebody else, or a call of ours whose answer was lost,
 * changed it meanwhile. The cure is to read again.
 */
export function isRace(error: unknown): error is Error {
  return (
    raced.has(nameOf(error)) ||
    isAbsent(error) ||
    (nameOf(error) === 'ResourceConflictException' && /already exist/i.test(messageOf(error)))
  );
}

/**
 * What AWS is not ready for yet, as words that complete "waiting for …"; undefined for any other error.
 * A new role takes seconds until Lambda can assume it, and a function takes one update at a time.
 */
export function notYet(error: unknown): string | undefined {
  const message = messageOf(error);
  if (nameOf(error) === 'InvalidParameterValueException' && /cannot be assumed/i.test(message))
    return 'Lambda to be able to assume the new execution role';
  if (nameOf(error) === 'InvalidParameterValueException' && /KMS key is invalid for CreateGrant/i.test(message))
    return 'the new execution role to be known to KMS';
  if (nameOf(error) === 'ResourceConflictException' && /in progress/i.test(message))
    return "the function's update that is in progress";
  if (nameOf(error) === 'ResourceConflictException' && /state: Pending/i.test(message))
    return 'the new function to become active';
  // https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DeleteRule.html: a target that was removed is known to be gone only after a moment.
  if (nameOf(error) === 'ValidationException' && /since it has targets/i.test(message))
    return 'EventBridge to let go of the target';
  return undefined;
}

/** What an error means and what to do about it, by its name: the first that matches is told. */
const explanations: Array<[names: RegExp, explain: (message: string) => string]> = [
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
      `AWS does not accept these credentials: ${sentence(message)} Check --profile and the AWS_* variables, and that the account has this region enabled.`,
  ],
  [
    /^(AccessDenied|AccessDeniedException|UnauthorizedOperation)$/,
    (message) =>
      `AWS denied access: ${sentence(message)} \`agentkeys-ses-routing policy <task>\` prints the policy that an operator needs.`,
  ],
  [
    /^(Throttling|ThrottlingException|TooManyRequestsException|SlowDown|RequestLimitExceeded)$/,
    () => 'AWS went on throttling the calls after several attempts. Run the command again in a minute.',
  ],
  [
    /^(Internal(Failure|Error|ServerError|Exception)|Service(Failure|Unavailable|FailureException|UnavailableException|Exception))$/,
    (message) =>
      `AWS failed on its own side, also after several attempts: ${sentence(message)} Run the command again in a minute.`,
  ],
];

const unreachable =
  /^(ECONNREFUSED|ENOTFOUND|EHOSTUNREACH|ENETUNREACH|ECONNRESET|EPIPE|ETIMEDOUT|EAI_AGAIN|EPROTO|UNABLE_TO_.*|.*CERT.*)$/;

/** A text that ends as a sentence does. */
export function sentence(message: string): string {
  return /[.!?]$/.test(message) ? message : `${message}.`;
}

/** The network's own code of an error, from itself, its cause or the first of several. */
function networkCode(error: unknown): string | undefined {
  const { code, cause, errors } = error as { code?: string; cause?: unknown; errors?: unknown[] };
  if (code !== undefined && unreachable.test(code)) return code;
  const inner = cause ?? errors?.[0];
  return inner === undefined ? undefined : networkCode(inner);
}

/** Whether what answered, with a status but no error code of AWS's, is a web server or a proxy and not AWS. */
function isUnreadable(error: unknown): boolean {
  return statusOf(error) !== undefined && (error instanceof SyntaxError || /^Unknown(Error)?$/.test(messageOf(error)));
}

/**
 * One or two lines on an error: what happened and the next move.
 *
 * @param endpointUrl the endpoint in use when it isn't AWS's own.
 */
export function explain(error: unknown, endpointUrl?: string): string {
  if (error instanceof OperatorError) return error.message;
  const where = endpointUrl ?? 'AWS';
  const mend = endpointUrl === undefined ? 'the network and --region' : '--endpoint-url (AWS_ENDPOINT_URL)';
  const code = networkCode(error);
  if (code !== undefined || nameOf(error) === 'TimeoutError')
    return `${where} could not be reached (${code ?? 'it did not answer in time'}). Check ${mend}.`;
  if (isUnreadable(error))
    return `${where} gave an answer that is not one of AWS's (HTTP status ${statusOf(error)}). Check ${mend}.`;
  for (const [names, told] of explanations) if (names.test(nameOf(error))) return told(messageOf(error));
  return `${nameOf(error)}: ${sentence(messageOf(error))}`;
}
