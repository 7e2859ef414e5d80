/**
 * The contract of an operation of the embedded AWS: its name, the permissions that it needs, and what it does.
 * The services are lists of operations; the protocols decode a request into an input and encode the output.
 */
import type { Principal } from '../policy/request.js';
import type { AccountState } from './account/state.js';

export type ServiceName =
  | 'sts'
  | 'iam'
  | 's3'
  | 'lambda'
  | 'events'
  | 'logs'
  | 'ses'
  | 'mailmanager'
  | 'cloudwatch'
  | 'sqs'
  | 'accessanalyzer';

/** The caller a request's access key stands for. */
export interface Caller {
  principal: Principal;
  /** IAM's unique id of the user, or `<role id>:<session name>`. */
  userId: string;
  /** Whose policies apply; absent for an anonymous caller, who has none. */
  identity?: { kind: 'user' | 'role'; name: string };
  /** Session tags, seen by policies as `aws:PrincipalTag/<key>`. */
  tags: Record<string, string>;
  /** The session policy that was given when the role was assumed. */
  sessionPolicy?: string;
}

/** One operation under way. */
export interface OperationCall<Input> {
  input: Input;
  caller: Caller;
  state: AccountState;
  /** Where the request came from: `aws:SourceIp`, and the `source-ip-address` of S3's events. */
  sourceIp: string;
}

/** A permission that the caller needs for an operation. */
export interface Access {
  /** `iam:CreateRole` */
  action: string;
  /** The resource's ARN, or `*` where the action has none. */
  resource: string;
  /** Condition keys of this action: `s3:prefix`, `iam:PassedToService`. */
  context?: Record<string, string | string[]>;
}

/**
 * The route of an operation of a REST service (Lambda, S3). The input of a Lambda operation consists of the members of the JSON body, the
 * path's placeholders, and the query parameters and headers named here; a blob in a JSON body (`ZipFile`) stays base64 text. The input of an S3 operation is an S3Request (protocols/rest-xml.ts).
 */
export interface Route {
  method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  /** `/2015-03-31/functions/{FunctionName}/policy`; a last placeholder `{Key+}` takes slashes too. */
  path: string;
  /** S3: the query parameter that distinguishes this operation from others of the same path: `policy`, `list-type`. */
  subresource?: string;
  /** S3: the header that does the same: `x-amz-copy-source`. */
  header?: string;
  /** Query parameters, by their name on the wire, and the input's member; `TagKeys[]` for a list. */
  query?: Record<string, string>;
  /** Headers in lower case, and the input's member. */
  headers?: Record<string, string>;
  /** The member that is the whole body, a Buffer: Invoke's `Payload`. */
  payload?: string;
  /** The HTTP status of success; 200 when left out. */
  status?: number;
}

/** What an operation of a REST service returns when its answer is more than a body in the protocol's format: status, headers, raw body. */
export class RestAnswer {
  constructor(
    readonly status: number,
    readonly headers: Record<string, string> = {},
    readonly body: Buffer | string = '',
  ) {}
}

export interface Operation<Input = never, Output = unknown> {
  service: ServiceName;
  /** AWS's name of it: `CreateRole`. */
  name: string;
  /** Whether it changes anything. Tests count these calls: a second deploy makes none. */
  mutates: boolean;
  /** The route, for a REST service. */
  route?: Route;
  access(call: OperationCall<Input>): Access[];
  run(call: OperationCall<Input>): Output | Promise<Output>;
}

/** An error as AWS returns it: error code, message and HTTP status. */
export class AwsRefusal extends Error {
  constructor(
    /** AWS's error code: `NoSuchEntity`. */
    readonly code: string,
    message: string,
    /** The HTTP status AWS answers with. */
    readonly status = 400,
    /** More fields of the error's body, as `Type` or `RetryAfterSeconds`. */
    readonly fields: Record<string, unknown> = {},
    /** Headers of the answer, as S3's `x-amz-bucket-region`. */
    readonly headers: Record<string, string> = {},
  ) {
    super(message);
    this.name = code;
  }
}

/** Any failure as a refusal; an unexpected one is reported as a failure of the embedded AWS. */
export function refusalOf(failure: unknown): AwsRefusal {
  if (failure instanceof AwsRefusal) return failure;
  return new AwsRefusal('InternalFailure', `The embedded AWS failed: ${String(failure)}`, 500);
}
