// What a format is known to write secrets into reaches no event and no kept record, without any rule of the user.
import { describe, expect, test } from 'vitest'
import { createKeyedHash } from '../../../src/attribution/keyed-hash.ts'
import type { NormaliserSpec } from '../../../src/normalise/contract.ts'
import { compileNormaliser } from '../../../src/normalise/normaliser.ts'
import { eventsOf, invalid, lines, spec, testKeys } from '../normalising.ts'

const hash = createKeyedHash(testKeys)

/** The events of records, and all that is written of them. */
function normalised(
  mapping: object,
  records: readonly (object | string)[],
  more: Partial<NormaliserSpec> = {},
) {
  const text = records.map((each) => `${typeof each === 'string' ? each : JSON.stringify(each)}\n`).join('')
  const batch = lines(compileNormaliser(spec(mapping, { raw: 'full', ...more })), text)
  const events = eventsOf(batch)
  for (const event of events) expect(invalid(event)).toBeUndefined()
  const kept = Buffer.from(batch.raw).toString()
  return { events, kept, written: Buffer.from(batch.payload).toString() + kept }
}

const time = '2026-11-23T06:58:33Z'

describe('vault', () => {
  const token = 'hvs.CAESIJfirst0123456789abcdef'
  const other = 's.oldfashioned0123'
  const raw = {
    time,
    type: 'response',
    auth: { client_token: token, accessor: 'F1x2', display_name: 'root', token_type: 'service' },
    request: {
      id: 'r-1',
      operation: 'update',
      mount_type: 'kv',
      path: 'secret/data/db',
      client_token: token,
      client_token_accessor: 'F1x2',
      headers: { 'x-vault-token': [token] },
      data: { data: { password: 'hunter2', port: 5432, tags: ['hunter3'] }, options: { cas: 0 } },
    },
    response: {
      auth: { client_token: other, accessor: 'G3', policies: ['default'] },
      wrap_info: { token: other, accessor: 'H4', ttl: 300 },
      data: { secret_id: 'hunter4', ttl: 3600 },
    },
  }
  const secrets = /hvs\.|oldfashioned|hunter/

  test('log_raw: tokens, and the data of requests and answers', () => {
    const { events, kept, written } = normalised({ preset: 'vault' }, [raw])
    expect(written).not.toMatch(secrets)
    expect(events[0]).toMatchObject({
      credential: { id: 'F1x2', type: 'service' },
      unmapped: {
        auth: { client_token: hash(token) },
        request: { client_token: hash(token), data: { data: { password: hash('hunter2'), port: 5432 } } },
        response: { auth: { client_token: hash(other) }, data: { secret_id: hash('hunter4'), ttl: 3600 } },
      },
    })
    expect(events[0]!.redactions).toContainEqual({
      method: 'hash',
      path: 'record.request.data.data.tags[0]',
      rule: 'secret:data',
    })
    expect(events[0]!.redactions).toHaveLength(8)
    expect(JSON.parse(kept)).toMatchObject({
      request: { data: { data: { password: hash('hunter2'), port: 5432 } } },
    })
  })

  test('a line that cannot be read', () => {
    const { written } = normalised({ preset: 'vault' }, [JSON.stringify(raw).slice(0, -1)])
    expect(written).not.toMatch(secrets)
    expect(written).toContain('secret/data/db')
  })

  test('what Vault has hashed stays, and keeps the short way', () => {
    const record = (n: number) => ({
      ...raw,
      auth: { ...raw.auth, client_token: `hmac-sha256:${n}aa` },
      request: {
        ...raw.request,
        client_token: `hmac-sha256:${n}aa`,
        headers: {},
        data: { data: { password: `hmac-sha256:${n}bb` } },
      },
      response: { data: { secret_id: `hmac-sha256:${n}cc` } },
    })
    const text = Array.from({ length: 300 }, (_, n) => `${JSON.stringify(record(n))}\n`)
    // One of them is a leak, in the middle of what is known.
    text.splice(200, 0, `${JSON.stringify({ ...record(7), auth: { ...raw.auth, client_token: token } })}\n`)
    const short = compileNormaliser(spec({ preset: 'vault' }))
    const general = compileNormaliser(spec({ preset: 'vault' }), { stencils: false })
    const payload = Buffer.from(lines(short, text.join('')).payload)
    expect(payload.equals(lines(general, text.join('')).payload)).toBe(true)
    expect(payload.toString()).not.toMatch(/hvs\./)
    expect(payload.toString().match(/"redactions"/g)).toHaveLength(1)
    expect(short.served).toBeGreaterThan(250)
  })

  test('switched off by an own mapping, or left to a rule of the user', () => {
    const off = normalised({ extends: 'vault', secrets: [] }, [raw])
    expect(off.written).toContain('hunter2')
    const some = normalised({ extends: 'vault', secrets: ['client_token', 'token', 'x-vault-token'] }, [raw])
    expect(some.written).toContain('hunter2')
    expect(some.written).not.toMatch(/hvs\.|oldfashioned/)
    const masked = normalised({ preset: 'vault' }, [raw], { redact: [{ key: ['Data'], method: 'mask' }] })
    expect(masked.written).not.toMatch(secrets)
    expect(masked.events[0]).toMatchObject({ unmapped: { request: { data: '***' } } })
  })
})

describe('cloudtrail', () => {
  const sessionToken = `IQoJb3JpZ2luX2VjE${'Ab1/'.repeat(20)}`
  const record = {
    eventVersion: '1.11',
    userIdentity: { type: 'AWSService', invokedBy: 'ec2.amazonaws.com' },
    eventTime: time,
    eventSource: 'sts.amazonaws.com',
    eventName: 'AssumeRole',
    awsRegion: 'eu-north-1',
    sourceIPAddress: 'ec2.amazonaws.com',
    requestParameters: { roleArn: 'arn:aws:iam::111122223333:role/web', roleSessionName: 'i-0abc' },
    responseElements: {
      credentials: {
        accessKeyId: 'ASIAIOSFODNN7EXAMPLE',
        secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
        expiration: 'Nov 23, 2026, 7:58:33 AM',
        sessionToken,
      },
    },
    eventID: '3f5d2c1e-7b1a-41f0-9d54-0a1b2c3d4e5f',
  }

  test.each(['cloudtrail', 'auto'])('the credentials of a role, preset %s', (preset) => {
    const { events, written } = normalised({ preset }, [{ Records: [record] }])
    expect(written).not.toMatch(/IQoJ|wJalr/)
    expect(events[0]).toMatchObject({
      targets: expect.arrayContaining([expect.objectContaining({ id: 'ASIAIOSFODNN7EXAMPLE' })]),
      unmapped: {
        responseElements: {
          credentials: { sessionToken: hash(sessionToken), secretAccessKey: expect.stringMatching(/^hmac-/) },
        },
      },
    })
    expect(events[0]!.redactions).toContainEqual({
      method: 'hash',
      path: 'record.responseElements.credentials.sessionToken',
      rule: 'secret:sessionToken',
    })
  })

  test('what AWS has hidden stays', () => {
    const hidden = {
      ...record,
      responseElements: { accessToken: 'x', sessionToken: 'HIDDEN_DUE_TO_SECURITY_REASONS' },
    }
    const { events, written } = normalised({ preset: 'cloudtrail' }, [hidden])
    expect(written).toContain('HIDDEN_DUE')
    expect(events[0]).not.toHaveProperty('redactions')
  })
})

describe('okta', () => {
  const record = (n: number, url: string) => ({
    uuid: `3f5d2c1e-7b1a-11f0-9d54-${String(n).padStart(12, '0')}`,
    published: '2026-11-23T06:58:33.123Z',
    eventType: 'user.session.start',
    severity: 'INFO',
    displayMessage: 'User login to Okta',
    actor: { id: `00u${n}`, type: 'User', alternateId: `a${n}@example.com`, displayName: 'Ann' },
    client: { ipAddress: '198.51.100.7', userAgent: { rawUserAgent: 'x/1.0' } },
    outcome: { result: 'SUCCESS' },
    debugContext: { debugData: { requestId: `rq${n}`, requestUri: url.split('&')[0], url } },
  })

  test('tokens in the address of a request', () => {
    const url =
      '/login/sessionCookieRedirect?stateToken=00s3cretA&token=20111s3cretB&redirectUrl=%2F%3FsessionToken%3Ds3cretC'
    const { events, written } = normalised({ preset: 'okta' }, [record(1, url)])
    expect(written).not.toContain('s3cret')
    expect(JSON.stringify(events[0])).toContain(
      `?stateToken=${hash('00s3cretA')}&token=${hash('20111s3cretB')}&`,
    )
    expect(events[0]!.redactions).toContainEqual(expect.objectContaining({ rule: 'secret:stateToken' }))
  })

  test('the short way goes on beside it', () => {
    const text = Array.from({ length: 300 }, (_, n) =>
      JSON.stringify(record(n, n % 50 === 49 ? `/a?token=s3cret${n}` : `/api/v1/users/${n}?limit=${n}`)),
    )
    const short = compileNormaliser(spec({ preset: 'okta' }))
    const general = compileNormaliser(spec({ preset: 'okta' }), { stencils: false })
    const payload = Buffer.from(lines(short, `${text.join('\n')}\n`).payload)
    expect(payload.equals(lines(general, `${text.join('\n')}\n`).payload)).toBe(true)
    expect(payload.toString()).not.toContain('s3cret')
    expect(short.served).toBeGreaterThan(250)
  })
})

describe('azure_activity', () => {
  const uri = 'https://orders.blob.core.windows.net/a/b.csv?sv=2025-05-05&sig=Ab%2Fs3cret%3D&se=2026-12-01'
  const record = {
    time,
    resourceId:
      '/subscriptions/0b1f6471/resourcegroups/shop/providers/microsoft.storage/storageaccounts/orders',
    operationName: 'MICROSOFT.STORAGE/STORAGEACCOUNTS/WRITE',
    resultType: 'Success',
    callerIpAddress: '198.51.100.7',
    uri,
    identity: { claims: { oid: 'o-1' } },
    properties: {
      requestbody: JSON.stringify({ properties: { adminPassword: 's3cret', size: 2 } }),
      link: uri,
    },
  }

  test('signatures, and passwords in bodies', () => {
    const { events, written } = normalised({ preset: 'azure_activity' }, [{ records: [record] }])
    expect(written).not.toContain('s3cret')
    expect(written).toContain('se=2026-12-01')
    expect(events[0]).toMatchObject({
      unmapped: { uri: `${uri.split('sig=')[0]}sig=${hash('Ab%2Fs3cret%3D')}&se=2026-12-01` },
    })
    expect(events[0]!.redactions).toContainEqual(
      expect.objectContaining({ path: 'unmapped.uri', rule: 'secret:sig' }),
    )
  })
})

describe('an own mapping', () => {
  test('of lines that do not say the names of their fields', () => {
    const mapping = {
      decode: { csv: { columns: ['user', 'token', 'path'] } },
      'actor.id': 'user',
      secrets: ['token'],
    }
    const { events, kept, written } = normalised(mapping, [
      'eve,s3cret,/a',
      'bob,***,/b',
      'ada,,/c?token=s3cret',
    ])
    expect(written).not.toContain('s3cret')
    expect(events[0]).toMatchObject({ unmapped: { token: hash('s3cret') } })
    expect(kept).toContain('eve,***,/a')
    expect(kept).toContain('bob,***,/b')
  })

  test('that makes a field of what it finds in two', () => {
    const mapping = { action: 'event', message: { template: '{name}={value}' }, secrets: ['token'] }
    const record = { event: 'x', name: 'token', value: 's3cret' }
    for (const stencils of [true, false]) {
      const normaliser = compileNormaliser(spec(mapping), { stencils })
      const text = Array.from({ length: 50 }, (_, n) => JSON.stringify({ ...record, name: `n${n}` }))
      const [, ...rest] = eventsOf(
        lines(normaliser, [...text, ...text, JSON.stringify(record), ''].join('\n')),
      )
      expect(rest.at(-1)).toMatchObject({ message: `token=${hash('s3cret')}` })
    }
  })
})

describe('kubernetes', () => {
  const event = {
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level: 'RequestResponse',
    auditID: 'a-1',
    stage: 'ResponseComplete',
    verb: 'create',
    user: { username: 'ada' },
    objectRef: { resource: 'secrets', namespace: 'n', name: 'db', apiVersion: 'v1' },
    requestObject: {
      kind: 'Secret',
      metadata: { name: 'db' },
      data: { password: 'aHVudGVyMg==' },
      stringData: { pin: 'hunter2' },
    },
    responseObject: { kind: 'Secret', data: { password: 'aHVudGVyMg==', pin: 'aHVudGVyMg==' } },
    responseStatus: { code: 201 },
    requestReceivedTimestamp: time,
  }

  test('a Secret that a policy lets the API server write', () => {
    const { events, written } = normalised({ preset: 'kubernetes' }, [event])
    expect(written).not.toMatch(/hunter|aHVudGVy/)
    expect(events[0]).toMatchObject({
      targets: [{ id: 'db', type: 'secrets' }],
      unmapped: { requestObject: { data: { password: hash('aHVudGVyMg==') } } },
    })
  })

  test('the token of a service account', () => {
    const token = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln'
    const { written } = normalised({ preset: 'kubernetes' }, [
      {
        ...event,
        responseObject: { kind: 'TokenRequest', status: { token } },
        requestObject: { spec: { token: 'opaque-0123' } },
      },
    ])
    expect(written).not.toMatch(/eyJ|opaque-0123/)
  })

  test('within the logs of AKS', () => {
    const record = {
      category: 'kube-audit',
      operationName: 'Microsoft.ContainerService/managedClusters/diagnosticLogs/Read',
      properties: { log: JSON.stringify(event) },
    }
    const { written } = normalised({ preset: 'aks' }, [record])
    expect(written).not.toMatch(/hunter|aHVudGVy/)
    expect(written).toContain('"ada"')
  })
})
