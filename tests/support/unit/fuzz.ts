/**
 * Random input with fast-check: the same one at each run of `npm test`, and a new one with `FUZZ_SEED=random`. A failure
 * prints its seed and the smallest input that fails.
 */
import fc from 'fast-check'

const given = process.env.FUZZ_SEED
const seed = given === 'random' ? Date.now() % 2 ** 31 : Number(given ?? 20_261_129)
const asked = process.env.FUZZ_RUNS
const numRuns = Number(asked ?? 400)
/** For checks that take a millisecond or more. */
const fewRuns = Number(asked ?? 100)

/** Checks that a property holds for inputs of this kind. */
export function forAll<T>(input: fc.Arbitrary<T>, check: (value: T) => void): void {
  fc.assert(fc.property(input, check), { seed, numRuns })
}

/** `forAll` for checks that wait. */
export async function forAllAsync<T>(
  input: fc.Arbitrary<T>,
  check: (value: T) => Promise<void>,
): Promise<void> {
  await fc.assert(fc.asyncProperty(input, check), { seed, numRuns })
}

/** The same for checks that take a millisecond or more: a quarter of the inputs, unless `FUZZ_RUNS` says how many. */
export async function forAllSlow<T>(
  input: fc.Arbitrary<T>,
  check: (value: T) => Promise<void>,
): Promise<void> {
  await fc.assert(fc.asyncProperty(input, check), { seed, numRuns: fewRuns })
}

/** Text of any characters, lone surrogates included. */
export const anyText = fc.string({ unit: 'binary', maxLength: 200 })

/** Texts like this one: pieces removed, doubled, swapped or replaced. */
export function like(text: string): fc.Arbitrary<string> {
  const at = fc.nat({ max: text.length })
  return fc
    .array(
      fc.tuple(
        at,
        fc.nat({ max: 8 }),
        fc.oneof(fc.constant(''), fc.string({ unit: 'binary', maxLength: 4 }), at),
      ),
      {
        minLength: 1,
        maxLength: 4,
      },
    )
    .map((edits) =>
      edits.reduce((now, [from, length, put]) => {
        const piece = typeof put === 'number' ? now.slice(put, put + 12) : put
        return now.slice(0, from) + piece + now.slice(from + length)
      }, text),
    )
}

/** Bytes like these: each edit sets, removes or doubles some. */
export function likeBytes(bytes: Uint8Array): fc.Arbitrary<Uint8Array> {
  return fc
    .array(fc.tuple(fc.nat({ max: bytes.length }), fc.nat({ max: 4 }), fc.uint8Array({ maxLength: 4 })), {
      minLength: 1,
      maxLength: 4,
    })
    .map((edits) =>
      edits.reduce(
        (now, [from, length, put]) =>
          Uint8Array.from([...now.slice(0, from), ...put, ...now.slice(from + length)]),
        bytes,
      ),
    )
}

/** JSON like this: a part of it replaced by any JSON, or removed. */
export function likeJson(
  value: Readonly<Record<string, unknown>>,
): fc.Arbitrary<Readonly<Record<string, unknown>>> {
  const names = Object.keys(value)
  return fc
    .array(fc.tuple(fc.constantFrom(...names), fc.option(fc.jsonValue(), { nil: undefined })), {
      maxLength: 3,
    })
    .map((edits) => ({ ...value, ...Object.fromEntries(edits) }))
}
