import { expect, test } from 'vitest'
import { ByteBudget } from '../../../../src/receivers/file/reading/budget.ts'

const never = new AbortController().signal

test('hands bytes out in order, and never more than there are', async () => {
  const budget = new ByteBudget(100)
  await budget.acquire(60, never)
  const order: string[] = []
  const large = budget.acquire(80, never).then(() => order.push('large'))
  // It would fit, but the one before it has waited longer.
  const small = budget.acquire(10, never).then(() => order.push('small'))
  budget.release(60)
  await Promise.all([large, small])
  expect(order).toEqual(['large', 'small'])
  expect(budget.peak).toBe(90)
})

test('what is larger than all of it travels alone', async () => {
  const budget = new ByteBudget(100)
  await budget.acquire(5_000, never)
  let admitted = false
  const next = budget.acquire(1, never).then(() => {
    admitted = true
  })
  await Promise.resolve()
  expect(admitted).toBe(false)
  budget.release(5_000)
  await next
  expect(budget.peak).toBe(100)
})

test('an abort frees its place in the queue', async () => {
  const budget = new ByteBudget(100)
  await budget.acquire(60, never)
  const leaving = new AbortController()
  const left = budget.acquire(80, leaving.signal)
  const next = budget.acquire(30, never)
  leaving.abort(new Error('stopped'))
  await expect(left).rejects.toThrow('stopped')
  await next
  await expect(budget.acquire(1, leaving.signal)).rejects.toThrow('stopped')
})
