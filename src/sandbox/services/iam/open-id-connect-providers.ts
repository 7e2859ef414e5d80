/**
 * IAM: OpenID Connect providers, whose users may assume roles.
 */
import type { AccountState } from '../../account/state.js';
import type { Operation } from '../../operation.js';
import { queryList } from '../../protocols/query.js';
import { requireNoEntity } from './common.js';

interface CreateProviderInput {
  Url: string;
  ClientIDList?: string[] | string;
}

/** The provider's ARN has its URL without the scheme. */
function providerArn(state: AccountState, url: string): string {
  return `arn:${state.partition}:iam::${state.account}:oidc-provider/${url.replace(/^https:\/\//, '')}`;
}

const createOpenIdConnectProvider: Operation<CreateProviderInput> = {
  service: 'iam',
  name: 'CreateOpenIDConnectProvider',
  mutates: true,
  access: ({ state, input }) => [
    { action: 'iam:CreateOpenIDConnectProvider', resource: providerArn(state, input.Url) },
  ],
  run({ state, input }) {
    const { Url: url } = input;
    const arn = providerArn(state, url);
    requireNoEntity(state.iam.oidcProviders.get(arn), `Provider with url ${url} already exists.`);
    state.iam.oidcProviders.set(arn, { arn, url, clientIds: queryList(input.ClientIDList) });
    return { OpenIDConnectProviderArn: arn };
  },
};

export const openIdConnectProviderOperations: Operation[] = [createOpenIdConnectProvider];
