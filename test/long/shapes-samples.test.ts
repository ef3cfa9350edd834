// Every real record, by the presets that fit it: each shape is valid and comes back byte for byte.
import { expect, test } from 'vitest'
import { shapeNames } from '../../src/shapes/shape.ts'
import { shapes } from '../../src/shapes/shapes.ts'
import { allSampleFiles, linesOfSample } from '../shapes/events.ts'
import { problemsOf } from '../shapes/ocsf/ocsf-schema.ts'

test.skipIf(allSampleFiles.length === 0).each(allSampleFiles.length === 0 ? ['absent'] : allSampleFiles)(
  '%s',
  { timeout: 120_000 },
  (file) => {
    for (const line of linesOfSample(file, Number.POSITIVE_INFINITY)) {
      for (const name of shapeNames) {
        const document = JSON.parse(shapes[name].write(line))
        expect(shapes[name].read(document)).toEqual([line])
        if (name.startsWith('ocsf')) expect(problemsOf(document)).toEqual([])
      }
    }
  },
)
