/** Interpolation over a whole tree: variables and secret files are looked up once, and every fault is reported. */
import { asError, systemCode } from '../errors.ts'
import { type Piece, pieces } from './interpolate.ts'
import { type Finding, type Path, printPath } from './problem.ts'
import { mapScalars, type Node, type Scalar } from './tree.ts'

/** Credentials are short; a path that points at a log or a device must not fill the memory. */
const maxFileBytes = 64 * 1024

export interface Environment {
  readonly variables: Readonly<Record<string, string | undefined>>
  readonly readFile: (path: string) => Promise<Buffer>
}

/** A value that came from outside the file. It is never printed: `written` is shown in its place. */
export interface Supplied {
  readonly path: Path
  readonly written: string
  readonly value: string
  /** Not looked up, or looked up in vain: stands for a value that is not known. */
  readonly placeholder: boolean
}

export interface Resolved {
  readonly root: Node
  /** By `printPath`. */
  readonly supplied: ReadonlyMap<string, Supplied>
  readonly findings: readonly Finding[]
}

/** `environment: undefined` looks nothing up: references without a default become placeholders. */
export async function resolveTree(root: Node, environment: Environment | undefined): Promise<Resolved> {
  const files = environment === undefined ? new Map() : await readFiles(root, environment)
  const supplied = new Map<string, Supplied>()
  const findings: Finding[] = []

  const lookUp = (piece: Piece, complain: (message: string) => void): string | undefined => {
    if (piece.kind === 'text') return piece.text
    if (piece.kind === 'malformed') {
      complain(piece.reason)
      return undefined
    }
    if (piece.kind === 'file') {
      const content = files.get(piece.path)
      if (content?.fault !== undefined) complain(content.fault)
      return content?.text
    }
    const value = environment?.variables[piece.name]
    // As in a shell: `:-` stands in for what is unset and for what is empty.
    if (piece.fallback !== undefined) return value === undefined || value === '' ? piece.fallback : value
    if (value === undefined && environment !== undefined)
      complain(
        `the environment variable ${piece.name} is not set. Set it, or give a default: \${${piece.name}:-…}`,
      )
    return value
  }

  const change = (value: Scalar, path: Path): Scalar => {
    if (typeof value !== 'string' || !value.includes('$')) return value
    const parts = pieces(value)
    const complain = (message: string): void => {
      findings.push({ severity: 'error', path, at: 'value', message })
    }
    const texts = parts.map((piece) => lookUp(piece, complain))
    const text = texts.map((part) => part ?? 'placeholder').join('')
    if (parts.some((piece) => piece.kind !== 'text'))
      supplied.set(printPath(path), {
        path,
        written: value,
        value: text,
        placeholder: texts.includes(undefined),
      })
    return text
  }

  const resolved = mapScalars(root, (scalar, path) => change(scalar.value, path))
  return { root: resolved, supplied, findings }
}

interface Content {
  readonly text?: string
  readonly fault?: string
}

async function readFiles(root: Node, environment: Environment): Promise<Map<string, Content>> {
  const paths = new Set<string>()
  mapScalars(root, ({ value }) => {
    if (typeof value === 'string')
      for (const piece of pieces(value)) if (piece.kind === 'file') paths.add(piece.path)
    return value
  })
  const contents = new Map<string, Content>()
  for (const path of paths) contents.set(path, await readSecret(path, environment))
  return contents
}

async function readSecret(path: string, environment: Environment): Promise<Content> {
  let bytes: Buffer
  try {
    bytes = await environment.readFile(path)
  } catch (thrown) {
    const code = systemCode(thrown)
    const reason = code === undefined ? asError(thrown).message : (reasons[code] ?? code)
    return { fault: `the file ${path} cannot be read: ${reason}` }
  }
  if (bytes.length > maxFileBytes) return { fault: `the file ${path} is over ${maxFileBytes / 1024} KiB` }
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return { fault: `the file ${path} is not UTF-8 text` }
  }
  const trimmed = text.replace(/\r?\n$/, '')
  return trimmed === '' ? { fault: `the file ${path} is empty` } : { text: trimmed }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'permission denied',
  EISDIR: 'it is a directory',
}
