/** The accounts of the benchmark's network: as many as are asked for. */
export interface BenchPerson {
  readonly did: `did:plc:${string}`
  readonly handle: string
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz'
const DIGITS = 24

/** The account with that number. */
export function person(number: number): BenchPerson {
  let name = ''
  for (let rest = number; name.length < DIGITS; rest = Math.floor(rest / LETTERS.length))
    name = LETTERS.charAt(rest % LETTERS.length) + name
  return { did: `did:plc:${name}`, handle: `user${number}.test` }
}

/** The account with that handle; undefined for a handle of another form. */
export function personOfHandle(handle: string): BenchPerson | undefined {
  const digits = /^user(\d{1,9})\.test$/.exec(handle)?.[1]
  return digits === undefined ? undefined : person(Number(digits))
}

/** The account with that DID; undefined for a DID of another form. */
export function personOfDid(did: string): BenchPerson | undefined {
  const name = /^did:plc:([a-z]{24})$/.exec(did)?.[1]
  if (name === undefined) return undefined
  return person(Array.from(name).reduce((sum, letter) => sum * LETTERS.length + LETTERS.indexOf(letter), 0))
}
