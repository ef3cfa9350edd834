import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { listPresets, showPreset } from '../../src/cli/presets.ts'
import { findPreset, presetNames } from '../../src/normalise/presets.ts'

test('the list says of every preset what it reads', () => {
  const lines = listPresets({ json: false }).trimEnd().split('\n')
  expect(lines[0]).toMatch(/^preset +version +reads$/)
  expect(lines.slice(1).map((line) => line.split(/ +/)[0])).toEqual([...presetNames(), 'auto'])
  const json = JSON.parse(listPresets({ json: true }))
  const asWritten = {
    name: 'kubernetes',
    version: expect.any(String),
    reads: expect.stringContaining('audit.k8s.io'),
  }
  expect(json).toContainEqual(asWritten)
  for (const { version, reads } of json) expect([version, reads]).not.toContain('undefined')
})

test('a preset is shown as it is written, with its comments', () => {
  const text = showPreset('kubernetes')
  expect(text).toMatch(/^# /)
  expect(parse(text)).toEqual(findPreset('kubernetes'))
  expect(() => showPreset('kubernets')).toThrow(
    expect.objectContaining({ code: 'usage', hint: expect.stringContaining('did you mean kubernetes?') }),
  )
})

test('auto is none that could be shown', () => {
  expect(() => showPreset('auto')).toThrow(
    expect.objectContaining({
      code: 'usage',
      message: 'auto is no mapping of its own: it chooses a preset for each file',
      hint: `name one of ${presetNames().join(', ')}`,
    }),
  )
})
