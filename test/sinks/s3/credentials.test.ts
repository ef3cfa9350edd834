/** Every place where the SDK looks for credentials, and what becomes of them when they end. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import type { Sink } from '../../../src/sinks/sink.ts'
import { WorkDirectory } from '../../e2e/agent-process.ts'
import { planned, s3Batch } from './batches.ts'
import { type Bucket, openBucket, refuse, s3Sink } from './bucket.ts'

const never = new AbortController().signal
const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString()

let bucket: Bucket
let directory: WorkDirectory
beforeEach(async () => {
  bucket = await openBucket()
  directory = new WorkDirectory()
  for (const name of Object.keys(process.env).filter((each) => each.startsWith('AWS_')))
    vi.stubEnv(name, undefined)
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', directory.at('none'))
  vi.stubEnv('AWS_CONFIG_FILE', directory.at('none'))
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true')
})
afterEach(async () => {
  vi.unstubAllEnvs()
  directory[Symbol.dispose]()
  await bucket[Symbol.asyncDispose]()
})

async function open(options: Record<string, unknown> = {}): Promise<Sink> {
  const sink = s3Sink(bucket.url, { credentials: undefined, ...options })
  await sink.start()
  onTestFinished(() => sink.stop())
  return sink
}

/** Who signed what was taken: access key and session token. */
async function signer(options: Record<string, unknown> = {}): Promise<string> {
  const sink = await open(options)
  expect(await sink.deliver(await planned(sink, s3Batch(sink, 1)), never)).toMatchObject({ kind: 'accepted' })
  const [object] = bucket.objects.values()
  const key = /Credential=([^/]+)\//.exec(object?.headers.authorization ?? '')?.[1]
  return `${key} ${String(object?.headers['x-amz-security-token'] ?? '-')}`
}

/** A service on loopback; answers by path. */
async function service(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<string> {
  const server = createServer((request, response) => {
    request.resume().on('end', () => answer(request, response))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const keysJson = (key: string) => ({
  AccessKeyId: key,
  SecretAccessKey: 'temporary-secret',
  Token: 'temporary-token',
  Expiration: inAnHour(),
})

const stsAnswer = (
  action: string,
  key: string,
) => `<${action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
<${action}Result><Credentials><AccessKeyId>${key}</AccessKeyId><SecretAccessKey>temporary-secret</SecretAccessKey>
<SessionToken>temporary-token</SessionToken><Expiration>${inAnHour()}</Expiration></Credentials></${action}Result></${action}Response>`

test('environment', async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'ENVKEY')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret')
  vi.stubEnv('AWS_SESSION_TOKEN', 'token-of-env')
  expect(await signer()).toBe('ENVKEY token-of-env')
})

test('options, with a session token from a program', async () => {
  const credentials = {
    access_key: 'OPTKEY',
    secret_key: 'secret',
    session_token: { command: ['printf', '%s', 'printed-token'] },
  }
  expect(await signer({ credentials })).toBe('OPTKEY printed-token')
})

test('a profile of the shared files, and its region', async () => {
  vi.stubEnv(
    'AWS_SHARED_CREDENTIALS_FILE',
    directory.write('credentials', '[audit]\naws_access_key_id = FILEKEY\naws_secret_access_key = secret\n'),
  )
  vi.stubEnv('AWS_CONFIG_FILE', directory.write('config', '[profile audit]\nregion = eu-north-1\n'))
  vi.stubEnv('AWS_PROFILE', 'audit')
  expect(await signer({ region: undefined })).toBe('FILEKEY -')
  const [object] = bucket.objects.values()
  expect(object?.headers.authorization).toContain('/eu-north-1/s3/')
})

test('a profile whose credentials a program prints', async () => {
  const said = JSON.stringify({
    Version: 1,
    AccessKeyId: 'PROCKEY',
    SecretAccessKey: 's',
    SessionToken: 'proc-token',
  })
  const script = directory.write('print.sh', `echo '${said}'\n`)
  vi.stubEnv('AWS_CONFIG_FILE', directory.write('config', `[profile p]\ncredential_process = sh ${script}\n`))
  expect(await signer({ profile: 'p' })).toBe('PROCKEY proc-token')
})

test('a web identity, as pods have it', async () => {
  const url = await service(
    (_, response) => void response.end(stsAnswer('AssumeRoleWithWebIdentity', 'WEBKEY')),
  )
  vi.stubEnv('AWS_WEB_IDENTITY_TOKEN_FILE', directory.write('jwt', 'a.b.c'))
  vi.stubEnv('AWS_ROLE_ARN', 'arn:aws:iam::123456789012:role/audit')
  vi.stubEnv('AWS_ENDPOINT_URL_STS', url)
  vi.stubEnv('AWS_REGION', 'us-east-1')
  expect(await signer()).toBe('WEBKEY temporary-token')
})

test('a role that another profile assumes', async () => {
  const url = await service((_, response) => void response.end(stsAnswer('AssumeRole', 'ROLEKEY')))
  vi.stubEnv('AWS_ENDPOINT_URL_STS', url)
  vi.stubEnv('AWS_REGION', 'us-east-1')
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'BASEKEY')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret')
  vi.stubEnv(
    'AWS_CONFIG_FILE',
    directory.write(
      'config',
      '[profile archive]\nrole_arn = arn:aws:iam::123456789012:role/archive\ncredential_source = Environment\n',
    ),
  )
  expect(await signer({ profile: 'archive' })).toBe('ROLEKEY temporary-token')
})

test('a container’s endpoint', async () => {
  const url = await service((request, response) => {
    if (request.headers.authorization !== 'container-token') return void response.writeHead(403).end()
    response.end(JSON.stringify(keysJson('ECSKEY')))
  })
  vi.stubEnv('AWS_CONTAINER_CREDENTIALS_FULL_URI', `${url}/keys`)
  vi.stubEnv('AWS_CONTAINER_AUTHORIZATION_TOKEN', 'container-token')
  expect(await signer()).toBe('ECSKEY temporary-token')
})

test('a machine’s metadata', async () => {
  const url = await service((request, response) => {
    if (request.url === '/latest/api/token') return void response.end('imds-token')
    if (request.headers['x-aws-ec2-metadata-token'] !== 'imds-token')
      return void response.writeHead(401).end()
    const list = request.url === '/latest/meta-data/iam/security-credentials/'
    response.end(
      list ? 'audit-role' : JSON.stringify({ Code: 'Success', Type: 'AWS-HMAC', ...keysJson('IMDSKEY') }),
    )
  })
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', undefined)
  vi.stubEnv('AWS_EC2_METADATA_SERVICE_ENDPOINT', url)
  expect(await signer()).toBe('IMDSKEY temporary-token')
})

test('credentials that end before their time are fetched anew; none is held, and said', async () => {
  let name = 'FIRST'
  let up = true
  const url = await service((_, response) =>
    up ? void response.end(JSON.stringify(keysJson(name))) : void response.writeHead(404).end(),
  )
  vi.stubEnv('AWS_CONTAINER_CREDENTIALS_FULL_URI', `${url}/keys`)
  const sink = await open()
  const batch = await planned(sink, s3Batch(sink, 1))
  bucket.answer = (request, response) =>
    request.headers.authorization?.includes('Credential=SECOND/')
      ? bucket.accept(request, response)
      : void request.resume().on('end', () => refuse(response, 400, 'ExpiredToken'))
  expect(await sink.deliver(batch, never)).toMatchObject({
    kind: 'held',
    reason: expect.stringContaining('ExpiredToken'),
  })
  up = false
  expect(await sink.deliver(batch, never)).toMatchObject({
    kind: 'held',
    reason: expect.stringMatching(/^no credentials: /),
  })
  up = true
  name = 'SECOND'
  expect(await sink.deliver(batch, never)).toMatchObject({ kind: 'accepted' })
})

test('a server that repeats the session token, wherever it is from, does not get it into a reason', async () => {
  const url = await service((_, response) => void response.end(JSON.stringify(keysJson('ECSKEY'))))
  vi.stubEnv('AWS_CONTAINER_CREDENTIALS_FULL_URI', `${url}/keys`)
  const sink = await open()
  for (const text of [
    '<Error><Code>InvalidToken</Code><Message>not temporary-token</Message></Error>',
    '<Error><Code>temporary-token</Code><Message>no</Message></Error>',
    '<html>temporary-token<p>',
  ]) {
    bucket.answer = (request, response) =>
      void request
        .resume()
        .on('end', () => response.writeHead(400).end(request.method === 'HEAD' ? '' : text))
    const outcome = await sink.deliver(s3Batch(sink, 1), never)
    expect(outcome).toMatchObject({ kind: 'held', reason: expect.stringContaining('***') })
    expect(JSON.stringify(outcome)).not.toContain('temporary-token')
  }
})
