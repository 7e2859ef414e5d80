/** Local times follow TZ, summer time and all. */
import t from 'tap';
import { asLocalTime } from '../../src/terminal/text.js';

t.test('in several time zones', async (t) => {
  const winter = Date.UTC(2026, 0, 31, 23, 30);
  const summer = Date.UTC(2026, 6, 31, 23, 30);
  const cases: Array<[zone: string, time: number, local: string]> = [
    ['UTC', winter, '2026-01-31T23:30:00+00:00'],
    ['Europe/Berlin', winter, '2026-02-01T00:30:00+01:00'],
    ['Europe/Berlin', summer, '2026-08-01T01:30:00+02:00'],
    ['America/New_York', winter, '2026-01-31T18:30:00-05:00'],
    ['America/St_Johns', winter, '2026-01-31T20:00:00-03:30'],
    ['Asia/Kolkata', winter, '2026-02-01T05:00:00+05:30'],
  ];
  for (const [zone, time, local] of cases) {
    process.env.TZ = zone;
    t.equal(asLocalTime(time), local, zone);
    t.equal(Date.parse(local), time);
  }
});
