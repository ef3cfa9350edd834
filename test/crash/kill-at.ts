/**
 * Loaded before the agent (`node --import`): stands between it and node:fs, and ends the process with SIGKILL before, in
 * the middle of, or after the nth call that belongs to a named write point. Nothing in src/ knows of it.
 *
 * AFFIANT_KILL is `{"point","phase","nth"}`, AFFIANT_PLACES `{"dataDir","output"}`; AFFIANT_CENSUS names a file that
 * gets the name of each point once, and `unnamed: …` for each call without one.
 */
import fs from 'node:fs'
import promises, { type FileHandle } from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { isMainThread } from 'node:worker_threads'
import {
  type Call,
  type Operation,
  type Phase,
  type Places,
  pointOf,
  type WritePoint,
} from './write-points.ts'

interface Kill {
  readonly point: WritePoint
  readonly phase: Phase
  readonly nth: number
}

/** What is known of an open file. Its path changes when it is renamed. */
interface Opened {
  path: string
  readonly found: boolean
  headed: boolean
  begins: Uint8Array | undefined
}

const places: Places = JSON.parse(process.env.AFFIANT_PLACES ?? 'null')
const kill: Kill | null = JSON.parse(process.env.AFFIANT_KILL ?? 'null')
const census = process.env.AFFIANT_CENSUS ?? ''
const { appendFileSync, writeFileSync, rmSync } = fs
const { open, rename, rm, mkdir } = promises
const opened = new Set<Opened>()
const met = new Set<string>()
let passed = 0

function end(): never {
  process.kill(process.pid, 'SIGKILL')
  throw new Error('killed')
}

function note(name: string): void {
  if (met.has(name) || census === '') return
  met.add(name)
  appendFileSync(census, `${name}\n`)
}

/** Whether the process dies at this call, and when. */
function dies(call: Call): Phase | null {
  const point = pointOf(call, places)
  note(point ?? `unnamed: ${call.operation} ${call.path}`)
  if (kill === null || point !== kill.point) return null
  passed++
  return passed === kill.nth ? kill.phase : null
}

async function around<T>(call: Call, act: () => Promise<T>, half?: () => Promise<unknown>): Promise<T> {
  const phase = dies(call)
  if (phase === 'before') end()
  if (phase === 'middle') {
    await half?.()
    end()
  }
  try {
    return await act()
  } finally {
    // After a call that failed, too.
    if (phase === 'after') end()
  }
}

function aroundSync(call: Call, act: () => void): void {
  const phase = dies(call)
  if (phase === 'before') end()
  act()
  if (phase !== null) end()
}

const callOn = (file: Opened, operation: Operation): Call => ({
  operation,
  path: file.path,
  found: file.found,
  headed: file.headed,
  ...(file.begins && { begins: file.begins }),
})

/** Puts this program between the handle and its owner. */
function watch(handle: FileHandle, file: Opened): FileHandle {
  opened.add(file)
  const write = (bytes: Buffer, offset: number, length: number, at: number | null) =>
    plain.write(bytes, offset, length, at)
  const plain = {
    write: handle.write.bind(handle),
    writev: handle.writev.bind(handle),
    appendFile: handle.appendFile.bind(handle),
    sync: handle.sync.bind(handle),
    datasync: handle.datasync.bind(handle),
    truncate: handle.truncate.bind(handle),
    close: handle.close.bind(handle),
  }
  const writing = async <T>(bytes: Buffer, at: number | null, act: () => Promise<T>): Promise<T> => {
    file.begins = bytes.subarray(0, 256)
    const result = await around(callOn(file, 'write'), act, () => write(bytes, 0, bytes.length >> 1, at))
    file.headed ||= bytes[0] !== 0
    return result
  }
  return Object.assign(handle, {
    write: (bytes: Buffer, offset = 0, length = bytes.length - offset, at: number | null = null) =>
      writing(bytes.subarray(offset, offset + length), at, () => write(bytes, offset, length, at)),
    writev: (parts: Buffer[], at?: number) =>
      writing(Buffer.concat(parts), at ?? null, () => plain.writev(parts, at)),
    appendFile: (bytes: Buffer) => writing(bytes, null, () => plain.appendFile(bytes)),
    sync: () => around(callOn(file, 'sync'), plain.sync),
    datasync: () => around(callOn(file, 'sync'), plain.datasync),
    truncate: (length?: number) => around(callOn(file, 'truncate'), () => plain.truncate(length)),
    close: () => {
      opened.delete(file)
      return plain.close()
    },
  })
}

const removing = (path: string, act: () => Promise<void>) =>
  fs.existsSync(path) ? around({ operation: 'remove', path }, act) : act()

/** Streams and file sinks open with flags, the journal with `r`, `r+` and `w+`: only what can change a file counts. */
const changes = (flags: unknown) => typeof flags === 'string' && /[wa+]/.test(flags)

if (isMainThread && places !== null) {
  Object.assign(promises, {
    async open(path: string, flags?: string | number, mode?: number) {
      const found = fs.existsSync(path)
      const act = () => open(path, flags, mode)
      const handle =
        changes(flags) && !(found && flags === 'r+')
          ? await around({ operation: 'create', path, found }, act)
          : await act()
      // A directory is opened to be synced.
      if (!changes(flags) && !fs.statSync(path).isDirectory()) return handle
      return watch(handle, { path, found: flags === 'r+', headed: false, begins: undefined })
    },
    async rename(from: string, to: string) {
      await around({ operation: 'rename', path: to }, () => rename(from, to))
      for (const file of opened) if (file.path === from) file.path = to
    },
    rm: (path: string, options?: fs.RmOptions) => removing(path, () => rm(path, options)),
    mkdir(path: string, options: fs.MakeDirectoryOptions & { recursive: true }) {
      const act = () => mkdir(path, options)
      return fs.existsSync(path) ? act() : around({ operation: 'make', path }, act)
    },
  })
  Object.assign(fs, {
    writeFileSync(path: string, ...rest: [string]) {
      // appendFileSync goes through here, the census with it.
      if (path === census) writeFileSync(path, ...rest)
      else aroundSync({ operation: 'write', path }, () => writeFileSync(path, ...rest))
    },
    rmSync(path: string, options?: fs.RmOptions) {
      aroundSync({ operation: 'remove', path }, () => rmSync(path, options))
    },
  })
  syncBuiltinESMExports()
}
