/**
 * Whether S3 considers a bucket policy public.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status
 */
import { listOf, type PolicyDocument, principalsOf, type Statement } from '../../policy/document.js';

/** "Values that don't contain a wildcard or an AWS Identity and Access Management Policy Variable." */
function isFixed(value: string): boolean {
  return !/[*?]|\$\{/.test(value);
}

/** "Values broader than /8 for IPv4 and /32 for IPv6" are evaluated as public. */
function isNarrow(cidr: string): boolean {
  const [address = '', length] = cidr.split('/');
  return length === undefined || Number(length) >= (address.includes(':') ? 32 : 8);
}

/** "This value can contain a wildcard for the access point name …, as long as the account id is fixed." */
function hasFixedAccount(accessPoint: string): boolean {
  return /^arn:[\w-]+:s3:[\w-]*:\d{12}:accesspoint\//.test(accessPoint);
}

/** The condition keys that a grant may be narrowed by, in lower case, and what their values must be. */
const narrowing: Record<string, (value: string) => boolean> = {
  // The guide names "an AWS principal, user, role, or service principal (e.g. aws:PrincipalOrgID)".
  'aws:principalarn': isFixed,
  'aws:principalaccount': isFixed,
  'aws:principalorgid': isFixed,
  'aws:sourceip': isNarrow,
  'aws:sourcearn': isFixed,
  'aws:sourcevpc': isFixed,
  'aws:sourcevpce': isFixed,
  'aws:sourceowner': isFixed,
  'aws:sourceaccount': isFixed,
  'aws:userid': isFixed,
  's3:dataaccesspointarn': hasFixedAccount,
  's3:dataaccesspointaccount': isFixed,
};

/** The operators that hold for the values written alone, and for no request that lacks the key. */
const positive = /^(foranyvalue:)?(string(equals|equalsignorecase|like)|arn(equals|like)|ipaddress)$/i;

function isNarrowed({ Condition = {} }: Statement): boolean {
  return Object.entries(Condition)
    .filter(([operator]) => positive.test(operator))
    .flatMap(([, tests]) => Object.entries(tests))
    .some(([key, values]) => {
      const qualifies = narrowing[key.toLowerCase()];
      return qualifies !== undefined && listOf(values).every(qualifies);
    });
}

/** `NotPrincipal` grants to everyone but some. */
function namesEveryone({ Principal }: Statement): boolean {
  return Principal === undefined || !Object.values(principalsOf(Principal)).flat().every(isFixed);
}

/** Whether a statement of it grants something to the public. What others of it deny doesn't count. */
export function isPublicPolicy({ Statement }: PolicyDocument): boolean {
  return Statement.some(
    (statement) => statement.Effect === 'Allow' && namesEveryone(statement) && !isNarrowed(statement),
  );
}
