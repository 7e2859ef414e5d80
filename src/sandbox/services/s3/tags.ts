/**
 * The tags of objects. https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
 */
import { AwsRefusal } from '../../operation.js';
import { type XmlValue, xmlBody, xmlList, xmlText } from '../../protocols/xml.js';
import { checkTagKeys, type TagRules } from '../tags.js';

const reserved = (key: string) =>
  new AwsRefusal('InvalidTag', 'System tags cannot be added/updated by requester', 400, { TagKey: key });

/** Tags in a body. */
const inBody: TagRules = {
  reserved,
  duplicate: (key) =>
    new AwsRefusal('InvalidTag', 'Cannot provide multiple Tags with the same key', 400, { TagKey: key }),
};

/** Tags in a header. */
const inHeader: TagRules = {
  reserved,
  duplicate: () =>
    new AwsRefusal(
      'InvalidArgument',
      "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.",
      400,
      { ArgumentName: 'x-amz-tagging' },
    ),
};

const mostTags = 10;

function tagsFrom(entries: Array<[key: string, value: string]>, rules: TagRules): Map<string, string> {
  if (entries.length > mostTags) {
    throw new AwsRefusal('BadRequest', `Object tags cannot be greater than ${mostTags}`);
  }
  checkTagKeys(
    entries.map(([key]) => key),
    rules,
  );
  return new Map(entries);
}

/** The tags of the `x-amz-tagging` header: `key=value&…`, URL-encoded. @throws {AwsRefusal} */
export function tagsIn(headers: Record<string, string>): Map<string, string> {
  return tagsFrom([...new URLSearchParams(headers['x-amz-tagging'])], inHeader);
}

/** The tags of a `Tagging` document. @throws {AwsRefusal} */
export function tagsInBody(body: Buffer): Map<string, string> {
  const [set] = xmlList(xmlBody(body, 'Tagging'), 'TagSet');
  const textOf = (tag: XmlValue, name: string) => String(xmlText(tag, name));
  const entries = xmlList(set, 'Tag').map((tag): [string, string] => [textOf(tag, 'Key'), textOf(tag, 'Value')]);
  return tagsFrom(entries, inBody);
}
