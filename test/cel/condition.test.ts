import { describe, expect, test } from 'vitest'
import { compileCondition } from '../../src/cel/condition.ts'
import type { Fields } from '../../src/cel/contract.ts'
import { CelError } from '../../src/cel/error.ts'

const event = {
  action: 'invoice.approve',
  operation: 'update',
  category: 'data',
  severity: 9,
  time: '2026-11-23T11:00:00.000000000Z',
  actor: {
    type: 'user',
    id: 'u_42',
    email: undefined,
    groups: ['finance', 'admins'],
    constructor: undefined,
  },
  session: undefined,
  outcome: { result: 'success', code: undefined },
  targets: [
    { type: 'invoice', id: 'inv_7', attributes: undefined },
    { type: 'user', id: 'u_9', attributes: { size: 3 } },
  ],
  unmapped: {
    nothing: null,
    size: 12,
    'odd key': 1.5,
    list: [1, 2.5, 'x'],
    length: 7,
    constructor: 'own',
    flag: true,
  },
}

const open = Object.fromEntries(Object.keys(event).map((name): [string, Fields] => [name, true]))
const holds = (source: string) => compileCondition(source, open)(event)

const text: Fields = {}
const closed: Readonly<Record<string, Fields>> = {
  action: text,
  severity: text,
  actor: { type: text, id: text, email: text, groups: { '[]': text } },
  targets: { '[]': { type: text, id: text, attributes: true } },
  unmapped: true,
}

function refusal(source: string, variables: Readonly<Record<string, Fields>> = closed): CelError {
  try {
    compileCondition(source, variables)
  } catch (error) {
    if (error instanceof CelError) return error
    throw error
  }
  throw new Error(`${source} was not refused`)
}

describe('conditions', () => {
  test.each([
    ['actor.type == "user" && operation == "update"', true],
    ['actor.type == "system" && operation == "update"', false],
    ['actor.id == "u_42" && action.startsWith("invoice.") && targets.exists(t, t.id == "inv_7")', true],
    ['"user" == actor.type', true],
    ['actor.type != "user"', false],
    ['severity >= 9 && severity < 10', true],
    ['severity == 9.0 && severity != 9.5 && 9 == severity', true],
    ['9 < severity || severity > 9 || severity <= 8', false],
    ['severity + 1 == 10 && severity / 2 == 4.5', true],
    ['unmapped["odd key"] == 1.5', true],
    ['unmapped["od" + "d key"] > 1', true],
    ['unmapped.list[1] == 2.5 && unmapped.list[0] == 1 && unmapped.list[2] == "x"', true],
    ['unmapped.list[3] == 1', false],
    ['unmapped.list == [1, 2.5, "x"]', true],
    ['unmapped.nothing == null', true],
    ['unmapped.flag', true],
    ['unmapped.flag ? severity == 9 : severity == 8', true],
    ['action in ["invoice.approve", "invoice.deny"]', true],
    ['severity in [1, 9]', true],
    ['"admins" in actor.groups && !("root" in actor.groups)', true],
    ['"size" in unmapped && !("absent" in unmapped)', true],
    ['action.endsWith(".approve") && action.contains("ce.app")', true],
    ['action.matches("^invoice[.](approve|deny)$")', true],
    ['action.matches(actor.id)', false],
    ['actor.id.matches("u_" + "[0-9]+")', true],
    ['action.upperAscii() == "INVOICE.APPROVE" && "ÀB".lowerAscii() == "Àb"', true],
    ['size(targets) == 2 && targets.size() == 2 && size(action) == 15 && size(unmapped) == 7', true],
    ['size("é𝒳") == 2', true],
    ['targets.all(t, t.id.startsWith("inv") || t.type == "user")', true],
    ['targets.exists_one(t, t.type == "user")', true],
    ['targets.filter(t, t.type == "user").size() == 1', true],
    ['targets.map(t, t.id) == ["inv_7", "u_9"]', true],
    ['targets.map(t, t.type == "user", t.id) == ["u_9"]', true],
    ['targets.exists(t, actor.groups.exists(g, g == "admins" && t.id == "u_9"))', true],
    ['unmapped.exists(key, key == "flag")', true],
    ['{"a": 1, "b": [2]}["b"][0] == 2 && {"a": 1}.a == 1 && "a" in {"a": 1}', true],
    ['timestamp(time) > timestamp("2026-11-23T10:59:59Z")', true],
    ['timestamp(time) - timestamp("2026-11-23T10:00:00Z") == duration("1h")', true],
    ['timestamp(time).getHours() == 11 && timestamp(time).getHours("Europe/Berlin") == 12', true],
    ['timestamp(time).getDayOfWeek() == 1', true],
    ['int("12") == 12 && double("1.5") == 1.5 && string(severity) == "9" && bool("true")', true],
    ['int(severity) % 2 == 1', true],
    ['"\\U0001F600" > "\\uFFFD"', true],
  ])('%s → %s', (source, expected) => {
    expect(holds(source)).toBe(expected)
  })
})

describe('what is absent', () => {
  test.each([
    ['has(actor.id)', true],
    ['has(actor.email)', false],
    ['has(session.id)', false],
    ['!has(session.id)', true],
    ['has(session)', false],
    ['has(severity)', true],
    ['has(unmapped.nothing)', true],
    ['has(unmapped.nothing.below)', false],
    ['session.id == "s"', false],
    ['session.id != "s"', false],
    ['!(session.id == "s")', false],
    ['session.id == "s" || severity == 9', true],
    ['severity == 9 || session.id == "s"', true],
    ['severity == 8 && session.id == "s" || severity == 9', true],
    ['!(session.id == "s" && severity == 8)', true],
    ['targets.exists(t, t.attributes.size == 3)', true],
    ['targets.exists(t, t.attributes.size == 4)', false],
    ['!targets.exists(t, t.attributes.size == 4)', false],
    ['targets.all(t, t.attributes.size == 4)', false],
    ['!targets.all(t, t.attributes.size == 4)', true],
    ['targets.exists_one(t, t.attributes.size == 3)', false],
  ])('%s → %s', (source, expected) => {
    expect(holds(source)).toBe(expected)
  })

  test.each([
    ['unmapped.toString == "x" || has(unmapped.toString) || has(unmapped.hasOwnProperty)', false],
    ['"toString" in unmapped || "__proto__" in unmapped', false],
    ['unmapped["__proto__"] != 1 || unmapped.__proto__ != 1', false],
    ['has(targets.length) || targets.length == 2 || unmapped.list["length"] == 3', false],
    ['unmapped.constructor == "own" && unmapped.length == 7', true],
    ['has(actor.constructor) || actor.constructor == 1', false],
    ['has(action.length) || action.length == 15', false],
    ['timestamp(time)["$nanos"] > 0 || has(timestamp(time).constructor)', false],
  ])('what objects inherit is no member: %s → %s', (source, expected) => {
    expect(holds(source)).toBe(expected)
  })

  test('a variable that the scope lacks is absent', () => {
    const anything: Fields = true
    expect(compileCondition('record.a == 1', { record: true })({})).toBe(false)
    expect(
      compileCondition('toString == 1 || has(toString)', Object.fromEntries([['toString', anything]]))({}),
    ).toBe(false)
  })
})

describe('refused when compiled', () => {
  test.each([
    ['', 'the expression is empty', 1, 1, undefined],
    ['severity = 3', '`=` is no operator', 1, 10, 'write == to compare'],
    ['severity == 3 and actor.id == "x"', '`and` is no operator', 1, 15, 'write &&'],
    ['actor.id == "x', 'the string is not closed: " is missing', 1, 13, undefined],
    ['severty > 3', 'there is no `severty`', 1, 1, 'did you mean severity?'],
    [
      'severity > 3 &&\n  actor.emial == "x"',
      'actor has no member `emial`',
      2,
      9,
      'did you mean actor.email?',
    ],
    ['has(actor.emial)', 'actor has no member `emial`', 1, 11, 'did you mean actor.email?'],
    ['actor["emial"] == "x"', 'actor has no member `emial`', 1, 7, 'did you mean actor.email?'],
    ['actor.id.name == "x"', 'actor.id has no members, so no `name`', 1, 10, undefined],
    ['targets.id == "x"', 'targets is a list, and has no member `id`', 1, 9, /targets\.exists\(x, x\.id/],
    ['targets.exists(t, t.idd == "x")', 'this has no member `idd`', 1, 21, 'did you mean id?'],
    ['targets[0].idd == "x"', 'this has no member `idd`', 1, 12, 'did you mean id?'],
    ['action.startWith("x")', 'there is no function `startWith`', 1, 8, 'did you mean startsWith?'],
    ['startsWith(action, "x")', 'write `x.startsWith(…)`', 1, 1, undefined],
    ['action.startsWith("a", "b")', 'startsWith takes 1 argument, not 2', 1, 8, undefined],
    ['action.startsWith(1)', 'startsWith takes string, but this is int', 1, 19, undefined],
    ['action.matches("(")', /missing closing \)/, 1, 16, /RE2/],
    ['action.matches("(?=a)")', /Perl syntax/, 1, 16, /look-around/],
    ['"user" in "users"', 'in takes a list or a map on its right, but this is string', 1, 11, /contains/],
    ['size(action)', 'a condition gives true or false, but this gives int', 1, 1, 'compare it: … == …'],
    ['"x" && severity == 1', '&& takes bool, but this is string', 1, 1, undefined],
    ['!1 == false', '! takes bool, but this is int', 1, 2, undefined],
    ['1 < "a"', '< cannot compare int with string', 1, 3, undefined],
    ['1 + "a" == 1', '+ cannot combine int with string', 1, 3, undefined],
    ['has(1)', 'has() takes one member', 1, undefined, undefined],
    ['targets.exists(1, true)', 'exists takes a variable and a test', 1, undefined, undefined],
    ['1u == 1', 'unsigned numbers are not supported', 1, 1, undefined],
    ['99999999999999999999 == 1', 'this number does not fit 64 bits', 1, 1, undefined],
    ['type(action) == string', '`type` is not supported', 1, undefined, undefined],
  ])('%s', (source, message, line, column, hint) => {
    const error = refusal(source)
    if (message instanceof RegExp) expect(error.message).toMatch(message)
    else expect(error.message).toBe(message)
    expect(error.line).toBe(line)
    if (column !== undefined) expect(error.column).toBe(column)
    if (hint instanceof RegExp) expect(error.hint).toMatch(hint)
    else if (hint !== undefined) expect(error.hint).toBe(hint)
  })
})

test('a member may be anything, so it may stand alone; only true is true', () => {
  const condition = compileCondition('severity', { severity: true })
  expect(condition({ severity: 3 })).toBe(false)
  expect(condition({ severity: 'true' })).toBe(false)
  expect(condition({ severity: true })).toBe(true)
  expect(condition.source).toBe('severity')
})

describe('limits', () => {
  test('length', () => {
    expect(refusal(`action == "${'x'.repeat(4096)}"`).message).toMatch(
      /4108 characters, more than the limit of 4096/,
    )
  })

  test.each([
    ['brackets', `${'('.repeat(2000)}true${')'.repeat(2000)}`, /nested more than 48 deep/],
    ['brackets in strings and comments are none', `action == "${'('.repeat(60)}" // ((((\n`, undefined],
    ['chains', `action == ${Array(400).fill('"a"').join(' + ')}`, /nested more than 128 deep/],
    ['wide conditions are fine', Array(200).fill('action == "a"').join(' || '), undefined],
    ['brackets', `${'['.repeat(4000)}`, /nested more than 48 deep/],
  ])('%s', (_, source, message) => {
    if (message === undefined) expect(compileCondition(source, closed)({ action: 'b' })).toBe(false)
    else expect(refusal(source).message).toMatch(message)
  })

  test('loops stop at their budget, and the next event has a new one', () => {
    const items = Array.from({ length: 1000 }, (_, index) => index)
    const square = compileCondition('record.all(a, record.all(b, a < 1000 && b < 1000))', { record: true })
    expect(square({ record: items })).toBe(false)
    expect(square({ record: items.slice(0, 100) })).toBe(true)
  })

  test('text that doubles and doubles is an error, not a memory hole', () => {
    const doubling = `["aaaaaaaa"]${'.map(x, x + x)'.repeat(40)}.size() == 1`
    expect(compileCondition(doubling, {})({})).toBe(false)
    const lists = `[[1, 2, 3, 4]]${'.map(x, x + x)'.repeat(40)}.size() == 1`
    expect(compileCondition(lists, {})({})).toBe(false)
  })

  test('a pattern made for catastrophe takes linear time', () => {
    const condition = compileCondition('action.matches("^(a+)+$") || action.matches(record)', {
      action: true,
      record: true,
    })
    const started = performance.now()
    expect(condition({ action: `${'a'.repeat(50_000)}!`, record: '(a|a)*$x' })).toBe(false)
    expect(performance.now() - started).toBeLessThan(5_000)
  })
})
