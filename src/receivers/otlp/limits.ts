/** Arrays and maps within each other in one value; protobuf's own libraries stop at 100 messages, 3 a level. */
export const deepestValue = 64
