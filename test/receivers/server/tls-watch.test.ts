import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { watchedTls } from '../../../src/receivers/server/tls-watch.ts'
import { scratchDirectory } from '../../scratch-directory.ts'
import { client, first, pem, put, second } from './certificates.ts'

const scratch = scratchDirectory('tls-watch')
const tls = {
  cert: join(scratch, 'tls.crt'),
  key: join(scratch, 'tls.key'),
  client_ca: join(scratch, 'ca.crt'),
}

beforeEach(() => {
  put(first.cert, tls.cert)
  put(first.key, tls.key)
  put(client.cert, tls.client_ca)
})

const watched = () => watchedTls(tls, 'http.tls')

test('a new pair is used once it has been the same for a whole look', async () => {
  const files = await watched()
  expect(await files.look()).toBeUndefined()
  put(second.cert, tls.cert)
  // The key is not there yet: that is no fault, somebody is at it.
  expect(await files.look()).toBeUndefined()
  put(second.key, tls.key)
  expect(await files.look()).toBeUndefined()
  const news = await files.look()
  expect(news).toMatchObject({ before: { files: { cert: pem(first.cert) } } })
  expect(news && 'value' in news && news.value).toEqual({
    files: { cert: pem(second.cert), key: pem(second.key), ca: pem(client.cert) },
    certificate: {
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      expires: expect.stringMatching(/^2\d{3}-.*Z$/),
    },
  })
  expect(files.value.files.cert).toEqual(pem(second.cert))
  expect(await files.look()).toBeUndefined()
})

test('files that were touched and hold the same are nothing new', async () => {
  const files = await watched()
  put(first.cert, tls.cert)
  await files.look()
  expect(await files.look()).toBeUndefined()
})

test.each([
  [
    'a key of another certificate',
    () => put(second.key, tls.key),
    /http\.tls\.key: .* is no private key of /,
  ],
  [
    'a certificate that is none',
    () => writeFileSync(tls.cert, 'nothing'),
    /http\.tls\.cert: .* no certificate in PEM/,
  ],
  [
    'authorities that are none',
    () => writeFileSync(tls.client_ca, ''),
    /http\.tls\.client_ca: .* no certificate/,
  ],
  ['a file that is gone', () => rmSync(tls.cert), /http\.tls\.cert: .* cannot be read \(ENOENT\)/],
])('%s is told once, and so is that it is over', async (_name, spoil, problem) => {
  const files = await watched()
  spoil()
  await files.look()
  expect(await files.look()).toEqual({ problem: expect.stringMatching(problem) })
  expect(files.value.files.cert).toEqual(pem(first.cert))
  expect(await files.look()).toBeUndefined()
  for (const [from, to] of [
    [first.cert, tls.cert],
    [first.key, tls.key],
    [client.cert, tls.client_ca],
  ] as const)
    put(from, to)
  await files.look()
  const over = { files: { cert: pem(first.cert), key: pem(first.key) } }
  expect(await files.look()).toMatchObject({ value: over })
})
