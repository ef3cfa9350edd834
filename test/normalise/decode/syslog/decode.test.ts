import { describe, expect, test } from 'vitest'
import { decodeSyslog } from '../../../../src/normalise/decode/syslog/decode.ts'

const value = (text: string) => {
  const decoded = decodeSyslog(text)
  if (!decoded.ok) throw new Error(decoded.reason)
  return decoded.value
}

// The examples of https://www.rfc-editor.org/rfc/rfc5424#section-6.5
describe('RFC 5424', () => {
  test('no structured data, and a byte order mark', () => {
    expect(
      value(
        "<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - \uFEFF'su root' failed for lonvick on /dev/pts/8",
      ),
    ).toEqual({
      facility: 'auth',
      severity: 'crit',
      timestamp: '2003-10-11T22:14:15.003Z',
      hostname: 'mymachine.example.com',
      app_name: 'su',
      msgid: 'ID47',
      message: "'su root' failed for lonvick on /dev/pts/8",
    })
  })

  test('structured data, with and without a message', () => {
    const header = '<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 '
    const data =
      '[exampleSDID@32473 iut="3" eventSource="Application" eventID="1011"][examplePriority@32473 class="high"]'
    const elements = {
      'exampleSDID@32473': { iut: '3', eventSource: 'Application', eventID: '1011' },
      'examplePriority@32473': { class: 'high' },
    }
    expect(value(header + data)).toMatchObject({
      facility: 'local4',
      severity: 'notice',
      structured_data: elements,
    })
    expect(value(header + data)).not.toHaveProperty('message')
    expect(value(`${header}${data} \uFEFFAn application event log entry...`)).toMatchObject({
      structured_data: elements,
      message: 'An application event log entry...',
    })
  })

  test('all that may be absent is', () => {
    expect(value('<0>1 - - - - - -')).toEqual({ facility: 'kern', severity: 'emerg' })
  })

  test('escapes, empty elements, parameters that come again, names of prototypes', () => {
    expect(
      value('<13>1 - - - - - [a][b x="1" x="\\"2\\" \\] \\\\ \\n" x=""][__proto__ __proto__="p"] m'),
    ).toEqual({
      facility: 'user',
      severity: 'notice',
      structured_data: JSON.parse(
        '{"a":{},"b":{"x":["1","\\"2\\" ] \\\\ \\\\n",""]},"__proto__":{"__proto__":"p"}}',
      ),
      message: 'm',
    })
  })

  test.each(['[a x="1', '[a x=1] m', '[a x="1"]m', '[ x="1"] m', '[', '-m'])(
    'structured data that is none is left in the message: %s',
    (data) => {
      expect(decodeSyslog(`<13>1 - - - - - ${data}`)).toEqual({
        ok: true,
        value: { facility: 'user', severity: 'notice', message: data },
        warnings: ['syslog: the structured data cannot be read, and is left in the message'],
        partial: true,
      })
    },
  )
})

// The older form: the examples of https://www.rfc-editor.org/rfc/rfc3164#section-5.4, and what is in use beside them.
test.each([
  [
    "<34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick on /dev/pts/8",
    {
      facility: 'auth',
      severity: 'crit',
      timestamp: 'Oct 11 22:14:15',
      hostname: 'mymachine',
      app_name: 'su',
      message: "'su root' failed for lonvick on /dev/pts/8",
    },
  ],
  [
    '<13>Feb  5 17:32:18 10.0.0.99 Use the BFG!',
    {
      facility: 'user',
      severity: 'notice',
      timestamp: 'Feb  5 17:32:18',
      hostname: '10.0.0.99',
      message: 'Use the BFG!',
    },
  ],
  [
    '<86>Nov  3 09:15:00 sshd[4711]: session opened\n\0',
    {
      facility: 'authpriv',
      severity: 'info',
      timestamp: 'Nov  3 09:15:00',
      app_name: 'sshd',
      procid: '4711',
      message: 'session opened',
    },
  ],
  [
    '<190>2026-11-23T10:00:00.123456+01:00 2001:db8::9 app.1/web[x-9]:m\r',
    {
      facility: 'local7',
      severity: 'info',
      timestamp: '2026-11-23T10:00:00.123456+01:00',
      hostname: '2001:db8::9',
      app_name: 'app.1/web',
      procid: 'x-9',
      message: 'm',
    },
  ],
  [
    'Nov 23 2026 06:58:33.25 host-1 kernel: [ 1.5] eth0: up',
    {
      timestamp: 'Nov 23 2026 06:58:33.25',
      hostname: 'host-1',
      app_name: 'kernel',
      message: '[ 1.5] eth0: up',
    },
  ],
  [
    '<13> Nov 3 06:58:33,25 host-1 app: m',
    {
      facility: 'user',
      severity: 'notice',
      timestamp: 'Nov 3 06:58:33,25',
      hostname: 'host-1',
      app_name: 'app',
      message: 'm',
    },
  ],
  [
    '<013>Nov 23 06:58:33 host-1 CEF:0|a|b|1|2|c|5|suser=ann',
    {
      facility: 'user',
      severity: 'notice',
      timestamp: 'Nov 23 06:58:33',
      hostname: 'host-1',
      app_name: 'CEF',
      message: 'CEF:0|a|b|1|2|c|5|suser=ann',
    },
  ],
  [
    '<13>Nov 23 06:58:33 host-1 https://example.com/ is up',
    {
      facility: 'user',
      severity: 'notice',
      timestamp: 'Nov 23 06:58:33',
      hostname: 'host-1',
      message: 'https://example.com/ is up',
    },
  ],
])('RFC 3164: %s', (text, expected) => {
  expect(decodeSyslog(text)).toEqual({ ok: true, value: expected, warnings: [] })
})

// As Cisco's devices write them (IOS, NX-OS, IOS XR, ASA).
test.each<[string, Record<string, string>, string[]?]>([
  ['<189>29: Nov 23 10:15:01.5: %SYS-5-A: m', { sequence: '29', timestamp: 'Nov 23 10:15:01.5' }],
  [
    '<189>29: 000030: *Nov 23 10:15:01: %SYS-5-A: m',
    { sequence: '29:000030', timestamp: 'Nov 23 10:15:01' },
    ['syslog: the sender says that its clock may be wrong (*)'],
  ],
  [
    '<189>29: r1: Nov 23 10:15:01.5 CET: %SYS-5-A: m',
    { sequence: '29', hostname: 'r1', timestamp: 'Nov 23 10:15:01.5 CET' },
  ],
  [
    '<189>7: RP/0/RSP0/CPU0:Nov 23 10:15:01 UTC: %SYS-5-A: m',
    { sequence: '7', hostname: 'RP/0/RSP0/CPU0', timestamp: 'Nov 23 10:15:01 UTC' },
  ],
  ['<189>2026 Nov 23 10:15:01 UTC: %SYS-5-A: m', { timestamp: '2026 Nov 23 10:15:01 UTC' }],
  ['<189>:Nov 23 10:15:01 UTC: %SYS-5-A: m', { timestamp: 'Nov 23 10:15:01 UTC' }],
  ['<189>Nov 23 2026 10:15:01: %SYS-5-A: m', { timestamp: 'Nov 23 2026 10:15:01' }],
  ['<189>Nov 23 2026 10:15:01 fw-1 : %SYS-5-A: m', { timestamp: 'Nov 23 2026 10:15:01', hostname: 'fw-1' }],
  ['<189>%SYS-5-A: m', {}, ['syslog: no time stands behind the priority']],
])('of Cisco: %s', (text, header, warnings = []) => {
  expect(decodeSyslog(text)).toEqual({
    ok: true,
    value: { facility: 'local7', severity: 'notice', ...header, app_name: '%SYS-5-A', message: 'm' },
    warnings,
  })
})

describe('other times', () => {
  const rest = {
    facility: 'user',
    severity: 'notice',
    hostname: 'h',
    app_name: 'a',
    procid: '7',
    message: 'm',
  }

  test.each([
    'Nov 30 10:15:01 CET',
    'Nov  3 10:15:01.123 UTC',
    'Nov 30 10:15:01,123 EST',
    'Nov 30 2026 10:15:01 CEST',
    'Nov 30 10:15:01 +0100',
    'Nov 30 10:15:01 -03:30',
    '2026-11-30 10:15:01 CET',
    '2026-11-30T10:15:01.5 +0100',
    '2026/11/30 10:15:01',
    '2026/11/30 10:15:01.123',
    '2026/11/30 10:15:01+01:00',
    '2026/11/30 10:15:01 CET',
    'Mon Nov 30 10:15:01 2026',
    'Thu Nov  3 10:15:01 2026',
    'Mon Nov 30 10:15:01.123456 2026',
    'Mon Nov 30 10:15:01 CET 2026',
    'Mon Nov 30 10:15:01 +0100 2026',
    'Mon Nov 30 10:15:01',
    'Mon Nov 30 10:15:01 CET',
    'Nov 30 10:15:01 2026',
    'Nov 30 10:15:01 UTC 2026',
  ])('%s', (timestamp) => {
    expect(decodeSyslog(`<13>${timestamp} h a[7]: m`)).toEqual({
      ok: true,
      value: { ...rest, timestamp },
      warnings: [],
    })
    expect(value(`${timestamp} m`)).toEqual({ timestamp, message: 'm' })
  })

  test.each([
    ['Nov 30 10:15:01 CRON: m', { timestamp: 'Nov 30 10:15:01', app_name: 'CRON', message: 'm' }],
    ['Nov 30 10:15:01 CET: m', { timestamp: 'Nov 30 10:15:01', app_name: 'CET', message: 'm' }],
    [
      'Nov 30 10:15:01 WEB a: m',
      { timestamp: 'Nov 30 10:15:01', hostname: 'WEB', app_name: 'a', message: 'm' },
    ],
    ['Nov 30 10:15:01 WEB a b: m', { timestamp: 'Nov 30 10:15:01', hostname: 'WEB', message: 'a b: m' }],
    [
      'Nov 30 10:15:01 ESTONIA a: m',
      { timestamp: 'Nov 30 10:15:01', hostname: 'ESTONIA', app_name: 'a', message: 'm' },
    ],
    [
      'Nov 30 10:15:01 1026 a: m',
      { timestamp: 'Nov 30 10:15:01', hostname: '1026', app_name: 'a', message: 'm' },
    ],
    [
      'Nov 30 10:15:01 2026-db a: m',
      { timestamp: 'Nov 30 10:15:01', hostname: '2026-db', app_name: 'a', message: 'm' },
    ],
  ])('what stands behind a time need not be of it: %s', (text, expected) => {
    expect(value(text)).toEqual(expected)
  })

  test.each([
    '11/30/2026 10:15:01 h a: m',
    '30.11.2026 10:15:01 h a: m',
    '2026/11-30 10:15:01 h a: m',
    'Mon, 30 Nov 2026 10:15:01 h a: m',
    'Abc Nov 30 10:15:01 2026 h a: m',
    'Monday Nov 30 10:15:01 2026 h a: m',
    'Mon Nov 30 10:15 2026 h a: m',
  ])('one that is not known is left in the message: %s', (text) => {
    expect(decodeSyslog(`<13>${text}`)).toEqual({
      ok: true,
      value: { facility: 'user', severity: 'notice', message: text },
      warnings: ['syslog: no time stands behind the priority; all that follows it is the message'],
    })
    expect(decodeSyslog(text)).toMatchObject({ ok: false })
  })
})

test('a header of RFC 5424 that ends early, or has no structured data', () => {
  const header = { facility: 'user', severity: 'notice', timestamp: '2026-11-23T10:00:00Z', hostname: 'h' }
  expect(value('<13>1 2026-11-23T10:00:00Z h a p m')).toEqual({
    ...header,
    app_name: 'a',
    procid: 'p',
    msgid: 'm',
  })
  expect(decodeSyslog('<13>1 2026-11-23T10:00:00Z h a - order 7 was paid')).toEqual({
    ok: true,
    value: { ...header, app_name: 'a', message: '- order 7 was paid' },
    warnings: ['syslog: the header has no structured data; what follows the program is the message'],
    partial: true,
  })
})

test('a priority that does not exist', () => {
  expect(decodeSyslog('<192>Nov 23 06:58:33 h a: m')).toEqual({
    ok: true,
    value: { timestamp: 'Nov 23 06:58:33', hostname: 'h', app_name: 'a', message: 'm' },
    warnings: ['syslog: there is no priority <192>'],
  })
})

test('a program without a time', () => {
  expect(decodeSyslog('<38>sshd[4711]: session opened')).toEqual({
    ok: true,
    value: {
      facility: 'auth',
      severity: 'info',
      app_name: 'sshd',
      procid: '4711',
      message: 'session opened',
    },
    warnings: ['syslog: no time stands behind the priority'],
  })
})

test('a priority alone', () => {
  expect(decodeSyslog('<13>hello')).toEqual({
    ok: true,
    value: { facility: 'user', severity: 'notice', message: 'hello' },
    warnings: ['syslog: no time stands behind the priority; all that follows it is the message'],
  })
})

test.each(['', 'hello', '<192>hello', '<1234>1 - - - - - -', '<>1 - - - - - -', '{"a":1}'])(
  'no syslog: %s',
  (text) => {
    expect(decodeSyslog(text)).toMatchObject({ ok: false, reason: expect.stringContaining('no syslog') })
  },
)

describe('what stands in the message', () => {
  const message = (text: string) => {
    const decoded = decodeSyslog(`<13>1 - - - - - - ${text}`)
    if (!decoded.ok) throw new Error(decoded.reason)
    const { message: read } = decoded.value as { message?: unknown }
    return { read, warnings: decoded.warnings, partial: decoded.partial ?? false }
  }

  test.each([
    ['{"a":1,"b":{"c":"d"}}\n', { a: 1, b: { c: 'd' } }],
    ['@cee: {"a":1}', { a: 1 }],
    [' @cee:{"a":1}', { a: 1 }],
    ['user=ann ip=192.0.2.7 msg="two words"', { user: 'ann', ip: '192.0.2.7', msg: 'two words' }],
    ['{not JSON}', '{not JSON}'],
    ['[1,2]', '[1,2]'],
    ['a=1', 'a=1'],
    ['a=1 and a word', 'a=1 and a word'],
    ['a=1 a=2', 'a=1 a=2'],
    ['root : TTY=pts/0 ; USER=root', 'root : TTY=pts/0 ; USER=root'],
  ])('%s', (text, expected) => {
    expect(message(text)).toEqual({ read: expected, warnings: [], partial: false })
  })

  test('large integers keep their digits, and it is said', () => {
    const { read, warnings } = message('{"n":12345678901234567890}')
    expect(read).toEqual({ n: '12345678901234567890' })
    expect(warnings).toHaveLength(1)
  })

  test('a cookie without JSON, and JSON that was cut off', () => {
    expect(message('@cee: hello')).toMatchObject({
      read: '@cee: hello',
      warnings: [expect.stringContaining('is no JSON object, though it says so')],
    })
    expect(message('{"a":1,"b":"c')).toEqual({
      read: '{"a":1,"b":"c',
      warnings: [expect.stringContaining('is cut off')],
      partial: true,
    })
  })
})
