import t from 'tap';
import { readTraceHeader, type TraceHeader } from '../../handler/trace-header.js';

const DATE = 'Thu, 28 Aug 2025 19:24:08 +0000 (UTC)';
const SES = 'by inbound-smtp.us-east-1.amazonaws.com with SMTP id jsj8ehfd70nqi6tn50oaic5jne9ichtfbn9t91ee';
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

for (const host of [
  'inbound-smtp.eu-west-1.amazonaws.com',
  'inbound-smtp.us-gov-west-1.amazonaws.com',
  'inbound-smtp.cn-north-1.amazonaws.com.cn',
  'inbound-smtp.us-east-1.api.aws',
  'inbound-smtp.cn-northwest-1.api.amazonwebservices.com.cn',
]) {
  t.test(host, async (t) => {
    const value = `from a (b [192.0.2.10]) by ${host} with SMTP id abc for x@example.com; ${DATE}`;
    t.strictSame(readTraceHeader(value), to('x@example.com'));
  });
}

t.test('64 kB made to be slow are read within a second', async (t) => {
  const started = performance.now();
  for (const unit of [`x) ${SES} for `, ` ${SES}`, '; ', ' by ', ' for ;']) {
    readTraceHeader(`from ${unit.repeat(Math.ceil(65536 / unit.length))}`);
  }
  t.ok(performance.now() - started < 1000, `${performance.now() - started} ms`);
});
