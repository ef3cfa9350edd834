import { describe, expect, test } from 'vitest'
import { classifyFault, doubtsCredentials } from '../../../src/sinks/s3/classify.ts'

const outcome = (status: number, code: string) => classifyFault({ status, code, message: '' })

describe('what an answer means', () => {
  test.each([
    [500, 'InternalError'],
    [502, 'Unknown'],
    [504, ''],
    [400, 'RequestTimeout'],
    [400, 'BadDigest'],
    [400, 'IncompleteBody'],
    [403, 'RequestTimeTooSkewed'],
    [404, 'NoSuchUpload'],
    [409, 'ConditionalRequestConflict'],
    [409, 'OperationAborted'],
    [307, 'TemporaryRedirect'],
    [408, ''],
  ])('%i %s: later', (status, code) => {
    expect(outcome(status, code)).toEqual({ kind: 'later', reason: expect.stringContaining(String(status)) })
    expect(doubtsCredentials({ status, code })).toBe(false)
  })

  test.each([
    [503, 'SlowDown'],
    [503, 'ServiceUnavailable'],
    [429, 'TooManyRequests'],
    [400, 'KMS.ThrottlingException'],
  ])('%i %s: later, and less at once', (status, code) => {
    expect(outcome(status, code)).toMatchObject({ kind: 'later', overloaded: true })
  })

  test.each([
    [404, 'NoSuchBucket'],
    [404, 'KMS.NotFoundException'],
    [301, 'PermanentRedirect'],
    [400, 'AuthorizationHeaderMalformed'],
    [400, 'InvalidBucketName'],
    [400, 'InvalidRequest'],
    [405, 'MethodNotAllowed'],
    [501, 'NotImplemented'],
  ])('%i %s: held', (status, code) => {
    expect(outcome(status, code)).toMatchObject({ kind: 'held' })
  })

  test.each([
    [400, 'ExpiredToken'],
    [403, 'InvalidAccessKeyId'],
    [403, 'SignatureDoesNotMatch'],
    [403, 'AccessDenied'],
    [401, ''],
    [400, '400'],
  ])('%i %s: held, and credentials are read anew', (status, code) => {
    expect(outcome(status, code)).toMatchObject({ kind: 'held' })
    expect(doubtsCredentials({ status, code })).toBe(true)
  })

  test.each([
    [400, 'EntityTooLarge'],
    [413, ''],
  ])('%i %s: refused', (status, code) => {
    expect(outcome(status, code)).toMatchObject({ kind: 'refused' })
  })

  test('the reason has code and words once, and the wait is kept', () => {
    expect(classifyFault({ status: 503, code: 'SlowDown', message: 'Slow down.', retryAfter: 2000 })).toEqual(
      {
        kind: 'later',
        reason: 'HTTP 503 SlowDown: Slow down.',
        retryAfter: 2000,
        overloaded: true,
      },
    )
    expect(outcome(404, 'toString')).toEqual({ kind: 'held', reason: 'HTTP 404 toString' })
  })
})
