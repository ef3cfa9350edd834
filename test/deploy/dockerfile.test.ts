/** What can be said of the Dockerfile without building it; test/peers/image builds it. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { validate } from 'dockerfile-utils'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')
const dockerfile = readFileSync(join(root, 'Dockerfile'), 'utf8')
const problems = (text: string) =>
  validate(text).map(
    ({ range, message }) =>
      `Dockerfile:${range.start.line + 1}: ${typeof message === 'string' ? message : message.value}`,
  )

test('the linter finds nothing', () => {
  expect(problems(dockerfile)).toEqual([])
  expect(problems(dockerfile.replace('\nUSER ', '\nUSSR '))).toHaveLength(1)
})

test('the version of its label is that of the package', () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  expect(/^ARG VERSION=(.*)$/m.exec(dockerfile)?.[1]).toBe(version)
})

test('the label that is a time has one, whoever builds it', () => {
  expect(dockerfile).toMatch(/^ARG CREATED=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/m)
})

test('only what is needed reaches the builder, and all that is copied is there', () => {
  const [everything, ...kept] = readFileSync(join(root, '.dockerignore'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
  expect(everything).toBe('*')
  const sent = kept.map((line) => line.slice(1))
  const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, paths]) =>
    paths!.split(' '),
  )
  for (const path of copied.filter((each) => each !== '.')) expect(sent).toContain(path.split('/')[0])
})
