// Linux auditd: events of several lines, whoever they are of.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import type { Event } from '../normalising.ts'
import { completenessOf, joinedEvents } from './joined.ts'
import { samplesArePresent, sampleText } from './trial.ts'

const auditd = (text: string) => joinedEvents({ preset: 'auditd' }, text)
const stamp = 'msg=audit(1700000000.123:42)'

test('a daemon that became somebody else, through a set-user-id program', async () => {
  const [event] = await auditd(
    `type=SYSCALL ${stamp}: arch=c000003e syscall=105 success=yes exit=0 auid=4294967295 uid=33 euid=0 ses=4294967295 exe="/usr/bin/su"\n`,
  )
  expect(event).toMatchObject({
    action: 'auditd:setuid',
    actor: { type: 'system', id: '33' },
    delegation: [{ mechanism: 'sudo', type: 'user', id: '0' }],
    targets: [{ type: 'system', id: 'this' }],
  })
})

test.each([
  ['1000', '1000', '0', '/usr/bin/ping', 'ping', [['other', '0']]],
  [
    '1000',
    '0',
    '33',
    '/usr/sbin/apache2',
    'apache2',
    [
      ['other', '0'],
      ['other', '33'],
    ],
  ],
  ['1000', '1000', '0', '/usr/bin/sudo', 'sudo', [['sudo', '0']]],
  // Any process may call itself so.
  ['1000', '1000', '0', '/tmp/x', 'sudo', [['other', '0']]],
  ['1000', '0', '0', undefined, 'su', [['sudo', '0']]],
] as const)('login %s runs as %s, with the rights of %s: %s', async (auid, uid, euid, exe, comm, hops) => {
  const of = `auid=${auid} uid=${uid} euid=${euid} comm="${comm}"${exe === undefined ? '' : ` exe="${exe}"`}`
  const [event] = await auditd(`type=SYSCALL ${stamp}: arch=c000003e syscall=41 success=yes exit=3 ${of}\n`)
  expect(event!.delegation).toEqual(hops.map(([mechanism, id]) => ({ mechanism, type: 'user', id })))
  expect(event).not.toHaveProperty('unmapped.differs')
})

test.each([
  ['yes', { type: 'file', id: '/usr/bin/base64', name: '/usr/bin/base64' }],
  // The process is still what it was.
  ['no', { type: 'system', id: 'this' }],
])('what was run, without its path: success=%s', async (success, target) => {
  const [event] = await auditd(
    `type=SYSCALL ${stamp}: arch=c000003e syscall=59 success=${success} exit=0 auid=1000 uid=1000 euid=1000 exe="/usr/bin/base64"\n`,
  )
  expect(event!.targets).toEqual([target])
})

test('what an event says is not said again in `unmapped`, and nothing else is missing there', async () => {
  const [event] = await auditd(
    `type=SYSCALL ${stamp}: arch=c000003e syscall=59 success=yes exit=0 a0=1 items=2 ppid=10 pid=11 auid=1000 uid=0 gid=5 euid=0 suid=0 ses=7 comm="cat" exe="/usr/bin/cat"\n`,
  )
  expect(event).toMatchObject({
    action: 'auditd:execve',
    metadata: { arch: 'x86_64' },
    delegation: [{ id: '0' }],
  })
  // No rule reads these: an id that is the same as the one before it is no hop, and is a fact all the same.
  expect(event!.unmapped).toEqual({ a0: '1', items: '2', gid: '5', euid: '0', suid: '0' })
})

test("a daemon's message about a user is no hop of that user", async () => {
  const [event] = await auditd(
    `type=USER_START ${stamp}: pid=1 uid=0 auid=1000 ses=3 msg='op=PAM:session_open acct="ann" exe="/usr/sbin/sshd" addr=192.0.2.7 terminal=ssh res=success'\n`,
  )
  expect(event).toMatchObject({ actor: { type: 'user', id: '1000', name: 'ann' }, session: { id: '3' } })
  expect(event).not.toHaveProperty('delegation')
})

test.each([
  // sudo and su name whom the login user becomes.
  ['/usr/bin/su', { type: 'user', id: '1000' }],
  ['/usr/sbin/crond', { type: 'user', id: '1000', name: 'root' }],
])('whose name an account is that %s names', async (exe, actor) => {
  const [event] = await auditd(
    `type=USER_AUTH ${stamp}: pid=1 uid=1000 auid=1000 ses=3 msg='op=PAM:authentication acct="root" exe="${exe}" res=success'UID="zoe"\n`,
  )
  expect(event!.actor).toEqual(actor)
  expect(event).toMatchObject({ targets: [{ type: 'account', id: 'root' }], unmapped: { UID: 'zoe' } })
})

test.each([
  ['denied', '0', 'denied'],
  ['denied', '1', 'success'],
  ['granted', '0', 'success'],
])('SELinux %s, permissive %s', async (result, permissive, expected) => {
  const [event] = await auditd(
    `type=AVC ${stamp}: avc:  ${result}  { read } for  pid=1 comm="httpd" name="shadow" scontext=a:b:httpd_t:s0 tclass=file permissive=${permissive}\n`,
  )
  expect(event).toMatchObject({
    action: 'auditd:AVC',
    actor: { type: 'service', id: 'httpd' },
    outcome: { result: expected },
    targets: [{ type: 'file', id: 'shadow' }],
  })
})

test('an event in two files is two, which say that they belong together', async () => {
  const [first] = await auditd(
    `type=SYSCALL ${stamp}: arch=c000003e syscall=2 success=yes exit=3 auid=1000 uid=1000 euid=1000\n`,
  )
  const [second] = await auditd(`type=PATH ${stamp}: item=0 name="/etc/passwd"\n`)
  expect(first!.request).toEqual({ id: '1700000000.123:42' })
  expect(second!.request).toEqual(first!.request)
  expect(second!.quality).toMatchObject({ warnings: ['the SYSCALL line of this event is missing'] })
})

describe.skipIf(!samplesArePresent)('real records', () => {
  test.each([
    ['audit-rhel6.log', 2],
    // Of 49 lines, two make one event three times over, and one more line is none of its own.
    ['audit-rhel7.log', 47],
    ['audit-ubuntu16.log', 3],
    ['audit-ubuntu17.log', 1],
    ['crowdsec-auditd-logs.log', 4],
    ['normal.log', 5],
    ['out_of_order.log', 5],
    ['rollover.log', 5],
  ])('%s: %i events', async (file, count) => {
    const events = await auditd(sampleText(`auditd/${file}`))
    expect(events).toHaveLength(count)
    const unread = events.filter(({ quality }) => (quality as { parse: string }).parse !== 'ok')
    // `type=UNKNOWN[1329] msg=?` has neither time nor serial.
    expect(unread.map(({ action }) => action)).toEqual(
      file === 'audit-rhel7.log' ? ['auditd:UNKNOWN[1329]'] : [],
    )
  })

  test('lines in any order are the same events', async () => {
    const [inOrder, outOfOrder] = await Promise.all(
      ['normal', 'out_of_order'].map((name) => auditd(sampleText(`auditd/${name}.log`))),
    )
    const facts = (events: readonly Event[]) =>
      events.map(({ id: _id, provenance: _provenance, ...rest }) => rest)
    expect(facts(outOfOrder!)).toEqual(facts(inOrder!))
  })

  test('every answer that the records give', async () => {
    const files = [
      'audit-rhel6',
      'audit-ubuntu16',
      'crowdsec-auditd-logs',
      'normal',
      'out_of_order',
      'rollover',
    ]
    const events = (await Promise.all(files.map((name) => auditd(sampleText(`auditd/${name}.log`))))).flat()
    // Of a login as an account that there is none of, sshd does not write as whom.
    expect(completenessOf(events).lacking).toEqual({ 'auditd:USER_LOGIN: actor.id': 1 })
    // Single lines out of their events: they have no more to say.
    expect(completenessOf(await auditd(sampleText('auditd/audit-rhel7.log'))).lacking).toEqual({
      'auditd:BPRM_FCAPS: actor.id, targets, outcome.result': 1,
      'auditd:CWD: actor.id, outcome.result': 1,
      'auditd:CWD: actor.id, targets, outcome.result': 1,
      'auditd:DAEMON_END: actor.id': 1,
      'auditd:EXECVE: actor.id, targets, outcome.result': 3,
      'auditd:SOCKADDR: actor.id, outcome.result': 5,
      'auditd:TTY: outcome.result': 1,
      'auditd:UNKNOWN[1329]: actor.id, targets, outcome.result': 1,
      'auditd:USER_TTY: outcome.result': 2,
    })
  })
})

/** Expectations of another reader of auditd for the same lines. Where each of its members is, in an event. */
interface Golden {
  readonly '@timestamp': string
  readonly sequence: number
  readonly record_type: string
  readonly result: string
  readonly session: string
  readonly tags?: readonly string[]
  readonly summary: {
    readonly actor: { readonly primary: string; readonly secondary?: string }
    readonly object: { readonly type?: string; readonly primary?: string; readonly secondary?: string }
    readonly how?: string
  }
  readonly user: {
    readonly ids: Readonly<Record<string, string>>
    readonly selinux?: Readonly<Record<string, string>>
  }
  readonly process: Readonly<Record<string, string>>
  readonly data?: Readonly<Record<string, string>>
  readonly paths?: readonly Readonly<Record<string, string>>[]
}

const at = (value: unknown, path: string): unknown =>
  path
    .split('.')
    .reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], value)

/** Where its object is: by the event's type, whose answer it is. */
const objects: Readonly<Record<string, readonly [primary: string, secondary?: string]>> = {
  'CONFIG_CHANGE add rule': ['targets.0.name'],
  'CONFIG_CHANGE backlog limit': ['changes.0.new'],
  CRYPTO_KEY_USER: ['targets.0.id', 'source.ip'],
  CRYPTO_SESSION: ['source.ip', 'source.port'],
  'LOGIN success': ['changes.0.new'],
  USER_LOGIN: ['metadata.terminal', 'source.ip'],
  USER_LOGOUT: ['metadata.terminal'],
  'make-device': ['targets.0.id'],
  'mount syscall': ['targets.0.id'],
}

/** Members of its `data` that are elsewhere than under their own name in `unmapped`. */
const data: Readonly<Record<string, readonly string[]>> = {
  arch: ['metadata.arch'],
  op: ['metadata.op'],
  terminal: ['metadata.terminal'],
  acct: ['actor.id', 'targets.0.id'],
  id: ['targets.0.id'],
  fp: ['targets.0.id'],
  list: ['targets.0.id', 'unmapped.list'],
  audit_backlog_limit: ['changes.0.new'],
  old: ['changes.0.old'],
  exit: ['outcome.code'],
  laddr: ['unmapped.msg.laddr', 'targets.0.id'],
  lport: ['unmapped.msg.lport', 'targets.0.id'],
  rport: ['source.port'],
}

/** Ways to write nothing, which an event leaves out. */
const nothing = new Set(['(none)', '4294967295'])

describe.skipIf(!samplesArePresent)('golden expectations, field by field', async () => {
  const folder = join(import.meta.dirname, '../../../../shared/samples/auditd')
  if (!existsSync(folder)) return
  const { tests } = parse(sampleText('auditd/rhel-7-linux-3.10.0.yaml')) as { tests: Record<string, string> }
  const golden: { test_name: string; event: Golden }[] = JSON.parse(
    sampleText('auditd/rhel-7-linux-3.10.0.json.golden'),
  )

  test.each(golden.map(({ test_name, event }) => [test_name, event] as const))(
    '%s',
    async (name, expected) => {
      const events = await auditd(tests[name]!)
      expect(events).toHaveLength(1)
      const [event] = events
      const { summary, user, process } = expected
      expect(event!.time).toBe(new Date(expected['@timestamp']).toISOString().replace('Z', '000000Z'))
      expect(at(event, 'request.id')).toMatch(new RegExp(`:${expected.sequence}$`))
      expect(event!.action).toBe(`auditd:${expected.data?.syscall ?? expected.record_type.toUpperCase()}`)
      expect(at(event, 'outcome.result')).toBe(expected.result === 'fail' ? 'failure' : expected.result)
      expect(at(event, 'session.id') ?? 'unset').toBe(expected.session)
      expect(at(event, 'source.application')).toBe(summary.how)

      // Who: the login user; without one, whom the message names, or the process's user.
      const { primary, secondary } = summary.actor
      const isLogin = expected.record_type === 'login'
      if (isLogin) expect(at(event, 'changes.0.old')).toBeUndefined()
      else if (primary === 'unset')
        expect(at(event, 'actor.id')).toBe(
          secondary ?? (expected.user.selinux && at(event, 'metadata.subject')),
        )
      else expect(at(event, 'actor')).toMatchObject({ type: 'user', id: primary })

      const [objectAt, secondaryAt] = objects[name] ?? []
      if (objectAt !== undefined) expect(String(at(event, objectAt))).toBe(summary.object.primary)
      else expect(at(event, 'targets.0.type')).toBe(summary.object.type)
      if (secondaryAt !== undefined) expect(String(at(event, secondaryAt))).toBe(summary.object.secondary)

      // The key of a rule that is changed is the rule's own.
      expect(at(event, 'metadata.tags')).toEqual(expected.tags)
      const { user: seUser, role, domain, level, category } = user.selinux ?? {}
      const subject = [seUser, role, domain, level, category].filter((part) => part !== undefined).join(':')
      expect(at(event, 'metadata.subject')).toBe(subject)
      for (const [id, value] of Object.entries(user.ids)) {
        if (value === 'unset') continue
        const found =
          id === 'auid' ? ['actor.id', 'changes.0.new'] : [`unmapped.${id}`, `unmapped.msg.${id}`, 'actor.id']
        expect(
          found.map((path) => at(event, path)),
          id,
        ).toContain(value)
      }
      for (const key of ['pid', 'ppid', 'cwd'] as const)
        expect(at(event, `metadata.${key}`)).toBe(process[key])
      expect(at(event, 'metadata.comm')).toBe(process.name)

      for (const [key, value] of Object.entries(expected.data ?? {})) {
        if (nothing.has(value) || key === 'syscall') continue
        const found = data[key] ?? [`unmapped.${key}`, `unmapped.msg.${key}`]
        const values = found.map((path) => String(at(event, path)))
        expect(
          values.some((one) => one === value || one.split(':').includes(value)),
          `${key}: ${values.join()}`,
        ).toBe(true)
      }

      const paths =
        (event!.targets as readonly Event[] | undefined)?.filter(({ type }) => type === 'file') ?? []
      expect(paths.map(({ name: path }) => path)).toEqual(expected.paths?.map(({ name: path }) => path) ?? [])
      for (const [i, path] of (expected.paths ?? []).entries()) {
        const { inode, dev, mode, objtype, ouid, ogid, item } = path
        const obj = [path.obj_user, path.obj_role, path.obj_domain, path.obj_level].filter(Boolean).join(':')
        const attributes = {
          inode,
          dev,
          mode,
          nametype: objtype,
          owner: ouid,
          group: ogid,
          item,
          ...(obj && { obj }),
        }
        expect(paths[i]!.attributes).toEqual(JSON.parse(JSON.stringify(attributes)))
      }
    },
  )
})
