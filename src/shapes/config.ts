/** The option of sinks that can write other shapes. */
import { z } from 'zod'
import { shapeNames } from './shape.ts'

export const shapeConfig = () =>
  z
    .enum(shapeNames)
    .default('affiant')
    .describe(
      'How an event is written: affiant: audit-event/1; ocsf: OCSF 1.8; ocsf_1_9: OCSF 1.9 with its record integrity profile; ecs: Elastic Common Schema; otlp: an OTLP request; cloudevents: a CloudEvent. All carry the event itself, and `affiant convert` has it back',
    )
