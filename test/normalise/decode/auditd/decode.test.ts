// Lines of auditd as records: every way to write a value, and what several lines say of one event.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeAuditd } from '../../../../src/normalise/decode/auditd/decode.ts'
import { seed } from '../../../seed.ts'

const stamp = 'msg=audit(1700000000.123:42)'

function decoded(...lines: readonly string[]) {
  const result = decodeAuditd(lines.join('\n'))
  if (!result.ok) throw new Error(result.reason)
  return result
}

/** The fields of one line. */
function fields(type: string, text: string) {
  const { value } = decoded(`type=${type} ${stamp}: ${text}`)
  const { event: _event, time: _time, id: _id, ...rest } = value as Record<string, unknown>
  return rest
}

test('what is in every record', () => {
  expect(decoded(`node=web-1 type=CONFIG_CHANGE ${stamp}: res=1`).value).toEqual({
    event: 'CONFIG_CHANGE',
    time: '1700000000.123',
    id: '1700000000.123:42',
    node: 'web-1',
    res: '1',
  })
})

test.each<[string, string, string, Record<string, unknown>]>([
  ['quoted, with spaces and equals signs', 'SYSCALL', 'comm="a b=c" exe="/x"', { comm: 'a b=c', exe: '/x' }],
  ['hexadecimal where text may be', 'SYSCALL', 'comm=61C3A4 exe=2F6120', { comm: 'aä', exe: '/a ' }],
  ['hexadecimal elsewhere', 'SYSCALL', 'a0=61 items=20 exit=10', { a0: '61', items: '20', exit: '10' }],
  ['a quoted text of digits', 'SYSCALL', 'comm="6162"', { comm: '6162' }],
  ['bytes that are no text', 'SYSCALL', 'comm=FFFE', { comm: 'FFFE' }],
  ['nothing', 'SYSCALL', 'key=(null) tty=(none) addr=? comm=""', {}],
  ['no login', 'LOGIN', 'old-auid=4294967295 auid=-1 ses=4294967295 uid=0', { uid: '0' }],
  ['a number of that size elsewhere', 'SYSCALL', 'a0=4294967295', { a0: '4294967295' }],
  ['several keys', 'SYSCALL', 'key=61016263', { keys: ['a', 'bc'] }],
  ['a field twice', 'CONFIG_CHANGE', 'x=1 x=2 x=3', { x: ['1', '2', '3'] }],
  [
    'words',
    'DAEMON_START',
    'auditd start, ver=3.0 res=success',
    { text: 'auditd start', ver: '3.0', res: 'success' },
  ],
  ['enriched', 'CONFIG_CHANGE', 'auid=0 res=1\x1dAUID="root"', { auid: '0', res: '1', AUID: 'root' }],
  [
    'enriched, without its separator',
    'SYSCALL',
    'auid=0 key=(null)AUID="root" UID="x"',
    { auid: '0', AUID: 'root', UID: 'x' },
  ],
  ['enriched as unset', 'CONFIG_CHANGE', 'res=1\x1dAUID="unset" UID="unset"', { res: '1' }],
  [
    'enriched address',
    'CONFIG_CHANGE',
    'a=1\x1dSADDR={ fam=inet laddr=::1 lport=1 } B=2',
    { a: '1', SADDR: '{ fam=inet laddr=::1 lport=1 }', B: '2' },
  ],
  [
    'the message of a program',
    'USER_LOGIN',
    `pid=1 msg='op=login acct=6576616C "x" hostname=? res=failed'\x1dUID="root"`,
    { pid: '1', msg: { op: 'login', acct: 'eval', text: '"x"', res: 'failed' }, UID: 'root' },
  ],
  [
    'the message of a program, without the separator',
    'USER_LOGIN',
    `msg='op=login res=success'UID="root" AUID="unset"`,
    { msg: { op: 'login', res: 'success' }, UID: 'root' },
  ],
  [
    'a message with a quote in it',
    'USER_AUTH',
    `msg='acct="o'neil" res=failed'`,
    { msg: { acct: "o'neil", res: 'failed' } },
  ],
  [
    'SELinux',
    'AVC',
    'avc:  denied  { read write } for  pid=1 tclass=file permissive=0',
    { avc: 'denied', permissions: ['read', 'write'], pid: '1', tclass: 'file', permissive: '0' },
  ],
  [
    '__proto__',
    'CONFIG_CHANGE',
    '__proto__=1 constructor=2',
    JSON.parse('{"__proto__":"1","constructor":"2"}'),
  ],
])('%s', (_, type, text, expected) => {
  expect(fields(type, text)).toEqual(expected)
})

test('system calls and machines get their names, as an enriching auditd gives them', () => {
  expect(decoded(`type=SYSCALL ${stamp}: arch=c000003e syscall=59`).value).toMatchObject({
    event: 'execve',
    ARCH: 'x86_64',
  })
  expect(decoded(`type=SYSCALL ${stamp}: arch=c00000b7 syscall=221`).value).toMatchObject({ event: 'execve' })
  expect(decoded(`type=SYSCALL ${stamp}: arch=40000003 syscall=11`).value).toMatchObject({ event: 'execve' })
  expect(decoded(`type=SYSCALL ${stamp}: arch=c000003e syscall=99999`).value).toMatchObject({
    event: 'syscall_99999',
  })
  expect(decoded(`type=SYSCALL ${stamp}: arch=c000003e syscall=1\x1dSYSCALL=other`).value).toMatchObject({
    event: 'other',
  })
})

test.each<[string, string, Record<string, unknown>]>([
  ['arch=c000003e syscall=59', 'execve', { ARCH: 'x86_64' }],
  ['arch=c000003e syscall=59\x1dARCH=x86_64 SYSCALL=execve', 'execve', { ARCH: 'x86_64' }],
  ['arch=c000003e syscall=99999', 'syscall_99999', { ARCH: 'x86_64' }],
  ['arch=ffffffff syscall=59', 'syscall_59', { arch: 'ffffffff' }],
  // A name that is not the one we know: the number may be the truth.
  [
    'arch=c000003e syscall=1\x1dARCH=x32 SYSCALL=other',
    'other',
    { arch: 'c000003e', syscall: '1', ARCH: 'x32' },
  ],
  ['arch=c000003e syscall=1\x1dSYSCALL=other', 'other', { syscall: '1', ARCH: 'x86_64' }],
  ['syscall=59', 'syscall_59', {}],
  ['success=yes', 'SYSCALL', { success: 'yes' }],
])('numbers are left out where their names say the same: %j', (text, event, expected) => {
  const { value } = decoded(`type=SYSCALL ${stamp}: ${text}`)
  expect(value).toEqual({ event, time: '1700000000.123', id: '1700000000.123:42', ...expected })
})

test('the system call beside what tells more keeps its name', () => {
  const { value } = decoded(`type=AVC ${stamp}: pid=1`, `type=SYSCALL ${stamp}: arch=c000003e syscall=257`)
  expect(value).toMatchObject({ event: 'AVC', SYSCALL: 'openat', ARCH: 'x86_64' })
  expect(value).not.toHaveProperty('type')
  expect(value).toMatchObject({ arch: undefined, syscall: undefined })
})

test('the lines of one event', () => {
  const { value, warnings } = decoded(
    `type=SYSCALL ${stamp}: arch=c000003e syscall=59 auid=1000 key="k"`,
    `type=EXECVE ${stamp}: argc=3 a0="sh" a1=2D63 a2_len=7 a2[0]=61C3 a2[1]=A462`,
    `type=BPRM_FCAPS ${stamp}: fver=0`,
    `type=CWD ${stamp}:  cwd="/"`,
    `type=PATH ${stamp}: item=0 name="/bin/sh" nametype=NORMAL`,
    `type=PATH ${stamp}: item=1 name=(null) nametype=UNKNOWN`,
    `type=SOCKADDR ${stamp}: saddr=02000050A9FEA9FE0000000000000000`,
    `type=PROCTITLE ${stamp}: proctitle=7368002D6300`,
    `type=EOE ${stamp}: `,
  )
  expect(warnings).toEqual([])
  expect(value).toEqual({
    event: 'execve',
    time: '1700000000.123',
    id: '1700000000.123:42',
    ARCH: 'x86_64',
    auid: '1000',
    keys: ['k'],
    execve: { argv: ['sh', '-c', 'aäb'] },
    cwd: '/',
    paths: [
      { item: '0', name: '/bin/sh', nametype: 'NORMAL' },
      { item: '1', nametype: 'UNKNOWN' },
    ],
    sockaddr: { family: 'inet', address: '169.254.169.254', port: '80' },
    proctitle: ['sh', '-c'],
    records: [{ type: 'BPRM_FCAPS', fver: '0' }],
  })
})

test('what tells more than the system call gives the event its name; what differs is kept apart', () => {
  const { value } = decoded(
    `type=LOGIN ${stamp}: pid=7 uid=0 old-auid=4294967295 auid=1000 ses=2 res=1`,
    `type=SYSCALL ${stamp}: arch=c000003e syscall=1 success=yes pid=7 uid=5 auid=1000 ses=2`,
  )
  expect(value).toMatchObject({
    event: 'LOGIN',
    SYSCALL: 'write',
    pid: '7',
    uid: '0',
    auid: '1000',
    res: '1',
  })
  expect(value).toMatchObject({ records: [{ type: 'SYSCALL', uid: '5' }] })
})

test.each<[string, string, Record<string, string>]>([
  [
    'IPv6',
    '0A000016000000000000000000000000000000000000000100000000',
    { family: 'inet6', address: '::1', port: '22' },
  ],
  [
    'IPv6, all zeros',
    '0A000016000000000000000000000000000000000000000000000000',
    { family: 'inet6', address: '::', port: '22' },
  ],
  [
    'IPv6 with zeros within',
    '0A00001600000000' + '20010DB8000000000001000000000001' + '00000000',
    { family: 'inet6', address: '2001:db8::1:0:0:1', port: '22' },
  ],
  ['a socket file', '01002F72756E2F780000FF', { family: 'unix', path: '/run/x' }],
  ['an abstract socket', '0100002F78', { family: 'unix', path: '@/x' }],
  ['netlink', '100000000700000000000000', { family: 'netlink', pid: '7', saddr: '100000000700000000000000' }],
  ['cut off', '0200', { family: 'inet', saddr: '0200' }],
  ['not known', 'FF00AA', { family: '255', saddr: 'FF00AA' }],
  ['no bytes', 'x', { saddr: 'x' }],
  [
    'big endian',
    '00020050A9FEA9FE0000000000000000',
    { family: 'inet', address: '169.254.169.254', port: '80' },
  ],
])('address: %s', (_, saddr, expected) => {
  expect(fields('SOCKADDR', `saddr=${saddr}`)).toEqual({ sockaddr: expected })
})

test.each([
  [
    'a quote that is not closed',
    `type=SYSCALL ${stamp}: comm="a b`,
    'SYSCALL: a quote is not closed: comm',
    true,
  ],
  [
    'a message that is not closed',
    `type=USER_CMD ${stamp}: msg='op=x`,
    'USER_CMD: a quote is not closed: msg',
    true,
  ],
  [
    'a quote too many',
    `type=SYSCALL ${stamp}: key=6162"`,
    'SYSCALL: a quote is closed that was not opened: key',
    undefined,
  ],
  ['no stamp', 'type=UNKNOWN[1329] msg=?', 'the time and serial of the event are missing: audit(…)', true],
  ['no main line', `type=PATH ${stamp}: item=0`, 'the SYSCALL line of this event is missing', undefined],
])('%s', (_, line, warning, partial) => {
  const result = decoded(line)
  expect(result.warnings).toEqual([warning])
  expect(result.partial).toBe(partial)
})

test('what is no line of auditd', () => {
  expect(decodeAuditd('hello')).toEqual({
    ok: false,
    reason: 'no line of auditd, which begins with type=… msg=audit(…)',
  })
})

test(`whatever the text: an answer, in time, and no field lost that stands alone (seed ${seed})`, () => {
  const piece = fc.constantFrom(
    'type=SYSCALL ',
    'type=EXECVE ',
    'type=PATH ',
    'type=USER_CMD ',
    'type=SOCKADDR ',
    'msg=audit(1.0:1): ',
    "msg='",
    "'",
    '"',
    ' ',
    '=',
    '\x1d',
    'a0=',
    'a1[0]=41',
    'saddr=0A00',
    'key=',
    '(null)',
    'UID=',
    'avc:  denied  { ',
    ' } for ',
    '\n',
    '{',
    '}',
    '4294967295',
    '616',
    '2F61',
    '__proto__',
    'é',
  )
  const text = fc.oneof(
    fc.array(piece, { maxLength: 60 }).map((all) => all.join('')),
    fc.string({ unit: 'binary' }),
  )
  fc.assert(
    fc.property(text, (some) => {
      const result = decodeAuditd(`type=SYSCALL msg=audit(1.0:1): zz=1 ${some}`)
      if (result.ok) JSON.stringify(result.value)
      decodeAuditd(some)
    }),
    { seed, numRuns: 500 },
  )
  const long = `type=SYSCALL ${stamp}: ${'a=(null)A'.repeat(200_000)}`
  const start = performance.now()
  decodeAuditd(long)
  expect(performance.now() - start).toBeLessThan(2_000)
})
