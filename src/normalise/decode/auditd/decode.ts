/**
 * Linux auditd: the lines of one event, joined by newlines, as one record. Formats: audit.log(5), auditd-plugins(5), and
 * the field dictionary of the audit documentation project.
 *
 * The record has `event` (the type of the main line; of SYSCALL, the name of the system call), `time` (unix seconds), `id`
 * (`time:serial`), `node`, and the fields of the event's main line: of SYSCALL, and of what tells more than that (LOGIN, AVC,
 * CONFIG_CHANGE, the message of a program). What further lines say is in `paths`, `cwd`, `execve.argv`, `sockaddr`,
 * `proctitle`, `keys`, and of other types in `records`.
 *
 * Numbers of machines and system calls get their names where an enriching auditd has not added them: `ARCH`, and `SYSCALL`
 * where `event` is another. A number stays beside a name that is not the one we know for it.
 */
import type { Decoded } from '../decoder.ts'
import { assembleArguments } from './arguments.ts'
import { encodingOf, encodingOfArgument, partsOf } from './encoded.ts'
import { add, type Fields, readFields } from './fields.ts'
import { readSocketAddress } from './socket-address.ts'
import { machineName, systemCall } from './syscalls.ts'

const header = /^(?:node=(\S+) )?type=(\S+) msg=(?:audit\((\d+\.\d+):(\d+)\):?)?/
const noEvent = 'no line of auditd, which begins with type=… msg=audit(…)'

/** Lines that only add to SYSCALL. */
const additions = new Set(
  (
    'BPRM_FCAPS CAPSET FD_PAIR IPC IPC_SET_PERM KERNEL_OTHER MMAP MQ_GETSETATTR MQ_NOTIFY MQ_OPEN MQ_SENDRECV OBJ_PID ' +
    'OPENAT2 SOCKETCALL URINGOP'
  ).split(' '),
)

/** Members of the record that no field may take. */
const own = new Set([
  'type',
  'event',
  'time',
  'id',
  'node',
  'paths',
  'execve',
  'sockaddr',
  'proctitle',
  'records',
])

export function decodeAuditd(text: string): Decoded {
  const event = new AuditEventReader()
  for (let at = 0; at <= text.length; ) {
    const newline = text.indexOf('\n', at)
    const end = newline < 0 ? text.length : newline
    const isRecord = event.take(newline < 0 && at === 0 ? text : text.slice(at, end))
    if (!isRecord) return { ok: false, reason: noEvent }
    at = end + 1
  }
  return event.finish()
}

class AuditEventReader {
  readonly #reading = { warnings: [] as string[], torn: false, fields: 0 }
  readonly #record: Fields = { event: '', time: undefined, id: undefined }
  readonly #paths: Fields[] = []
  readonly #execve: Fields[] = []
  readonly #others: Fields[] = []
  /** Of the first line. */
  #type = ''
  /** Of the first line that tells more than SYSCALL. */
  #telling: string | undefined
  /** A line's fields are in the record. */
  #hasMain = false
  #hasSystemCall = false

  /** False where the line is none of auditd. */
  take(line: string): boolean {
    const match = header.exec(line)
    if (match === null) return false
    const [head, node, type = '', time, serial] = match
    if (this.#type === '') this.#begin(type, node, time, serial)
    const { warnings } = this.#reading
    const before = warnings.length
    this.#sort(type, line, head.length)
    for (let i = before; i < warnings.length; i++) warnings[i] = `${type}: ${warnings[i]}`
    return true
  }

  finish(): Decoded {
    const record = this.#record
    const { warnings, torn } = this.#reading
    const type = this.#telling ?? (this.#hasSystemCall ? 'SYSCALL' : this.#type)
    nameNumbers(record)
    nameEvent(record, type)
    if (!this.#hasMain && record.time !== undefined) {
      const [first] = this.#others.splice(0, 1)
      if (first !== undefined) this.#merge(first)
      warnings.push('the SYSCALL line of this event is missing')
    }
    const differs = differing(type, record)
    if (differs !== undefined) record.differs = differs
    if (this.#paths.length > 0) record.paths = this.#paths
    if (this.#execve.length > 0) record.execve = assembleArguments(this.#execve)
    if (this.#others.length > 0) record.records = this.#others
    // Members without a value are none: they were only there to keep the records alike.
    if (record.time === undefined) {
      delete record.time
      delete record.id
    }
    return torn ? { ok: true, value: record, warnings, partial: true } : { ok: true, value: record, warnings }
  }

  #begin(type: string, node: string | undefined, time: string | undefined, serial: string | undefined): void {
    this.#type = type
    if (node !== undefined) this.#record.node = node
    if (time === undefined) {
      this.#reading.warnings.push('the time and serial of the event are missing: audit(…)')
      this.#reading.torn = true
    } else {
      this.#record.time = time
      this.#record.id = `${time}:${serial}`
    }
  }

  #sort(type: string, line: string, at: number): void {
    switch (type) {
      case 'EOE':
        return
      case 'SYSCALL':
        this.#main(type, line, at)
        this.#hasSystemCall = true
        return
      case 'PATH':
        this.#paths.push(this.#read(line, at))
        return
      case 'EXECVE':
        this.#execve.push(this.#read(line, at, encodingOfArgument))
        return
      case 'CWD':
        this.#merge({ type, ...this.#read(line, at) })
        return
      case 'SOCKADDR': {
        const { saddr, ...rest } = this.#read(line, at)
        const address = { ...(typeof saddr === 'string' && readSocketAddress(saddr)), ...rest }
        if (this.#record.sockaddr === undefined) this.#record.sockaddr = address
        else this.#others.push({ type, ...address })
        return
      }
      case 'PROCTITLE': {
        const { proctitle } = this.#read(line, at)
        if (typeof proctitle === 'string') this.#record.proctitle ??= partsOf(proctitle, '\0')
        return
      }
      default:
        if (additions.has(type)) this.#others.push({ type, ...this.#read(line, at) })
        else {
          this.#telling ??= type
          this.#main(type, line, at)
        }
    }
  }

  #read(line: string, at: number, encodings = encodingOf): Fields {
    const fields: Fields = {}
    readFields(line, at, fields, this.#reading, encodings)
    return fields
  }

  /** The first such line's fields are the record's; of others what is new or differs. */
  #main(type: string, line: string, at: number): void {
    const fields = this.#read(line, at)
    if (this.#hasMain) this.#merge({ type, ...fields })
    else
      for (const key in fields)
        if (!own.has(key)) add(this.#record, key, fields[key]!)
        else add(this.#record, `${key}_`, fields[key]!)
    this.#hasMain = true
  }

  /** Fields that differ from those that are there are kept apart. */
  #merge({ type, ...fields }: Fields): void {
    const record = this.#record
    const differing: Fields = {}
    for (const key of Object.keys(fields)) {
      const value = fields[key]
      if (value === undefined) continue
      if (!own.has(key) && !Object.hasOwn(record, key)) add(record, key, value)
      else if (own.has(key) || record[key] !== value) add(differing, key, value)
    }
    if (Object.keys(differing).length > 0)
      this.#others.push({ ...(type !== undefined && { type }), ...differing })
  }
}

/** The names of the machine and the system call, each in place of its number where that is the name we know for it. */
function nameNumbers(record: Fields): void {
  const { arch, syscall } = record
  if (typeof arch !== 'string') return
  const machine = machineName(arch)
  record.ARCH ??= machine
  if (machine !== undefined && record.ARCH === machine) record.arch = undefined
  if (typeof syscall !== 'string') return
  const name = systemCall(arch, syscall)
  record.SYSCALL ??= name
  if (name !== undefined && record.SYSCALL === name) record.syscall = undefined
}

/** What happened: the system call by its name, or the line that tells more. What says it is not said twice. */
function nameEvent(record: Fields, type: string): void {
  const { SYSCALL, syscall } = record
  record.event = type
  if (type !== 'SYSCALL') return
  if (typeof SYSCALL === 'string') {
    record.event = SYSCALL
    record.SYSCALL = undefined
  } else if (typeof syscall === 'string') {
    record.event = `syscall_${syscall}`
    record.syscall = undefined
  }
}

/**
 * Which user id of the process is another than the one before it: who logged in (`auid`), who runs it (`uid`), whose
 * rights it has (`euid`). Messages of daemons (with `msg`) are about others.
 */
function differing(type: string, { msg, auid, uid, euid }: Fields): Record<string, string> | undefined {
  if (msg !== undefined || uid === undefined) return undefined
  const ofLogin = type !== 'LOGIN' && auid !== undefined && auid !== uid
  const ofProcess = euid !== undefined && euid !== uid
  if (!ofLogin && !ofProcess) return undefined
  return { ...(ofLogin && { uid: 'auid' }), ...(ofProcess && { euid: 'uid' }) }
}
