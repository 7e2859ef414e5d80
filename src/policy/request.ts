/**
 * An authorization request: the principal, the action and the resource.
 */

/** The caller. */
export interface Principal {
  /** The caller's ARN: `arn:aws:iam::<account>:user/<name>`, `arn:aws:sts::<account>:assumed-role/<role>/<session>`; for a service its service principal. */
  arn: string;
  /** For an assumed role, the role's own ARN (`arn:aws:iam::<account>:role/<name>`), which a resource policy may name too. */
  roleArn?: string;
  /** The caller's account; absent for a service principal, an identity provider's user and an anonymous caller. */
  account?: string;
  /** A service principal such as `s3.amazonaws.com`, when a service calls on its own behalf. */
  service?: string;
  /** The OIDC provider's ARN or URL, for AssumeRoleWithWebIdentity. */
  federated?: string;
}

/** One authorization request. */
export interface AuthorizationRequest {
  principal: Principal;
  /** `s3:GetObject` */
  action: string;
  /** The resource's ARN, or `*` if the action has no resource. */
  resource: string;
  /** The account that owns the resource. */
  resourceAccount: string;
  /** Condition keys (any case) and their values: `aws:PrincipalTag/team`, `s3:prefix`, `aws:SourceArn`. */
  context: Record<string, string | string[]>;
}
