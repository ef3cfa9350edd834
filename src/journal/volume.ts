/** What is known of the volume that a data directory is on, and whether its kind keeps what the journal relies on. */

export interface Volume {
  readonly bytes: number
  /** What the kernel calls its kind: `f_type` of statfs(2). */
  readonly type: number
}

const network = "a lock may be local to its host, and a sync may end at a server's memory"
const inMemory = 'what was acknowledged is gone when the machine restarts'
const unknown = 'only the program behind it knows whether a sync reaches a disk'

/** Kinds that are no local disk, from linux/magic.h and the drivers. */
const unfit: ReadonlyMap<number, readonly [name: string, why: string]> = new Map([
  [0x6969, ['NFS', network]],
  [0x517b, ['SMB', network]],
  [0xff534d42, ['CIFS', network]],
  [0xfe534d42, ['SMB', network]],
  [0x00c36400, ['CephFS', network]],
  [0x01021997, ['9p', network]],
  [0x65735546, ['FUSE', unknown]],
  [0x01021994, ['tmpfs', inMemory]],
  [0x858458f6, ['ramfs', inMemory]],
])

/** Why a journal should not be on it: `on NFS: …`. Undefined for all that may be a local disk. */
export function doubtsAbout({ type }: Pick<Volume, 'type'>): string | undefined {
  const [name, why] = unfit.get(type) ?? []
  return name === undefined ? undefined : `on ${name}: ${why}`
}
