/**
 * The operations of S3. https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
 */
import type { Operation } from '../../operation.js';
import { aclOperations } from './acl.js';
import { bucketOperations } from './buckets.js';
import { copyOperations } from './copy.js';
import { deletionOperations } from './deletion.js';
import { listOperations } from './list.js';
import { notificationOperations } from './notification.js';
import { objectOperations } from './objects.js';
import { publicAccessOperations } from './public-access.js';
import { taggingOperations } from './tagging.js';

export const s3Operations: Operation[] = [
  ...bucketOperations,
  ...publicAccessOperations,
  ...aclOperations,
  ...notificationOperations,
  ...objectOperations,
  ...copyOperations,
  ...deletionOperations,
  ...listOperations,
  ...taggingOperations,
];
