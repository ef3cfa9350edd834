/**
 * Names that a rotation gives to what it takes away: the followed name, then a number or a date (`app.log.1`,
 * `app.log-20261123`, `app.log.2026-11-23T10`), or that before the extension (`app.1.log`, `app-20261123.log`), and `.gz`
 * behind it if it was compressed. Backups, locks and indexes beside a log have other names.
 */
import { basename, dirname, join } from 'node:path'

/** What a rotation adds behind a name. */
const added = /^[._-]?\d[\dTZ:._+-]*$/
/** The same before the extension, which is in brackets. */
const addedBefore = /^[._-]\d[\dTZ:._+-]*?((?:\.[A-Za-z_]\w*)+)$/
const separator = /[._-]/
const digit = /\d/
const letter = /[^\d._-]/
/** Digits of a date. */
const dateDigits = 8

/**
 * Whether `path` is a name that rotation gives to the file at `origin`. A number before the extension (`app-2.log`) is
 * none: it may as well be the log of another instance.
 */
export function isRotationOf(path: string, origin: string): boolean {
  const name = basename(path)
  return everyOrigin(name).includes(basename(origin)) && !isNumbered(name, basename(origin))
}

/** Names that a rotation may have made `path` from, with `.`, `_` or `-` before what it added; the longest first. */
export function originsOf(path: string): readonly string[] {
  const name = basename(path)
  return everyOrigin(name)
    .filter((origin) => separator.test(name.charAt(commonLength(name, origin))) && !isNumbered(name, origin))
    .map((origin) => join(dirname(path), origin))
}

/** Whether their names say that one was made from the other, or both from a third: `app.log`, `app.log.1`, `app.log.2.gz`. */
export function areOfOneName(path: string, other: string): boolean {
  const theirs = namesBehind(other)
  return namesBehind(path).some((name) => theirs.includes(name))
}

/** The same of a copy of the file at `path`, which rotation may have given another name since, and that to another directory. */
export function isNamedAsCopy(copy: string, path: string): boolean {
  return isRotationOf(copy, path) || areOfOneName(copy, path)
}

function namesBehind(path: string): readonly string[] {
  return [withoutGz(path), ...originsOf(path)]
}

/** Base names that a rotation may have made the base name `name` from, in any way. */
export function everyOrigin(name: string): readonly string[] {
  const stem = withoutGz(name)
  const origins: string[] = []
  for (let end = stem.length - 1; end > 0; end -= 1) {
    const [char, rest] = [stem.charAt(end), stem.slice(end)]
    const separated = separator.test(char)
    if (!separated && !digit.test(char)) continue
    // The name itself does not end in half a number.
    if (separated || letter.test(stem.charAt(end - 1))) {
      if (added.test(rest)) origins.push(stem.slice(0, end))
      const extension = separated ? addedBefore.exec(rest)?.[1] : undefined
      if (extension !== undefined) origins.push(stem.slice(0, end) + extension)
    }
  }
  return origins
}

/** Whether the base name `name` is `origin` with a mere number before the extension. */
export function isNumbered(name: string, origin: string): boolean {
  return !name.startsWith(origin) && digitsOf(name, origin).length < dateDigits
}

/** The digits that a rotation has added to the base name `origin`. */
export function digitsOf(name: string, origin: string): string {
  const stem = withoutGz(name)
  const start = commonLength(stem, origin)
  return stem.slice(start, stem.length - (origin.length - start)).replace(/\D/g, '')
}

function commonLength(a: string, b: string): number {
  let length = 0
  while (length < b.length && a[length] === b[length]) length += 1
  return length
}

function withoutGz(name: string): string {
  return name.endsWith('.gz') ? name.slice(0, -'.gz'.length) : name
}
