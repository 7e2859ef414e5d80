/**
 * The JSON Schemas that the package ships in `dist/schema/`: of the settings file, and of each document that `--json` prints.
 */
import { type Json, type Schema, schemaFile } from '../schema/schema.js';
import { settingsSchema } from '../settings/schema.js';
import { addressSchema } from './address/schema.js';
import { backfillSchema } from './backfill/schema.js';
import { savedPlanSchema } from './deploy/schema.js';
import { inboxListSchema, inboxShowSchema, inboxWaitSchema } from './inbox/schema.js';
import { logsSchema } from './logs/schema.js';
import { servicesSchema } from './services/schema.js';
import { errorSchema, runSchema } from './shared/schema.js';
import { statusSchema } from './status/schema.js';
import { traceSchema } from './trace/schema.js';
import {
  vaultGetSchema,
  vaultListSchema,
  vaultPutSchema,
  vaultReencryptSchema,
  vaultRemoveSchema,
} from './vault/schema.js';
import { verifySchema } from './verify/schema.js';

/** The documents by the command that prints them, with hyphens for spaces; `error` is any command's. */
const documents: Readonly<Record<string, Schema<unknown>>> = {
  deploy: runSchema,
  teardown: runSchema,
  status: statusSchema,
  logs: logsSchema,
  trace: traceSchema,
  verify: verifySchema,
  backfill: backfillSchema,
  services: servicesSchema,
  address: addressSchema,
  'inbox-list': inboxListSchema,
  'inbox-show': inboxShowSchema,
  'inbox-wait': inboxWaitSchema,
  'vault-put': vaultPutSchema,
  'vault-get': vaultGetSchema,
  'vault-list': vaultListSchema,
  'vault-remove': vaultRemoveSchema,
  'vault-reencrypt': vaultReencryptSchema,
  error: errorSchema,
};

/** The schemas by name; each is a file `<name>.schema.json`. */
export const schemas: ReadonlyMap<string, Json> = new Map([
  ['saved-plan', schemaFile('saved-plan', 'The file of agentkeys-ses-routing deploy --dry-run --out', savedPlanSchema)],
  ['settings', schemaFile('settings', 'The settings file of agentkeys-ses-routing', settingsSchema)],
  ...Object.entries(documents).map(([name, document]) => {
    const subject = name === 'error' ? 'An error' : `The result of \`${name.replace('-', ' ')}\``;
    return [name, schemaFile(name, `${subject}, as agentkeys-ses-routing prints it with --json`, document)] as const;
  }),
]);
