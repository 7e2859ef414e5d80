/**
 * S3: CompleteMultipartUpload. https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html
 */
import type { MultipartUpload, Part } from '../../../account/objects.js';
import { AwsRefusal, type Operation } from '../../../operation.js';
import type { S3Request } from '../../../protocols/rest-xml.js';
import { xmlBody, xmlList, xmlText } from '../../../protocols/xml.js';
import { bodyOf, md5 } from '../body.js';
import { checkPreconditions, unquoted, xmlAnswer } from '../common.js';
import { encryptionHeaders } from '../encryption.js';
import { requesterOf } from '../objects/put-object.js';
import { storeObject, versionHeader } from '../versions.js';
import { findUpload, partAccess, objectPath as path, removeUpload } from './common.js';

/** "5 MiB … There is no minimum size limit on the last part." https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
const leastBytes = 5 * 1024 * 1024;

/** A part as the request names it. */
interface NamedPart {
  number: number;
  etag: string;
}

/** @throws {AwsRefusal} MalformedXML without any part; InvalidPartOrder */
function namedIn(body: Buffer): NamedPart[] {
  const named = xmlList(xmlBody(body, 'CompleteMultipartUpload'), 'Part').map((part) => ({
    number: Number(xmlText(part, 'PartNumber')),
    etag: unquoted(String(xmlText(part, 'ETag'))),
  }));
  if (named.length === 0) {
    throw new AwsRefusal(
      'MalformedXML',
      'The XML you provided was not well-formed or did not validate against our published schema',
    );
  }
  if (named.some(({ number }, index) => index > 0 && number <= Number(named[index - 1]?.number))) {
    const message = 'The list of parts was not in ascending order. Parts must be ordered by part number.';
    throw new AwsRefusal('InvalidPartOrder', message);
  }
  return named;
}

/** @throws {AwsRefusal} InvalidPart; EntityTooSmall for any part but the last */
function partsOf(upload: MultipartUpload, named: NamedPart[]): Part[] {
  return named.map(({ number, etag }, index) => {
    const part = upload.parts.get(number);
    if (part === undefined || unquoted(part.etag) !== etag) {
      const message =
        "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.";
      throw new AwsRefusal('InvalidPart', message, 400, { UploadId: upload.id, PartNumber: number, ETag: etag });
    }
    if (index < named.length - 1 && part.body.length < leastBytes) {
      const message = 'Your proposed upload is smaller than the minimum allowed size';
      const fields = { ProposedSize: part.body.length, MinSizeAllowed: leastBytes, PartNumber: number, ETag: etag };
      throw new AwsRefusal('EntityTooSmall', message, 400, fields);
    }
    return part;
  });
}

const completeMultipartUpload: Operation<S3Request> = {
  service: 's3',
  name: 'CompleteMultipartUpload',
  mutates: true,
  route: { method: 'POST', path, subresource: 'uploadId' },
  access: partAccess,
  run(call) {
    const { state, input, caller, sourceIp } = call;
    const { bucket, upload } = findUpload(call);
    const parts = partsOf(upload, namedIn(bodyOf(input)));
    checkPreconditions(call, bucket);
    const digests = Buffer.concat(parts.map(({ etag }) => Buffer.from(unquoted(etag), 'hex')));
    const { id: _id, key, created: _created, parts: _parts, ...object } = upload;
    const stored = storeObject(bucket, key, {
      ...object,
      body: Buffer.concat(parts.map(({ body }) => body)),
      etag: `"${md5(digests)}-${parts.length}"`,
      modified: new Date(state.now()),
    });
    removeUpload(bucket, upload);
    state.objectCreated(bucket, key, 'CompleteMultipartUpload', requesterOf(caller), sourceIp);
    const Location = `${state.endpoint}/${bucket.name}/${encodeURIComponent(key)}`;
    const result = { Location, Bucket: bucket.name, Key: key, ETag: stored.etag };
    const headers = { ...encryptionHeaders(state, stored.encryption), ...versionHeader(bucket, stored) };
    return xmlAnswer('CompleteMultipartUploadResult', result, headers);
  },
};

export const completeMultipartUploadOperations: Operation[] = [completeMultipartUpload];
