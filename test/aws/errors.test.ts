import t from 'tap';
import {
  explain,
  FailedEntryError,
  ifExists,
  isAbsent,
  isRace,
  nameOf,
  notYet,
  OperatorError,
  statusOf,
} from '../../src/aws/errors.js';
import { noteDestination } from '../../src/aws/http/destination.js';

/** An error like the SDK's. */
function awsError(name: string, message = 'AWS says so', httpStatusCode?: number): Error {
  return Object.assign(
    new Error(message),
    { name },
    httpStatusCode === undefined ? {} : { $metadata: { httpStatusCode } },
  );
}

const network = (code: string, more: object = {}) => Object.assign(new Error(`connect ${code}`), { code }, more);
const throughProxy = (error: Error) => {
  const proxy = { url: new URL('http://a:secret@proxy:3128'), variable: 'HTTPS_PROXY' };
  noteDestination(error, { origin: 'https://sts.us-east-1.amazonaws.com', proxy });
  return error;
};

t.test('name and status of anything thrown', async (t) => {
  t.equal(nameOf(awsError('NoSuchBucket')), 'NoSuchBucket');
  t.equal(nameOf('a string'), '');
  t.equal(statusOf(awsError('NoSuchBucket', '', 404)), 404);
  t.equal(statusOf(awsError('NoSuchBucket')), undefined);
});

t.test('what is absent, what is a race, and what is neither', async (t) => {
  const cases: Array<[name: string, message: string, absent: boolean, race: boolean]> = [
    ['NoSuchEntityException', '', true, true],
    ['ResourceNotFoundException', '', true, true],
    ['NoSuchBucketPolicy', '', true, true],
    ['QueueDoesNotExist', '', true, true],
    ['QueueNameExists', '', false, true],
    ['NoSuchPublicAccessBlockConfiguration', '', true, true],
    ['ServerSideEncryptionConfigurationNotFoundError', '', true, true],
    ['EntityAlreadyExistsException', '', false, true],
    ['ResourceAlreadyExistsException', '', false, true],
    ['PreconditionFailedException', '', false, true],
    ['ConcurrentModificationException', '', false, true],
    ['DeleteConflictException', '', false, true],
    ['OperationAborted', '', false, true],
    ['ResourceConflictException', 'Function already exist: x', false, true],
    [
      'ResourceConflictException',
      'The statement id (x) provided already exists. Please provide a new one',
      false,
      true,
    ],
    ['DeleteConflictException', 'Cannot delete entity, must remove roles from instance profile first.', false, false],
    ['NoSuchEntityException', 'Policy arn does not exist or is not attachable.', true, false],
    ['ResourceConflictException', 'An update is in progress for resource: x', false, false],
    ['AccessDenied', '', false, false],
    ['NoSuchBucket', '', false, false],
  ];
  for (const [name, message, absent, race] of cases) {
    t.equal(isAbsent(awsError(name, message)), absent, name);
    t.equal(isRace(awsError(name, message)), race, name);
  }
});

t.test('ifExists: the answer, undefined if the resource does not exist, any other error unchanged', async (t) => {
  t.equal(await ifExists(Promise.resolve('there')), 'there');
  t.equal(await ifExists(Promise.reject(awsError('NoSuchEntityException'))), undefined);
  await t.rejects(ifExists(Promise.reject(awsError('AccessDenied'))), { name: 'AccessDenied' });
});

t.test('what AWS is not ready for yet', async (t) => {
  const cases: Array<[name: string, message: string, what: string | undefined]> = [
    [
      'InvalidParameterValueException',
      'The role defined for the function cannot be assumed by Lambda.',
      'Lambda to be able to assume the new execution role',
    ],
    [
      'InvalidParameterValueException',
      'Lambda was unable to configure access to your environment variables because the KMS key is invalid for CreateGrant.',
      'the new execution role to be known to KMS',
    ],
    [
      'InvalidParameterValueException',
      'Lambda was unable to configure access to your environment variables because the KMS key is invalid for CreateGrant. KMS Exception: AccessDeniedException KMS Message: User: x is not authorized to perform: kms:CreateGrant with an explicit deny in a service control policy',
      undefined,
    ],
    ['InvalidParameterValueException', 'Unzipped size must be smaller than 262144000 bytes', undefined],
    [
      'ResourceConflictException',
      'The operation cannot be performed at this time. An update is in progress for resource: x',
      'Lambda to complete another change of the function',
    ],
    [
      'ResourceConflictException',
      'The operation cannot be performed at this time. The function is currently in the following state: Pending',
      'Lambda to complete another change of the function',
    ],
    [
      'ResourceConflictException',
      'The function could not be updated due to a concurrent update operation.',
      'Lambda to complete another change of the function',
    ],
    [
      'ResourceConflictException',
      'The operation cannot be performed at this time. The function is currently in the following state: Inactive',
      'Lambda to complete another change of the function',
    ],
    [
      'ResourceConflictException',
      'The operation cannot be performed at this time. The function is currently in the following state: Failed',
      undefined,
    ],
    ['ResourceConflictException', 'Function already exist: x', undefined],
    ['AccessDenied', 'cannot be assumed', undefined],
    ...[
      'The function execution role does not have permissions to call ReceiveMessage on SQS',
      "The function's execution role does not have permissions to call SendMessage on arn:aws:sqs:us-east-1:1:q",
    ].map((message): [string, string, string] => [
      'InvalidParameterValueException',
      message,
      "the execution role's permissions for the retry queue to take effect",
    ]),
    [
      'InvalidParameterValueException',
      'The provided execution role does not have permissions to call CreateNetworkInterface on EC2',
      undefined,
    ],
    [
      'ResourceInUseException',
      'Cannot update the event source mapping because it is in use.',
      'Lambda to complete another change of the event source mapping',
    ],
    ['QueueDeletedRecently', 'You must wait 60 seconds', "SQS to free the deleted queue's name"],
  ];
  for (const [name, message, what] of cases) t.equal(notYet(awsError(name, message)), what, message);
  t.equal(notYet('cannot be assumed'), undefined);
  for (const code of ['ThrottlingException', 'InternalException'])
    t.equal(notYet(new FailedEntryError('PutTargets', code, 'Later')), 'EventBridge to accept the target', `${code}`);
  for (const code of [undefined, 'ValidationException', 'ConcurrentModificationException'])
    t.equal(notYet(new FailedEntryError('PutTargets', code, 'No')), undefined, `${code}`);
  t.equal(notYet(awsError('ThrottlingException')), undefined, 'the SDK has retried it');
});

const local = 'http://127.0.0.1:1';

t.test('what an error means, and what to do', async (t) => {
  const credentials =
    'No AWS credentials were found. Log in (for instance `aws sso login`), or name a profile that has some with --profile (AWS_PROFILE).';
  const cases: Array<[error: unknown, text: string, endpointUrl?: string]> = [
    [new OperatorError('As it is.'), 'As it is.'],
    [awsError('CredentialsProviderError', 'Could not load credentials from any providers'), credentials],
    [
      awsError('CredentialsProviderError', 'The SSO session has expired. Run aws sso login.'),
      'The AWS credentials could not be used: The SSO session has expired. Run aws sso login.',
    ],
    [awsError('ExpiredTokenException'), 'The AWS credentials have expired. Log in again, then repeat the command.'],
    [
      awsError('SignatureDoesNotMatch', 'The signature does not match'),
      'AWS does not accept these credentials: The signature does not match. Check --profile and the AWS_* variables, and that the account has this region enabled.',
    ],
    [
      awsError('AccessDeniedException', 'User: x is not authorized to perform: y'),
      'AWS denied access: User: x is not authorized to perform: y. `npx --no agentkeys-ses-routing policy <task>` prints the policy that an operator needs.',
    ],
    [
      awsError(
        'AccessDenied',
        'User: x is not authorized to perform: y with an explicit deny in a service control policy',
      ),
      'AWS denied access: User: x is not authorized to perform: y with an explicit deny in a service control policy. This is a service control policy of the AWS organization: ask who administers the organization.',
    ],
    [
      awsError(
        'AccessDenied',
        'User: x is not authorized to perform: y because no service control policy allows the y action',
      ),
      'AWS denied access: User: x is not authorized to perform: y because no service control policy allows the y action. This is a service control policy of the AWS organization: ask who administers the organization.',
    ],
    [
      awsError(
        'AccessDenied',
        'User: x is not authorized to perform: y with an explicit deny in an identity-based policy: arn',
      ),
      'AWS denied access: User: x is not authorized to perform: y with an explicit deny in an identity-based policy: arn. An Allow does not help against an explicit Deny: change the identity-based policy, or use another role.',
    ],
    [
      awsError(
        'AccessDenied',
        'User: x is not authorized to perform: y because no permissions boundary allows the y action',
      ),
      'AWS denied access: User: x is not authorized to perform: y because no permissions boundary allows the y action. Change the permissions boundary, or use another role.',
    ],
    [
      awsError(
        'AccessDenied',
        'User: x is not authorized to perform: y because no identity-based policy allows the y action',
      ),
      'AWS denied access: User: x is not authorized to perform: y because no identity-based policy allows the y action. `npx --no agentkeys-ses-routing policy <task>` prints the policy that an operator needs.',
    ],
    [
      awsError('SignatureDoesNotMatch', 'Signature expired: 1 is now earlier than 2'),
      "AWS rejects the time of the request: Signature expired: 1 is now earlier than 2. This machine's clock is off: set it (for instance with NTP), then run the command again.",
    ],
    [
      awsError('RequestTimeTooSkewed', 'The difference is too large.'),
      "AWS rejects the time of the request: The difference is too large. This machine's clock is off: set it (for instance with NTP), then run the command again.",
    ],
    [awsError('SlowDown'), 'AWS throttled a call. Run the command again in a minute.'],
    [
      Object.assign(awsError('SlowDown'), { $metadata: { attempts: 5 } }),
      'AWS kept throttling the calls, in 5 attempts. Run the command again in a minute.',
    ],
    [
      awsError('ServiceUnavailableException', 'Service is unavailable.', 503),
      'AWS had an internal error: Service is unavailable. Run the command again in a minute.',
    ],
    [
      Object.assign(awsError('InternalFailure', 'Oops'), { $metadata: { attempts: 3 } }),
      'AWS had an internal error in 3 attempts: Oops. Run the command again in a minute.',
    ],
    [
      awsError(
        'InvalidParameterValueException',
        'The provided execution role does not have permissions to call SendMessage on SQS',
      ),
      'Lambda rejects the execution role: The provided execution role does not have permissions to call SendMessage on SQS. The function has a VPC or a dead-letter queue that this tool did not configure. Allow the role to use it with a policy of your own, or remove it from the function, then deploy again.',
    ],
    [
      awsError('CodeVerificationFailedException', 'The code signature failed one or more of the validation checks'),
      "Lambda rejects this tool's code, which is not signed: The code signature failed one or more of the validation checks. The function's code signing configuration, which this tool did not configure, enforces signatures. Detach it (aws lambda delete-function-code-signing-config) or let it warn only, then deploy again.",
    ],
    [
      awsError('DeleteConflictException', 'Cannot delete entity, must remove roles from instance profile first.'),
      'IAM does not delete the role: Cannot delete entity, must remove roles from instance profile first. Remove it from the instance profile (aws iam remove-role-from-instance-profile), then run the command again.',
    ],
    [
      awsError('DeleteConflictException', 'Cannot delete entity, must detach all policies first.'),
      'DeleteConflictException: Cannot delete entity, must detach all policies first.',
    ],
    [
      awsError('NoSuchEntityException', 'Policy arn:aws:iam::1:policy/x does not exist or is not attachable.'),
      'IAM does not accept the permissions boundary: Policy arn:aws:iam::1:policy/x does not exist or is not attachable. Check --permissions-boundary.',
    ],
    [
      awsError('NoSuchEntityException', 'The role with name x cannot be found.'),
      'NoSuchEntityException: The role with name x cannot be found.',
    ],
    [
      awsError('InvalidParameterValueException', 'Unzipped size must be smaller'),
      'InvalidParameterValueException: Unzipped size must be smaller.',
    ],
    [network('ENOTFOUND'), 'AWS could not be reached (ENOTFOUND). Check the network and --region.'],
    [
      network('SELF_SIGNED_CERT_IN_CHAIN'),
      'The TLS certificate of AWS is not trusted (SELF_SIGNED_CERT_IN_CHAIN). If your network replaces certificates, name its CA bundle with AWS_CA_BUNDLE or with ca_bundle in the profile.',
    ],
    [
      network('ECONNREFUSED'),
      `${local} could not be reached (ECONNREFUSED). Check --endpoint-url (AWS_ENDPOINT_URL).`,
      local,
    ],
    [
      new AggregateError([network('ECONNREFUSED'), network('ENETUNREACH')]),
      `${local} could not be reached (ECONNREFUSED). Check --endpoint-url (AWS_ENDPOINT_URL).`,
      local,
    ],
    [
      new Error('no answer', { cause: network('EAI_AGAIN') }),
      'AWS could not be reached (EAI_AGAIN). Check the network and --region.',
    ],
    [awsError('TimeoutError'), 'AWS could not be reached (it did not answer in time). Check the network and --region.'],
    [
      awsError('NotFound', 'UnknownError', 404),
      `${local} returned a response that is not from AWS (HTTP status 404). Check --endpoint-url (AWS_ENDPOINT_URL).`,
      local,
    ],
    [
      Object.assign(new SyntaxError('Unexpected token <'), { $metadata: { httpStatusCode: 200 } }),
      'AWS returned a response that is not from AWS (HTTP status 200). Check the network and --region.',
    ],
    [
      throughProxy(network('ECONNRESET')),
      'https://sts.us-east-1.amazonaws.com could not be reached through the proxy http://proxy:3128 (HTTPS_PROXY) (ECONNRESET). Check the network and --region.',
    ],
    [network('ERR_STRANGE'), 'Error: connect ERR_STRANGE.'],
    [awsError('LimitExceededException', 'Cannot exceed quota!', 409), 'LimitExceededException: Cannot exceed quota!'],
  ];
  for (const [error, text, endpointUrl] of cases) t.equal(explain(error, endpointUrl), text);
});
