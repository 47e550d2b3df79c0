/**
 * A registry that has the packages of one system only lets npm leave those of the others out of package-lock.json,
 * and then `npm ci` refuses the file. With their names in it, it is as a public registry would have made it.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { z } from 'zod'

const entrySchema = z.looseObject({ optionalDependencies: z.record(z.string(), z.string()).default({}) })
const lockSchema = z.looseObject({ packages: z.record(z.string(), entrySchema) })

/** Adds the optional packages for other systems that the lock file does not name; they are not fetched here. */
export async function completeLock(path: string): Promise<void> {
  const lock = lockSchema.parse(JSON.parse(await readFile(path, 'utf8')))
  const known = Object.keys(lock.packages)
  const wanted = Object.values(lock.packages).flatMap((entry) => Object.entries(entry.optionalDependencies))
  const missing = wanted.filter(([name]) => !known.some((place) => place.endsWith(`node_modules/${name}`)))
  const entries = missing.map(([name, version]) => [
    `node_modules/${name}`,
    { version, optional: true, os: match(name, /darwin|win32|linux|android/), cpu: match(name, /arm64|x64/) },
  ])
  const packages = { ...lock.packages, ...Object.fromEntries(entries) }
  await writeFile(path, JSON.stringify({ ...lock, packages }, null, 2))
}

function match(name: string, pattern: RegExp): readonly string[] {
  return [pattern.exec(name)?.[0] ?? 'none']
}
