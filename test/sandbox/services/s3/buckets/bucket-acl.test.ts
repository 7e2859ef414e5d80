import {
  CreateBucketCommand,
  GetBucketAclCommand,
  GetBucketOwnershipControlsCommand,
  type ObjectOwnership,
  PutBucketAclCommand,
  type PutBucketAclCommandInput,
  PutBucketOwnershipControlsCommand,
} from '@aws-sdk/client-s3';
import t, { type Test } from 'tap';
import { addBucket, addRole, clients, policy, refusal, sessionOf, start } from '../../../support.js';

const Bucket = 'mail';
const everyone = 'http://acs.amazonaws.com/groups/global/AllUsers';
const authenticated = 'http://acs.amazonaws.com/groups/global/AuthenticatedUsers';

async function open(t: Test) {
  const { sandbox, s3 } = await start(t, { blockPublicAccess: true });
  return {
    sandbox,
    s3,
    put: (input: Partial<PutBucketAclCommandInput>) => refusal(s3.send(new PutBucketAclCommand({ Bucket, ...input }))),
    /** The list, the owner's id as `owner`. */
    async list() {
      const { Owner, Grants } = await s3.send(new GetBucketAclCommand({ Bucket }));
      t.match(Owner, { ID: /^[0-9a-f]{64}$/ });
      return Grants?.map(({ Grantee, Permission }) => {
        const named = Grantee?.URI ?? (Grantee?.ID === Owner?.ID ? 'owner' : Grantee?.ID);
        return `${Grantee?.Type} ${named} ${Permission}`;
      });
    },
    own: (ownership: string) =>
      refusal(
        s3.send(
          new PutBucketOwnershipControlsCommand({
            Bucket,
            OwnershipControls: { Rules: [{ ObjectOwnership: ownership as ObjectOwnership }] },
          }),
        ),
      ),
    async ownership() {
      const { OwnershipControls } = await s3.send(new GetBucketOwnershipControlsCommand({ Bucket }));
      return OwnershipControls?.Rules;
    },
  };
}

const owner = 'CanonicalUser owner FULL_CONTROL';

t.test('a new bucket’s ACL grants access to the owner only', async (t) => {
  const { s3, list, put, ownership, own } = await open(t);
  await s3.send(new CreateBucketCommand({ Bucket }));
  t.strictSame(await list(), [owner]);
  t.strictSame(await ownership(), [{ ObjectOwnership: 'BucketOwnerEnforced' }]);
  t.equal(await put({ ACL: 'private' }), '400 AccessControlListNotSupported: The bucket does not allow ACLs');
  t.equal(await own('BucketOwnerPreferred'), 'fine');
  t.strictSame(await ownership(), [{ ObjectOwnership: 'BucketOwnerPreferred' }]);
  t.equal(await put({ ACL: 'private' }), 'fine');
  t.equal(await put({ ACL: 'public-read' }), '403 AccessDenied: Access Denied', 'public ones are blocked');
  t.strictSame(await list(), [owner]);
  t.equal(await own('Nobody'), '400 MalformedXML: There is no object ownership Nobody.');
});

t.test('a bucket may be made with another ownership', async (t) => {
  const { s3, ownership } = await open(t);
  await s3.send(new CreateBucketCommand({ Bucket, ObjectOwnership: 'ObjectWriter' }));
  t.strictSame(await ownership(), [{ ObjectOwnership: 'ObjectWriter' }]);
});

t.test('lists, in a bucket from before all that', async (t) => {
  const { sandbox, put, list, own, ownership } = await open(t);
  const bucket = addBucket(sandbox, Bucket);
  t.equal(
    await refusal(ownership()),
    '404 OwnershipControlsNotFoundError: The bucket ownership controls were not found',
  );
  const cases: Array<[input: Partial<PutBucketAclCommandInput>, expected: string[]]> = [
    [{ ACL: 'public-read' }, [owner, `Group ${everyone} READ`]],
    [{ ACL: 'public-read-write' }, [owner, `Group ${everyone} READ`, `Group ${everyone} WRITE`]],
    [{ ACL: 'authenticated-read' }, [owner, `Group ${authenticated} READ`]],
    [{ ACL: 'private' }, [owner]],
    [
      {
        AccessControlPolicy: {
          Owner: { ID: 'a'.repeat(64) },
          Grants: [
            { Grantee: { Type: 'CanonicalUser', ID: 'b'.repeat(64) }, Permission: 'READ_ACP' },
            { Grantee: { Type: 'Group', URI: everyone }, Permission: 'READ' },
          ],
        },
      },
      [`CanonicalUser ${'b'.repeat(64)} READ_ACP`, `Group ${everyone} READ`],
    ],
  ];
  for (const [input, expected] of cases) {
    t.equal(await put(input), 'fine');
    t.strictSame(await list(), expected);
  }
  t.equal(
    await own('BucketOwnerEnforced'),
    "400 InvalidBucketAclWithObjectOwnership: Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting",
  );

  const block = { BlockPublicAcls: false, BlockPublicPolicy: false, RestrictPublicBuckets: false };
  bucket.publicAccessBlock = { ...block, IgnorePublicAcls: true };
  t.strictSame(
    await list(),
    [`CanonicalUser ${'b'.repeat(64)} READ_ACP`],
    'public grants are ignored, and so not told',
  );
  bucket.publicAccessBlock = { ...block, IgnorePublicAcls: false, BlockPublicAcls: true };
  t.equal(await put({ ACL: 'authenticated-read' }), '403 AccessDenied: Access Denied');

  t.equal(await put({ ACL: 'private' }), 'fine');
  t.equal(await own('BucketOwnerEnforced'), 'fine', 'nobody else is named any more');
});

t.test('lists that are not taken', async (t) => {
  const { sandbox, put } = await open(t);
  addBucket(sandbox, Bucket);
  const grant = (Grantee: object) => ({
    AccessControlPolicy: { Grants: [{ Grantee: { Type: 'AmazonCustomerByEmail' as const, ...Grantee } }] },
  });
  t.equal(
    await put(grant({ EmailAddress: 'ada@example.com' })),
    '400 MalformedACLError: The embedded AWS supports only grantees with an ID or a URI.',
  );
  t.equal(
    await put({ GrantRead: `uri=${everyone}` }),
    '501 NotImplemented: The embedded AWS does not support grants in headers.',
  );
  t.equal(
    await put({ ACL: 'log-delivery-write' as never }),
    '400 InvalidArgument: The embedded AWS does not support the canned ACL log-delivery-write.',
  );
});

t.test('permissions', async (t) => {
  const { sandbox } = await open(t);
  addBucket(sandbox, Bucket);
  const { s3 } = clients(sandbox, sessionOf(sandbox, addRole(sandbox, 'nobody', policy())));
  const cases: Array<[sent: Promise<string>, action: string]> = [
    [refusal(s3.send(new GetBucketAclCommand({ Bucket }))), 's3:GetBucketAcl'],
    [refusal(s3.send(new PutBucketAclCommand({ Bucket, ACL: 'private' }))), 's3:PutBucketAcl'],
    [refusal(s3.send(new GetBucketOwnershipControlsCommand({ Bucket }))), 's3:GetBucketOwnershipControls'],
    [
      refusal(
        s3.send(
          new PutBucketOwnershipControlsCommand({
            Bucket,
            OwnershipControls: { Rules: [{ ObjectOwnership: 'ObjectWriter' }] },
          }),
        ),
      ),
      's3:PutBucketOwnershipControls',
    ],
  ];
  for (const [sent, action] of cases) {
    t.match(await sent, `is not authorized to perform: ${action} on resource: "arn:aws:s3:::mail"`);
  }
});
