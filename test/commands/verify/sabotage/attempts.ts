/**
 * Requests that the cases try, by whom and what: over HTTP with the caller's own credentials, or, where the embedded AWS has no such
 * operation or no such caller, put to the policy evaluator with the policies in force.
 */
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketNotificationConfigurationCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import type { Aws } from '../../../../src/aws/clients.js';
import { parsePolicy } from '../../../../src/policy/document.js';
import { evaluate, type NamedPolicy } from '../../../../src/policy/evaluate.js';
import type { Principal } from '../../../../src/policy/request.js';
import { type Account, brokerRole, functionRole, account as id, roleArn, walletA, walletB } from './account.js';
import type { Attempt } from './table.js';

export type Who = (account: Account) => Aws | Promise<Aws>;

export const broker: Who = (account) => account.session(brokerRole);
/** The agent of wallet A. */
export const agent: Who = (account) => account.withToken();
export const router: Who = (account) => account.session(functionRole);

export const mailA = `bots/${walletA}/inbound/mail`;
export const mailB = `bots/${walletB}/inbound/mail`;

/** One request after another; all have to be allowed. */
const by =
  (who: Who, send: (aws: Aws, bucket: string) => Promise<unknown>): Attempt =>
  async (account) =>
    send(await who(account), account.bucket);

export const reads = (who: Who, Key: string, more: { VersionId?: string } = {}) =>
  by(who, ({ s3 }, Bucket) => s3.send(new GetObjectCommand({ Bucket, Key, ...more })));
export const lists = (who: Who, Prefix?: string, more: { Delimiter?: string; MaxKeys?: number } = {}) =>
  by(who, ({ s3 }, Bucket) => s3.send(new ListObjectsV2Command({ Bucket, Prefix, ...more })));
export const listsVersions = (who: Who, Prefix?: string) =>
  by(who, ({ s3 }, Bucket) => s3.send(new ListObjectVersionsCommand({ Bucket, Prefix })));
export const writes = (who: Who, Key: string) =>
  by(who, ({ s3 }, Bucket) => s3.send(new PutObjectCommand({ Bucket, Key, Body: 'forged' })));
/** Deletes nothing: the permission is asked for before it shows that there is no such key. */
export const deletes = (who: Who, Key: string) =>
  by(who, ({ s3 }, Bucket) => s3.send(new DeleteObjectCommand({ Bucket, Key })));
export const copies = (who: Who, from: string, Key: string) =>
  by(who, ({ s3 }, Bucket) => s3.send(new CopyObjectCommand({ Bucket, CopySource: `${Bucket}/${from}`, Key })));
export const turnsEventsOff = (who: Who) =>
  by(who, ({ s3 }, Bucket) =>
    s3.send(new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration: {} })),
  );

/** A request for the evaluator: the caller's role policies are those in force; another account's own policies allow everything. */
export function asks(
  principal: Principal,
  action: string,
  resource: string,
  context: Record<string, string | string[]> = {},
): Attempt {
  return async ({ sandbox, bucket }) => {
    const { iam, s3 } = sandbox.state;
    const named = (name: string, text: string | undefined): NamedPolicy[] =>
      text === undefined ? [] : [{ name, document: parsePolicy(text) }];
    const role = [...iam.roles.values()].find(({ arn }) => arn === principal.roleArn);
    const managed = (arn: string | undefined) => {
      const policy = iam.policies.get(String(arn));
      return named(String(arn), policy?.versions.get(policy.defaultVersion));
    };
    const everything = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}';
    const own = role
      ? [...[...role.inline].flatMap(([name, text]) => named(name, text)), ...[...role.attached].flatMap(managed)]
      : principal.account === undefined
        ? []
        : named('own', everything);
    const trusted = [...iam.roles.values()].find(({ arn }) => arn === resource);
    const [onResource] = resource.includes(':s3:::')
      ? named('bucket', s3.buckets.get(bucket)?.policy)
      : named('trust', action.startsWith('sts:') ? trusted?.trust : undefined);
    const [boundary] = managed(role?.boundary);
    const request = { principal, action, resource, resourceAccount: id, context };
    const decision = evaluate(request, {
      identity: own,
      ...(onResource && { resource: onResource }),
      ...(boundary && { boundary }),
    });
    if (!decision.allowed) throw Object.assign(new Error(decision.reason), { name: 'AccessDenied' });
  };
}

const session = (name: string, of = 'session'): Principal => ({
  arn: `arn:aws:sts::${id}:assumed-role/${name}/${of}`,
  roleArn: roleArn(name),
  account: id,
});
export const brokerPrincipal = session(brokerRole);
export const agentPrincipal = session('agentkeys-data-role');
export const routerPrincipal = session(functionRole);
/** Somebody of another account, whose own policies allow everything. */
export const stranger: Principal = { arn: 'arn:aws:iam::999988887777:user/eve', account: '999988887777' };
export const service = (host: string): Principal => ({ arn: host, service: host });
export const federated = (arn: string): Principal => ({ arn, federated: arn });
/** The condition keys of an agent's session. */
export const ofWallet = (wallet = walletA) => ({ 'aws:PrincipalTag/agentkeys_user_wallet': wallet });
/** The ARN of the function. */
export const ofFunction = `arn:aws:lambda:us-east-1:${id}:function:agentkeys-ses-routing`;
