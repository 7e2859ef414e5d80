/**
 * An answer reduced to what two implementations of AWS can be compared by: the names of its members, their types, and the values of
 * all that is not made up anew each time.
 */

/** What came of a call: an output, or an error's code; and the HTTP status. */
export interface Answer {
  status: number | undefined;
  error?: string;
  output?: Shape;
}

export type Shape = string | number | boolean | Shape[] | { [member: string]: Shape };

/** One thing in which two answers differ. */
export interface Difference {
  /** `Role.Tags`; `answer` where one is an error and the other is not, or another one. */
  path: string;
  /** What moto says, and what the embedded AWS says: a value, a type, `absent`. */
  moto: string;
  here: string;
}

/** Members whose values are made up anew for each account, or differ by the moment. */
const madeUp = new Set([
  ...['RoleId', 'PolicyId', 'UserId', 'InstanceProfileId', 'AssumedRoleId', 'Id', 'ID', 'RevisionId', 'eventId'],
  ...['AccessKeyId', 'SecretAccessKey', 'SessionToken', 'LastModified', 'Location'],
  ...['Marker', 'nextToken', 'NextToken', 'nextForwardToken', 'nextBackwardToken', 'nextSequenceToken'],
  ...['NextContinuationToken', 'ContinuationToken', 'VersionId', 'PackedPolicySize', 'uploadSequenceToken'],
  ...['creationTime', 'ingestionTime', 'lastIngestionTime', 'storedBytes'],
  ...[
    'UploadId',
    'UploadIdMarker',
    'NextUploadIdMarker',
    'QueueUrl',
    'QueueUrls',
    'MessageId',
    'ReceiptHandle',
    'SenderId',
    'SentTimestamp',
    'UUID',
  ],
  ...['ApproximateFirstReceiveTimestamp', 'CreatedTimestamp', 'LastModifiedTimestamp', 'EventSourceMappingArn'],
  // Words, not codes.
  ...['Message', 'ErrorMessage', 'StateReason', 'StateTransitionReason', 'LastUpdateStatusReason'],
]);

/** A version's id that is one of few: of a policy, or of an object from before its bucket had versions. */
const wellKnown = /^(v[0-9]+|null)$/;

/** Members that are JSON documents, as text or URL-encoded: white space and the order of members mean nothing. */
const documents = new Set([
  ...['AssumeRolePolicyDocument', 'PolicyDocument', 'Document', 'Policy', 'Statement', 'EventPattern'],
]);

/** Reduces what a call came to. */
export async function answerOf(sent: Promise<object>): Promise<Answer> {
  try {
    const { $metadata, ...output } = (await sent) as { $metadata: { httpStatusCode?: number } };
    return { status: $metadata.httpStatusCode, output: await shapeOf('', output) };
  } catch (error) {
    const { name, $metadata, message } = error as Error & { $metadata?: { httpStatusCode?: number } };
    // Without a status it never came to an answer: that is a fault of the test.
    if ($metadata?.httpStatusCode === undefined) throw new Error(`${name}: ${message}`, { cause: error });
    return { status: $metadata.httpStatusCode, error: name };
  }
}

async function shapeOf(member: string, value: unknown): Promise<Shape> {
  if (value instanceof Date) return 'a date';
  if (value instanceof Uint8Array) return Buffer.from(value).toString();
  if (Array.isArray(value)) {
    // No list of these services has an order that means anything.
    const entries = await Promise.all(value.map((entry) => shapeOf(member, entry)));
    return entries.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  }
  if (typeof value === 'object' && value !== null) {
    if ('transformToString' in value && typeof value.transformToString === 'function')
      return String(await value.transformToString());
    const members = Object.entries(value).filter(([, inner]) => inner !== undefined);
    const shapes = members.map(async ([name, inner]): Promise<[string, Shape]> => [name, await shapeOf(name, inner)]);
    return Object.fromEntries(await Promise.all(shapes));
  }
  if (madeUp.has(member) && !wellKnown.test(String(value))) return `a ${typeof value}`;
  if (documents.has(member)) return documentOf(decodeURIComponent(String(value)));
  return typeof value === 'number' || typeof value === 'boolean' ? value : String(value);
}

async function documentOf(text: string): Promise<Shape> {
  try {
    return await shapeOf('', JSON.parse(text));
  } catch {
    return text;
  }
}

/** All in which two answers differ. */
export function differencesOf(moto: Answer, here: Answer): Difference[] {
  const told = { moto: outcome(moto), here: outcome(here) };
  if (told.moto !== told.here) return [{ path: 'answer', ...told }];
  return compare('', moto.output, here.output);
}

function outcome({ status, error }: Answer): string {
  return error === undefined ? `${status}` : `${status} ${error}`;
}

function compare(path: string, moto: Shape | undefined, here: Shape | undefined): Difference[] {
  if (Array.isArray(moto) && Array.isArray(here) && moto.length === here.length)
    return moto.flatMap((entry, index) => compare(`${path}[]`, entry, here[index]));
  if (isRecord(moto) && isRecord(here)) {
    const members = [...new Set([...Object.keys(moto), ...Object.keys(here)])].sort();
    return members.flatMap((member) => compare(path === '' ? member : `${path}.${member}`, moto[member], here[member]));
  }
  const tell = moto === undefined || here === undefined ? kind : show;
  const told = { moto: tell(moto), here: tell(here) };
  return told.moto === told.here ? [] : [{ path, ...told }];
}

function isRecord(shape: Shape | undefined): shape is { [member: string]: Shape } {
  return typeof shape === 'object' && !Array.isArray(shape);
}

function show(shape: Shape | undefined): string {
  return shape === undefined ? 'absent' : JSON.stringify(shape);
}

/** What stands against nothing is told by its kind. */
function kind(shape: Shape | undefined): string {
  if (typeof shape !== 'object' || Object.keys(shape).length === 0) return show(shape);
  return Array.isArray(shape) ? 'a list' : 'an object';
}
