/** Values that configuration schemas share: durations, sizes, addresses, names. Written for people, read as numbers. */
import { z } from 'zod'

const durationUnits = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const
const sizeUnits = {
  B: 1,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
  TiB: 1024 ** 4,
  kB: 1000,
  KB: 1000,
  MB: 1000 ** 2,
  GB: 1000 ** 3,
  TB: 1000 ** 4,
} as const

const durationPattern = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/
const sizePattern = /^(\d+(?:\.\d+)?)(B|KiB|MiB|GiB|TiB|kB|KB|MB|GB|TB)$/

/** Each kind in words, also the title in the JSON Schema: editors show it, errors and the reference name it. */
const durationWords = 'a duration with its unit: ms, s, m, h or d, as in 5ms or 1.5h'
const sizeWords = 'a size with its unit: B, KiB, MiB, GiB, TiB (or kB, MB, GB, TB), as in 64MiB'
const addressWords = 'an address as host:port, as in 127.0.0.1:4318 or [::1]:4318'

/** Milliseconds from `5ms`, `10s`, `1.5h`, `400d`; undefined when it is none. */
export function parseDuration(text: string): number | undefined {
  const match = durationPattern.exec(text)
  return match ? Number(match[1]) * durationUnits[match[2] as keyof typeof durationUnits] : undefined
}

/** Bytes from `512KiB`, `10GiB`, `1MB`; undefined when it is none. */
export function parseSize(text: string): number | undefined {
  const match = sizePattern.exec(text)
  return match ? Math.round(Number(match[1]) * sizeUnits[match[2] as keyof typeof sizeUnits]) : undefined
}

/** Numbers back in people's words (`50` → `50ms`), where a schema's title says what they are. */
export function inUnits(title: string | undefined, value: number): string | undefined {
  if (title === durationWords) return largest(durationUnits, value)
  if (title === sizeWords) return largest(sizeUnits, value)
  return undefined
}

function largest(units: Readonly<Record<string, number>>, value: number): string {
  const fitting = Object.entries(units).filter(
    ([, factor]) => value % factor === 0 && (value > 0 || factor === 1),
  )
  const [unit, factor] = fitting.toSorted(([, a], [, b]) => b - a)[0] ?? ['', 1]
  return `${value / factor}${unit}`
}

/** A duration with its unit; milliseconds after parsing. */
export const duration = () =>
  z
    .string()
    .regex(durationPattern, durationWords)
    .meta({ title: durationWords })
    .transform((text) => parseDuration(text)!)

/** A size with its unit; bytes after parsing. */
export const size = () =>
  z
    .string()
    .regex(sizePattern, sizeWords)
    .meta({ title: sizeWords })
    .transform((text) => parseSize(text)!)

/** A duration within limits, both of them included and written as people write them. */
export const durationFrom = (least: string, most: string) =>
  duration().refine(within(parseDuration(least), parseDuration(most)), `from ${least} to ${most}`)

/** A size within limits, both of them included and written as people write them. */
export const sizeFrom = (least: string, most: string) =>
  size().refine(within(parseSize(least), parseSize(most)), `from ${least} to ${most}`)

function within(least: number | undefined, most: number | undefined): (value: number) => boolean {
  if (least === undefined || most === undefined) throw new Error('a limit without its unit')
  return (value) => value >= least && value <= most
}

export interface Address {
  readonly host: string
  readonly port: number
}

/** `host:port`, `[::1]:port`; port 0 lets the system choose. */
export const address = () =>
  z
    .string()
    .regex(/^(\[[0-9a-fA-F:.]+\]|[^\s:[\]]+):(\d{1,5})$/, addressWords)
    .meta({ title: addressWords })
    .refine((text) => Number(text.slice(text.lastIndexOf(':') + 1)) <= 65_535, 'a port is at most 65535')
    .transform((text): Address => {
      const colon = text.lastIndexOf(':')
      return { host: text.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(text.slice(colon + 1)) }
    })

/** Names of receivers, sinks, routes: they become metric labels and file names. */
export const name = () =>
  z
    .string()
    .regex(
      /^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/,
      'a name of letters, digits, _ . - (63 at most, not starting with _ . -)',
    )
