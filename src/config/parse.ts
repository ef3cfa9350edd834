/** YAML text to a tree with positions. One document, no duplicate keys, no custom tags, bounded aliases. */
import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type ParsedNode,
  parseAllDocuments,
  type Scalar as YamlScalar,
} from 'yaml'
import type { Path, Position, Problem } from './problem.ts'
import type { Entry, Node, Scalar } from './tree.ts'

/** Far above any real configuration; a few lines of aliases can ask for billions. */
const maxNodes = 100_000
const maxDepth = 64

interface Parsed {
  /** Absent when the text could not be read, and when it holds nothing. */
  readonly root: Node | undefined
  readonly problems: readonly Problem[]
}

export function parseYaml(file: string, text: string): Parsed {
  const lines = new LineCounter()
  const documents = parseAllDocuments(text, { lineCounter: lines, uniqueKeys: true, prettyErrors: false })
  const positionOf = (offset: number): Position => {
    const { line, col } = lines.linePos(offset)
    return { file, line: Math.max(1, line), column: Math.max(1, col) }
  }
  const problems: Problem[] = []
  const report = (offset: number, path: Path, message: string): void => {
    problems.push({ severity: 'error', position: positionOf(offset), path, message })
  }
  const first: Document.Parsed<ParsedNode> | undefined = Array.isArray(documents) ? documents[0] : undefined
  const second = Array.isArray(documents) ? documents[1] : undefined
  if (first === undefined) return { root: undefined, problems }
  let syntax = false
  for (const error of [...first.errors, ...first.warnings]) {
    // After the first slip of syntax the parser is out of step, and what it says of the rest is noise.
    if (error.code !== 'DUPLICATE_KEY' && syntax) continue
    syntax ||= error.code !== 'DUPLICATE_KEY'
    const bare = text.slice(error.pos[0] - 1, error.pos[0] + 1) === '${'
    report(error.pos[0], [], bare ? bareReference : yamlWords(error.code, error.message))
  }
  if (second !== undefined)
    report(
      second.range[0],
      [],
      'a second YAML document begins here. A file holds one; put it in its own file',
    )
  if (problems.length > 0 || first.contents === null) return { root: undefined, problems }
  const root = new Reader(first, positionOf, report).read(first.contents, [], 0)
  return { root: problems.length > 0 || isEmpty(root) ? undefined : root, problems }
}

const isEmpty = (node: Node): boolean => node.kind === 'scalar' && node.value === null

const bareReference = `within { } and [ ] a reference needs quotes: "\${…}"`

/** The parser's commonest complaints, in words that say what to do. */
function yamlWords(code: string, message: string): string {
  if (code === 'DUPLICATE_KEY') return 'this key is already set in the same map'
  if (code === 'TAB_AS_INDENT') return 'a tab indents this line. YAML takes spaces only'
  if (code === 'BAD_ALIAS' && message.includes('empty'))
    return 'a text that is, or begins with, * needs quotes: "*"'
  if (code === 'BAD_SCALAR_START')
    return `${message.charAt(0).toLowerCase()}${message.slice(1)}: a text that begins with it needs quotes`
  if (code === 'TAG_RESOLVE_FAILED') return `${message}. Tags are not used in configurations`
  return `not valid YAML: ${message.charAt(0).toLowerCase()}${message.slice(1)}`
}

class Reader {
  readonly #document: Document.Parsed<ParsedNode>
  readonly #positionOf: (offset: number) => Position
  readonly #report: (offset: number, path: Path, message: string) => void
  readonly #targets = new Map<Alias, unknown>()
  #nodes = 0

  constructor(
    document: Document.Parsed<ParsedNode>,
    positionOf: (offset: number) => Position,
    report: (offset: number, path: Path, message: string) => void,
  ) {
    this.#document = document
    this.#positionOf = positionOf
    this.#report = report
  }

  read(source: ParsedNode, path: Path, depth: number): Node {
    const position = this.#positionOf(source.range[0])
    const nothing: Node = { kind: 'scalar', position, value: null }
    this.#nodes += 1
    if (this.#nodes > maxNodes || depth > maxDepth) {
      if (this.#nodes <= maxNodes || this.#nodes === maxNodes + 1)
        this.#report(
          source.range[0],
          path,
          `more than ${maxNodes} values, or more than ${maxDepth} levels deep`,
        )
      this.#nodes = maxNodes + 2
      return nothing
    }
    if (isAlias(source)) {
      const target = this.#resolve(source)
      if (target !== undefined) return this.read(target as ParsedNode, path, depth + 1)
      const written = `*${source.source}`
      this.#report(
        source.range[0],
        path,
        `there is no anchor &${source.source} that ${written} could stand for. A text that begins with * needs quotes: "${written}"`,
      )
      return nothing
    }
    if (isScalar(source)) return { kind: 'scalar', position, value: this.#scalar(source, path) }
    if (isSeq(source)) {
      const items = source.items.map((item, index) =>
        this.read(item as ParsedNode, [...path, index], depth + 1),
      )
      return { kind: 'list', position, items }
    }
    if (!isMap(source)) return nothing
    const entries = new Map<string, Entry>()
    for (const pair of source.items) {
      const at = (pair.key as ParsedNode).range[0]
      const key = keyOf(pair.key)
      if (key === undefined || key === '__proto__') {
        this.#report(at, path, 'a key must be plain text')
        continue
      }
      const value = pair.value as ParsedNode | null
      const keyPosition = this.#positionOf(at)
      const node: Node =
        value === null
          ? { kind: 'scalar', position: keyPosition, value: null }
          : this.read(value, [...path, key], depth + 1)
      entries.set(key, { position: keyPosition, node })
    }
    return { kind: 'map', position, entries }
  }

  /** Looking an anchor up walks the document: once an alias is enough. */
  #resolve(alias: Alias): unknown {
    if (!this.#targets.has(alias)) this.#targets.set(alias, alias.resolve(this.#document))
    return this.#targets.get(alias)
  }

  #scalar(source: YamlScalar, path: Path): Scalar {
    const { value } = source
    if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
    if (typeof value === 'number') {
      if (losesDigits(value, source.source ?? ''))
        this.#report(
          source.range?.[0] ?? 0,
          path,
          `would be read as the number ${value}, and lose digits: an id needs quotes`,
        )
      return value
    }
    this.#report(source.range?.[0] ?? 0, path, 'text, a number, true, false or nothing can stand here')
    return null
  }
}

/** An id that looks like a number: with a zero before it, or with more digits than a double holds. */
const losesDigits = (value: number, source: string): boolean =>
  /^[-+]?0\d/.test(source) || (/^[-+]?\d+$/.test(source) && !Number.isSafeInteger(value))

/** Keys are text as written: `true: success` in a table means the key "true". */
function keyOf(key: unknown): string | undefined {
  if (!isScalar(key) || key.value === null) return undefined
  return typeof key.value === 'string' ? key.value : key.source
}
