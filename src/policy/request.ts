/**
 * A request for authorization: who asks for what.
 */

/** Who asks. */
export interface Principal {
  /** The caller's ARN: `arn:aws:iam::<account>:user/<name>`, `arn:aws:sts::<account>:assumed-role/<role>/<session>`; for a service its host name. */
  arn: string;
  /** For an assumed role, the role's own ARN (`arn:aws:iam::<account>:role/<name>`), which a resource policy may name too. */
  roleArn?: string;
  /** The account the caller belongs to; absent for a service principal, for an identity provider's user and for an anonymous caller. */
  account?: string;
  /** `s3.amazonaws.com` and the like, when a service asks on its own behalf. */
  service?: string;
  /** The OIDC provider's ARN or URL, for AssumeRoleWithWebIdentity. */
  federated?: string;
}

/** One request for authorization. */
export interface AuthorizationRequest {
  principal: Principal;
  /** `s3:GetObject` */
  action: string;
  /** The resource's ARN, or `*` where the action knows none. */
  resource: string;
  /** The account that owns the resource: within one account an identity policy or a resource policy is enough, across two both are needed. */
  resourceAccount: string;
  /** Condition keys (any case) and their values: `aws:PrincipalTag/team`, `s3:prefix`, `aws:SourceArn`. */
  context: Record<string, string | string[]>;
}
