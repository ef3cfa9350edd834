/** Elsewhere the switch of a symlink, as Kubernetes rotates logs, ends the tailing. Here it is followed. */
import { appendFile, mkdir, rename, symlink, writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { Bench } from '../receivers/file/harness.ts'
import { until } from '../receivers/until.ts'

test('a symlink that is switched to another file is followed', async () => {
  await using bench = await Bench.create()
  await writeFile(bench.path('0.data'), 'zero\n')
  await symlink(bench.path('0.data'), bench.path('app.log'))
  const { receiver, intake } = await bench.start()
  await receiver.caughtUp
  await writeFile(bench.path('1.data'), 'one\n')
  await symlink(bench.path('1.data'), bench.path('switch'))
  await rename(bench.path('switch'), bench.path('app.log'))
  await appendFile(bench.path('0.data'), 'late\n')
  await until(
    'all',
    () => intake.texts().length === 3,
    () => intake.texts(),
  )
  expect(intake.texts().sort()).toEqual(['late', 'one', 'zero'])
})

test('Kubernetes: the link of a container log switches to the next file', async () => {
  await using bench = await Bench.create()
  await mkdir(bench.path('containers'))
  await mkdir(bench.path('pods/app'), { recursive: true })
  await writeFile(bench.path('pods/app/0.log'), 'zero\n')
  await symlink(bench.path('pods/app/0.log'), bench.path('containers/app.log'))
  const { receiver, intake } = await bench.start({ include: ['containers/*.log'] })
  await receiver.caughtUp
  // The kubelet renames the file in place, a restart of the container begins another one.
  await rename(bench.path('pods/app/0.log'), bench.path('pods/app/0.log.20261123-101500'))
  await writeFile(bench.path('pods/app/0.log'), 'one\n')
  await until(
    'one',
    () => intake.texts().includes('one'),
    () => intake.texts(),
  )
  await appendFile(bench.path('pods/app/0.log.20261123-101500'), 'late\n')
  await writeFile(bench.path('pods/app/1.log'), 'two\n')
  await symlink(bench.path('pods/app/1.log'), bench.path('containers/new'))
  await rename(bench.path('containers/new'), bench.path('containers/app.log'))
  await until(
    'all',
    () => intake.texts().length === 4,
    () => intake.texts(),
  )
  expect(intake.texts().sort()).toEqual(['late', 'one', 'two', 'zero'])
})
