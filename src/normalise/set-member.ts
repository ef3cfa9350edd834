/** Sets a member of an object that is made of a record: assigning `__proto__` would set the prototype. */
export function setMember(members: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(members, key, { value, enumerable: true, configurable: true, writable: true })
  } else members[key] = value
}
