/**
 * Every operation of the embedded AWS. A new file of operations gets a line here.
 */
import type { Operation } from '../operation.js';
import { checkNoNewAccessOperations } from './accessanalyzer/check-no-new-access.js';
import { alarmOperations } from './cloudwatch/alarms.js';
import { getMetricDataOperations } from './cloudwatch/get-metric-data.js';
import { putMetricDataOperations } from './cloudwatch/put-metric-data.js';
import { cloudwatchTagOperations } from './cloudwatch/tags.js';
import { ruleOperations } from './events/rules.js';
import { eventsTagOperations } from './events/tags.js';
import { targetOperations } from './events/targets.js';
import { accessKeyOperations } from './iam/access-keys.js';
import { instanceProfileOperations } from './iam/instance-profiles.js';
import { openIdConnectProviderOperations } from './iam/open-id-connect-providers.js';
import { policyOperations } from './iam/policies.js';
import { identityPolicyOperations } from './iam/role-and-user-policies.js';
import { roleOperations } from './iam/roles.js';
import { simulationOperations } from './iam/simulate-principal-policy.js';
import { userOperations } from './iam/users.js';
import { accountSettingsOperations } from './lambda/account-settings.js';
import { concurrencyOperations } from './lambda/concurrency.js';
import { eventInvokeConfigOperations } from './lambda/event-invoke-config.js';
import { eventSourceMappingOperations } from './lambda/event-source-mappings.js';
import { functionConfigurationOperations } from './lambda/function-configuration.js';
import { functionOperations } from './lambda/functions.js';
import { invokeOperations } from './lambda/invoke.js';
import { listFunctionsOperations } from './lambda/list-functions.js';
import { permissionOperations } from './lambda/permissions.js';
import { lambdaTagOperations } from './lambda/tags.js';
import { logEventOperations } from './logs/log-events.js';
import { logGroupOperations } from './logs/log-groups.js';
import { logStreamOperations } from './logs/log-streams.js';
import { retentionPolicyOperations } from './logs/retention-policies.js';
import { logsTagOperations } from './logs/tags.js';
import { mailManagerRuleSetOperations } from './mailmanager/rule-sets.js';
import { bucketAclOperations } from './s3/buckets/bucket-acl.js';
import { bucketEncryptionOperations } from './s3/buckets/bucket-encryption.js';
import { bucketNotificationOperations } from './s3/buckets/bucket-notification-configuration.js';
import { bucketOwnershipControlsOperations } from './s3/buckets/bucket-ownership-controls.js';
import { bucketPolicyOperations } from './s3/buckets/bucket-policy.js';
import { bucketVersioningOperations } from './s3/buckets/bucket-versioning.js';
import { bucketOperations } from './s3/buckets/buckets.js';
import { listBucketsOperations } from './s3/buckets/list-buckets.js';
import { objectLockConfigurationOperations } from './s3/buckets/object-lock-configuration.js';
import { publicAccessBlockOperations } from './s3/buckets/public-access-block.js';
import { completeMultipartUploadOperations } from './s3/multipart/complete.js';
import { partOperations } from './s3/multipart/parts.js';
import { multipartUploadOperations } from './s3/multipart/uploads.js';
import { copyObjectOperations } from './s3/objects/copy-object.js';
import { deleteObjectOperations } from './s3/objects/delete-objects.js';
import { getObjectOperations } from './s3/objects/get-object.js';
import { listObjectsOperations } from './s3/objects/list-objects.js';
import { objectTaggingOperations } from './s3/objects/object-tagging.js';
import { putObjectOperations } from './s3/objects/put-object.js';
import { receiptRuleSetOperations } from './ses/receipt-rule-sets.js';
import { receiptRuleOperations } from './ses/receipt-rules.js';
import { queueAttributeOperations } from './sqs/attributes.js';
import { queueOperations } from './sqs/queues.js';
import { receiveOperations } from './sqs/receive.js';
import { sendOperations } from './sqs/send.js';
import { assumeRoleOperations } from './sts/assume-role.js';
import { assumeRoleWithWebIdentityOperations } from './sts/assume-role-with-web-identity.js';
import { getCallerIdentityOperations } from './sts/get-caller-identity.js';

export const operations: Operation[] = [
  ...getCallerIdentityOperations,
  ...assumeRoleOperations,
  ...assumeRoleWithWebIdentityOperations,
  ...roleOperations,
  ...identityPolicyOperations,
  ...policyOperations,
  ...instanceProfileOperations,
  ...userOperations,
  ...accessKeyOperations,
  ...openIdConnectProviderOperations,
  ...simulationOperations,
  ...listBucketsOperations,
  ...bucketOperations,
  ...bucketPolicyOperations,
  ...bucketEncryptionOperations,
  ...bucketVersioningOperations,
  ...objectLockConfigurationOperations,
  ...bucketAclOperations,
  ...bucketOwnershipControlsOperations,
  ...publicAccessBlockOperations,
  ...bucketNotificationOperations,
  ...putObjectOperations,
  ...getObjectOperations,
  ...copyObjectOperations,
  ...deleteObjectOperations,
  ...listObjectsOperations,
  ...objectTaggingOperations,
  ...multipartUploadOperations,
  ...partOperations,
  ...completeMultipartUploadOperations,
  ...functionOperations,
  ...functionConfigurationOperations,
  ...listFunctionsOperations,
  ...permissionOperations,
  ...eventInvokeConfigOperations,
  ...eventSourceMappingOperations,
  ...concurrencyOperations,
  ...accountSettingsOperations,
  ...lambdaTagOperations,
  ...invokeOperations,
  ...ruleOperations,
  ...targetOperations,
  ...eventsTagOperations,
  ...logGroupOperations,
  ...retentionPolicyOperations,
  ...logsTagOperations,
  ...logStreamOperations,
  ...logEventOperations,
  ...receiptRuleSetOperations,
  ...receiptRuleOperations,
  ...mailManagerRuleSetOperations,
  ...queueOperations,
  ...queueAttributeOperations,
  ...sendOperations,
  ...receiveOperations,
  ...putMetricDataOperations,
  ...getMetricDataOperations,
  ...alarmOperations,
  ...cloudwatchTagOperations,
  ...checkNoNewAccessOperations,
];
