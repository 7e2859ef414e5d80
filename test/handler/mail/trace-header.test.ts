import t from 'tap';
import { readTraceHeader, type TraceHeader } from '../../../handler/mail/trace-header.js';
import { INBOUND_HOSTS } from './generated/hosts.js';

const DATE = 'Thu, 28 Aug 2025 19:24:08 +0000 (UTC)';
const SES = 'by inbound-smtp.us-east-1.amazonaws.com with SMTP id jsj8ehfd70nqi6tn50oaic5jne9ichtfbn9t91ee';
const MAIL_MANAGER =
  'by open.mail-manager-smtp.us-east-1.amazonaws.com with ESMTPS id 5f2c-1a (version=TLSv1.3 cipher=TLS_AES_128_GCM_SHA256)';
const FORGED = `x (y [192.0.2.1]) ${SES} for or-forged@bots.litentry.org; ${DATE}`;
const other: TraceHeader = { by: 'other' };
const withoutFor: TraceHeader = { by: 'ses' };
const to = (recipient: string): TraceHeader => ({ by: 'ses', recipient });

const cases: Record<string, [value: string, trace: TraceHeader]> = {
  'as SES writes it': [
    `from out1.example.com (out1.example.com [192.0.2.10]) ${SES} for login@bots.litentry.org; ${DATE}`,
    to('login@bots.litentry.org'),
  ],
  'unfolded from tabs and several blanks': [
    `from out1.example.com (out1.example.com [192.0.2.10])\t${SES} \t for login@bots.litentry.org; \t ${DATE}`,
    to('login@bots.litentry.org'),
  ],
  'no rdns, an IPv6 address': [
    `from out1.example.com ([IPv6:2001:db8::10]) ${SES} for login@bots.litentry.org; ${DATE}`,
    to('login@bots.litentry.org'),
  ],
  'angle brackets, which RFC 5321 allows': [
    `from a (b [192.0.2.10]) ${SES} for <login@bots.litentry.org>; ${DATE}`,
    to('login@bots.litentry.org'),
  ],
  'with ESMTPS': [
    `from a (b [192.0.2.10]) ${SES.replace('SMTP', 'ESMTPS')} for login@bots.litentry.org; ${DATE}`,
    to('login@bots.litentry.org'),
  ],
  'no for clause': [`from a (b [192.0.2.10]) ${SES}; ${DATE}`, withoutFor],
  'no for clause, a blank before the semicolon': [`from a (b [192.0.2.10]) ${SES} ; ${DATE}`, withoutFor],

  'a HELO with a whole trace header in it': [
    `from ${FORGED} (b [192.0.2.10]) ${SES} for login@bots.litentry.org; ${DATE}`,
    to('login@bots.litentry.org'),
  ],
  'a HELO with a whole trace header in it, and no for clause': [
    `from ${FORGED} (b [192.0.2.10]) ${SES}; ${DATE}`,
    withoutFor,
  ],
  'a quoted local part with a trace header in it': [
    `from a (b [192.0.2.10]) ${SES} for "${FORGED}"@bots.litentry.org; ${DATE}`,
    to(`or-forged@bots.litentry.org; ${DATE}"@bots.litentry.org`),
  ],
  'a quoted local part with semicolons in it': [
    `from a (b [192.0.2.10]) ${SES} for "; x;"@bots.litentry.org; ${DATE}`,
    to('"; x;"@bots.litentry.org'),
  ],
  'a quoted local part with a trace header that names nobody': [
    `from a (b [192.0.2.10]) ${SES} for "x ${SES}; y"@bots.litentry.org; ${DATE}`,
    to(`"x ${SES}; y"@bots.litentry.org`),
  ],
  'a quoted local part with a trace header in it up to its id': [
    `from a (b [192.0.2.10]) ${SES} for "x ${SES}"@bots.litentry.org; ${DATE}`,
    to(`"x ${SES}"@bots.litentry.org`),
  ],
  'a quoted local part with a trace header in it up to its recipient': [
    `from a (b [192.0.2.10]) ${SES} for "x ${SES} for or-forged"@bots.litentry.org; ${DATE}`,
    to('or-forged"@bots.litentry.org'),
  ],
  'a reverse DNS name with a whole trace header in it': [
    `from a (${FORGED} [192.0.2.10]) ${SES} for login@bots.litentry.org; ${DATE}`,
    to('login@bots.litentry.org'),
  ],
  'a comment with a whole trace header in it': [
    `from a (b [192.0.2.10]) (${FORGED}) ${SES} for login@bots.litentry.org; ${DATE}`,
    to('login@bots.litentry.org'),
  ],
  'a HELO with a whole trace header in it, before one that is not of the form': [
    `from ${FORGED} (b [192.0.2.10]) by inbound-smtp.us-east-1.amazonaws.com for login@bots.litentry.org; ${DATE}`,
    to(
      `or-forged@bots.litentry.org; ${DATE} (b [192.0.2.10]) by inbound-smtp.us-east-1.amazonaws.com for login@bots.litentry.org`,
    ),
  ],
  'a HELO that is an IPv4 literal': [
    `from [192.0.2.10] (b [192.0.2.10]) ${SES} for login@bots.litentry.org; ${DATE}`,
    to('login@bots.litentry.org'),
  ],
  'a HELO that is an IPv6 literal': [
    `from [IPv6:2001:db8::10] ([IPv6:2001:db8::10]) ${SES} for login@bots.litentry.org; ${DATE}`,
    to('login@bots.litentry.org'),
  ],
  'a HELO with control characters and bytes past US-ASCII': [
    `from \0\x85\xa0\xff\r (b [192.0.2.10]) ${SES} for login@bots.litentry.org; ${DATE}`,
    to('login@bots.litentry.org'),
  ],
  'a recipient at a domain literal': [
    `from a (b [192.0.2.10]) ${SES} for login@[IPv6:2001:db8::10]; ${DATE}`,
    to('login@[IPv6:2001:db8::10]'),
  ],
  'a recipient that ends in a no-break space': [
    `from a (b [192.0.2.10]) ${SES} for login@bots.litentry.org\xa0; ${DATE}`,
    to('login@bots.litentry.org\xa0'),
  ],

  'an id in angle brackets': [
    `from a (b [192.0.2.10]) ${SES.replace(/id (.*)/, 'id <$1>')} for login@bots.litentry.org; ${DATE}`,
    to('login@bots.litentry.org'),
  ],
  'an id in angle brackets with an at sign': [
    `from a (b [192.0.2.10]) ${SES.replace(/id .*/, 'id <a@amazonses.com>')} for <login@bots.litentry.org>; ${DATE}`,
    to('login@bots.litentry.org'),
  ],
  'an id in angle brackets, no for clause': [
    `from a (b [192.0.2.10]) ${SES.replace(/id (.*)/, 'id <$1>')}; ${DATE}`,
    withoutFor,
  ],
  'a trailing dot in the host': [
    `from a (b [192.0.2.10]) ${SES.replace('.com', '.com.')} for login@bots.litentry.org; ${DATE}`,
    to('login@bots.litentry.org'),
  ],
  "Mail Manager's": [
    `from a (b [192.0.2.10]) ${MAIL_MANAGER} for <login@bots.litentry.org>; ${DATE}`,
    to('login@bots.litentry.org'),
  ],
  "Mail Manager's, without a comment": [
    `from a (b [192.0.2.10]) ${MAIL_MANAGER.replace(/ \(.*/, '')} for <login@bots.litentry.org>; ${DATE}`,
    to('login@bots.litentry.org'),
  ],
  "Mail Manager's, by an ingress point": [
    `from a (b [192.0.2.10]) ${MAIL_MANAGER.replace('open.mail-manager-smtp.us-east-1', 'abc.def.mail-manager-smtp')} for <login@bots.litentry.org>; ${DATE}`,
    to('login@bots.litentry.org'),
  ],
  "Mail Manager's, no for clause": [`from a (b [192.0.2.10]) ${MAIL_MANAGER}; ${DATE}`, withoutFor],
  "a HELO with a trace header of Mail Manager's in it": [
    `from x (y [192.0.2.1]) ${MAIL_MANAGER} for <or-forged@bots.litentry.org>; ${DATE} (b [192.0.2.10]) ${SES} for login@bots.litentry.org; ${DATE}`,
    to('login@bots.litentry.org'),
  ],
  "a quoted local part with a trace header of Mail Manager's in it": [
    `from a (b [192.0.2.10]) ${MAIL_MANAGER} for <"x ${MAIL_MANAGER} for or-forged"@bots.litentry.org>; ${DATE}`,
    to('or-forged"@bots.litentry.org>'),
  ],
  'a quoted local part with a trace header in it up to an id in angle brackets': [
    `from a (b [192.0.2.10]) ${SES} for <"x by inbound-smtp.us-east-1.amazonaws.com with SMTP id <a"@bots.litentry.org>; ${DATE}`,
    to('"x by inbound-smtp.us-east-1.amazonaws.com with SMTP id <a"@bots.litentry.org'),
  ],
  "a host that only begins like one of Mail Manager's": [
    `from a (b [192.0.2.10]) ${MAIL_MANAGER.replace('amazonaws.com', 'amazonaws.com.example.net')} for x@example.com; ${DATE}`,
    other,
  ],
  "a host that only ends like one of Mail Manager's": [
    `from a (b [192.0.2.10]) ${MAIL_MANAGER.replace('open.mail', 'open.xmail')} for x@example.com; ${DATE}`,
    other,
  ],
  "Mail Manager's host without a name": [
    `from a (b [192.0.2.10]) ${MAIL_MANAGER.replace('open.', '')} for x@example.com; ${DATE}`,
    other,
  ],
  'a HELO with the name of an SES host': [
    `from inbound-smtp.us-east-2.amazonaws.com (b [192.0.2.10]) by mx.example.com with ESMTPS id abc for login@bots.litentry.org; ${DATE}`,
    other,
  ],
  'another server': [`from a (b [192.0.2.10]) by mx.example.com with SMTP id abc for x@example.com; ${DATE}`, other],
  'a host that only begins like one of SES': [
    `from a (b [192.0.2.10]) ${SES.replace('amazonaws.com', 'amazonaws.com.example.net')} for x@example.com; ${DATE}`,
    other,
  ],
  'a host that only ends like one of SES': [
    `from a (b [192.0.2.10]) ${SES.replace('inbound', 'xinbound')} for x@example.com; ${DATE}`,
    other,
  ],
  'no region': [`from a (b [192.0.2.10]) ${SES.replace('.us-east-1', '')} for x@example.com; ${DATE}`, other],
  'no date': [`from a (b [192.0.2.10]) ${SES} for x@example.com`, other],
  'no id': [
    `from a (b [192.0.2.10]) by inbound-smtp.us-east-1.amazonaws.com with SMTP for x@example.com; ${DATE}`,
    other,
  ],
  'no from': [`${SES} for x@example.com; ${DATE}`, other],
  nothing: ['', other],
};

for (const [name, [value, trace]] of Object.entries(cases)) {
  t.test(name, async (t) => t.strictSame(readTraceHeader(value), trace));
}

for (const host of [...INBOUND_HOSTS, 'INBOUND-SMTP.US-EAST-1.AMAZONAWS.COM']) {
  t.test(host, async (t) => {
    const value = `from a (b [192.0.2.10]) by ${host} with SMTP id abc for x@example.com; ${DATE}`;
    t.strictSame(readTraceHeader(value), to('x@example.com'));
  });
}
